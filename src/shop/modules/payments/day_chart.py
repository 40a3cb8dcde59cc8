"""What was taken and given back by day, as bars. SVG's own attributes place them, as the shop's pages allow no styles."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

from shop.kernel.money import Money, format_money
from shop.modules.payments.back_office_schemas import Day

STEP: Final = 40
BAR: Final = 14
HEIGHT: Final = 100
LEAST: Final = 2
"""So that a small amount beside a large one can be seen."""


class Bar(msgspec.Struct, frozen=True):
    """Of one day; `x` and the heights in the picture's own units, from its foot."""

    day: date
    x: int
    captured_height: int
    refunded_height: int
    captured: str
    refunded: str


def chart_of(days: Sequence[Day], currency: str) -> dict[str, Any] | None:
    """What the template draws; None where nothing has moved."""
    most = max((max(day.captured, day.refunded) for day in days), default=0)
    if most == 0:
        return None
    bars = [
        Bar(
            day.day,
            number * STEP + (STEP - 2 * BAR) // 2,
            _height(day.captured, most),
            _height(day.refunded, most),
            format_money(Money(day.captured, currency)),
            format_money(Money(day.refunded, currency)),
        )
        for number, day in enumerate(days)
    ]
    return {
        "bars": bars,
        "width": len(days) * STEP,
        "height": HEIGHT,
        "bar": BAR,
        "captured": format_money(Money(sum(day.captured for day in days), currency)),
        "refunded": format_money(Money(sum(day.refunded for day in days), currency)),
    }


def _height(amount: int, most: int) -> int:
    return max(LEAST, round(HEIGHT * amount / most)) if amount else 0
