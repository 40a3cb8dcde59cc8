"""How much of the bad input a run sends: a part that is the same each time, or all of it with SHOP_RELIABILITY=full."""

import os
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

FULL = os.environ.get("SHOP_RELIABILITY") == "full"


def part(items: Sequence[T], one_in: int, place: object) -> Sequence[T]:
    """Every `one_in`-th of `items`, starting at another one for each `place`: many places together see all of them."""
    if FULL:
        return items
    return items[zlib.crc32(repr(place).encode()) % one_in :: one_in]
