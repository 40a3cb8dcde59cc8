"""SQL of one product with everything on its page, and of the back office's list of products."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.schemas import AttributeType, AttributeValue, ProductStatus

_PARTS = """
    p.id, p.slug, p.title, p.description_html, p.status, p.attributes, p.option_names, p.seo_title, p.seo_description,
    p.published_at,
    coalesce((select jsonb_agg(jsonb_build_object('id', v.id, 'sku', v.sku, 'options', v.options, 'image', v.image,
                'weight_grams', v.weight_grams, 'active', v.active) order by v.active desc, v.position, v.id)
              from catalog.variant v where v.product_id = p.id), '[]')::text as variants,
    coalesce((select jsonb_agg(jsonb_build_object('name', i.name, 'alt', i.alt, 'width', i.width, 'height', i.height)
                order by i.position, i.id)
              from catalog.image i where i.product_id = p.id), '[]')::text as images,
    coalesce((select jsonb_agg(jsonb_build_object('code', a.code, 'label', a.label, 'type', a.type)
                order by a.position, a.code)
              from catalog.attribute a where p.attributes ? a.code), '[]')::text as definitions,
    array(select pc.category_id from catalog.product_category pc where pc.product_id = p.id
          order by pc.position) as categories
"""
# Walks along ix_card_category_newest: from this product on through its category, then from the beginning for those at the
# end, then through the category above where its own has too few. So each product leads to others than its neighbour
# does, and whoever follows them sees the whole category.
_NEIGHBOURS = """
    array(
        select card.item from (
            select product_id, min(walk) as walk, max(published_at) as published_at from (
                (select 1 as walk, cc.product_id, cc.published_at from catalog.card_category cc
                 where cc.category_id = home.id and cc.currency = :currency
                     and (cc.published_at, cc.product_id) < (p.published_at, p.id)
                 order by cc.published_at desc, cc.product_id desc limit :neighbours)
                union all
                (select 2, cc.product_id, cc.published_at from catalog.card_category cc
                 where cc.category_id = home.id and cc.currency = :currency
                     and (cc.published_at, cc.product_id) > (p.published_at, p.id)
                 order by cc.published_at desc, cc.product_id desc limit :neighbours)
                union all
                (select 3, cc.product_id, cc.published_at from catalog.card_category cc
                 where cc.category_id = home.parent_id and cc.currency = :currency and cc.product_id <> p.id
                 order by cc.published_at desc, cc.product_id desc limit 2 * :neighbours)
            ) walked group by product_id
        ) near join catalog.card card on card.product_id = near.product_id and card.currency = :currency
        order by near.walk, near.published_at desc, near.product_id desc limit :neighbours)
"""
_HOME = """
    left join lateral (
        select cat.id, cat.parent_id from catalog.product_category pc join catalog.category cat on cat.id = pc.category_id
        where pc.product_id = p.id order by pc.position limit 1
    ) home on true
"""
_ON_SALE = text(
    f"""
    select {_PARTS}, coalesce(c.rating_average, 0) as rating_average, coalesce(c.rating_count, 0) as rating_count,
        {_NEIGHBOURS} as neighbours
    from catalog.product p left join catalog.card c on c.product_id = p.id and c.currency = :currency
    {_HOME}
    where p.slug = :slug and p.status = 'active'
    """
)
_ANY = text(
    f"""
    select {_PARTS}, 0::float8 as rating_average, 0 as rating_count, array[]::text[] as neighbours
    from catalog.product p where p.id = :id
    """
)
_LIST = text(
    """
    select p.id, p.slug, p.title, p.status, p.updated_at,
        (select i.name from catalog.image i where i.product_id = p.id order by i.position limit 1) as image,
        (select count(*) from catalog.variant v where v.product_id = p.id and v.active) as variants,
        (select v.sku from catalog.variant v where v.product_id = p.id and v.active order by v.position, v.id limit 1) as sku
    from catalog.product p
    where (:wanted = '' or p.title ilike '%' || :pattern || '%' or p.slug ilike '%' || :pattern || '%'
           or exists (select from catalog.variant v where v.product_id = p.id and v.sku ilike '%' || :pattern || '%'))
        and (:status = '' or p.status = :status)
        and (cast(:before as uuid) is null or p.id < cast(:before as uuid))
    order by p.id desc
    limit :limit
    """
)


class DetailVariant(msgspec.Struct, frozen=True):
    id: UUID
    sku: str
    options: list[tuple[str, str]]
    image: str | None
    weight_grams: int
    active: bool


class DetailImage(msgspec.Struct, frozen=True):
    name: str
    alt: str
    width: int
    height: int


class DetailDefinition(msgspec.Struct, frozen=True):
    code: str
    label: str
    type: AttributeType


class Detail(msgspec.Struct, frozen=True):
    """A product with all its rows. Active variants come first, each group in order; `neighbours` are cards of its first
    category, as lists answer them."""

    id: UUID
    slug: str
    title: str
    description_html: str
    status: ProductStatus
    attributes: dict[str, AttributeValue]
    option_names: list[str]
    seo_title: str | None
    seo_description: str | None
    published_at: datetime | None
    variants: list[DetailVariant]
    images: list[DetailImage]
    definitions: list[DetailDefinition]
    categories: list[UUID]
    rating_average: float
    rating_count: int
    neighbours: list[str]


_PLAIN = [name for name in Detail.__struct_fields__ if name not in {"variants", "images", "definitions"}]


class ProductLine(msgspec.Struct, frozen=True):
    """A product in the back office's list."""

    id: UUID
    slug: str
    title: str
    status: ProductStatus
    updated_at: datetime
    image: str | None
    variants: int
    sku: str | None


async def find_on_sale(uow: UnitOfWork, slug: str, currency: str, neighbours: int = 0) -> Detail | None:
    parameters = {"slug": slug, "currency": currency, "neighbours": neighbours}
    return _detail((await sql(uow).execute(_ON_SALE, parameters)).first())


async def find_any(uow: UnitOfWork, product_id: UUID) -> Detail | None:
    """Whatever its status."""
    return _detail((await sql(uow).execute(_ANY, {"id": product_id})).first())


async def list_products(
    uow: UnitOfWork, wanted: str, status: str, before: UUID | None, limit: int
) -> Sequence[ProductLine]:
    """Newest first, by a part of title, slug or SKU."""
    pattern = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = await sql(uow).execute(
        _LIST, {"wanted": wanted, "pattern": pattern, "status": status, "before": before, "limit": limit}
    )
    return [ProductLine(*row) for row in rows]


def _detail(row: Any) -> Detail | None:
    if row is None:
        return None
    plain = {name: getattr(row, name) for name in _PLAIN}
    return Detail(
        variants=msgspec.json.decode(row.variants, type=list[DetailVariant]),
        images=msgspec.json.decode(row.images, type=list[DetailImage]),
        definitions=msgspec.json.decode(row.definitions, type=list[DetailDefinition]),
        **plain,
    )
