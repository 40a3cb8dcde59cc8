"""What staff do with money: recorded in one transaction, then asked for at the provider. What a provider that is away leaves
undone falls to the sweep."""

from uuid import UUID

from shop.contracts.payments import Payment
from shop.kernel.db import read, write
from shop.kernel.money import Money
from shop.modules.payments.repository import refunds
from shop.modules.payments.service.captures import record_receipt as receive
from shop.modules.payments.service.captures import request_capture
from shop.modules.payments.service.payouts import record_payout
from shop.modules.payments.service.process_payment import process_order, process_payment
from shop.modules.payments.service.process_refund import process_refund
from shop.modules.payments.service.refunds import decide_refund
from shop.modules.payments.service.releases import request_release


async def capture(payment_id: UUID, amount: Money | None) -> None:
    """Raises NotCapturable."""
    await _process(await write(request_capture, payment_id, amount))


async def release(payment_id: UUID) -> None:
    """Raises PaymentNotFound, NotReleasable."""
    await _process(await write(request_release, payment_id))


async def record_receipt(payment_id: UUID, by: UUID | None) -> None:
    """Raises NotCapturable."""
    await _process(await write(receive, payment_id, by))


async def decide(refund_id: UUID, *, approve: bool, by: UUID) -> None:
    """Raises RefundNotFound, RefundDecided, SamePerson."""
    refund = await write(decide_refund, refund_id, approve=approve, by=by)
    if not approve:
        return
    same = await read(refunds.list_of_request, refund.request_id) if refund.request_id else []
    for each in [one.id for one in same] or [refund_id]:
        await process_refund(each)


async def pay_out(refund_id: UUID, by: UUID | None) -> None:
    """Raises RefundNotFound, NotPayable."""
    await write(record_payout, refund_id, by)
    await process_refund(refund_id)


async def _process(payment: Payment) -> None:
    if payment.order_id is not None:
        await process_order(payment.order_id)
    else:
        await process_payment(payment.id)
