"""Orders as other modules use them: `contracts.orders.Orders`, and what they hold on persons."""

from collections.abc import Sequence
from typing import Final

from shop.contracts.identity import AccountId
from shop.contracts.orders import Order, OrderId
from shop.contracts.payments import PaymentRequest
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.service import show_orders
from shop.modules.orders.service.buyers import BuyersShare
from shop.modules.orders.service.check_out import pay_again

BUYERS: Final = BuyersShare()


class DatabaseOrders:
    async def find_orders(self, uow: UnitOfWork, ids: Sequence[OrderId]) -> dict[OrderId, Order]:
        return await show_orders.find_orders(uow, ids)

    async def find_numbers(self, uow: UnitOfWork, ids: Sequence[OrderId]) -> dict[OrderId, str]:
        return await show_orders.find_numbers(uow, ids)

    async def pay_order(
        self, order_id: OrderId, idempotency_key: str, request: PaymentRequest, *, account_id: AccountId
    ) -> Order:
        return await pay_again(order_id, idempotency_key, request, account_id=account_id)


ORDERS: Final = DatabaseOrders()
