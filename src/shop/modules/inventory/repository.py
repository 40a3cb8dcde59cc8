"""All SQL of inventory.

Lock order, everywhere: the order's reservation row, then stock items by variant id. Each statement that changes stock
has a `locked` part that takes its rows in that order before the update touches any; two orders with the same articles
in opposite order therefore wait for each other and never deadlock.

Gotcha: a row that changed while we waited for its lock is read again by PostgreSQL (READ COMMITTED), in `locked` as
well as in the update's own WHERE; a value remembered from an earlier statement would not be.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import StockLevel
from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

LOCATION: Final = "main"
"""The one place where goods lie so far."""


class Changed(msgspec.Struct, frozen=True):
    """A stock item whose availability changed by `by`, to `available`."""

    variant_id: UUID
    by: int
    available: int


class Counted(msgspec.Struct, frozen=True):
    """A stock item as it was (`before`) when it was counted anew."""

    variant_id: UUID
    before: int
    on_hand: int
    reserved: int


LEVELS: Final = text(
    """
    select variant_id, on_hand, reserved from inventory.stock_item
    where variant_id = any(:variant_ids) and location = :location
    """
)


async def find_levels(uow: UnitOfWork, variant_ids: Sequence[UUID]) -> dict[VariantId, StockLevel]:
    rows = await sql(uow).execute(LEVELS, {"variant_ids": list(variant_ids), "location": LOCATION})
    return {
        VariantId(row.variant_id): StockLevel(
            VariantId(row.variant_id), row.on_hand, row.reserved, row.on_hand - row.reserved
        )
        for row in rows
    }


RESERVE: Final = text(
    """
    with made as (
        insert into inventory.reservation (order_id, expires_at) values (:order_id, :expires_at)
        on conflict (order_id) do nothing
        returning order_id
    ), line as (
        insert into inventory.reservation_line (order_id, variant_id, quantity)
        select made.order_id, wanted.variant_id, wanted.quantity
        from made, unnest(cast(:variant_ids as uuid[]), cast(:quantities as integer[])) as wanted (variant_id, quantity)
        returning variant_id, quantity
    ), locked as (
        select item.variant_id, line.quantity
        from inventory.stock_item item join line on line.variant_id = item.variant_id
        where item.location = :location
        order by item.variant_id
        for update of item
    ), taken as (
        update inventory.stock_item item set reserved = item.reserved + locked.quantity
        from locked
        where item.variant_id = locked.variant_id and item.location = :location
            and item.on_hand - item.reserved >= locked.quantity
        returning item.variant_id, -locked.quantity as by, item.on_hand - item.reserved as available
    )
    select taken.variant_id, taken.by, taken.available from made left join taken on true
    """
)


async def reserve(
    uow: UnitOfWork, order_id: UUID, quantities: Mapping[VariantId, int], expires_at: datetime
) -> list[Changed] | None:
    """Reserve what there is of each; fewer entries than `quantities` mean that the rest is short, and the caller must
    not commit. None when this order has had its reservation before."""
    rows = (
        await sql(uow).execute(
            RESERVE,
            {
                "order_id": order_id,
                "expires_at": expires_at,
                "variant_ids": list(quantities),
                "quantities": list(quantities.values()),
                "location": LOCATION,
            },
        )
    ).all()
    if not rows:
        return None
    return [Changed(*row) for row in rows if row.variant_id is not None]


async def confirm_held(uow: UnitOfWork, order_id: UUID) -> bool:
    """Whether a held reservation became confirmed. A held one past its deadline still has its goods."""
    confirmed = await sql(uow).execute(
        text(
            "update inventory.reservation set status = 'confirmed'"
            " where order_id = :order_id and status = 'held' returning 1"
        ),
        {"order_id": order_id},
    )
    return confirmed.first() is not None


async def hold_until(uow: UnitOfWork, order_id: UUID, until: datetime) -> None:
    await sql(uow).execute(
        text("update inventory.reservation set expires_at = :until where order_id = :order_id and status = 'held'"),
        {"order_id": order_id, "until": until},
    )


async def lock_status(uow: UnitOfWork, order_id: UUID) -> str | None:
    """What became of the order's reservation; it stays so until this transaction ends."""
    status: str | None = await sql(uow).scalar(
        text("select status from inventory.reservation where order_id = :order_id for update"), {"order_id": order_id}
    )
    return status


TAKE_UP_AGAIN: Final = text(
    """
    with locked as (
        select item.variant_id, line.quantity
        from inventory.stock_item item
        join inventory.reservation_line line on line.variant_id = item.variant_id and line.order_id = :order_id
        where item.location = :location
        order by item.variant_id
        for update of item
    ), taken as (
        update inventory.stock_item item set reserved = item.reserved + locked.quantity
        from locked
        where item.variant_id = locked.variant_id and item.location = :location
            and item.on_hand - item.reserved >= locked.quantity
        returning item.variant_id, -locked.quantity as by, item.on_hand - item.reserved as available
    ), confirmed as (
        update inventory.reservation set status = 'confirmed' where order_id = :order_id
    )
    select variant_id, by, available,
        (select count(*) from inventory.reservation_line where order_id = :order_id) as wanted
    from taken
    """
)


async def take_up_again(uow: UnitOfWork, order_id: UUID) -> list[Changed] | None:
    """All goods of a lapsed reservation, confirmed at once; None, and nothing changed, when any of them is gone."""
    async with sql(uow).begin_nested() as savepoint:
        rows = (await sql(uow).execute(TAKE_UP_AGAIN, {"order_id": order_id, "location": LOCATION})).all()
        if rows and len(rows) == rows[0].wanted:
            return [Changed(row.variant_id, row.by, row.available) for row in rows]
        await savepoint.rollback()
    return None


GIVE_BACK: Final = """
    ), owed as (
        select line.variant_id, sum(line.quantity) as quantity
        from inventory.reservation_line line join ended on ended.order_id = line.order_id
        group by line.variant_id
    ), locked as (
        select item.variant_id, cast(owed.quantity as integer) as quantity
        from inventory.stock_item item join owed on owed.variant_id = item.variant_id
        where item.location = :location
        order by item.variant_id
        for update of item
    ), returned as (
        update inventory.stock_item item set reserved = item.reserved - locked.quantity
        from locked
        where item.variant_id = locked.variant_id and item.location = :location
        returning item.variant_id, locked.quantity as by, item.on_hand - item.reserved as available
    )
"""

RELEASE: Final = text(
    """
    with ended as (
        update inventory.reservation set status = 'released'
        where order_id = :order_id and status in ('held', 'confirmed')
        returning order_id
    """
    + GIVE_BACK
    + "select variant_id, by, available from returned"
)


async def release(uow: UnitOfWork, order_id: UUID) -> list[Changed]:
    rows = await sql(uow).execute(RELEASE, {"order_id": order_id, "location": LOCATION})
    return [Changed(*row) for row in rows]


EXPIRE: Final = text(
    """
    with ended as (
        update inventory.reservation set status = 'expired'
        where order_id = any (array(
            select order_id from inventory.reservation
            where status = 'held' and expires_at < :moment  -- ix_reservation_held
            order by expires_at limit :limit
            for update skip locked
        ))
        returning order_id
    """
    + GIVE_BACK
    + """
    select order_id, null as variant_id, null as by, null as available from ended
    union all
    select null, variant_id, by, available from returned
    """
)


async def expire(uow: UnitOfWork, moment: datetime, limit: int) -> tuple[list[UUID], list[Changed]]:
    """End up to `limit` held reservations whose deadline is before `moment`; those that others are at work on are
    left to the next run. The orders and what their goods' availability became."""
    rows = (await sql(uow).execute(EXPIRE, {"moment": moment, "limit": limit, "location": LOCATION})).all()
    orders = sorted(row.order_id for row in rows if row.order_id is not None)
    return orders, [Changed(row.variant_id, row.by, row.available) for row in rows if row.variant_id is not None]


COMMIT_SOLD: Final = text(
    """
    with sold as (
        update inventory.reservation set status = 'committed'
        where order_id = :order_id and status = 'confirmed'
        returning order_id
    ), locked as (
        select item.variant_id, line.quantity, line.order_id
        from inventory.stock_item item
        join inventory.reservation_line line on line.variant_id = item.variant_id
        join sold on sold.order_id = line.order_id
        where item.location = :location
        order by item.variant_id
        for update of item
    ), gone as (
        update inventory.stock_item item
        set on_hand = item.on_hand - locked.quantity, reserved = item.reserved - locked.quantity
        from locked
        where item.variant_id = locked.variant_id and item.location = :location
        returning item.variant_id, locked.quantity, locked.order_id
    ), moved as (
        insert into inventory.movement (variant_id, location, delta, reason, order_id)
        select variant_id, :location, -quantity, 'sold', order_id from gone
    )
    select order_id from sold
    """
)


async def commit_sold(uow: UnitOfWork, order_id: UUID) -> bool:
    """Whether a confirmed reservation became a sale: on_hand and reserved fall together, so availability stays."""
    sold = await sql(uow).execute(COMMIT_SOLD, {"order_id": order_id, "location": LOCATION})
    return sold.first() is not None


INSERT_MISSING: Final = text(
    """
    insert into inventory.stock_item (variant_id, location)
    select variant_id, :location from unnest(cast(:variant_ids as uuid[])) as counted (variant_id)
    order by variant_id
    on conflict (variant_id, location) do nothing
    """
)
SET_ON_HAND: Final = text(
    """
    with locked as (
        select item.variant_id, item.on_hand as before, counted.on_hand, item.reserved
        from inventory.stock_item item
        join unnest(cast(:variant_ids as uuid[]), cast(:counts as integer[])) as counted (variant_id, on_hand)
            on counted.variant_id = item.variant_id
        where item.location = :location
        order by item.variant_id
        for update of item
    ), changed as (
        update inventory.stock_item item set on_hand = locked.on_hand
        from locked
        where item.variant_id = locked.variant_id and item.location = :location
            and item.on_hand <> locked.on_hand and item.reserved <= locked.on_hand
        returning item.variant_id, locked.on_hand - locked.before as delta
    ), moved as (
        insert into inventory.movement (variant_id, location, delta, reason)
        select variant_id, :location, delta, :reason from changed
    )
    select variant_id, before, on_hand, reserved from locked
    """
)


async def set_on_hand(uow: UnitOfWork, counts: Mapping[VariantId, int], reason: str) -> list[Counted]:
    """Every counted item. Those whose `on_hand` is below `reserved` were left alone: the caller must not commit."""
    values: dict[str, Any] = {"variant_ids": list(counts), "location": LOCATION}
    await sql(uow).execute(INSERT_MISSING, values)
    rows = await sql(uow).execute(SET_ON_HAND, {**values, "counts": list(counts.values()), "reason": reason})
    return [Counted(*row) for row in rows]
