"""What a provider says becomes what is so: only if it speaks of this very payment, and only forward.

The same answer may come twice, late or from several sides at once (the checkout, the buyer's return, a webhook, the
sweep). Each change is conditional on the intent being as it was read, so that a transition happens, and is told, once.
"""

from datetime import timedelta
from typing import Final

import structlog

from shop.contracts.payments import PaymentCaptured, PaymentFailed, PaymentStatus, ProviderAnswer
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.errors import PaymentNotFound
from shop.modules.payments.repository import intents
from shop.modules.payments.rules import OPEN, REFUNDABLE, disagreement, next_status, until_next_check
from shop.modules.payments.schemas import Intent, Step

log = structlog.get_logger(__name__)

NEEDS_STAFF: Final = "Our staff has to look at this payment."
NOT_FINISHED: Final = "The payment was not finished in time."


async def apply_answer(uow: UnitOfWork, intent: Intent, answer: ProviderAnswer) -> Intent:
    """The intent as it stands afterwards. An answer that disagrees with it changes nothing but the note for staff.
    Raises PaymentNotFound."""
    moved = await _try(uow, intent, answer)
    if moved is None:
        locked = await _lock(uow, intent)
        moved = await _try(uow, locked, answer) or locked
    return moved


async def apply_end(uow: UnitOfWork, intent: Intent, status: PaymentStatus, failure: str | None) -> Intent:
    """`failed` or `cancelled` without an answer of the provider's to go by: it refused, or never heard of it. Nothing
    changes when an answer was recorded since `intent` was read."""
    moved = await intents.move_intent(
        uow, intent, Step(status=status, provider_ref=intent.provider_ref, failure=failure)
    )
    if moved is None:
        return await _lock(uow, intent)
    _tell(uow, moved)
    return moved


async def _lock(uow: UnitOfWork, intent: Intent) -> Intent:
    locked = await intents.lock_intent(uow, intent.id)
    if locked is None:
        raise PaymentNotFound
    return locked


async def _try(uow: UnitOfWork, intent: Intent, answer: ProviderAnswer) -> Intent | None:
    """None when the intent changed since it was read."""
    wrong = disagreement(intent, answer)
    if wrong is not None:
        log.error("payment_answer_disagrees", payment_id=str(intent.id), order_id=str(intent.order_id), wrong=wrong)
        await intents.note_for_staff(uow, intent.id, wrong, NEEDS_STAFF)
        return await _lock(uow, intent)
    status = next_status(intent.status, answer.status)
    if status is None and intent.status not in OPEN:
        return intent
    if status == "captured" and intent.status not in OPEN:
        moved = await intents.capture_late(uow, intent, answer.provider_ref)
    else:
        moved = await _move(uow, intent, status or intent.status, answer)
    if moved is not None and status is not None:
        _tell(uow, moved)
    return moved


async def _move(uow: UnitOfWork, intent: Intent, status: PaymentStatus, answer: ProviderAnswer) -> Intent | None:
    wait = until_next_check(status, intent.attempts) if status in OPEN else None
    if intent.called_off_at is not None and status in REFUNDABLE:
        wait = timedelta()
    step = Step(
        status=status,
        provider_ref=answer.provider_ref,
        failure=answer.failure,
        client_secret=answer.client_secret,
        redirect_url=answer.redirect_url,
        wait=wait,
    )
    return await intents.move_intent(uow, intent, step)


def _tell(uow: UnitOfWork, moved: Intent) -> None:
    """Money that nobody wants any more is not told as captured: it goes back, and no order shall rise by it."""
    if moved.status == "captured":
        if moved.called_off_at is not None:
            log.warning("unwanted_payment_captured", payment_id=str(moved.id), order_id=str(moved.order_id))
            return
        uow.emit(
            PaymentCaptured(payment_id=moved.id, order_id=moved.order_id, amount=moved.amount, currency=moved.currency)
        )
    elif moved.status == "failed" or (moved.status == "cancelled" and moved.called_off_at is None):
        uow.emit(PaymentFailed(payment_id=moved.id, order_id=moved.order_id, reason=moved.failure or NOT_FINISHED))
