"""An order and its money: tried again, arrived, refused.

What a payment says is believed by its own module; here the amount must be exactly what the order asks. Facts may come
twice, late or in any order: only the conditional updates decide.
"""

from uuid import UUID

import structlog

from shop.contracts.inventory import Reservations
from shop.contracts.orders import (
    OrderExpired,
    OrderId,
    OrderNotFound,
    OrderNotPayable,
    OrderPaid,
    OrderPaymentFailed,
)
from shop.contracts.payments import PaymentId, PaymentRequest, Payments
from shop.kernel import clock
from shop.kernel.money import Money, format_money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import sales_orders
from shop.modules.orders.rules import may_be_paid, retry_key

log = structlog.get_logger(__name__)


async def open_further_payment(
    uow: UnitOfWork, order_id: OrderId, idempotency_key: str, request: PaymentRequest
) -> PaymentId:
    """Another attempt to pay, while the goods are held; the same key again means the same attempt.
    Raises OrderNotFound, OrderNotPayable, PaymentInProgress, UnknownProvider."""
    key = retry_key(idempotency_key)
    order = await sales_orders.lock_state(uow, order_id)
    if order is None:
        raise OrderNotFound
    if order.retry_key == key and order.retry_payment_id is not None:
        return PaymentId(order.retry_payment_id)
    if not may_be_paid(order.status, order.reserved_until, clock.now()):
        raise OrderNotPayable
    payment = await port(Payments).open_payment(uow, order_id, order.total, request)
    await sales_orders.remember_retry(uow, order_id, key, payment.id)
    await sales_orders.change_status(uow, order_id, ("payment_failed",), "pending_payment", "Payment is tried again")
    return payment.id


async def settle_free_order(uow: UnitOfWork, order_id: OrderId, nothing: Money) -> None:
    """Nothing is due: the order is paid as it stands."""
    await _take_money(uow, order_id, nothing, None, "Nothing to pay")


async def take_payment(uow: UnitOfWork, order_id: UUID, payment_id: UUID, amount: Money) -> None:
    """Money arrived. The order is paid if it asks for exactly this much and its goods are there."""
    if not await _take_money(uow, order_id, amount, payment_id, "Payment received"):
        await _explain_refused_money(uow, order_id, payment_id, amount)


async def _take_money(uow: UnitOfWork, order_id: UUID, amount: Money, payment_id: UUID | None, words: str) -> bool:
    paid = await sales_orders.mark_paid(uow, order_id, amount, payment_id, words)
    if paid is None:
        return False
    if await port(Reservations).confirm(uow, order_id):
        uow.emit(
            OrderPaid(
                order_id=order_id,
                account_id=paid.account_id,
                variant_ids=paid.variant_ids,
                total=amount.amount,
                currency=amount.currency,
            )
        )
    else:
        await sales_orders.change_status(
            uow, order_id, ("paid",), "expired", "The goods were gone when the money came; it is given back"
        )
        uow.emit(OrderExpired(order_id=order_id))
    return True


async def _explain_refused_money(uow: UnitOfWork, order_id: UUID, payment_id: UUID, amount: Money) -> None:
    """Nothing is changed but the history, which staff read."""
    order = await sales_orders.find_state(uow, order_id)
    if order is None:
        log.error("payment_of_unknown_order", order_id=str(order_id), payment_id=str(payment_id))
        return
    if order.paid_payment_id == payment_id:
        return
    log.error("payment_does_not_fit_order", order_id=str(order_id), payment_id=str(payment_id), status=order.status)
    if order.total == amount:
        words = f"A further payment of {format_money(amount)} arrived; our staff will look into it"
    else:
        words = (
            f"Payment mismatch: {format_money(amount)} arrived, {format_money(order.total)} was asked;"
            " our staff will look into it"
        )
    await sales_orders.note(uow, order_id, words)


async def refuse_payment(uow: UnitOfWork, order_id: UUID, payment_id: UUID, reason: str) -> None:
    """The provider said no; the buyer may try again while the goods are held."""
    words = f"Payment failed: {reason}" if reason else "Payment failed"
    if await sales_orders.change_status(uow, order_id, ("pending_payment",), "payment_failed", words):
        uow.emit(OrderPaymentFailed(order_id=order_id, payment_id=payment_id))
