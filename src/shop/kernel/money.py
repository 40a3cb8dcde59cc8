"""Money as an integer of minor units and an ISO 4217 code; no float ever holds money.

Rounding, the shop's one rule: an exact fraction of a minor unit is rounded half away from zero, once, where it arises
(for tax: per line). Sums add rounded parts and are never rounded again, so every total is the sum of what is shown.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

import msgspec
from babel import Locale
from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

MAX_AMOUNT = 10**15
"""Larger amounts are refused: they are mistakes, and sums of them must still fit 64 bits."""
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


class CurrencyMismatch(ArithmeticError):
    """Two currencies met in one sum."""


class Money(msgspec.Struct, frozen=True):
    """`amount` minor units (cents for EUR, yen for JPY) of `currency`."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.amount * quantity, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)


def round_half_up(value: Fraction) -> int:
    """`value` minor units to a whole number, halves away from zero."""
    sign = -1 if value < 0 else 1
    return sign * int((abs(value) * 2 + 1) // 2)


@lru_cache
def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 code that CLDR knows."""
    return code in get_global("all_currencies")


@lru_cache
def minor_digits(currency: str) -> int:
    """Decimal places of `currency`: 2 for EUR, 0 for JPY (CLDR)."""
    return int(get_currency_precision(currency))


def parse_decimal(text: str, currency: str) -> Money:
    """Money from a decimal such as "19.99". Raises ValueError that says what is wrong.

    Stricter than Decimal, which also reads 1e3, 1_0 and digits of other scripts: in a price those are slips.
    """
    if not DECIMAL.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not a number such as 19.99")
    value = Decimal(text.strip())
    if abs(value) > MAX_AMOUNT:
        raise ValueError(f"{text!r} is not an amount that a shop can charge")
    scaled = value.scaleb(minor_digits(currency))
    if scaled != scaled.to_integral_value(rounding=ROUND_HALF_UP):
        raise ValueError(f"{text!r} has more decimals than {currency} has ({minor_digits(currency)})")
    return Money(int(scaled), currency)


_locale = Locale("en")


@lru_cache(maxsize=8192)
def _formatted(amount: int, currency: str) -> str:
    return format_currency(Decimal(amount).scaleb(-minor_digits(currency)), currency, locale=_locale)


def format_money(money: Money) -> str:
    """As people write it: €1,234.50."""
    return _formatted(money.amount, money.currency)
