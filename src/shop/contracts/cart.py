"""cart: what somebody means to buy."""

from typing import NewType, Protocol
from uuid import UUID

import msgspec

from shop.contracts.catalog import VariantId
from shop.contracts.identity import AccountId
from shop.kernel.errors import Conflict, NotFound
from shop.kernel.events import Event
from shop.kernel.uow import UnitOfWork

CartToken = NewType("CartToken", str)
"""The cart's public id: 192 random bits. Whoever holds it holds the cart; masked in logs."""


class CartLine(msgspec.Struct, frozen=True):
    id: UUID
    variant_id: VariantId
    quantity: int


class CartContents(msgspec.Struct, frozen=True):
    id: UUID
    token: CartToken
    currency: str
    account_id: AccountId | None
    version: int
    lines: tuple[CartLine, ...]


class Carts(Protocol):
    async def get_cart(self, uow: UnitOfWork, token: CartToken) -> CartContents:
        """Raises CartNotFound, CartClosed."""

    async def lock_cart(self, uow: UnitOfWork, token: CartToken) -> CartContents:
        """The same, and nobody else changes it until this transaction ends."""

    async def close_cart(self, uow: UnitOfWork, cart_id: UUID, order_id: UUID) -> None:
        """The cart became an order; it can't become another. Raises CartClosed."""


class CartNotFound(NotFound):
    code = "cart_not_found"
    title = "There is no such cart"


class CartClosed(Conflict):
    code = "cart_closed"
    title = "This cart has become an order already"


class CartEmpty(Conflict):
    code = "cart_empty"
    title = "There is nothing in this cart"


class CartLineAdded(Event, tag="cart.line_added.v1", frozen=True):
    variant_id: UUID
    quantity: int
