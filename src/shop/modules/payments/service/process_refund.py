"""A promised refund, seen through at its provider: asked for under its own id, looked up when the answer was lost.

A refund is claimed as a payment is (a lease in its row), and whatever dies in between is taken up by the sweep. The
provider's webhook may come before its own answer: whoever is first finishes it, and tells it, once.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from shop.contracts.payment_providers import ProviderAway, ProviderRefused, RefundAnswer
from shop.contracts.payments import DepositRefunded, PaymentRefunded, RefundFailed
from shop.kernel.db import read, write
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.repository import intents, moves, refunds
from shop.modules.payments.schemas import Intent, StoredRefund
from shop.modules.payments.service.apply_answer import NEEDS_STAFF
from shop.modules.payments.service.ask_provider import provider_of, told

log = structlog.get_logger(__name__)

FIRST_RETRY: Final = timedelta(seconds=5)
LAST_RETRY: Final = timedelta(hours=1)


async def process_refund(refund_id: UUID) -> None:
    """Never raises for a provider's failure: it is asked again later."""
    refund = await write(refunds.claim, refund_id)
    if refund is None:
        return
    intent = await read(intents.find_intent, refund.payment_id)
    if intent is None:
        return
    try:
        answer = await _ask(intent, refund)
    except ProviderRefused as refusal:
        log.error("refund_refused", payment_id=str(intent.id), refund_id=str(refund.id), reason=str(refusal)[:200])  # noqa: TRY400  # an answer, no fault of ours
        await write(fail_refund, refund, str(refusal))
    except ProviderAway as away:
        log.warning("refund_provider_away", refund_id=str(refund.id), reason=str(away)[:200])
        await write(refunds.put_off, refund.id, _wait(refund), None)
    except Exception:
        log.exception("refund_check_failed", refund_id=str(refund.id), provider=intent.provider)
        await write(refunds.put_off, refund.id, _wait(refund), None)
    else:
        await write(apply_refund_answer, refund, answer)


async def look_up_refunds(intent: Intent) -> None:
    """The provider told something of this payment: what became of its refunds that are under way? Raises ProviderAway."""
    for refund_id in await read(refunds.pending_at_provider, intent):
        refund = await read(refunds.find, refund_id)
        if refund is None:
            continue
        answer = await provider_of(intent).look_up_refund(told(intent), refund.id, refund.provider_ref)
        if answer is not None:
            await write(apply_refund_answer, refund, answer)


async def _ask(intent: Intent, refund: StoredRefund) -> RefundAnswer:
    """Raises ProviderAway, ProviderRefused."""
    provider = provider_of(intent)
    if refund.attempts > 1:
        known = await provider.look_up_refund(told(intent), refund.id, refund.provider_ref)
        if known is not None:
            return known
    return await provider.refund(told(intent), refund.money, refund.id)


async def apply_refund_answer(uow: UnitOfWork, refund: StoredRefund, answer: RefundAnswer) -> None:
    if answer.amount != refund.money:
        words = f"The provider reports a refund of {answer.amount.amount} {answer.amount.currency}, {refund.amount} was asked"
        await moves.note_for_staff(uow, refund.payment_id, words, NEEDS_STAFF)
        await refunds.put_off(uow, refund.id, LAST_RETRY, answer.provider_ref)
    elif answer.status == "done":
        await finish_refund(uow, refund, answer.provider_ref)
    elif answer.status == "failed":
        await fail_refund(uow, refund, answer.failure or "The provider could not give the money back")
    else:
        await refunds.put_off(uow, refund.id, _wait(refund), answer.provider_ref)


async def finish_refund(uow: UnitOfWork, refund: StoredRefund, provider_ref: str | None) -> None:
    """The money is back. Told once, however often the provider was asked."""
    if not await refunds.finish(uow, refund.id, provider_ref):
        return
    if refund.order_id is not None:
        uow.emit(
            PaymentRefunded(
                payment_id=refund.payment_id,
                order_id=refund.order_id,
                amount=refund.amount,
                currency=refund.currency,
                refund_id=refund.id,
                to=refund.destination,
                left=await refunds.left_of_order(uow, refund.order_id),
            )
        )
    elif refund.deposit_id is not None:
        uow.emit(
            DepositRefunded(
                payment_id=refund.payment_id,
                deposit_id=refund.deposit_id,
                refund_id=refund.id,
                amount=refund.amount,
                currency=refund.currency,
            )
        )


async def fail_refund(uow: UnitOfWork, refund: StoredRefund, why: str) -> None:
    """What was promised may be promised again, and staff are told."""
    if not await refunds.fail(uow, refund.id, why[:300]):
        return
    note = f"The provider did not give {refund.amount} {refund.currency} back: {why}"
    await moves.note_for_staff(uow, refund.payment_id, note[:500], NEEDS_STAFF)
    await follow_undone(uow, refund, rejected=False)


async def follow_undone(uow: UnitOfWork, refund: StoredRefund, *, rejected: bool) -> None:
    """What staff had promised of a called-off payment goes back all the same: its sweep promises it again. What the shop itself
    had promised then, and its provider won't give, is left to staff."""
    if refund.request_id is not None:
        await moves.wake_called_off(uow, refund.payment_id)
    uow.emit(
        RefundFailed(
            payment_id=refund.payment_id,
            refund_id=refund.id,
            request_id=refund.request_id,
            order_id=refund.order_id,
            deposit_id=refund.deposit_id,
            amount=refund.amount,
            currency=refund.currency,
            rejected=rejected,
        )
    )


def _wait(refund: StoredRefund) -> timedelta:
    doublings = min(max(refund.attempts - 1, 0), 12)
    return min(LAST_RETRY, FIRST_RETRY * (1 << doublings))
