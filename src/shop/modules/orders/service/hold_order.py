"""Money that is promised for a later day: the goods wait for it that long."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shop.contracts.inventory import Reservations
from shop.contracts.orders import OrderHeld
from shop.kernel.config import settings
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import money


async def hold_order(uow: UnitOfWork, order_id: UUID, until: datetime) -> None:
    day = until.astimezone(ZoneInfo(settings().time_zone))
    if await money.hold_until(uow, order_id, until, f"Goods held until {day.day} {day:%b %Y}"):
        await port(Reservations).hold_until(uow, order_id, until)
        uow.emit(OrderHeld(order_id=order_id, until=until))
