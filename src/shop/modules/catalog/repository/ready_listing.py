"""SQL of what is made ready for every list: its total, its facets, and the index that counts narrowed ones."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.facet_index import Member
from shop.modules.catalog.schemas import AttributeDefinition

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
_MEMBERS = text(
    """
    select cc.category_id, cc.currency, c.product_id, c.price, c.in_stock, c.terms
    from catalog.card_category cc
    join catalog.card c on c.product_id = cc.product_id and c.currency = cc.currency
    where cc.category_id = any(:ids)
    order by cc.category_id, cc.currency
    """
)
_FACETS = text("select code, label, type, position from catalog.attribute where facet")
_REPLACE = text(
    """
    insert into catalog.listing (category_id, currency, total, facets, index)
    select * from unnest(cast(:ids as uuid[]), cast(:currencies as text[]), cast(:totals as integer[]),
        cast(:facets as jsonb[]), cast(:indexes as bytea[]))
    order by 1, 2
    on conflict (category_id, currency) do update
        set total = excluded.total, facets = excluded.facets, index = excluded.index
    """
)
_DROP_EMPTY = text(
    """
    delete from catalog.listing l where l.category_id = any(:ids)
        and not exists (select from catalog.card_category cc
                        where cc.category_id = l.category_id and cc.currency = l.currency)
    """
)
_SUMMARY = text(
    "select total, facets::text as facets from catalog.listing where category_id = :category and currency = :currency"
)
_INDEX = text("select index from catalog.listing where category_id = :category and currency = :currency")


class Summary(msgspec.Struct, frozen=True):
    """`facets` is JSON as the API answers it."""

    total: int
    facets: bytes


class Listing(msgspec.Struct, frozen=True):
    """`index` as `facet_index.build` made it."""

    category_id: UUID
    currency: str
    summary: Summary
    index: bytes


NOTHING: Final = Summary(0, b"[]")


async def mark_dirty(uow: UnitOfWork, category_ids: Sequence[UUID]) -> None:
    await sql(uow).execute(_MARK_DIRTY, {"ids": sorted(category_ids)})


async def claim_dirty(uow: UnitOfWork, limit: int) -> list[UUID]:
    return list((await sql(uow).execute(_CLAIM_DIRTY, {"limit": limit})).scalars())


async def load_members(uow: UnitOfWork, category_ids: Sequence[UUID]) -> dict[tuple[UUID, str], list[Member]]:
    """The cards of each list, by category and currency."""
    rows = await sql(uow).execute(_MEMBERS, {"ids": list(category_ids)})
    return {key: [Member(*row[2:]) for row in group] for key, group in groupby(rows, key=lambda row: (row[0], row[1]))}


async def load_facets(uow: UnitOfWork) -> Mapping[str, tuple[AttributeDefinition, int]]:
    """The attributes offered as filters, with their positions, by code."""
    rows = await sql(uow).execute(_FACETS)
    return {row.code: (AttributeDefinition(row.code, row.label, row.type), row.position) for row in rows}


async def replace_listings(uow: UnitOfWork, category_ids: Sequence[UUID], listings: Sequence[Listing]) -> None:
    """`listings` are all that these categories have."""
    if listings:
        parameters: dict[str, Any] = {
            "ids": [each.category_id for each in listings],
            "currencies": [each.currency for each in listings],
            "totals": [each.summary.total for each in listings],
            "facets": [each.summary.facets.decode() for each in listings],
            "indexes": [each.index for each in listings],
        }
        await sql(uow).execute(_REPLACE, parameters)
    await sql(uow).execute(_DROP_EMPTY, {"ids": list(category_ids)})


async def find_ready_summary(uow: UnitOfWork, category: UUID, currency: str) -> Summary | None:
    row = (await sql(uow).execute(_SUMMARY, {"category": category, "currency": currency})).first()
    return Summary(row.total, row.facets.encode()) if row else None


async def find_index(uow: UnitOfWork, category: UUID, currency: str) -> bytes | None:
    row = (await sql(uow).execute(_INDEX, {"category": category, "currency": currency})).first()
    return row[0] if row else None
