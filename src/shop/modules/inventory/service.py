"""Use cases of inventory: count, reserve, confirm, release, expire, sell."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import (
    AvailabilityChanged,
    BelowReserved,
    OutOfStock,
    ReservationExpired,
    Shortage,
    StockLevel,
    StockLine,
)
from shop.kernel import audit
from shop.kernel.uow import UnitOfWork
from shop.modules.inventory import repository
from shop.modules.inventory.repository import Changed
from shop.modules.inventory.rules import in_batches, is_news, quantity_by_variant

log = structlog.get_logger(__name__)

EXPIRY_BATCH: Final = 200


async def get_levels(uow: UnitOfWork, variant_ids: Sequence[VariantId]) -> dict[VariantId, StockLevel]:
    """A level for each of `variant_ids`; zeros where none is kept."""
    if not variant_ids:
        return {}
    found = await repository.find_levels(uow, variant_ids)
    return {each: found.get(each) or StockLevel(each, 0, 0, 0) for each in variant_ids}


async def set_on_hand(uow: UnitOfWork, counts: Sequence[StockLine], reason: str) -> None:
    """The last count wins where a variant is named twice. Raises BelowReserved."""
    if not counts:
        return
    counted = await repository.set_on_hand(uow, {line.variant_id: line.quantity for line in counts}, reason)
    if any(item.on_hand < item.reserved for item in counted):
        raise BelowReserved
    for item in counted:
        audit.note(
            action="stock.counted", subject=("variant", item.variant_id), on_hand=item.on_hand, before=item.before
        )
    _tell_availability(
        uow,
        (item.variant_id for item in counted if is_news(item.before - item.reserved, item.on_hand - item.reserved)),
    )


async def reserve(uow: UnitOfWork, order_id: UUID, lines: Sequence[StockLine], expires_at: datetime) -> None:
    """All or nothing, once per order. Raises OutOfStock; the transaction must end then, as part may be reserved in it."""
    quantities = quantity_by_variant(lines)
    taken = await repository.reserve(uow, order_id, quantities, expires_at)
    if taken is None:
        return
    if len(taken) < len(quantities):
        raise OutOfStock(await _shortages(uow, quantities, taken))
    _tell_changes(uow, taken)


async def _shortages(uow: UnitOfWork, quantities: dict[VariantId, int], taken: Iterable[Changed]) -> list[Shortage]:
    """What there is of each variant that is short; its rows are locked, so the figure holds at this moment."""
    enough = {change.variant_id for change in taken}
    short = [variant_id for variant_id in quantities if variant_id not in enough]
    levels = await get_levels(uow, short)
    return [Shortage(variant_id, levels[variant_id].available) for variant_id in short]


async def confirm(uow: UnitOfWork, order_id: UUID) -> bool:
    """The order is paid: its goods no longer lapse. False when they lapsed and are gone, and nothing is held then."""
    if await repository.confirm_held(uow, order_id):
        return True
    status = await repository.lock_status(uow, order_id)
    if status in {"confirmed", "committed"}:
        return True
    if status is None:
        return False
    taken = await repository.take_up_again(uow, order_id)
    if taken is None:
        return False
    _tell_changes(uow, taken)
    return True


async def release(uow: UnitOfWork, order_id: UUID) -> None:
    """Give back what is held for the order, if anything."""
    _tell_changes(uow, await repository.release(uow, order_id))


async def expire_batch(uow: UnitOfWork, moment: datetime) -> bool:
    """End reservations whose deadline is before `moment`. Whether there may be more of them."""
    orders, changes = await repository.expire(uow, moment, EXPIRY_BATCH)
    for order_id in orders:
        uow.emit(ReservationExpired(order_id=order_id))
    _tell_changes(uow, changes)
    return len(orders) == EXPIRY_BATCH


async def commit_sold(uow: UnitOfWork, order_id: UUID) -> None:
    """The goods of a paid order leave the stock. Again and again has no further effect."""
    if await repository.commit_sold(uow, order_id):
        return
    status = await repository.lock_status(uow, order_id)
    if status not in {"committed", "released"}:
        log.error("paid_order_without_confirmed_goods", order_id=str(order_id), reservation=status)


def _tell_changes(uow: UnitOfWork, changes: Iterable[Changed]) -> None:
    _tell_availability(
        uow,
        (change.variant_id for change in changes if is_news(change.available - change.by, change.available)),
    )


def _tell_availability(uow: UnitOfWork, variant_ids: Iterable[UUID]) -> None:
    for batch in in_batches(sorted(variant_ids)):
        uow.emit(AvailabilityChanged(variant_ids=batch))
