"""What is in a wallet, and what has happened there."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shop.contracts.wallet import Transaction, Wallet
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import accounts, transactions
from shop.modules.wallet.rules import customer_account


async def find_wallet(uow: UnitOfWork, account_id: UUID, currency: str) -> Wallet:
    """Zeros for an account that never had any."""
    available, held = await accounts.find_balance(uow, customer_account(account_id, currency))
    return Wallet(account_id, Money(available + held, currency), Money(available, currency))


async def find_spendable(uow: UnitOfWork, account_id: UUID, currency: str) -> Money:
    return Money(await accounts.find_stored(uow, customer_account(account_id, currency)), currency)


async def list_transactions(
    uow: UnitOfWork, account_id: UUID, currency: str, before: tuple[datetime, UUID] | None, limit: int
) -> list[Transaction]:
    """Newest first."""
    found = await transactions.list_transactions(uow, customer_account(account_id, currency), before, limit)
    return [stored.shown(account_id) for stored in found]


async def find_own(uow: UnitOfWork, account_id: UUID, transaction_id: UUID) -> Transaction | None:
    """As it is in the list."""
    found = await transactions.find_seen_by(uow, account_id, transaction_id)
    return None if found is None else found.shown(account_id)


async def find_transactions(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Transaction]:
    """Those of customers' wallets."""
    found = await transactions.find_transactions(uow, ids)
    return {each.id: each.shown(each.owner_id) for each in found.values() if each.owner_id is not None}
