"""What becomes of a transaction that was recorded before its end was known: deposits and purchases settle or fail."""

from uuid import UUID

from shop.contracts.payments import Payments
from shop.contracts.wallet import TransactionId, TransactionNotFound
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import postings, transactions
from shop.modules.wallet.rules import HELD, SALES, clearing
from shop.modules.wallet.schemas import Draft, KeptLeg, Step, Stored, SummedLeg
from shop.modules.wallet.service import facts
from shop.modules.wallet.service.record import record


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
        taken=_unless_all(stored, amount.amount),
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
    settled or cancelled. Raises TransactionNotFound; Invalid for more than is held."""
    stored = await transactions.lock_transaction(uow, purchase_id)
    if stored is None:
        raise TransactionNotFound
    if stored.status != "pending":
        return
    rest = stored.amount - amount.amount
    if amount.currency != stored.currency or amount.amount <= 0 or rest < 0:
        raise Invalid.field("amount", "That is not held")
    step = Step(
        id=stored.id,
        came_from=("pending",),
        status="settled",
        currency=stored.currency,
        taken=_unless_all(stored, amount.amount),
        kept=(KeptLeg(stored.account_id, rest, stored.owner_id),),
        summed=(SummedLeg(HELD, -stored.amount), SummedLeg(SALES, amount.amount)),
    )
    outcome = await postings.take_step(uow, step)
    if outcome.at is not None:
        facts.tell_settled(uow, stored, amount.amount, outcome.balances[stored.account_id])


def _unless_all(stored: Stored, amount: int) -> int | None:
    return None if amount == stored.amount else amount


async def _found(uow: UnitOfWork, transaction_id: UUID) -> Stored:
    stored = await transactions.find_transaction(uow, transaction_id)
    if stored is None:
        raise TransactionNotFound
    return stored


async def take_back_deposit(uow: UnitOfWork, refund_id: UUID, deposit_id: UUID, amount: Money) -> None:
    """Money of a deposit went back to where it came from, by whoever's hand: the wallet holds as much less. Once. Raises
    InsufficientBalance when it has been spent: the event stays with those that staff look into. Nothing is taken for a deposit
    that never reached the wallet."""
    stored = await _found(uow, deposit_id)
    if stored.status != "settled":
        return
    payment = (await port(Payments).find_deposits(uow, [deposit_id])).get(deposit_id)
    if payment is None or stored.owner_id is None:
        raise TransactionNotFound
    draft = Draft(
        id=TransactionId(refund_id),
        account_id=stored.account_id,
        operation="withdraw",
        amount=amount.amount,
        currency=amount.currency,
        incoming=False,
        status="settled",
        kept=(KeptLeg(stored.account_id, -amount.amount, stored.owner_id),),
        summed=(SummedLeg(clearing(payment.provider), amount.amount),),
        payment_id=payment.id,
        reason="Given back to where it came from",
        authority="payments",
    )
    await record(uow, draft)
