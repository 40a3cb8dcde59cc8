"""SQL of the category tree."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

# Categories of the first two levels are shown with a picture, that of the newest of their goods that has one.
_TREE = text(
    """
    select c.id, c.parent_id, c.slug, c.title, coalesce(l.total, 0),
        case when up.parent_id is null then (
            select d.image from catalog.card_category cc
            join catalog.card d on d.product_id = cc.product_id and d.currency = cc.currency
            where cc.category_id = c.id and cc.currency = :currency and d.image is not null
            order by cc.published_at desc, cc.product_id desc limit 1) end
    from catalog.category c left join catalog.listing l on l.category_id = c.id and l.currency = :currency
        left join catalog.category up on up.id = c.parent_id
    order by c.position, c.title, c.id
    """
)
_FIND = text("select slug, id from catalog.category where slug = any(:slugs)")
_INSERT = text(
    """
    insert into catalog.category (id, parent_id, slug, title, position)
    select g.id, p.id, g.slug, g.title,
        g.place + (select coalesce(max(s.position) + 1, 0) from catalog.category s where s.parent_id is not distinct from p.id)
    from jsonb_to_recordset(cast(:rows as jsonb)) as g(id uuid, parent text, slug text, title text, place integer)
    left join catalog.category p on p.slug = g.parent
    order by g.slug
    on conflict (slug) do update set slug = excluded.slug
    returning slug, id
    """
)


class CategoryRow(msgspec.Struct, frozen=True):
    id: UUID
    parent_id: UUID | None
    slug: str
    title: str
    product_count: int
    image: str | None
    """Of its newest product, for those at the top."""


class NewCategory(msgspec.Struct, frozen=True):
    """`parent` is the slug of the category above, "" for none; `place` its order among those made with it."""

    id: UUID
    parent: str
    slug: str
    title: str
    place: int


async def load_tree(uow: UnitOfWork, currency: str) -> list[CategoryRow]:
    """Every category in the order that menus show siblings."""
    rows = await sql(uow).execute(_TREE, {"currency": currency})
    return [CategoryRow(*row) for row in rows]


async def find_ids(uow: UnitOfWork, slugs: Sequence[str]) -> dict[str, UUID]:
    rows = await sql(uow).execute(_FIND, {"slugs": list(slugs)})
    return {row.slug: row.id for row in rows}


async def insert_level(uow: UnitOfWork, categories: Sequence[NewCategory]) -> dict[str, UUID]:
    """Categories of one depth, whose parents exist; ids by slug, another's where it was made at the same moment."""
    parameters: dict[str, Any] = {"rows": msgspec.json.encode(categories).decode()}
    rows = await sql(uow).execute(_INSERT, parameters)
    return {row.slug: row.id for row in rows}
