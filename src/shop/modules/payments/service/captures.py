"""What staff decide about money that is promised: to take it, all or part, or that it has arrived in their own hands."""

from typing import Final
from uuid import UUID

from shop.contracts.payments import NotCapturable, Payment
from shop.kernel import audit
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.by_hand import BY_HAND
from shop.modules.payments.repository import by_hand, intents, moves
from shop.modules.payments.rules import ENDED, TAKEN

NOT_AWAITED: Final = (
    "This money is not awaited any more, as its payment has ended."
    " Send it back to whoever paid it, or have the order paid anew."
)


async def request_capture(uow: UnitOfWork, payment_id: UUID, amount: Money | None) -> Payment:
    """The provider is asked afterwards. Raises NotCapturable."""
    intent = await intents.lock_intent(uow, payment_id)
    if intent is None or intent.provider in BY_HAND:
        raise NotCapturable
    if amount is not None and (amount.currency != intent.currency or not 0 < amount.amount <= intent.amount):
        raise NotCapturable(f"Between the smallest unit and {intent.amount} {intent.currency} can be captured")
    wished = await moves.wish_capture(uow, payment_id, amount.amount if amount else None)
    if wished is None:
        raise NotCapturable
    audit.note(
        action="payment.capture_requested",
        subject=("payment", payment_id),
        amount=wished.wanted.amount,
        currency=wished.currency,
    )
    return wished.shown()


async def record_receipt(uow: UnitOfWork, payment_id: UUID, by: UUID | None) -> Payment:
    """Of a transfer, or of cash at the door. The row is locked: it either ends before, and this is refused, or not at all. Raises
    NotCapturable."""
    intent = await intents.lock_intent(uow, payment_id)
    if intent is None or intent.provider not in BY_HAND:
        raise NotCapturable
    if intent.status in TAKEN:
        raise NotCapturable("Its receipt is recorded already")
    if intent.status in ENDED or intent.called_off_at is not None:
        raise NotCapturable(NOT_AWAITED)
    await by_hand.add_receipt(uow, payment_id, by)
    await moves.wake(uow, payment_id)
    audit.note(
        action="payment.received", subject=("payment", payment_id), amount=intent.amount, currency=intent.currency
    )
    return intent.shown()
