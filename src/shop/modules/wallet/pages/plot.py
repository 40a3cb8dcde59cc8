"""A balance over some weeks as the corners of a line: drawn on the server, so that it needs no script. Pure.

The plot is 1000 wide and 100 high and is stretched to its place; whoever can't see it reads what `words` says.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Final

import babel.dates
import msgspec
from babel import Locale

from shop.kernel.money import Money, format_money, minor_digits
from shop.modules.wallet.service.overview import DayBalance

WIDTH: Final = 1000
HEIGHT: Final = 100
STEPS: Final = (10, 15, 20, 30, 40, 50, 60, 80)
"""Tenths of a power of ten, for the upper edge."""


class Plot(msgspec.Struct, frozen=True):
    """`line` and `area` are SVG paths; `top` is what the upper edge stands for, `half` the middle."""

    line: str
    area: str
    end_y: float
    top: Money
    half: Money
    first: str
    middle: str
    words: str


def plot_of(history: Sequence[DayBalance], currency: str) -> Plot | None:
    """None where there is nothing to see: no balance on any of the days."""
    highest = max((each.amount for each in history), default=0)
    if len(history) < 2 or highest <= 0:
        return None
    top = _round_up(highest, 10 ** minor_digits(currency))
    width = WIDTH / (len(history) - 1)
    heights = [round(HEIGHT - HEIGHT * each.amount / top, 2) for each in history]
    line = f"M0 {heights[0]:g}" + "".join(
        f"H{round(number * width, 1):g}V{height:g}" if height != before else f"H{round(number * width, 1):g}"
        for number, (before, height) in enumerate(pairwise(heights), 1)
    )
    lowest = min(each.amount for each in history)
    return Plot(
        line=line,
        area=f"{line}V{HEIGHT}H0Z",
        end_y=heights[-1],
        top=Money(top, currency),
        half=Money(top // 2, currency),
        first=_day(history[0].day),
        middle=_day(history[len(history) // 2].day),
        words=f"Between {format_money(Money(lowest, currency))} and {format_money(Money(highest, currency))}, "
        f"{format_money(Money(history[-1].amount, currency))} now",
    )


def _day(day: date) -> str:
    """23 Aug"""
    return babel.dates.format_date(day, "d MMM", locale=Locale("en"))


def _round_up(amount: int, unit: int) -> int:
    """To the next round sum, minor units; `unit` of them are one of the currency."""
    power = max(unit, 10)
    while True:
        for tenths in STEPS:
            if power * tenths // 10 >= amount:
                return power * tenths // 10
        power *= 10
