"""What orders do when others tell facts. Each may come again or late."""

from shop.contracts.inventory import ReservationExpired
from shop.contracts.orders import OrderExpired
from shop.contracts.payments import PaymentCaptured, PaymentFailed
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.service.expire_order import call_off_payments, expire_order
from shop.modules.orders.service.pay_order import refuse_payment, take_payment


async def when_payment_captured_mark_paid(uow: UnitOfWork, event: PaymentCaptured) -> None:
    await take_payment(uow, event.order_id, event.payment_id, Money(event.amount, event.currency))


async def when_payment_failed_mark_failed(uow: UnitOfWork, event: PaymentFailed) -> None:
    await refuse_payment(uow, event.order_id, event.payment_id, event.reason)


async def when_reservation_expired_expire_order(uow: UnitOfWork, event: ReservationExpired) -> None:
    await expire_order(uow, event.order_id)


async def when_order_expired_call_off_payments(uow: UnitOfWork, event: OrderExpired) -> None:
    await call_off_payments(uow, event.order_id)
