"""What orders do when others tell facts. Each may come again or late."""

from shop.contracts.inventory import ReservationExpired
from shop.contracts.orders import OrderExpired
from shop.contracts.payments import PaymentCaptured, PaymentFailed, PaymentHeld, PaymentRefunded, RefundFailed
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.service.expire_order import call_off_payments, expire_order
from shop.modules.orders.service.hold_order import hold_order
from shop.modules.orders.service.pay_order import refuse_payment, take_payment
from shop.modules.orders.service.refund_order import note_refund, undo_refund


async def when_payment_captured_mark_paid(uow: UnitOfWork, event: PaymentCaptured) -> None:
    await take_payment(uow, event.order_id, event.payment_id, Money(event.amount, event.currency), event.released)


async def when_payment_failed_mark_failed(uow: UnitOfWork, event: PaymentFailed) -> None:
    await refuse_payment(uow, event.order_id, event.payment_id, event.reason)


async def when_payment_held_hold_order(uow: UnitOfWork, event: PaymentHeld) -> None:
    await hold_order(uow, event.order_id, event.until)


async def when_payment_refunded_note_refund(uow: UnitOfWork, event: PaymentRefunded) -> None:
    await note_refund(uow, event.order_id, event.payment_id, Money(event.amount, event.currency), event.to)


async def when_refund_failed_undo_refund(uow: UnitOfWork, event: RefundFailed) -> None:
    if event.order_id is not None and event.request_id is not None:
        await undo_refund(uow, event.order_id, event.request_id)


async def when_reservation_expired_expire_order(uow: UnitOfWork, event: ReservationExpired) -> None:
    await expire_order(uow, event.order_id)


async def when_order_expired_call_off_payments(uow: UnitOfWork, event: OrderExpired) -> None:
    await call_off_payments(uow, event.order_id)
