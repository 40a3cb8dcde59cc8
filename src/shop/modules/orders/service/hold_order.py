"""Money that is promised for a later day: the goods wait for it that long, and for another way to pay if it doesn't come."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shop.contracts.inventory import Reservations
from shop.contracts.orders import OrderHeld
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import money
from shop.modules.orders.rules import TRY_AGAIN_WITHIN


async def hold_order(uow: UnitOfWork, order_id: UUID, until: datetime) -> None:
    if await money.move_hold(uow, order_id, until, _note(until), sooner=False):
        await port(Reservations).hold_until(uow, order_id, until)
        uow.emit(OrderHeld(order_id=order_id, until=until))


async def hold_for_another_try(uow: UnitOfWork, order_id: UUID) -> None:
    """Others may want what weeks were promised to; who reads of it by mail needs some time all the same."""
    until = clock.now() + TRY_AGAIN_WITHIN
    if await money.move_hold(uow, order_id, until, _note(until), sooner=True):
        await port(Reservations).hold_until(uow, order_id, until)


def _note(until: datetime) -> str:
    day = until.astimezone(ZoneInfo(settings().time_zone))
    return f"Goods held until {day.day} {day:%b %Y}"
