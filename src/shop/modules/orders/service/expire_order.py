"""An order that was not paid in time ends, and whatever money is still under way for it goes back.

Two steps, two transactions: the order ends first, its payments are called off by a handler of that very fact. The same
handler serves orders that end because their goods were gone when the money came.
"""

from uuid import UUID

from shop.contracts.orders import OrderExpired
from shop.contracts.payments import Payments
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import sales_orders
from shop.modules.orders.rules import UNPAID


async def expire_order(uow: UnitOfWork, order_id: UUID) -> None:
    """Its goods went back to stock. An order paid meanwhile is left alone."""
    if await sales_orders.change_status(
        uow, order_id, UNPAID, "expired", "Not paid in time; the goods were given back"
    ):
        uow.emit(OrderExpired(order_id=order_id))


async def call_off_payments(uow: UnitOfWork, order_id: UUID) -> None:
    """Unless a late payment has revived the order: the row is locked, so that none does so at this moment."""
    order = await sales_orders.lock_state(uow, order_id)
    if order is not None and order.status == "expired":
        await port(Payments).cancel_payments(uow, order_id)
