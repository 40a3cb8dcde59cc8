"""An order that no longer wants money: what is open is cancelled, and what was captured all the same goes back.

Calling off only marks the payments, in the order's transaction; the sweep winds them up at the provider.
"""

from uuid import UUID

from shop.contracts.payments import PaymentProvider
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.repository import intents, moves, refunds
from shop.modules.payments.rules import OPEN, REFUNDABLE, disagreement
from shop.modules.payments.schemas import Intent, NewRefund
from shop.modules.payments.service.apply_answer import apply_answer, apply_end
from shop.modules.payments.service.ask_provider import told
from shop.modules.payments.service.process_refund import process_refund

CALLED_OFF = "The order ended before its money came"


async def cancel_payments(uow: UnitOfWork, order_id: UUID) -> None:
    await moves.call_off(uow, order_id)


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
        promised = await write(promise_rest, intent)
        if promised is not None:
            await process_refund(promised)
    return intent


async def promise_rest(uow: UnitOfWork, intent: Intent) -> UUID | None:
    """The refund of what is left to give back; None when nothing is. Its own sweep sees it through."""
    await intents.leave_alone(uow, intent.id, intent.version)
    if intent.rest.amount == 0:
        return None
    refund = NewRefund(
        id=new_id(),
        payment_id=intent.id,
        request_id=None,
        account_id=None,
        amount=intent.rest,
        destination="original",
        status="pending",
        reason=CALLED_OFF,
        requested_by=None,
    )
    return refund.id if await refunds.promise(uow, refund) else None
