"""Orders as their buyers and staff see them, payments included."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId
from shop.contracts.orders import Order, OrderId, OrderNotFound
from shop.contracts.payments import Payments
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import sales_orders
from shop.modules.orders.repository.sales_orders import Day
from shop.modules.orders.rules import may_see


async def find_orders(uow: UnitOfWork, ids: Sequence[OrderId]) -> dict[OrderId, Order]:
    if not ids:
        return {}
    return {order.id: order for order in await _with_payments(uow, await sales_orders.find_orders(uow, ids))}


async def find_numbers(uow: UnitOfWork, ids: Sequence[OrderId]) -> dict[OrderId, str]:
    return await sales_orders.find_numbers(uow, ids) if ids else {}


async def get_order(uow: UnitOfWork, order_id: OrderId) -> Order:
    """Raises OrderNotFound."""
    found = await find_orders(uow, [order_id])
    if order_id not in found:
        raise OrderNotFound
    return found[order_id]


async def get_visible_order(
    uow: UnitOfWork, order_id: OrderId, account_id: AccountId | None, token: str | None
) -> Order:
    """For its owner or the holder of its token. Raises OrderNotFound for everybody else, as if it weren't there."""
    orders = await sales_orders.find_orders(uow, [order_id])
    if not orders or not may_see(orders[0], account_id, token):
        raise OrderNotFound
    return (await _with_payments(uow, orders))[0]


async def list_orders_of(uow: UnitOfWork, account_id: AccountId, before: UUID | None, limit: int) -> list[Order]:
    """Newest first, those older than `before`."""
    return await _with_payments(uow, await sales_orders.list_orders_of(uow, account_id, before, limit))


async def search_orders(
    uow: UnitOfWork, status: str | None, wanted: str | None, before: UUID | None, limit: int
) -> list[Order]:
    """Newest first; `wanted` is a number or how an e-mail address begins."""
    return await _with_payments(uow, await sales_orders.search_orders(uow, status, wanted, before, limit))


async def find_day(uow: UnitOfWork, since: datetime) -> Day:
    """Orders placed and money taken since then."""
    return await sales_orders.find_day(uow, since)


async def _with_payments(uow: UnitOfWork, orders: list[Order]) -> list[Order]:
    if not orders:
        return []
    payments = await port(Payments).find_payments(uow, [order.id for order in orders])
    return [msgspec.structs.replace(order, payments=tuple(payments.get(order.id, ()))) for order in orders]
