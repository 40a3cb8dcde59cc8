"""SQL that reads the whole catalogue piece by piece, in the order in which products were made."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository.present import PRODUCT_FIELDS
from shop.modules.catalog.schemas import AttributeDefinition, AttributeValue, PresentVariant, ProductStatus

# Ids are UUIDv7: their order is that of making, which decides between goods that were published at the same moment.
_PRODUCTS = text(
    f"""
    select jsonb_build_object({PRODUCT_FIELDS},
        'images', coalesce((
            select jsonb_agg(jsonb_build_object('name', i.name, 'alt', i.alt) order by i.position, i.id)
            from catalog.image i where i.product_id = p.id), '[]'),
        'categories', coalesce((
            select jsonb_agg(pc.category_id order by pc.position, pc.category_id)
            from catalog.product_category pc where pc.product_id = p.id), '[]'))::text
    from (
        select * from catalog.product where cast(:after as uuid) is null or id > cast(:after as uuid)
        order by id limit :limit
    ) p
    order by p.id
    """
)
_COUNT = text("select count(*) from catalog.product")
_ATTRIBUTES = text("select code, label, type, facet from catalog.attribute order by position, code")
_CATEGORIES = text("select id, parent_id, slug, title from catalog.category order by position, title, id")
_MOST_OPTIONS = text("select coalesce(max(jsonb_array_length(option_names)), 0) from catalog.product")
_CURRENCIES = text("select code from catalog.listed_currency order by code")


class ExportedImage(msgspec.Struct, frozen=True):
    name: str
    alt: str


class ExportedProduct(msgspec.Struct, frozen=True):
    """A product with those of its variants that are on sale. `published_at` as PostgreSQL writes it, ISO 8601."""

    id: UUID
    slug: str
    title: str
    description_html: str
    status: ProductStatus
    attributes: Mapping[str, AttributeValue]
    option_names: tuple[str, ...]
    seo_title: str | None
    seo_description: str | None
    published_at: str | None
    variants: tuple[PresentVariant, ...]
    images: tuple[ExportedImage, ...]
    categories: tuple[UUID, ...]


class ExportedCategory(msgspec.Struct, frozen=True):
    id: UUID
    parent_id: UUID | None
    slug: str
    title: str


async def products_after(uow: UnitOfWork, after: UUID | None, limit: int) -> list[ExportedProduct]:
    """The next ones in the order of their ids, from the first on where `after` is None."""
    rows = await sql(uow).execute(_PRODUCTS, {"after": after, "limit": limit})
    return [msgspec.json.decode(row, type=ExportedProduct) for row in rows.scalars()]


async def count_products(uow: UnitOfWork) -> int:
    return int((await sql(uow).execute(_COUNT)).scalar_one())


async def all_attributes(uow: UnitOfWork) -> list[AttributeDefinition]:
    """In the order in which pages show them."""
    return [AttributeDefinition(*row) for row in await sql(uow).execute(_ATTRIBUTES)]


async def all_categories(uow: UnitOfWork) -> list[ExportedCategory]:
    """Siblings in the order of the menu."""
    return [ExportedCategory(*row) for row in await sql(uow).execute(_CATEGORIES)]


async def most_options(uow: UnitOfWork) -> int:
    """How many options the product with the most has."""
    return int((await sql(uow).execute(_MOST_OPTIONS)).scalar_one())


async def listed_currencies(uow: UnitOfWork) -> list[str]:
    """Beside the shop's own."""
    return list((await sql(uow).execute(_CURRENCIES)).scalars())
