"""The cart as other modules use it: `contracts.cart.Carts`."""

from uuid import UUID

from shop.contracts.cart import CartClosed, CartContents, CartNotFound, CartToken
from shop.kernel.uow import UnitOfWork
from shop.modules.cart import repository
from shop.modules.cart.rules import checked_token
from shop.modules.cart.service import show_cart


class DatabaseCarts:
    async def get_cart(self, uow: UnitOfWork, token: CartToken) -> CartContents:
        return await show_cart.get_cart(uow, checked_token(token))

    async def lock_cart(self, uow: UnitOfWork, token: CartToken) -> CartContents:
        found = await repository.lock_cart(uow, checked_token(token))
        if found is None:
            raise CartNotFound
        head, lines = found
        if head.status != "open":
            raise CartClosed
        return head.holding(lines)

    async def close_cart(self, uow: UnitOfWork, cart_id: UUID, order_id: UUID) -> None:
        if not await repository.close_cart(uow, cart_id, order_id):
            raise CartClosed
