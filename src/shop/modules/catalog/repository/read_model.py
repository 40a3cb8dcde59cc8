"""SQL that keeps the read model: cards and the categories they stand in.

`card_category` repeats what listings are sorted by, so that an index gives a category's first 24 rows in order.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.schemas import AttributeValue

EVERYTHING: Final = UUID(int=0)
"""Stands for a category that holds every card, so that the whole catalogue is listed like any category."""

_LOCK = text("select id from catalog.product where id = any(:ids) order by slug for no key update")
_PRODUCTS_OF = text("select distinct product_id from catalog.variant where id = any(:variant_ids)")
_SOURCES = text(
    """
    select p.id, p.slug, p.title, p.description_html, p.attributes, p.published_at,
        array(select i.name from catalog.image i where i.product_id = p.id order by i.position limit 2) as images,
        coalesce((select jsonb_agg(jsonb_build_array(v.id, v.sku, v.options) order by v.position, v.id)
                  from catalog.variant v where v.product_id = p.id and v.active), '[]')::text as variants
    from catalog.product p
    where p.id = any(:ids) and p.status = 'active'
    """
)
_CATEGORIES_OF = text(
    """
    with recursive up as (
        select pc.product_id, c.id, c.parent_id, c.title
        from catalog.product_category pc join catalog.category c on c.id = pc.category_id
        where pc.product_id = any(:ids)
        union
        select up.product_id, c.id, c.parent_id, c.title from up join catalog.category c on c.id = up.parent_id
    )
    select product_id, array_agg(id order by id) as ids, string_agg(title, ' ' order by id) as titles
    from up group by product_id
    """
)
_FACETS_AND_CURRENCIES = text(
    """
    select array(select code from catalog.attribute where facet) as facets,
        array(select code from catalog.listed_currency order by code) as currencies
    """
)
_PRESENT = text(
    """
    select c.product_id, c.currency, c.digest, c.terms, c.price, c.in_stock,
        array(select cc.category_id from catalog.card_category cc
              where cc.product_id = c.product_id and cc.currency = c.currency order by cc.category_id) as categories
    from catalog.card c where c.product_id = any(:ids)
    """
)
_UPSERT_CARDS = text(
    """
    insert into catalog.card as c (product_id, currency, slug, title, item, price, in_stock, rating_average,
        rating_count, image, published_at, terms, digest, search)
    select product_id, currency, slug, title, item, price, in_stock, rating_average, rating_count, image, published_at,
        terms, decode(digest, 'hex'),
        setweight(to_tsvector('english', named) || to_tsvector('simple', named), 'A')
        || setweight(to_tsvector('english', sorted_in) || to_tsvector('simple', sorted_in), 'B')
        || setweight(to_tsvector('english', described_by) || to_tsvector('simple', described_by), 'C')
        || setweight(to_tsvector('english', told), 'D')
    from jsonb_to_recordset(cast(:rows as jsonb)) as g(product_id uuid, currency text, slug text, title text,
        item text, price bigint, in_stock boolean, rating_average float8, rating_count integer, image text,
        published_at timestamptz, terms text[], digest text, named text, sorted_in text, described_by text, told text)
    on conflict (product_id, currency) do update set slug = excluded.slug, title = excluded.title,
        item = excluded.item, price = excluded.price, in_stock = excluded.in_stock,
        rating_average = excluded.rating_average, rating_count = excluded.rating_count, image = excluded.image,
        published_at = excluded.published_at,
        terms = excluded.terms, digest = excluded.digest, search = excluded.search
    """
)
_DROP_CARDS = text(
    """
    delete from catalog.card c using jsonb_to_recordset(cast(:rows as jsonb)) as g(product_id uuid, currency text)
    where c.product_id = g.product_id and c.currency = g.currency
    """
)
_DROP_PLACES = text(
    """
    delete from catalog.card_category cc where cc.product_id = any(:ids)
        and not exists (select from jsonb_to_recordset(cast(:rows as jsonb))
                            as g(product_id uuid, category_id uuid, currency text)
                        where g.product_id = cc.product_id and g.category_id = cc.category_id
                            and g.currency = cc.currency)
    """
)
_UPSERT_PLACES = text(
    """
    insert into catalog.card_category as cc (product_id, category_id, currency, published_at, price)
    select product_id, category_id, currency, published_at, price
    from jsonb_to_recordset(cast(:rows as jsonb))
        as g(product_id uuid, category_id uuid, currency text, published_at timestamptz, price bigint)
    on conflict (product_id, category_id, currency) do update
        set published_at = excluded.published_at, price = excluded.price
        where (cc.published_at, cc.price) is distinct from (excluded.published_at, excluded.price)
    """
)


class SourceVariant(msgspec.Struct, array_like=True):
    id: UUID
    sku: str
    options: list[tuple[str, str]]


class Source(msgspec.Struct, frozen=True):
    """A product on sale as its card is made from."""

    id: UUID
    slug: str
    title: str
    description_html: str
    attributes: dict[str, AttributeValue]
    published_at: datetime
    images: list[str]
    variants: list[SourceVariant]


class Placement(msgspec.Struct, frozen=True):
    """The categories of a product, those above included, and their titles."""

    ids: list[UUID]
    titles: str


class Present(msgspec.Struct, frozen=True):
    """A card as it stands now."""

    digest: bytes
    terms: list[str]
    price: int
    in_stock: bool
    categories: list[UUID]


class CardRow(msgspec.Struct, frozen=True):
    """`item` is the JSON that lists answer for it; `named` (with `skus`), `sorted_in`, `described_by` and `told` are what
    search finds it by, most telling first: as they are to compare cards, as folded words to write them."""

    product_id: UUID
    currency: str
    slug: str
    title: str
    item: str
    price: int
    in_stock: bool
    rating_average: float
    rating_count: int
    image: str | None
    published_at: datetime
    terms: list[str]
    named: str
    skus: list[str]
    sorted_in: str
    described_by: str
    told: str
    categories: list[UUID]
    digest: str = ""


class Place(msgspec.Struct, frozen=True):
    product_id: UUID
    category_id: UUID
    currency: str
    published_at: datetime
    price: int


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


async def lock_products(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Two rebuilds of one product queue here, so that the later one sees what the earlier one saw, or newer.
    In the order in which products are written, so that a rebuild and an import don't deadlock."""
    await sql(uow).execute(_LOCK, {"ids": list(ids)})


async def products_of(uow: UnitOfWork, variant_ids: Sequence[UUID]) -> list[UUID]:
    return list((await sql(uow).execute(_PRODUCTS_OF, {"variant_ids": list(variant_ids)})).scalars())


async def load_sources(uow: UnitOfWork, ids: Sequence[UUID]) -> list[Source]:
    """The products among `ids` that are on sale."""
    rows = await sql(uow).execute(_SOURCES, {"ids": list(ids)})
    return [
        Source(
            row.id,
            row.slug,
            row.title,
            row.description_html,
            row.attributes,
            row.published_at,
            row.images,
            msgspec.json.decode(row.variants, type=list[SourceVariant]),
        )
        for row in rows
    ]


async def load_placements(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Placement]:
    rows = await sql(uow).execute(_CATEGORIES_OF, {"ids": list(ids)})
    return {row.product_id: Placement(row.ids, row.titles) for row in rows}


async def facet_codes_and_currencies(uow: UnitOfWork) -> tuple[frozenset[str], list[str]]:
    row = (await sql(uow).execute(_FACETS_AND_CURRENCIES)).one()
    return frozenset(row.facets), list(row.currencies)


async def present_cards(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[tuple[UUID, str], Present]:
    """By (product, currency)."""
    rows = await sql(uow).execute(_PRESENT, {"ids": list(ids)})
    return {(row.product_id, row.currency): Present(*row[2:]) for row in rows}


async def replace_cards(uow: UnitOfWork, cards: Sequence[CardRow], gone: Sequence[tuple[UUID, str]]) -> None:
    if cards:
        await sql(uow).execute(_UPSERT_CARDS, {"rows": _json(cards)})
    if gone:
        rows = [{"product_id": product_id, "currency": currency} for product_id, currency in gone]
        await sql(uow).execute(_DROP_CARDS, {"rows": _json(rows)})


async def replace_places(uow: UnitOfWork, product_ids: Sequence[UUID], cards: Sequence[CardRow]) -> None:
    """`cards` are all that `product_ids` have."""
    places = [
        Place(card.product_id, category_id, card.currency, card.published_at, card.price)
        for card in cards
        for category_id in card.categories
    ]
    rows = _json(places)
    await sql(uow).execute(_DROP_PLACES, {"ids": list(product_ids), "rows": rows})
    if places:
        await sql(uow).execute(_UPSERT_PLACES, {"rows": rows})
