"""Orders as other modules use them: `contracts.orders.Orders`, and what they hold on persons."""

from collections.abc import Sequence
from typing import Final

from shop.contracts.orders import Order, OrderId
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.service import show_orders
from shop.modules.orders.service.buyers import BuyersShare

BUYERS: Final = BuyersShare()


class DatabaseOrders:
    async def find_orders(self, uow: UnitOfWork, ids: Sequence[OrderId]) -> dict[OrderId, Order]:
        return await show_orders.find_orders(uow, ids)
