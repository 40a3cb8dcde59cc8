"""Days of a statement as moments: no moment between two days is lost or told twice, whatever the clocks do at midnight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shop.kernel.errors import Invalid
from shop.modules.wallet.statement_rules import Period, choices, read_period

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # skipped midnight until 2018
    "America/Havana",  # shows midnight twice
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "UTC",
]
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("zone", ZONES)
def test_days_follow_each_other_without_a_gap_and_hold_their_moments(zone):
    zone = ZoneInfo(zone)
    day = date(2014, 1, 1)
    while day < date(2027, 1, 1):
        begins, ends = Period(day, day).moments(zone)
        assert begins.tzinfo is UTC
        assert ends == Period(day + timedelta(days=1), day + timedelta(days=1)).moments(zone)[0]
        assert begins.astimezone(zone).date() == day
        assert (begins - timedelta(microseconds=1)).astimezone(zone).date() == day - timedelta(days=1)
        day += timedelta(days=1)


def test_days_on_which_clocks_change_are_as_long_as_they_are():
    def hours(day):
        begins, ends = Period(day, day).moments(ZoneInfo("Europe/Berlin"))
        return (ends - begins) / timedelta(hours=1)

    assert [hours(date(2026, 3, 28)), hours(date(2026, 3, 29)), hours(date(2026, 10, 25))] == [24, 23, 25]


def test_a_day_that_a_country_left_out_is_empty():
    begins, ends = Period(date(2011, 12, 30), date(2011, 12, 30)).moments(ZoneInfo("Pacific/Apia"))
    assert begins == ends == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_15_days_are_at_once_and_16_are_not():
    assert (Period(date(2026, 1, 1), date(2026, 1, 15)).days, Period(TODAY, TODAY).days) == (15, 1)
    assert Period(date(2026, 1, 1), date(2026, 1, 15)).at_once
    assert not Period(date(2026, 1, 1), date(2026, 1, 16)).at_once


def test_a_future_last_day_is_today():
    assert read_period("2026-11-21", "9999-12-31", TODAY) == Period(TODAY, TODAY)


@pytest.mark.parametrize(
    ("first", "last", "fields"),
    [
        ("2026-11-22", "2026-11-22", ["from"]),
        ("2026-11-21", "2026-11-20", ["from"]),
        ("", "", ["from", "to"]),
        ("2026-13-01", "2026-11-31", ["from", "to"]),
        ("2026-1-1", " 2026-01-01", ["from", "to"]),
        ("1999-12-31", "2000-01-01", ["from"]),
    ],
)
def test_other_days_are_refused_by_name(first, last, fields):
    with pytest.raises(Invalid) as refused:
        read_period(first, last, TODAY)
    assert [error.field for error in refused.value.errors] == fields


def test_usual_periods_are_offered_as_of_today():
    offered = {choice.title: choice.period for choice in choices(date(2026, 1, 10))}
    assert offered == {
        "Last 15 days": Period(date(2025, 12, 27), date(2026, 1, 10)),
        "This month": Period(date(2026, 1, 1), date(2026, 1, 10)),
        "Last month": Period(date(2025, 12, 1), date(2025, 12, 31)),
        "This year": Period(date(2026, 1, 1), date(2026, 1, 10)),
        "Last year": Period(date(2025, 1, 1), date(2025, 12, 31)),
    }
    assert {choice.title: choice.period.at_once for choice in choices(date(2026, 1, 10))}["Last 15 days"]
