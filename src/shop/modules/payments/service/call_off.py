"""Payments that are not wanted any more: those of an order that ended, and those that the buyer left for another way to pay.

Both are only marked, in the order's transaction, and wound up at the provider afterwards. They differ in money that was
captured all the same: from an ended order it goes back, from an abandoned payment it stays, as the order still wants it.
"""

from uuid import UUID

from shop.contracts.payment_providers import PaymentProvider
from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.by_hand import BY_HAND
from shop.modules.payments.repository import intents, moves, refunds
from shop.modules.payments.rules import OPEN, REFUNDABLE, disagreement, until_last_call
from shop.modules.payments.schemas import Intent, NewRefund
from shop.modules.payments.service.apply_answer import apply_answer, apply_end
from shop.modules.payments.service.ask_provider import told
from shop.modules.payments.service.process_refund import process_refund

CALLED_OFF = "The order ended before its money came"


async def cancel_payments(uow: UnitOfWork, order_id: UUID) -> None:
    await moves.call_off(uow, order_id)


async def abandon_payments(uow: UnitOfWork, order_id: UUID) -> bool:
    """Whether anything waited for its buyer. Nobody but our own staff tells of a transfer, so it ends here and now: its row is
    locked, and a receipt is recorded either before, and counts, or not any more."""
    abandoned = await moves.abandon(uow, order_id)
    for intent in abandoned:
        if intent.provider in BY_HAND:
            await apply_end(uow, intent, "cancelled", None)
    return bool(abandoned)


async def end_open(provider: PaymentProvider, intent: Intent) -> Intent:
    """Cancelled at its provider, or what it has become there meanwhile. What the provider never heard of stays open while it may
    hear of it yet: money that is held by a process that dies before it has recorded so would be found by nobody. Raises
    ProviderAway."""
    answer = await provider.look_up(told(intent))
    if answer is None:
        wait = until_last_call(intent, clock.now())
        if not wait:
            return await write(apply_end, intent, "cancelled", None)
        await write(intents.put_off, intent.id, wait, intent.version)
        return intent
    if answer.status in OPEN and disagreement(intent, answer) is None:
        answer = await provider.cancel(told(intent, answer.provider_ref))
    return await write(apply_answer, intent, answer)


async def wind_up(provider: PaymentProvider, intent: Intent) -> Intent:
    """A called-off payment that this process has claimed. Raises ProviderAway."""
    if intent.status in OPEN:
        intent = await end_open(provider, intent)
    if intent.status in REFUNDABLE:
        promised = await write(promise_rest, intent)
        if promised is not None:
            await process_refund(promised)
    return intent


async def promise_rest(uow: UnitOfWork, intent: Intent) -> UUID | None:
    """The refund of what is left to give back; None when nothing is. Its own sweep sees it through."""
    await intents.leave_alone(uow, intent.id, intent.version)
    rest = intent.refundable()
    if rest.amount == 0:
        return None
    refund = NewRefund(
        id=new_id(),
        payment_id=intent.id,
        request_id=None,
        account_id=None,
        amount=rest,
        destination="original",
        status="pending",
        reason=CALLED_OFF,
        requested_by=None,
    )
    return refund.id if await refunds.promise(uow, refund) else None
