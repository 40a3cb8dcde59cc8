"""Refunds that no provider carries out: staff transfer the money themselves, and say so here."""

from uuid import UUID

from shop.contracts.payments import RefundNotFound
from shop.kernel import audit
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.errors import NotPayable
from shop.modules.payments.gateways.by_hand import BY_HAND
from shop.modules.payments.repository import by_hand, refunds


async def record_payout(uow: UnitOfWork, refund_id: UUID, by: UUID | None) -> None:
    """The refund is done by the `process_refund` that follows. Raises RefundNotFound, NotPayable."""
    refund = await refunds.find(uow, refund_id)
    if refund is None:
        raise RefundNotFound
    payable = refund.provider in BY_HAND and refund.destination == "original"
    if not payable or not await refunds.wake(uow, refund_id):
        raise NotPayable
    await by_hand.add_payout(uow, refund_id, by)
    audit.note(action="refund.paid_out", subject=("refund", refund_id), amount=refund.amount, currency=refund.currency)
