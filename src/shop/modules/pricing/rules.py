"""Tax and totals, exact to the minor unit: pure functions over whole numbers and fractions."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Destination, Price, Quote, QuotedLine, QuoteLine, Totals
from shop.kernel.errors import FieldError
from shop.kernel.money import MAX_AMOUNT, Money, is_currency, round_half_up

STANDARD: Final = "standard"


class TaxRate(msgspec.Struct, frozen=True):
    """`rate` is a decimal fraction. Valid from `valid_from` until the day before `valid_until`; `region` is empty for
    the whole country."""

    region: str
    tax_class: str
    rate: Decimal
    valid_from: date
    valid_until: date | None


class TaxTable(msgspec.Struct, frozen=True):
    """The rates of one country, of all times."""

    rates: tuple[TaxRate, ...]

    def rate(self, tax_class: str, region: str | None, day: date) -> Decimal:
        """A region's own rate goes before its country's; a class that isn't known there is taxed at the standard rate; a
        country without rates is not taxed."""
        valid = {
            (each.region, each.tax_class): each.rate
            for each in sorted(self.rates, key=lambda each: each.valid_from)
            if each.valid_from <= day and (each.valid_until is None or day < each.valid_until)
        }
        own = (region or "").upper()
        for key in ((own, tax_class), ("", tax_class), (own, STANDARD), ("", STANDARD)):
            if key in valid:
                return valid[key]
        return Decimal(0)


def tax_of(amount: Money, rate: Decimal, *, included: bool) -> Money:
    """The tax within `amount`, or on top of it; rounded once, half away from zero."""
    exact = Fraction(rate)
    share = exact / (1 + exact) if included else exact
    return Money(round_half_up(amount.amount * share), amount.currency)


def rate_text(rate: Decimal) -> str:
    """0.19000 as "0.19", nothing as "0"."""
    return format(rate.normalize(), "f")


class Pricing(msgspec.Struct, frozen=True):
    """All that a quote depends on."""

    currency: str
    prices: dict[VariantId, Price]
    taxes: TaxTable
    destination: Destination
    tax_included: bool
    day: date

    def quoted(self, line: QuoteLine) -> QuotedLine:
        price = self.prices[line.variant_id]
        total = price.amount * line.quantity
        rate = self._rate(price.tax_class)
        return QuotedLine(
            variant_id=line.variant_id,
            quantity=line.quantity,
            unit_price=price.amount,
            total=total,
            tax=tax_of(total, rate, included=self.tax_included),
            tax_rate=rate_text(rate),
        )

    def totals(self, lines: Sequence[QuotedLine], shipping: Money | None) -> Totals:
        """Shipping is a line of its own, taxed at the destination's standard rate."""
        nothing = Money.zero(self.currency)
        items = sum((line.total for line in lines), nothing)
        tax = sum((line.tax for line in lines), nothing)
        if shipping is not None:
            tax += tax_of(shipping, self._rate(STANDARD), included=self.tax_included)
        total = items + (shipping or nothing)
        return Totals(
            items=items,
            discount=nothing,
            shipping=shipping,
            tax=tax,
            total=total if self.tax_included else total + tax,
            tax_included=self.tax_included,
        )

    def _rate(self, tax_class: str) -> Decimal:
        return self.taxes.rate(tax_class, self.destination.region, self.day)


def quotes_for(pricing: Pricing, lines: Sequence[QuoteLine], shipping: Sequence[Money | None]) -> list[Quote]:
    """One per entry of `shipping`. Every line must have its price in `pricing`."""
    quoted = tuple(pricing.quoted(line) for line in lines)
    return [Quote(quoted, pricing.totals(quoted, price)) for price in shipping]


def flaws_of(price: Price) -> list[FieldError]:
    """Why this price can't be asked, if so."""
    amount, former = price.amount, price.compare_at
    flaws = []
    if not is_currency(amount.currency):
        flaws.append(FieldError("currency", f"{amount.currency!r} is no ISO 4217 currency code"))
    if not 0 <= amount.amount <= MAX_AMOUNT:
        flaws.append(FieldError("amount", "Not below zero, and not more than a shop can charge"))
    if former is not None and former.currency != amount.currency:
        flaws.append(FieldError("compare_at", "The former price must be in the same currency"))
    elif former is not None and not amount.amount < former.amount <= MAX_AMOUNT:
        flaws.append(FieldError("compare_at", "The former price must be higher than the price"))
    if not price.tax_class:
        flaws.append(FieldError("tax_class", "This is needed"))
    return flaws
