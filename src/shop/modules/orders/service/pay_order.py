"""An order and its money: tried again, arrived, refused.

What a payment says is believed by its own module; here the amount must be exactly what the order asks. Facts may come
twice, late or in any order: only the conditional updates decide.
"""

from uuid import UUID

import structlog

from shop.contracts.identity import AccountId
from shop.contracts.inventory import Reservations
from shop.contracts.orders import (
    OrderExpired,
    OrderId,
    OrderNotFound,
    OrderNotPayable,
    OrderPaid,
    OrderPaymentFailed,
)
from shop.contracts.payments import Payer, PaymentRequest, Payments
from shop.kernel import clock
from shop.kernel.money import Money, format_money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import money, sales_orders
from shop.modules.orders.repository.money import Receipt
from shop.modules.orders.repository.sales_orders import OrderState
from shop.modules.orders.rules import may_be_paid, retry_key
from shop.modules.orders.service.hold_order import hold_for_another_try

log = structlog.get_logger(__name__)


async def open_further_payment(
    uow: UnitOfWork,
    order_id: OrderId,
    idempotency_key: str,
    request: PaymentRequest,
    *,
    account_id: AccountId | None,
    use_wallet: bool = False,
) -> None:
    """Another attempt to pay what is due, while the goods are held; the same key again means the same attempt. Whoever only
    holds the order's link may pay it, but not with what its owner keeps here: a wallet, a stored method. Raises
    OrderNotFound, OrderNotPayable, PaymentInProgress, UnknownProvider, Invalid."""
    key = retry_key(idempotency_key)
    order = await _lock_payable(uow, order_id, key)
    if order is None:
        return
    payer = Payer(account_id if account_id == order.account_id else None, use_wallet)
    payments = await port(Payments).open_payments(uow, order_id, order.due, request, payer)
    await sales_orders.remember_retry(uow, order_id, key, payments[0].id)
    await sales_orders.change_status(uow, order_id, ("payment_failed",), "pending_payment", "Payment is tried again")


async def make_way(uow: UnitOfWork, order_id: OrderId, idempotency_key: str) -> bool:
    """Before the attempt of this key is opened: whatever waits for the buyer is abandoned. Whether anything did. Raises
    OrderNotFound, OrderNotPayable."""
    order = await _lock_payable(uow, order_id, retry_key(idempotency_key))
    if order is None or not await port(Payments).abandon_payments(uow, order_id):
        return False
    await sales_orders.note(uow, order_id, "Another way to pay was chosen")
    return True


async def _lock_payable(uow: UnitOfWork, order_id: OrderId, key: bytes) -> OrderState | None:
    """None when the attempt of this key has been opened. Raises OrderNotFound, OrderNotPayable."""
    order = await sales_orders.lock_state(uow, order_id)
    if order is None:
        raise OrderNotFound
    if order.retry_key == key and order.retry_payment_id is not None:
        return None
    if not may_be_paid(order.status, order.reserved_until, clock.now()):
        raise OrderNotPayable
    return order


async def settle_free_order(uow: UnitOfWork, order_id: OrderId, nothing: Money) -> None:
    """Nothing is due: the order is paid as it stands."""
    await _take_money(uow, order_id, Receipt(None, nothing), "Nothing to pay")


async def take_payment(uow: UnitOfWork, order_id: UUID, payment_id: UUID, amount: Money, released: int = 0) -> None:
    """Money arrived. The order is paid once nothing is due any more and its goods are there. `released`: minor units that
    staff left of an authorized payment, and that the order no longer asks for."""
    words = f"Payment received: {format_money(amount)}"
    if released:
        words += f", {format_money(Money(released, amount.currency))} of it were released"
    if not await _take_money(uow, order_id, Receipt(payment_id, amount, released), words):
        await _explain_refused_money(uow, order_id, payment_id, amount)


async def _take_money(uow: UnitOfWork, order_id: UUID, receipt: Receipt, words: str) -> bool:
    taken = await money.take_money(uow, order_id, receipt, words)
    if taken is None:
        return False
    if not taken.paid:
        return True
    if await port(Reservations).confirm(uow, order_id):
        uow.emit(
            OrderPaid(
                order_id=order_id,
                account_id=taken.account_id,
                variant_ids=taken.variant_ids,
                total=taken.total.amount,
                currency=taken.total.currency,
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
    if await money.has_receipt(uow, payment_id):
        return
    log.error("payment_does_not_fit_order", order_id=str(order_id), payment_id=str(payment_id), status=order.status)
    if order.total == amount:
        words = f"A further payment of {format_money(amount)} arrived; our staff will look into it"
    else:
        words = (
            f"Payment mismatch: {format_money(amount)} arrived, {format_money(order.due)} was asked;"
            " our staff will look into it"
        )
    await sales_orders.note(uow, order_id, words)


async def refuse_payment(uow: UnitOfWork, order_id: UUID, payment_id: UUID, reason: str) -> None:
    """The provider said no; the buyer may try again while the goods are held."""
    words = f"Payment failed: {reason}" if reason else "Payment failed"
    if await sales_orders.change_status(uow, order_id, ("pending_payment",), "payment_failed", words):
        await hold_for_another_try(uow, order_id)
        uow.emit(OrderPaymentFailed(order_id=order_id, payment_id=payment_id))
