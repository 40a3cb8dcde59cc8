"""SQL that writes products, 500 at a time: one statement per table, rows handed over as one JSON text each.

Rows are written in the order of their keys, so that two batches with the same products queue instead of deadlocking.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.schemas import AttributeDefinition, AttributeType, ProductEdit

_DEFINE_ATTRIBUTES = text(
    """
    with given as (
        select g.*, (select coalesce(max(position), 0) from catalog.attribute) as used
        from jsonb_to_recordset(cast(:rows as jsonb))
            as g(code text, label text, type text, facet boolean, place integer)
    ), made as (
        insert into catalog.attribute (code, label, type, facet, position)
        select code, label, type, facet, used + place from given order by code
        on conflict (code) do nothing
        returning code, type
    )
    select code, type from made
    union all
    select a.code, a.type from catalog.attribute a where a.code in (select code from given)
    """
)
_SKU_OWNERS = text(
    "select v.sku, p.slug from catalog.variant v join catalog.product p on p.id = v.product_id where v.sku = any(:skus)"
)
_UPSERT_PRODUCTS = text(
    """
    insert into catalog.product as p (id, slug, title, description_html, status, attributes, option_names,
        seo_title, seo_description, published_at)
    select g.id, g.slug, g.title, g.description_html, s.status, g.attributes, g.option_names, g.seo_title,
        g.seo_description,
        coalesce(g.published_at, e.published_at, case when s.status = 'active' then now() end)
    from jsonb_to_recordset(cast(:rows as jsonb)) as g(id uuid, slug text, title text, description_html text,
        status text, attributes jsonb, option_names jsonb, seo_title text, seo_description text,
        published_at timestamptz)
    left join catalog.product e on e.slug = g.slug
    cross join lateral (select coalesce(g.status, e.status, 'active') as status) s
    order by g.slug
    on conflict (slug) do update set title = excluded.title, description_html = excluded.description_html,
        status = excluded.status, attributes = excluded.attributes, option_names = excluded.option_names,
        seo_title = excluded.seo_title, seo_description = excluded.seo_description,
        published_at = coalesce(excluded.published_at, p.published_at), updated_at = now()
    returning p.slug, p.id, (p.xmax = 0) as created
    """
)
_RETIRE_VARIANTS = text(
    "update catalog.variant set active = false where product_id = any(:product_ids) and active and sku <> all(:skus)"
)
_UPSERT_VARIANTS = text(
    """
    insert into catalog.variant as v (id, product_id, sku, options, weight_grams, position, image)
    select id, product_id, sku, options, weight_grams, position, image
    from jsonb_to_recordset(cast(:rows as jsonb)) as g(id uuid, product_id uuid, sku text, options jsonb,
        weight_grams integer, position integer, image text)
    order by sku
    on conflict (sku) do update set options = excluded.options, weight_grams = excluded.weight_grams,
        position = excluded.position, image = excluded.image, active = true
        where v.product_id = excluded.product_id
    returning v.sku, v.id
    """
)
_DROP_IMAGES = text(
    """
    delete from catalog.image i where i.product_id = any(:product_ids)
        and not exists (select from jsonb_to_recordset(cast(:rows as jsonb)) as g(product_id uuid, name text)
                        where g.product_id = i.product_id and g.name = i.name)
    """
)
_UPSERT_IMAGES = text(
    """
    insert into catalog.image (id, product_id, name, alt, width, height, position)
    select id, product_id, name, alt, width, height, position
    from jsonb_to_recordset(cast(:rows as jsonb)) as g(id uuid, product_id uuid, name text, alt text,
        width integer, height integer, position integer)
    on conflict (product_id, name) do update
        set alt = excluded.alt, width = excluded.width, height = excluded.height, position = excluded.position
    """
)
_DROP_CATEGORIES = text(
    """
    delete from catalog.product_category pc where pc.product_id = any(:product_ids)
        and not exists (select from jsonb_to_recordset(cast(:rows as jsonb)) as g(product_id uuid, category_id uuid)
                        where g.product_id = pc.product_id and g.category_id = pc.category_id)
    """
)
_UPSERT_CATEGORIES = text(
    """
    insert into catalog.product_category (product_id, category_id, position)
    select product_id, category_id, position
    from jsonb_to_recordset(cast(:rows as jsonb)) as g(product_id uuid, category_id uuid, position integer)
    on conflict (product_id, category_id) do update set position = excluded.position
    """
)
_EDIT_PRODUCT = text(
    """
    update catalog.product set title = coalesce(:title, title),
        description_html = coalesce(:description_html, description_html), status = coalesce(:status, status),
        published_at = case when coalesce(:status, status) = 'active' then coalesce(published_at, now())
            else published_at end,
        updated_at = now()
    where id = :id
    returning 1
    """
)
_OFFER_CURRENCIES = text(
    "insert into catalog.listed_currency select unnest(cast(:codes as text[])) on conflict do nothing"
)


class ProductRow(msgspec.Struct, frozen=True):
    id: UUID
    slug: str
    title: str
    description_html: str
    status: str | None
    attributes: dict[str, Any]
    option_names: Sequence[str]
    seo_title: str | None
    seo_description: str | None
    published_at: Any


class VariantRow(msgspec.Struct, frozen=True):
    id: UUID
    product_id: UUID
    sku: str
    options: Sequence[tuple[str, str]]
    weight_grams: int
    position: int
    image: str | None


class ImageRow(msgspec.Struct, frozen=True):
    id: UUID
    product_id: UUID
    name: str
    alt: str
    width: int
    height: int
    position: int


class CategoryLink(msgspec.Struct, frozen=True):
    product_id: UUID
    category_id: UUID
    position: int


class Written(msgspec.Struct, frozen=True):
    id: UUID
    created: bool


def _rows(structs: Iterable[msgspec.Struct]) -> str:
    return msgspec.json.encode(list(structs)).decode()


async def define_attributes(uow: UnitOfWork, definitions: Sequence[AttributeDefinition]) -> dict[str, AttributeType]:
    """Make those that don't exist yet; the type that each has, which an earlier definition may have decided."""
    placed = [msgspec.structs.asdict(each) | {"place": place} for place, each in enumerate(definitions, start=1)]
    rows = await sql(uow).execute(_DEFINE_ATTRIBUTES, {"rows": msgspec.json.encode(placed).decode()})
    return {row.code: row.type for row in rows}


async def owners_of_skus(uow: UnitOfWork, skus: Sequence[str]) -> dict[str, str]:
    """The slug of the product that has each of `skus`, where one has."""
    rows = await sql(uow).execute(_SKU_OWNERS, {"skus": list(skus)})
    return {row.sku: row.slug for row in rows}


async def upsert_products(uow: UnitOfWork, products: Sequence[ProductRow]) -> dict[str, Written]:
    """By slug. Their rows are locked until the transaction ends."""
    rows = await sql(uow).execute(_UPSERT_PRODUCTS, {"rows": _rows(products)})
    return {row.slug: Written(row.id, row.created) for row in rows}


async def replace_variants(
    uow: UnitOfWork, product_ids: Sequence[UUID], variants: Sequence[VariantRow]
) -> dict[str, UUID]:
    """Ids by SKU; a SKU that belongs to another product is left out. Variants no longer named stay, inactive: carts
    and orders hold their ids."""
    await sql(uow).execute(
        _RETIRE_VARIANTS, {"product_ids": list(product_ids), "skus": [each.sku for each in variants]}
    )
    rows = await sql(uow).execute(_UPSERT_VARIANTS, {"rows": _rows(variants)})
    return {row.sku: row.id for row in rows}


async def replace_images(uow: UnitOfWork, product_ids: Sequence[UUID], images: Sequence[ImageRow]) -> None:
    rows = _rows(images)
    await sql(uow).execute(_DROP_IMAGES, {"product_ids": list(product_ids), "rows": rows})
    if images:
        await sql(uow).execute(_UPSERT_IMAGES, {"rows": rows})


async def replace_categories(uow: UnitOfWork, product_ids: Sequence[UUID], links: Sequence[CategoryLink]) -> None:
    rows = _rows(links)
    await sql(uow).execute(_DROP_CATEGORIES, {"product_ids": list(product_ids), "rows": rows})
    if links:
        await sql(uow).execute(_UPSERT_CATEGORIES, {"rows": rows})


async def edit_product(uow: UnitOfWork, product_id: UUID, edit: ProductEdit) -> bool:
    """False when there is no such product."""
    edited = await sql(uow).execute(_EDIT_PRODUCT, {"id": product_id, **msgspec.structs.asdict(edit)})
    return edited.first() is not None


async def offer_currencies(uow: UnitOfWork, codes: Sequence[str]) -> None:
    await sql(uow).execute(_OFFER_CURRENCIES, {"codes": list(codes)})
