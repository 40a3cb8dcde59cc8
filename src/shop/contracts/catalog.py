"""catalog: what is for sale."""

from collections.abc import Sequence
from datetime import datetime
from typing import NewType, Protocol
from uuid import UUID

import msgspec

from shop.kernel.errors import NotFound
from shop.kernel.events import Event
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork

ProductId = NewType("ProductId", UUID)
VariantId = NewType("VariantId", UUID)


class Variant(msgspec.Struct, frozen=True):
    """A sellable thing as others see it; `title` is its product's, `options` such as {"Color": "Black"}."""

    id: VariantId
    product_id: ProductId
    sku: str
    title: str
    options: dict[str, str]
    image: str | None
    url: str
    weight_grams: int
    active: bool


class Variants(Protocol):
    async def find_variants(self, uow: UnitOfWork, ids: Sequence[VariantId]) -> dict[VariantId, Variant]:
        """The variants among `ids` that exist, sold or not (see `active`)."""


class Card(msgspec.Struct, frozen=True):
    """A product as a list shows it. `price` is that of its default variant, `compare_at_price` the former one."""

    id: ProductId
    slug: str
    title: str
    price: Money
    compare_at_price: Money | None
    in_stock: bool
    image: str | None
    url: str
    rating_average: float
    rating_count: int


class Showcase(Protocol):
    async def newest(self, uow: UnitOfWork, currency: str, limit: int) -> list[Card]:
        """The products that came last among those on sale in `currency`, newest first."""

    async def openings(self, uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """The first sentences of what is told about each, as plain text; none for a product without description."""


class Address(msgspec.Struct, frozen=True):
    """A page of the shop, by its path; `changed_at` is when what it shows was last edited, if that is known."""

    path: str
    changed_at: datetime | None


class Addresses(Protocol):
    async def count_products(self, uow: UnitOfWork) -> int:
        """How many products have a page."""

    async def product_pages(self, uow: UnitOfWork, skip: int, limit: int) -> list[Address]:
        """In a fixed order, so that parts of the whole don't overlap."""

    async def category_pages(self, uow: UnitOfWork) -> list[Address]:
        """All of them."""


class ProductNotFound(NotFound):
    code = "product_not_found"
    title = "There is no such product"


class VariantNotFound(NotFound):
    code = "variant_not_found"
    title = "There is no such article"


class ProductsChanged(Event, tag="catalog.products_changed.v1", frozen=True):
    """Products were made, changed or taken off sale: their cards, pages and search entries are due. At most 500 ids."""

    product_ids: tuple[UUID, ...]


class CategoriesChanged(Event, tag="catalog.categories_changed.v1", frozen=True):
    category_ids: tuple[UUID, ...]
