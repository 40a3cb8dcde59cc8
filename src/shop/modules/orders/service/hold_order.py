"""Money that is promised for a later day: the goods wait for it that long."""

from datetime import datetime
from uuid import UUID

from shop.contracts.inventory import Reservations
from shop.contracts.orders import OrderHeld
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import money


async def hold_order(uow: UnitOfWork, order_id: UUID, until: datetime) -> None:
    if await money.hold_until(
        uow, order_id, until, f"The goods are held until {until:%Y-%m-%d}, while the money comes"
    ):
        await port(Reservations).hold_until(uow, order_id, until)
        uow.emit(OrderHeld(order_id=order_id, until=until))
