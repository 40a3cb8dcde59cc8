"""SQL that keeps the read model: cards, the categories they stand in, ready-made totals and facets.

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
    select c.product_id, c.currency, c.digest, c.terms,
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
# Not "do nothing": that would not see that the mark is being taken away at this moment, and be lost.
_MARK_DIRTY = text(
    """
    insert into catalog.dirty_listing (category_id) select unnest(cast(:ids as uuid[])) order by 1
    on conflict (category_id) do update set marked_at = excluded.marked_at
    """
)
_CLAIM_DIRTY = text(
    """
    delete from catalog.dirty_listing where category_id in (
        select category_id from catalog.dirty_listing order by marked_at, category_id limit :limit for update skip locked)
    returning category_id
    """
)
FACETS: Final = """
    split as (
        select category_id, currency, split_part(term, '=', 1) as code, substr(term, strpos(term, '=') + 1) as value, n
        from counted
    ), ranked as (
        select *, row_number() over (partition by category_id, currency, code order by n desc, value) as place,
            sum(n) over (partition by category_id, currency, code) as weight
        from split
    ), facet as (
        select r.category_id, r.currency, a.code, a.label, a.position,
            row_number() over (partition by r.category_id, r.currency order by max(r.weight) desc, a.code) as place,
            jsonb_agg(jsonb_build_object('value', r.value, 'count', r.n, 'label', case
                when a.type <> 'bool' then r.value when r.value = 'true' then 'Yes' else 'No' end)
                order by r.n desc, r.value) as values
        from ranked r join catalog.attribute a on a.code = r.code and a.facet
        where r.place <= 40
        group by r.category_id, r.currency, a.code, a.label, a.position
    ), facets as (
        select category_id, currency,
            jsonb_agg(jsonb_build_object('code', code, 'label', label, 'values', values) order by position, code) as facets
        from facet where place <= 20
        group by category_id, currency
    )
"""
"""CTEs from `counted(category_id, currency, term, n)` to `facets(category_id, currency, facets)`: the 20 facets that say
most, 40 values each."""
_REBUILD_LISTINGS = text(
    f"""
    with members as (
        select cc.category_id, cc.currency, c.terms
        from catalog.card_category cc
        join catalog.card c on c.product_id = cc.product_id and c.currency = cc.currency
        where cc.category_id = any(:ids)
    ), counted as (
        select category_id, currency, term, count(*) as n from members, unnest(terms) as term group by 1, 2, 3
    ), {FACETS}
    insert into catalog.listing (category_id, currency, total, facets)
    select t.category_id, t.currency, t.total, coalesce(f.facets, '[]')
    from (select category_id, currency, count(*) as total from members group by 1, 2) t
    left join facets f on f.category_id = t.category_id and f.currency = t.currency
    order by t.category_id, t.currency
    on conflict (category_id, currency) do update set total = excluded.total, facets = excluded.facets
    """
)
_DROP_EMPTY_LISTINGS = text(
    """
    delete from catalog.listing l where l.category_id = any(:ids)
        and not exists (select from catalog.card_category cc
                        where cc.category_id = l.category_id and cc.currency = l.currency)
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
    categories: list[UUID]


class CardRow(msgspec.Struct, frozen=True):
    """`item` is the JSON that lists answer for it; `named`, `sorted_in`, `described_by` and `told` are folded words for
    the search index, most telling first."""

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
    return {(row.product_id, row.currency): Present(row.digest, row.terms, row.categories) for row in rows}


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


async def mark_dirty(uow: UnitOfWork, category_ids: Sequence[UUID]) -> None:
    await sql(uow).execute(_MARK_DIRTY, {"ids": sorted(category_ids)})


async def claim_dirty(uow: UnitOfWork, limit: int) -> list[UUID]:
    return list((await sql(uow).execute(_CLAIM_DIRTY, {"limit": limit})).scalars())


async def rebuild_listings(uow: UnitOfWork, category_ids: Sequence[UUID]) -> None:
    parameters = {"ids": list(category_ids)}
    await sql(uow).execute(_REBUILD_LISTINGS, parameters)
    await sql(uow).execute(_DROP_EMPTY_LISTINGS, parameters)
