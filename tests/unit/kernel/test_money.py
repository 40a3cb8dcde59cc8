"""Money never rounds where it shouldn't, and always the same way where it must."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.kernel.money import CurrencyMismatch, Money, format_money, parse_decimal, round_half_up


@pytest.mark.parametrize(
    ("value", "rounded"), [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("149/100", 1), ("0", 0), ("-149/100", -1)]
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert round_half_up(Fraction(value)) == rounded


@given(st.fractions(max_denominator=10_000))
def test_rounding_never_moves_more_than_half(value: Fraction) -> None:
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("19.99", "EUR", 1999), ("19.9", "EUR", 1990), ("500", "JPY", 500), ("1.234", "KWD", 1234)],
)
def test_decimals_become_minor_units(text: str, currency: str, amount: int) -> None:
    assert parse_decimal(text, currency) == Money(amount, currency)


@pytest.mark.parametrize("text", ["", "abc", "1,99", "19.999", "NaN", "Infinity", "1e40"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_decimal(text, "EUR")


def test_two_currencies_don_t_add_up() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")


def test_people_read_money_their_way() -> None:
    assert format_money(Money(123450, "EUR")) == "€1,234.50"
    assert format_money(Money(500, "JPY")) == "¥500"
