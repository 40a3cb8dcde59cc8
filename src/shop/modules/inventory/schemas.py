"""Bodies of inventory's endpoints."""

from typing import Annotated

import msgspec


class StockCount(msgspec.Struct, frozen=True):
    """How many there are; those promised to orders included."""

    on_hand: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class StockView(msgspec.Struct, frozen=True):
    """`available = on_hand - reserved`."""

    on_hand: int
    reserved: int
    available: int
