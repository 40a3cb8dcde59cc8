"""All SQL of bestsellers. Others' rows are held as ids and a snapshot of what is shown; no key leaves the schema."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork


async def count_order(uow: UnitOfWork, titles: Mapping[Any, str]) -> None:
    """One more order for each of these products, by id with today's title."""
    rows = [{"product_id": each, "title": title} for each, title in titles.items()]
    await sql(uow).execute(
        text(
            """
            insert into bestsellers.order_count as kept (product_id, title, orders)
            select product_id, title, 1 from jsonb_to_recordset(cast(:rows as jsonb)) as sold (product_id uuid, title text)
            order by product_id
            on conflict (product_id) do update set orders = kept.orders + 1, title = excluded.title
            """
        ),
        {"rows": msgspec.json.encode(rows).decode()},
    )


async def find_count(uow: UnitOfWork, product_id: UUID) -> int:
    found = text("select orders from bestsellers.order_count where product_id = :product_id")
    return await sql(uow).scalar(found, {"product_id": product_id}) or 0


async def most_ordered(uow: UnitOfWork, limit: int) -> Sequence[Any]:
    """Rows of title and orders; the index order_count_by_orders serves them."""
    rows = text("select title, orders from bestsellers.order_count order by orders desc, product_id limit :limit")
    return (await sql(uow).execute(rows, {"limit": limit})).all()
