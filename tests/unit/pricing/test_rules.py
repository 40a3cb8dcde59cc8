"""Tax and totals, exact to the cent."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Destination, Price, QuoteLine
from shop.kernel.money import MAX_AMOUNT, CurrencyMismatch, Money
from shop.modules.pricing.rules import Pricing, TaxRate, TaxTable, flaws_of, quotes_for, rate_text, tax_of

TODAY = date(2026, 11, 21)


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def rate(
    value: str, tax_class: str = "standard", region: str = "", since: date = date(2000, 1, 1), until: date | None = None
):
    return TaxRate(region, tax_class, Decimal(value), since, until)


@pytest.mark.parametrize(
    ("amount", "percent", "included", "tax"),
    [
        (11900, "0.19", True, 1900),
        (1999, "0.19", True, 319),  # 319.17
        (10000, "0.19", False, 1900),
        (1999, "0.19", False, 380),  # 379.81
        (50, "0.01", False, 1),  # exactly a half goes up
        (150, "0.01", False, 2),  # also where bankers would round to even
        (101, "0.01", True, 1),
        (1, "0.19", True, 0),
        (0, "0.19", False, 0),
        (1000, "0", True, 0),
        (999_999_999_999_999, "0.255", True, 203_187_250_996_016),  # ... .0 in floats only
    ],
)
def test_tax_is_exact_and_rounded_once(amount, percent, included, tax):
    assert tax_of(eur(amount), Decimal(percent), included=included) == eur(tax)


@pytest.mark.parametrize(
    ("stored", "shown"), [("0.19000", "0.19"), ("0.25500", "0.255"), ("0.00000", "0"), ("0.1", "0.1")]
)
def test_a_rate_is_shown_without_trailing_zeros(stored, shown):
    assert rate_text(Decimal(stored)) == shown


def test_a_rate_holds_from_its_first_day_until_the_day_before_the_next():
    table = TaxTable((rate("0.24", until=date(2024, 9, 1)), rate("0.255", since=date(2024, 9, 1))))
    assert table.rate("standard", None, date(2024, 8, 31)) == Decimal("0.24")
    assert table.rate("standard", None, date(2024, 9, 1)) == Decimal("0.255")


def test_the_newest_of_two_valid_rates_holds_in_whatever_order_they_stand():
    newer = rate("0.21", since=date(2025, 8, 1))
    assert TaxTable((newer, rate("0.19"))).rate("standard", None, TODAY) == Decimal("0.21")


def test_a_rate_that_ended_without_a_next_one_is_none():
    assert TaxTable((rate("0.16", until=date(2021, 1, 1)),)).rate("standard", None, TODAY) == 0


def test_a_class_that_a_country_does_not_have_is_taxed_at_its_standard_rate():
    assert TaxTable((rate("0.25"),)).rate("reduced", None, TODAY) == Decimal("0.25")


def test_a_country_without_rates_is_not_taxed():
    assert TaxTable(()).rate("standard", None, TODAY) == 0


def test_a_regions_own_rate_goes_before_its_countrys():
    table = TaxTable((rate("0.05"), rate("0.13", region="ON"), rate("0", "reduced")))
    assert table.rate("standard", "on", TODAY) == Decimal("0.13")
    assert table.rate("standard", "AB", TODAY) == Decimal("0.05")
    assert table.rate("reduced", "ON", TODAY) == 0


MUG, BOOK = VariantId(uuid4()), VariantId(uuid4())
GERMANY = TaxTable((rate("0.19"), rate("0.07", "reduced")))


def pricing(prices: dict[VariantId, Price], *, included: bool = True, taxes: TaxTable = GERMANY) -> Pricing:
    return Pricing("EUR", prices, taxes, Destination("DE"), included, TODAY)


def mug_and_book(*, included: bool) -> Pricing:
    return pricing({MUG: Price(MUG, eur(1999)), BOOK: Price(BOOK, eur(1070), tax_class="reduced")}, included=included)


def test_each_line_is_taxed_at_the_rate_of_its_class():
    [quote] = quotes_for(mug_and_book(included=True), [QuoteLine(MUG, 3), QuoteLine(BOOK, 1)], [None])
    assert [(line.total, line.tax, line.tax_rate) for line in quote.lines] == [
        (eur(5997), eur(958), "0.19"),
        (eur(1070), eur(70), "0.07"),
    ]


def test_tax_within_the_prices_changes_no_total():
    [quote] = quotes_for(mug_and_book(included=True), [QuoteLine(MUG, 3), QuoteLine(BOOK, 1)], [eur(490)])
    totals = quote.totals
    assert (totals.items, totals.shipping, totals.discount, totals.total) == (eur(7067), eur(490), eur(0), eur(7557))
    assert totals.tax == eur(958 + 70 + 78)
    assert totals.tax_included is True


def test_tax_on_top_of_the_prices_is_added_to_the_total():
    [quote] = quotes_for(mug_and_book(included=False), [QuoteLine(MUG, 3), QuoteLine(BOOK, 1)], [eur(490)])
    totals = quote.totals
    assert totals.tax == eur(1139 + 75 + 93)
    assert totals.total == eur(7067 + 490 + 1139 + 75 + 93)
    assert totals.tax_included is False


def test_a_line_is_rounded_as_a_whole_and_not_per_piece():
    one = pricing({MUG: Price(MUG, eur(1))}, included=False)
    [quote] = quotes_for(one, [QuoteLine(MUG, 10)], [None])
    assert quote.totals.tax == eur(2)


def test_without_a_method_shipping_is_unknown_and_not_zero():
    unknown, free = quotes_for(mug_and_book(included=True), [QuoteLine(MUG, 1)], [None, eur(0)])
    assert unknown.totals.shipping is None
    assert free.totals.shipping == eur(0)
    assert unknown.totals.total == free.totals.total == eur(1999)


def test_shipping_in_another_currency_is_refused():
    with pytest.raises(CurrencyMismatch):
        quotes_for(mug_and_book(included=True), [QuoteLine(MUG, 1)], [Money(490, "USD")])


amounts = st.integers(min_value=0, max_value=10**9)
rates = st.decimals(min_value=0, max_value=Decimal("0.99999"), places=5)
baskets = st.lists(st.tuples(amounts, st.integers(1, 999), st.sampled_from(["standard", "reduced"])), max_size=8)


@given(basket=baskets, standard=rates, reduced=rates, shipping=st.none() | amounts, included=st.booleans())
def test_every_total_is_the_sum_of_what_is_shown(basket, standard, reduced, shipping, included):
    ids = [VariantId(uuid4()) for _ in basket]
    taxes = TaxTable((rate(str(standard)), rate(str(reduced), "reduced")))
    prices = {each: Price(each, eur(amount), None, kind) for each, (amount, _, kind) in zip(ids, basket, strict=True)}
    lines = [QuoteLine(each, quantity) for each, (_, quantity, _) in zip(ids, basket, strict=True)]
    price = None if shipping is None else eur(shipping)
    [quote] = quotes_for(pricing(prices, included=included, taxes=taxes), lines, [price])

    totals = quote.totals
    delivery = 0 if totals.shipping is None else totals.shipping.amount
    on_top = 0 if totals.tax_included else totals.tax.amount
    assert totals.total.amount == totals.items.amount - totals.discount.amount + delivery + on_top
    assert totals.items.amount == sum(line.total.amount for line in quote.lines)
    assert all(line.total == line.unit_price * line.quantity for line in quote.lines)
    delivery_tax = 0 if price is None else tax_of(price, standard, included=included).amount
    assert totals.tax.amount == sum(line.tax.amount for line in quote.lines) + delivery_tax
    assert min(totals.items.amount, totals.tax.amount, totals.total.amount, delivery) >= 0


@given(amount=amounts, percent=rates, included=st.booleans())
def test_tax_is_never_more_than_half_a_cent_from_the_exact_one(amount, percent, included):
    exact = amount * Fraction(percent) / (1 + Fraction(percent)) if included else amount * Fraction(percent)
    assert abs(tax_of(eur(amount), percent, included=included).amount - exact) <= Fraction(1, 2)


@given(net=amounts, percent=rates)
def test_tax_within_a_gross_price_gives_back_the_tax_on_its_net_price(net, percent):
    tax = tax_of(eur(net), percent, included=False)
    assert abs(tax_of(eur(net) + tax, percent, included=True).amount - tax.amount) <= 1


@pytest.mark.parametrize(
    ("price", "field"),
    [
        (Price(MUG, eur(-1)), "amount"),
        (Price(MUG, eur(MAX_AMOUNT + 1)), "amount"),
        (Price(MUG, Money(100, "EURO")), "currency"),
        (Price(MUG, eur(100), eur(100)), "compare_at"),
        (Price(MUG, eur(100), Money(200, "USD")), "compare_at"),
        (Price(MUG, eur(100), tax_class=""), "tax_class"),
    ],
)
def test_a_price_that_cannot_be_asked_says_why(price, field):
    assert [flaw.field for flaw in flaws_of(price)] == [field]


def test_a_price_may_be_zero_and_have_been_higher():
    assert flaws_of(Price(MUG, eur(0), eur(1))) == []
