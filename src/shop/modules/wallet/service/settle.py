"""What becomes of a transaction that was recorded before its end was known: deposits and purchases settle or fail."""

from uuid import UUID

from shop.contracts.wallet import TransactionNotFound
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import postings, transactions
from shop.modules.wallet.rules import HELD, SALES, clearing
from shop.modules.wallet.schemas import KeptLeg, Step, Stored, SummedLeg
from shop.modules.wallet.service import facts


async def settle_deposit(uow: UnitOfWork, deposit_id: UUID, provider: str, amount: Money) -> None:
    """A provider has captured it. Also when it was given up before: money that comes late is money all the same. Once.
    Raises TransactionNotFound; ValueError for money of another currency."""
    stored = await _found(uow, deposit_id)
    if stored.status == "settled":
        return
    if amount.currency != stored.currency:
        raise ValueError(f"deposit {deposit_id} is {stored.currency}, and {amount.currency} came for it")
    step = Step(
        id=stored.id,
        came_from=("pending", "failed"),
        status="settled",
        currency=stored.currency,
        amount=amount.amount,
        kept=(KeptLeg(stored.account_id, amount.amount, stored.owner_id),),
        summed=(SummedLeg(clearing(provider), -amount.amount),),
    )
    outcome = await postings.take_step(uow, step)
    if outcome.at is not None:
        facts.tell_settled(uow, stored, amount.amount, outcome.balances[stored.account_id])


async def fail_deposit(uow: UnitOfWork, deposit_id: UUID, reason: str) -> None:
    """Raises TransactionNotFound."""
    stored = await _found(uow, deposit_id)
    step = Step(
        id=stored.id,
        came_from=("pending",),
        status="failed",
        currency=stored.currency,
        failure=reason or "It was not paid",
    )
    if (await postings.take_step(uow, step)).at is not None:
        facts.tell_failed(uow, stored)


async def settle_purchase(uow: UnitOfWork, purchase_id: UUID, amount: Money) -> None:
    """The shop takes what it held, all or part of it; the rest is back in the wallet. Does nothing to a purchase that is
    settled or cancelled. Raises TransactionNotFound; ValueError for more than is held."""
    stored = await transactions.lock_transaction(uow, purchase_id)
    if stored is None:
        raise TransactionNotFound
    if stored.status != "pending":
        return
    rest = stored.amount - amount.amount
    if amount.currency != stored.currency or amount.amount <= 0 or rest < 0:
        raise ValueError(f"{amount} of purchase {purchase_id}, which holds {stored.money}")
    step = Step(
        id=stored.id,
        came_from=("pending",),
        status="settled",
        currency=stored.currency,
        amount=amount.amount,
        kept=(KeptLeg(stored.account_id, rest, stored.owner_id),),
        summed=(SummedLeg(HELD, -stored.amount), SummedLeg(SALES, amount.amount)),
    )
    outcome = await postings.take_step(uow, step)
    facts.tell_settled(uow, stored, amount.amount, outcome.balances[stored.account_id])


async def _found(uow: UnitOfWork, transaction_id: UUID) -> Stored:
    stored = await transactions.find_transaction(uow, transaction_id)
    if stored is None:
        raise TransactionNotFound
    return stored
