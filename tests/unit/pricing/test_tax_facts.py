"""The rates that a new shop starts out with."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from shop.modules.pricing.rules import TaxRate, TaxTable
from tests.factories.pricing import shipped_tax_facts

EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"


def tables() -> dict[str, TaxTable]:
    rates = defaultdict(list)
    for fact in shipped_tax_facts():
        rates[fact["country"]].append(
            TaxRate("", fact["class"], Decimal(fact["rate"]), fact["from"], fact.get("until"))
        )
    return {country: TaxTable(tuple(each)) for country, each in rates.items()}


def test_every_member_state_has_a_standard_rate_within_the_unions_bounds():
    found = tables()
    today = {country: found[country].rate("standard", None, date(2026, 11, 21)) for country in EU.split()}
    assert len(today) == 27
    assert all(Decimal("0.15") <= rate <= Decimal("0.27") for rate in today.values())


@pytest.mark.parametrize(
    ("country", "tax_class", "day", "rate"),
    [
        ("DE", "standard", date(2026, 1, 1), "0.19"),
        ("DE", "standard", date(2020, 12, 31), "0.16"),
        ("DE", "reduced", date(2026, 1, 1), "0.07"),
        ("FI", "standard", date(2024, 9, 1), "0.255"),
        ("RO", "standard", date(2025, 7, 31), "0.19"),
        ("RO", "standard", date(2025, 8, 1), "0.21"),
        ("SK", "standard", date(2025, 1, 1), "0.23"),
        ("EE", "standard", date(2025, 7, 1), "0.24"),
        ("CH", "standard", date(2024, 1, 1), "0.081"),
        ("DK", "reduced", date(2026, 1, 1), "0.25"),
        ("GB", "standard", date(2026, 1, 1), "0.20"),
    ],
)
def test_a_rate_is_what_the_law_of_that_day_says(country, tax_class, day, rate):
    assert tables()[country].rate(tax_class, None, day) == Decimal(rate)


def test_countries_to_which_sales_are_exports_have_none():
    assert {"US", "JP", "AU"}.isdisjoint(tables())


def test_no_two_rates_of_one_class_hold_on_the_same_day():
    spans = defaultdict(list)
    for fact in shipped_tax_facts():
        spans[fact["country"], fact["class"]].append((fact["from"], fact.get("until", date.max)))
    overlapping = [
        key
        for key, each in spans.items()
        if any(before[1] > after[0] for before, after in zip(sorted(each), sorted(each)[1:], strict=False))
    ]
    assert overlapping == []


def test_reduced_rates_are_lower_than_standard_ones():
    day = date(2026, 11, 21)
    for country, table in tables().items():
        standard, reduced, lowest = (table.rate(each, None, day) for each in ("standard", "reduced", "super_reduced"))
        assert reduced <= standard, country
        assert lowest == standard or lowest < reduced, country
