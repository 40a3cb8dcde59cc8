"""Wallets as pages show them: each look is one call, so that a page costs a handful of statements."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from shop.contracts.identity import Account, AccountId, Accounts
from shop.contracts.orders import OrderId, Orders
from shop.contracts.payments import Payment, Payments, StoredMethod
from shop.contracts.wallet import TransactionNotFound, Wallet
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.errors import WalletOwnerNotFound
from shop.modules.wallet.repository import disputed, overview, payouts, transactions
from shop.modules.wallet.rules import customer_account
from shop.modules.wallet.schemas import EntryLine, Stored, WalletTotals, Withdrawal
from shop.modules.wallet.service import wallet_of

PENDING_SHOWN: Final = 50
DAYS_SHOWN: Final = 90
FULLEST: Final = 20
FOUND: Final = 50
QUEUE: Final = 50
TAKEN_BACK_SHOWN: Final = 20
LOSSES_TOLD_FOR: Final = timedelta(days=30)
Place = tuple[datetime, UUID]


class DayBalance(msgspec.Struct, frozen=True):
    """What could be spent when a day in the shop's time zone was over; on the last one, what can be spent now."""

    day: date
    amount: int


class WalletPage(msgspec.Struct, frozen=True):
    """`payments` are those of deposits that are pending, by the transaction's id. `history` is empty for a wallet that never
    held anything."""

    wallet: Wallet
    transactions: list[Stored]
    pending: list[Stored]
    payments: dict[UUID, Payment]
    numbers: dict[UUID, str]
    history: list[DayBalance]
    methods: list[StoredMethod]


async def show_wallet(uow: UnitOfWork, account_id: UUID, currency: str, before: Place | None, limit: int) -> WalletPage:
    """All that its owner's page tells; `limit` of the transactions."""
    own = customer_account(account_id, currency)
    listed = await transactions.list_transactions(uow, own, before, limit)
    pending = await overview.list_pending(uow, own, PENDING_SHOWN)
    deposits = [each.id for each in pending if each.operation == "deposit"]
    return WalletPage(
        wallet=await wallet_of.find_wallet(uow, account_id, currency),
        transactions=listed,
        pending=pending,
        payments=await port(Payments).find_deposits(uow, deposits) if deposits else {},
        numbers=await _numbers(uow, [*listed, *pending]),
        history=await _history(uow, own) if listed else [],
        methods=await port(Payments).stored_methods(uow, account_id),
    )


async def _history(uow: UnitOfWork, own: UUID) -> list[DayBalance]:
    zone = ZoneInfo(settings().time_zone)
    today = clock.now().astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(DAYS_SHOWN, -1, -1)]
    ends = [datetime.combine(day + timedelta(days=1), time(), zone) for day in days]
    amounts = await overview.balances_at(uow, own, ends)
    return [DayBalance(day, amount) for day, amount in zip(days, amounts, strict=True)]


async def _numbers(uow: UnitOfWork, told: Sequence[Stored]) -> dict[UUID, str]:
    """What people call the orders that these are for."""
    ids = list({OrderId(each.order_id) for each in told if each.order_id is not None})
    found = await port(Orders).find_numbers(uow, ids) if ids else {}
    return dict[UUID, str](found.items())


class CustomersWallet(msgspec.Struct, frozen=True):
    owner: Account
    wallet: Wallet
    transactions: list[Stored]
    numbers: dict[UUID, str]


async def show_customers_wallet(
    uow: UnitOfWork, account_id: UUID, currency: str, before: Place | None, limit: int
) -> CustomersWallet:
    """For staff. Raises WalletOwnerNotFound."""
    owner = await _owner(uow, account_id)
    listed = await transactions.list_transactions(uow, customer_account(account_id, currency), before, limit)
    return CustomersWallet(
        owner=owner,
        wallet=await wallet_of.find_wallet(uow, account_id, currency),
        transactions=listed,
        numbers=await _numbers(uow, listed),
    )


async def _owner(uow: UnitOfWork, account_id: UUID) -> Account:
    found = (await port(Accounts).find_accounts(uow, [AccountId(account_id)])).get(AccountId(account_id))
    if found is None:
        raise WalletOwnerNotFound
    return found


class TransactionPage(msgspec.Struct, frozen=True):
    """`withdrawal` where it is one that its owner asked for; `people` are the owners of the accounts that its entries move,
    by their ids."""

    owner: Account
    transaction: Stored
    entries: list[EntryLine]
    children: list[Stored]
    numbers: dict[UUID, str]
    payment: Payment | None
    withdrawal: Withdrawal | None
    people: dict[AccountId, Account]


async def show_transaction(uow: UnitOfWork, account_id: UUID, transaction_id: UUID) -> TransactionPage:
    """For staff, with its entries and what has given it back, as seen from this wallet. Raises TransactionNotFound for one
    that has nothing to do with it, WalletOwnerNotFound."""
    owner = await _owner(uow, account_id)
    stored = await transactions.find_seen_by(uow, account_id, transaction_id)
    if stored is None:
        raise TransactionNotFound
    entries = await overview.list_entries(uow, transaction_id)
    others = {AccountId(each.owner_id) for each in entries if each.owner_id not in {None, account_id} and each.owner_id}
    people = await port(Accounts).find_accounts(uow, list(others)) if others else {}
    payment = None
    if stored.operation == "deposit":
        payment = (await port(Payments).find_deposits(uow, [transaction_id])).get(transaction_id)
    return TransactionPage(
        owner=owner,
        transaction=stored,
        entries=entries,
        children=await overview.list_children(uow, transaction_id),
        numbers=await _numbers(uow, [stored]),
        payment=payment,
        withdrawal=await payouts.find_withdrawal(uow, transaction_id) if stored.operation == "withdraw" else None,
        people={owner.id: owner, **people},
    )


class WalletRow(msgspec.Struct, frozen=True):
    owner: Account
    available: Money


class WalletsPage(msgspec.Struct, frozen=True):
    """`people` are the owners of the withdrawals, those who are gone left out."""

    totals: list[WalletTotals]
    rows: list[WalletRow]
    queue: list[Withdrawal]
    people: dict[AccountId, Account]


async def show_wallets(uow: UnitOfWork, wanted: str | None, currency: str) -> WalletsPage:
    """The fullest wallets, or those of the customers `wanted`; and what waits to be paid out."""
    rows = await _find_wallets(uow, wanted, currency) if wanted else await _fullest(uow, currency)
    queue = await payouts.list_withdrawals(uow, "pending", None, QUEUE)
    owners = list({AccountId(each.transaction.owner_id) for each in queue if each.transaction.owner_id})
    return WalletsPage(
        totals=await overview.sum_up(uow),
        rows=rows,
        queue=queue,
        people=await port(Accounts).find_accounts(uow, owners) if owners else {},
    )


async def _find_wallets(uow: UnitOfWork, wanted: str, currency: str) -> list[WalletRow]:
    found = await port(Accounts).search_customers(uow, wanted, FOUND)
    balances = await overview.find_balances(uow, [customer_account(each.id, currency) for each in found])
    return [WalletRow(each, Money(balances.get(each.id, 0), currency)) for each in found]


async def _fullest(uow: UnitOfWork, currency: str) -> list[WalletRow]:
    """Those whose owner is gone are left out."""
    lines = await overview.list_fullest(uow, currency, FULLEST)
    people = await port(Accounts).find_accounts(uow, [AccountId(each.owner_id) for each in lines]) if lines else {}
    return [
        WalletRow(people[AccountId(each.owner_id)], each.available)
        for each in lines
        if AccountId(each.owner_id) in people
    ]


class TakenBack(msgspec.Struct, frozen=True):
    """What a bank took back of a deposit; `owner` is None once the account is closed."""

    transaction: Stored
    owner: Account | None


async def list_taken_back(uow: UnitOfWork) -> list[TakenBack]:
    """The latest first."""
    found = await disputed.list_taken_back(uow, TAKEN_BACK_SHOWN)
    owners = list({AccountId(each.owner_id) for each in found if each.owner_id is not None})
    people = await port(Accounts).find_accounts(uow, owners) if owners else {}
    return [TakenBack(each, people.get(AccountId(each.owner_id)) if each.owner_id else None) for each in found]


async def count_withdrawals(uow: UnitOfWork) -> int:
    """Those that wait for staff."""
    return await payouts.count_waiting(uow)


async def sum_lately_lost(uow: UnitOfWork) -> Sequence[Money]:
    """What disputes of deposits have cost the shop within LOSSES_TOLD_FOR, by currency."""
    return await disputed.sum_lost(uow, clock.now() - LOSSES_TOLD_FOR)


async def find_owner(uow: UnitOfWork, typed: str) -> Account | None:
    """Whose wallet a member of staff means: a customer's address, or the account's id."""
    wanted = typed.strip().lower()
    found = await port(Accounts).search_customers(uow, wanted, FOUND)
    return next((each for each in found if wanted in {each.email.lower(), str(each.id)}), None)
