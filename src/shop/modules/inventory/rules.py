"""What changes of stock mean, without a database."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import StockLine

EVENT_IDS: Final = 500
"""More ids than this in one event would make outbox rows that take long to handle."""


def quantity_by_variant(lines: Iterable[StockLine]) -> dict[VariantId, int]:
    """Lines of one variant added up, since a reservation has one line per variant.

    Raises ValueError for a quantity below one: it would add to what is for sale.
    """
    quantities: dict[VariantId, int] = {}
    for line in lines:
        if line.quantity < 1:
            raise ValueError(f"{line.quantity} of {line.variant_id} can't be reserved")
        quantities[line.variant_id] = quantities.get(line.variant_id, 0) + line.quantity
    return quantities


def crosses_zero(before: int, after: int) -> bool:
    """Whether something sold out or came back; all other changes of availability are nobody's news."""
    return (before > 0) != (after > 0)


def in_batches(ids: Sequence[UUID]) -> Iterator[tuple[UUID, ...]]:
    rest = iter(ids)
    while batch := tuple(islice(rest, EVENT_IDS)):
        yield batch
