"""What changes of stock mean, without a database."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final
from uuid import UUID

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import LOW_STOCK, StockLine

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


def is_news(before: int, after: int) -> bool:
    """Whether buyers see the change: something sold out or came back, or the number of the last few is another."""
    return max(before, 0) != max(after, 0) and min(before, after) <= LOW_STOCK


def in_batches(ids: Sequence[UUID]) -> Iterator[tuple[UUID, ...]]:
    rest = iter(ids)
    while batch := tuple(islice(rest, EVENT_IDS)):
        yield batch
