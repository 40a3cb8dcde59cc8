"""catalog: what is for sale."""

from collections.abc import Sequence
from typing import NewType, Protocol
from uuid import UUID

import msgspec

from shop.kernel.errors import NotFound
from shop.kernel.events import Event
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


class ProductNotFound(NotFound):
    code = "product_not_found"
    title = "There is no such product"


class VariantNotFound(NotFound):
    code = "variant_not_found"
    title = "There is no such article"


class ProductsChanged(Event, tag="catalog.products_changed.v1"):
    """Products were made, changed or taken off sale: their cards, pages and search entries are due. At most 500 ids."""

    product_ids: tuple[UUID, ...]


class CategoriesChanged(Event, tag="catalog.categories_changed.v1"):
    category_ids: tuple[UUID, ...]
