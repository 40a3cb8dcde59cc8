"""An order that no longer wants money: what is open is cancelled, and what was captured all the same goes back.

Calling off only marks the payments, in the order's transaction; the sweep winds them up at the provider.
"""

from uuid import UUID

import structlog

from shop.contracts.payments import PaymentProvider, PaymentRefunded, ProviderRefused
from shop.kernel.db import write
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.errors import PaymentNotFound
from shop.modules.payments.repository import intents, refunds
from shop.modules.payments.rules import OPEN, REFUNDABLE, disagreement
from shop.modules.payments.schemas import Intent, Refund
from shop.modules.payments.service.apply_answer import NEEDS_STAFF, apply_answer, apply_end
from shop.modules.payments.service.ask_provider import told

log = structlog.get_logger(__name__)


async def cancel_payments(uow: UnitOfWork, order_id: UUID) -> None:
    await intents.call_off(uow, order_id)


async def wind_up(provider: PaymentProvider, intent: Intent) -> Intent:
    """A called-off payment that this process has claimed. Raises ProviderAway."""
    if intent.status in OPEN:
        answer = await provider.look_up(told(intent))
        if answer is None:
            return await write(apply_end, intent, "cancelled", None)
        if answer.status in OPEN and disagreement(intent, answer) is None:
            answer = await provider.cancel(told(intent, answer.provider_ref))
        intent = await write(apply_answer, intent, answer)
    if intent.status in REFUNDABLE:
        return await _give_back(provider, intent)
    return intent


async def _give_back(provider: PaymentProvider, intent: Intent) -> Intent:
    """Raises ProviderAway; the promised refund is then asked for again, under the same id."""
    refund = await write(promise_rest, intent)
    if refund is None:
        await write(intents.leave_alone, intent.id, intent.version)
        return intent
    try:
        await provider.refund(told(intent), refund.amount, refund.id)
    except ProviderRefused as refusal:
        log.error("refund_refused", payment_id=str(intent.id), refund_id=str(refund.id), reason=str(refusal)[:200])  # noqa: TRY400  # an answer, no fault of ours
        note = f"The provider refused to give {refund.amount.amount} {refund.amount.currency} back: {refusal}"
        await write(intents.note_for_staff, intent.id, note, NEEDS_STAFF)
        return intent
    return await write(finish_refund, intent.id, refund)


async def promise_rest(uow: UnitOfWork, intent: Intent) -> Refund | None:
    """What is left to give back, unless an earlier promise is still to be kept; None when nothing is left."""
    pending = await refunds.find_pending_refund(uow, intent)
    if pending is not None or intent.rest.amount == 0:
        return pending
    return await refunds.add_refund(uow, intent.id, intent.rest)


async def promise_refund(uow: UnitOfWork, intent: Intent, amount: Money) -> Refund | None:
    """None when so much is not left of what was captured."""
    return await refunds.add_refund(uow, intent.id, amount)


async def finish_refund(uow: UnitOfWork, payment_id: UUID, refund: Refund) -> Intent:
    """The provider gave the money back. Told once, however often the provider was asked. Raises PaymentNotFound."""
    locked = await intents.lock_intent(uow, payment_id)
    if locked is None:
        raise PaymentNotFound
    if await refunds.finish_refund(uow, refund.id) is None:
        return locked
    uow.emit(
        PaymentRefunded(
            payment_id=locked.id,
            order_id=locked.order_id,
            amount=refund.amount.amount,
            currency=refund.amount.currency,
        )
    )
    finished = await intents.find_intent(uow, payment_id)
    return finished or locked
