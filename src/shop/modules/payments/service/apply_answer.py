"""What a provider says becomes what is so: only if it speaks of this very payment, and only forward.

The same answer may come twice, late or from several sides at once (the checkout, the buyer's return, a webhook, the
sweep). Each change is conditional on the intent being as it was read, so that a transition happens, and is told, once.
"""

from datetime import timedelta
from typing import Final

import msgspec
import structlog

from shop.contracts.payment_providers import ProviderAnswer
from shop.contracts.payments import (
    DepositCaptured,
    DepositFailed,
    PaymentCaptured,
    PaymentFailed,
    PaymentHeld,
    PaymentNotFound,
    PaymentStatus,
)
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.by_hand import BY_HAND
from shop.modules.payments.repository import by_hand, intents, moves
from shop.modules.payments.rules import (
    ENDED,
    OPEN,
    TAKEN,
    WALLET_PART,
    captured_by,
    disagreement,
    next_status,
    until_next_check,
)
from shop.modules.payments.schemas import Intent, Step
from shop.modules.payments.service.stored_methods import keep_later, keep_method

log = structlog.get_logger(__name__)

NEEDS_STAFF: Final = "Our staff has to look at this payment."
NOT_FINISHED: Final = "The payment was not finished in time."


async def apply_answer(uow: UnitOfWork, intent: Intent, answer: ProviderAnswer) -> Intent:
    """The intent as it stands afterwards. An answer that disagrees with it changes nothing but the note for staff.
    Raises PaymentNotFound."""
    moved = await _try(uow, intent, answer)
    if moved is None:
        locked = await lock(uow, intent)
        moved = await _try(uow, locked, answer) or locked
    return moved


async def apply_end(uow: UnitOfWork, intent: Intent, status: PaymentStatus, failure: str | None) -> Intent:
    """`failed` or `cancelled` without an answer of the provider's to go by: it refused, or never heard of it. Nothing
    changes when an answer was recorded since `intent` was read."""
    step = Step(status=status, provider_ref=intent.provider_ref, failure=failure)
    moved = None if await _is_received(uow, intent) else await moves.move_intent(uow, intent, step)
    if moved is None:
        return await lock(uow, intent)
    await _follow(uow, intent, moved)
    return moved


async def _is_received(uow: UnitOfWork, intent: Intent) -> bool:
    """Of a transfer or of cash: then it doesn't end by what was so before staff said that they have the money. Whether they can
    still say so is decided under the same lock, so that one of both wins."""
    if intent.provider not in BY_HAND:
        return False
    await lock(uow, intent)
    return await by_hand.is_received(uow, intent.id)


async def lock(uow: UnitOfWork, intent: Intent) -> Intent:
    """Raises PaymentNotFound."""
    locked = await intents.lock_intent(uow, intent.id)
    if locked is None:
        raise PaymentNotFound
    return locked


async def _try(uow: UnitOfWork, intent: Intent, answer: ProviderAnswer) -> Intent | None:
    """None when the intent changed since it was read."""
    status = next_status(intent.status, answer.status)
    if status is None and intent.status not in OPEN:
        if answer.vaulted is not None and intent.save_method and answer.payment_id == intent.id:
            await keep_later(uow, intent.account_id, intent.provider, answer.vaulted, intent.customer_ref)
        return intent
    wrong = disagreement(intent, answer)
    if wrong is not None:
        if (await lock(uow, intent)).version != intent.version:
            return None  # staff may have said meanwhile what the provider has done
        log.error("payment_answer_disagrees", payment_id=str(intent.id), order_id=str(intent.order_id), wrong=wrong)
        await moves.note_for_staff(uow, intent.id, wrong, NEEDS_STAFF)
        return await lock(uow, intent)
    if status in ENDED and await _is_received(uow, intent):
        return await lock(uow, intent)
    step = _step(intent, status or intent.status, answer)
    if status == "captured" and intent.status not in OPEN:
        moved = await moves.capture_late(uow, intent, step)
    else:
        moved = await moves.move_intent(uow, intent, step)
    # A debit that we confirm ourselves was pending before, too: that its bank takes days is news all the same.
    waits_longer = moved is not None and answer.status == "pending" and moved.holds_until != intent.holds_until
    if moved is not None and (status is not None or waits_longer):
        await _follow(uow, intent, moved)
        if answer.vaulted is not None and moved.save_method and moved.account_id is not None:
            await keep_method(uow, moved.account_id, moved.provider, answer.vaulted, moved.customer_ref)
    return moved


def _step(intent: Intent, status: PaymentStatus, answer: ProviderAnswer) -> Step:
    wait = until_next_check(intent, status) if status in OPEN else None
    has_come = status != intent.status and status not in ENDED
    if (intent.called_off_at is not None and has_come) or _is_to_be_taken(intent, status):
        wait = timedelta()
    return Step(
        status=status,
        provider_ref=answer.provider_ref,
        captured_amount=captured_by(answer).amount if status in TAKEN else 0,
        failure=answer.failure,
        client_secret=answer.client_secret,
        redirect_url=answer.redirect_url,
        method=msgspec.to_builtins(answer.method) if answer.method else None,
        instructions=answer.instructions,
        holds_until=answer.holds_until,
        capture_ref=answer.capture_ref,
        wait=wait,
    )


def _is_to_be_taken(intent: Intent, status: PaymentStatus) -> bool:
    """An authorization that has just come, and that waits for nobody; what the wallet holds beside it waits for the rest."""
    waits = intent.manual_capture or (intent.split and intent.part == WALLET_PART)
    return status == "authorized" and intent.status != "authorized" and not waits


async def _follow(uow: UnitOfWork, before: Intent, moved: Intent) -> None:
    """What a change means for the other parts of its order, and for others."""
    if moved.split and moved.called_off_at is None:
        if moved.status in {"failed", "cancelled"}:
            await moves.call_off_others(uow, moved)
        else:
            await moves.wake_others(uow, moved)
    if moved.order_id is not None:
        _tell_order(uow, before, moved)
    elif moved.deposit_id is not None:
        _tell_deposit(uow, moved)


def _tell_order(uow: UnitOfWork, before: Intent, moved: Intent) -> None:
    """Money that nobody wants any more is not told as captured: it goes back, and no order shall rise by it."""
    order_id = moved.order_id
    if order_id is None:
        return
    if moved.status == "captured":
        if moved.called_off_at is not None:
            log.warning("unwanted_payment_captured", payment_id=str(moved.id), order_id=str(order_id))
            return
        uow.emit(
            PaymentCaptured(
                payment_id=moved.id,
                order_id=order_id,
                amount=moved.captured_amount,
                currency=moved.currency,
                released=moved.amount - moved.captured_amount,
            )
        )
    elif (moved.status == "failed" and moved.called_off_at is None) or (
        moved.status == "cancelled" and _is_wanted(moved)
    ):
        uow.emit(PaymentFailed(payment_id=moved.id, order_id=order_id, reason=moved.failure or NOT_FINISHED))
    elif moved.holds_until is not None and moved.holds_until != before.holds_until and moved.called_off_at is None:
        uow.emit(PaymentHeld(payment_id=moved.id, order_id=order_id, until=moved.holds_until))


def _is_wanted(intent: Intent) -> bool:
    """Neither its order nor its buyer wanted it to end."""
    return intent.called_off_at is None and intent.abandoned_at is None


def _tell_deposit(uow: UnitOfWork, moved: Intent) -> None:
    deposit_id = moved.deposit_id
    if deposit_id is None:
        return
    if moved.status == "captured":
        if moved.called_off_at is not None:
            log.warning("unwanted_payment_captured", payment_id=str(moved.id), deposit_id=str(deposit_id))
            uow.emit(DepositFailed(payment_id=moved.id, deposit_id=deposit_id, reason=NOT_FINISHED))
            return
        uow.emit(
            DepositCaptured(
                payment_id=moved.id,
                deposit_id=deposit_id,
                provider=moved.provider,
                amount=moved.captured_amount,
                currency=moved.currency,
            )
        )
    elif moved.status in {"failed", "cancelled"}:
        uow.emit(DepositFailed(payment_id=moved.id, deposit_id=deposit_id, reason=moved.failure or NOT_FINISHED))
