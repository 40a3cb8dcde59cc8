"""How much of the bad input a run sends: a part that is the same each time, or all of it with SHOP_RELIABILITY=full."""

import os
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

UNSTORABLE = ("\x00", "a\x00b")
"""PostgreSQL takes no NUL: these go to every place in every run."""
FULL = os.environ.get("SHOP_RELIABILITY") == "full"


def part(items: Sequence[T], one_in: int, place: object, *, when_full: int = 1) -> Sequence[T]:
    """Every `one_in`-th of `items`, starting at another one for each `place`: many places together see all of them.
    In a full run every `when_full`-th, for places of which there are many and all alike."""
    step = when_full if FULL else one_in
    return items[zlib.crc32(repr(place).encode()) % step :: step]
