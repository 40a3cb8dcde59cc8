"""Stock for tests, and a look at what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import StockLevel, StockLine
from shop.kernel import clock
from shop.kernel.db import read, sql, write
from shop.modules.inventory import service


async def make_stock(*counts: int) -> list[VariantId]:
    """New variants, ids ascending, with so many of each on hand."""
    variant_ids = sorted(VariantId(uuid4()) for _ in counts)
    await write(service.set_on_hand, lines_of(variant_ids, counts), "delivery")
    return variant_ids


def lines_of(variant_ids: Sequence[VariantId], quantities: Sequence[int]) -> list[StockLine]:
    return [StockLine(*pair) for pair in zip(variant_ids, quantities, strict=True)]


def in_minutes(minutes: float) -> datetime:
    return clock.now() + timedelta(minutes=minutes)


async def make_reservation(*lines: StockLine, minutes: float = 30) -> UUID:
    """The order whose goods are held, for so many minutes from now (negative: the deadline has passed)."""
    order_id = uuid4()
    await write(service.reserve, order_id, lines, in_minutes(minutes))
    return order_id


async def level_of(variant_id: VariantId) -> StockLevel:
    return (await read(service.get_levels, [variant_id]))[variant_id]


async def counts_of(variant_id: VariantId) -> tuple[int, int]:
    """(on hand, reserved)"""
    level = await level_of(variant_id)
    return level.on_hand, level.reserved


async def status_of(order_id: UUID) -> str | None:
    async def find(uow: Any) -> str | None:
        return await sql(uow).scalar(
            text("select status from inventory.reservation where order_id = :order_id"), {"order_id": order_id}
        )

    return await read(find)


async def movements_of(variant_id: VariantId) -> list[tuple[int, str, UUID | None]]:
    """(delta, reason, order), oldest first."""

    async def find(uow: Any) -> list[tuple[int, str, UUID | None]]:
        rows = await sql(uow).execute(
            text("select delta, reason, order_id from inventory.movement where variant_id = :id order by id"),
            {"id": variant_id},
        )
        return [tuple(row) for row in rows]

    return await read(find)
