"""Products as they are: what an import compares its drafts with, so that it writes and tells only what changes."""

from collections.abc import Sequence

from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import present, writing
from shop.modules.catalog.schemas import PresentProduct


async def find_present(uow: UnitOfWork, slugs: Sequence[str]) -> dict[str, PresentProduct]:
    """By slug, those that exist."""
    return {product.slug: product for product in await present.find_present(uow, slugs)} if slugs else {}


async def find_owners(uow: UnitOfWork, skus: Sequence[str]) -> dict[str, str]:
    """The slug of the product that has each of `skus`, where one has."""
    known = [sku for sku in skus if "\x00" not in sku]
    return await writing.owners_of_skus(uow, known) if known else {}


async def has_products(uow: UnitOfWork) -> bool:
    return await present.has_products(uow)
