"""SQL of which pages there are, for search engines."""

from sqlalchemy import text

from shop.contracts.catalog import Address
from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.rules import category_url, product_url

_COUNT = text("select count(*) from catalog.product where status = 'active'")
_PRODUCTS = text(
    "select slug, updated_at from catalog.product where status = 'active' order by id limit :limit offset :skip"
)
_CATEGORIES = text("select slug from catalog.category order by slug")


async def count_products(uow: UnitOfWork) -> int:
    return int((await sql(uow).execute(_COUNT)).scalar_one())


async def product_pages(uow: UnitOfWork, skip: int, limit: int) -> list[Address]:
    rows = await sql(uow).execute(_PRODUCTS, {"skip": skip, "limit": limit})
    return [Address(product_url(row.slug), row.updated_at) for row in rows]


async def category_pages(uow: UnitOfWork) -> list[Address]:
    return [Address(category_url(slug), None) for slug in (await sql(uow).execute(_CATEGORIES)).scalars()]
