"""Which days a statement tells of, and which moments those are in the shop's time zone. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from shop.kernel.errors import FieldError, Invalid

AT_ONCE_DAYS: Final = 15
"""A longer statement is made by a worker."""
EARLIEST: Final = date(2000, 1, 1)
"""No wallet is older, and no time zone's offset leads out of the calendar."""
TITLES: Final = {
    "deposit": "Deposit",
    "withdraw": "Withdrawal",
    "purchase": "Purchase",
    "reversal": "Money back",
    "cancellation": "Purchase cancelled",
    "transfer": "Transfer",
    "gift_card": "Gift card redeemed",
}
"""Of operations, as their owner calls them; a wallet's page tells some of them apart further."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Period(msgspec.Struct, frozen=True):
    """Both days included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def at_once(self) -> bool:
        return self.days <= AT_ONCE_DAYS

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When its first day begins and when the day after its last one does, in UTC."""
        return _beginning(self.first, zone), _beginning(self.last + timedelta(days=1), zone)


def _beginning(day: date, zone: ZoneInfo) -> datetime:
    """Its first moment, also where clocks skip midnight (the offset before counts) or show it twice (the first one does)."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def read_period(first: str, last: str, today: date) -> Period:
    """From `from` and `to` as somebody wrote them; a future `to` counts as today. Raises Invalid that names what is wrong."""
    errors = [_mistake("from", first), _mistake("to", last)]
    if any(errors):
        raise Invalid([error for error in errors if error])
    period = Period(date.fromisoformat(first), min(date.fromisoformat(last), today))
    if period.first > today:
        raise Invalid.field("from", "This day is still to come")
    if period.first > period.last:
        raise Invalid.field("from", "The first day has to come before the last one")
    return period


def find_day(text: str) -> date | None:
    """None for what is no day of the calendar, written as 2026-11-21."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _mistake(field: str, text: str) -> FieldError | None:
    if not text:
        return FieldError(field, "This is needed")
    day = find_day(text)
    if day is None:
        return FieldError(field, "Write a day such as 2026-11-21")
    return FieldError(field, f"No further back than {EARLIEST}") if day < EARLIEST else None


class Choice(msgspec.Struct, frozen=True):
    """A period that people often ask for."""

    title: str
    period: Period


def choices(today: date) -> Sequence[Choice]:
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    return (
        Choice("Last 15 days", Period(today - timedelta(days=AT_ONCE_DAYS - 1), today)),
        Choice("This month", Period(month, today)),
        Choice("Last month", Period(before.replace(day=1), before)),
        Choice("This year", Period(today.replace(month=1, day=1), today)),
        Choice("Last year", Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))),
    )
