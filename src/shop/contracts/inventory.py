"""inventory: how many there are, and for whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec

from shop.contracts.catalog import VariantId
from shop.kernel.errors import Conflict
from shop.kernel.events import Event
from shop.kernel.uow import UnitOfWork

LOW_STOCK: Final = 5
"""So many pieces, or fewer, are few: buyers are told how many, and each one sold is news."""


class StockLine(msgspec.Struct, frozen=True):
    variant_id: VariantId
    quantity: int


class StockLevel(msgspec.Struct, frozen=True):
    """`available = on_hand - reserved`, never below zero."""

    variant_id: VariantId
    on_hand: int
    reserved: int
    available: int


class Shortage(msgspec.Struct, frozen=True):
    variant_id: VariantId
    available: int


class Stock(Protocol):
    async def levels(self, uow: UnitOfWork, variant_ids: Sequence[VariantId]) -> dict[VariantId, StockLevel]:
        """A level for each of `variant_ids`; zeros where none is kept."""

    async def set_on_hand(self, uow: UnitOfWork, counts: Sequence[StockLine], reason: str) -> None:
        """Counted stock, by staff or import. Raises BelowReserved when goods already promised would vanish."""


class Reservations(Protocol):
    async def reserve(self, uow: UnitOfWork, order_id: UUID, lines: Sequence[StockLine], expires_at: datetime) -> None:
        """All or nothing, once per order. Raises OutOfStock."""

    async def confirm(self, uow: UnitOfWork, order_id: UUID) -> bool:
        """The order is paid: its goods no longer lapse. A lapsed reservation is taken up again if the goods are still
        there; False when they are gone, and nothing is held then."""

    async def hold_until(self, uow: UnitOfWork, order_id: UUID, until: datetime) -> None:
        """What is held for the order lapses then, later or sooner than before."""

    async def release(self, uow: UnitOfWork, order_id: UUID) -> None:
        """Give back what is held for the order, if anything."""


class OutOfStock(Conflict):
    code = "out_of_stock"
    title = "Some articles are no longer available in this quantity"

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        self.shortages = tuple(shortages)
        super().__init__()


class BelowReserved(Conflict):
    code = "below_reserved"
    title = "More are promised to open orders than this count leaves"


class AvailabilityChanged(Event, tag="inventory.availability_changed.v1", frozen=True):
    """These variants sold out or came back, or the number of their last few pieces changed. At most 500 ids."""

    variant_ids: tuple[UUID, ...]


class ReservationExpired(Event, tag="inventory.reservation_expired.v1", frozen=True):
    order_id: UUID
