"""Wallets for tests: filled through the contract as staff would, and the books looked at as they are stored.

ada = await make_wallet(50_00)                  # an account with 50.00 in its wallet
await move(ada, "purchase", 20_00)
assert await balance_of(ada) == 30_00
"""

import itertools
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shop.contracts.payment_providers import ProviderIntent
from shop.contracts.payments import PaymentId
from shop.contracts.wallet import Posting, Transaction, TransactionId, Wallets
from shop.kernel.db import read, snapshot, sql, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service.check_books import check_books
from shop.modules.wallet.service.wallet_of import find_wallet
from tests.factories.identity import make_account

_people = itertools.count(1)


async def make_wallet(amount: int = 0, currency: str = "EUR") -> UUID:
    """An account that has `amount` to spend."""
    account_id = await make_account(f"wallet-{next(_people)}@example.com")
    if amount:
        await move(account_id, "deposit", amount, by="staff", currency=currency)
    return account_id


def wish(
    account_id: UUID, operation: Any, amount: int | None = None, *, currency: str = "EUR", **fields: Any
) -> Posting:
    values = {"id": TransactionId(new_id()), "by": "staff", **fields}
    money = None if amount is None else Money(amount, currency)
    return Posting(operation=operation, account_id=account_id, amount=money, **values)


async def move(account_id: UUID, operation: Any, amount: int | None = None, **fields: Any) -> Transaction:
    return await write(port(Wallets).post, wish(account_id, operation, amount, **fields))


async def hold(account_id: UUID, amount: int, **fields: Any) -> Transaction:
    """A purchase of an unpaid order, as payments make it."""
    payment_id = new_id()
    fields = {"id": TransactionId(payment_id), "payment_id": payment_id, "order_id": new_id(), **fields}
    return await move(account_id, "purchase", amount, by="payments", **fields)


async def balance_of(account_id: UUID, currency: str = "EUR") -> int:
    """What can be spent."""
    return (await read(find_wallet, account_id, currency)).available.amount


async def whole_balance_of(account_id: UUID, currency: str = "EUR") -> int:
    """With what is held."""
    return (await read(find_wallet, account_id, currency)).balance.amount


async def get_transaction(transaction_id: UUID) -> Transaction:
    return (await read(port(Wallets).find_transactions, [transaction_id]))[transaction_id]


async def entries_of(transaction_id: UUID) -> list[tuple[str, int]]:
    """(Account, amount), in the order in which they were made: "customer", "gift_card", or the code of a shop's own."""
    return await _rows(
        "select coalesce(account.code, account.kind), entry.amount from wallet.entry"
        " join wallet.account on account.id = entry.account_id where transaction_id = :id order by entry.id",
        id=transaction_id,
    )


async def count_transactions() -> int:
    return (await _rows("select count(*) from wallet.transaction"))[0][0]


async def shops_own(code: str, currency: str = "EUR") -> int:
    """What the entries of one of the shop's own accounts come to."""
    rows = await _rows(
        "select coalesce(sum(entry.amount), 0)::bigint from wallet.entry join wallet.account on account.id = account_id"
        " where account.code = :code and account.currency = :currency",
        code=code,
        currency=currency,
    )
    return rows[0][0]


async def assert_books_balance() -> None:
    books = await snapshot(check_books)
    assert books.differences == []
    assert books.balanced


async def _rows(statement: str, **values: Any) -> list[Any]:
    async def ask(uow: UnitOfWork) -> list[Any]:
        return [tuple(row) for row in await sql(uow).execute(text(statement), values)]

    return await read(ask)


def intent_of(held: Transaction) -> ProviderIntent:
    """As payments tell the wallet of it."""
    return ProviderIntent(
        payment_id=PaymentId(held.id),
        order_id=held.order_id,
        amount=held.amount,
        token=None,
        method_id=None,
        return_url="https://shop.example/back",
        account_id=held.account_id,
    )


def intent_for(account_id: UUID, amount: int) -> ProviderIntent:
    """A payment of an order that is about to be made from a wallet."""
    return ProviderIntent(
        payment_id=PaymentId(new_id()),
        order_id=new_id(),
        amount=Money(amount, "EUR"),
        token=None,
        method_id=None,
        return_url="https://shop.example/back",
        account_id=account_id,
    )
