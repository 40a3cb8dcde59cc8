"""The cart as other modules use it: `contracts.cart.Carts`; and what it holds on a person."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shop.contracts.cart import CartClosed, CartContents, CartNotFound, CartToken
from shop.contracts.identity import Kept, Person
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


class CartShare:
    """`contracts.identity.PersonalData`."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        carts = await repository.list_carts_of(uow, person.account_id) if person.account_id else []
        return {"carts": carts} if carts else {}

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        """Orders hold what they need of the carts that they were."""
        if person.account_id is not None:
            await repository.delete_carts_of(uow, person.account_id)
        return ()
