"""Which methods carry a parcel, and for how much."""

from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.shipping import DeliveryDays, Parcel, ShippingMethod
from shop.kernel.money import Money
from shop.modules.shipping.rules import Rate, free_from, methods_for


def rate(
    code: str, amount: int, *, up_to: int = 31_500, items_from: int = 0, currency: str = "EUR", days=(1, 3)
) -> Rate:
    return Rate(code, code.title(), DeliveryDays(*days), up_to, Money(items_from, currency), Money(amount, currency))


def parcel(grams: int = 500, worth: int = 1000, currency: str = "EUR") -> Parcel:
    return Parcel(grams, Money(worth, currency))


def price(rates: list[Rate], sent: Parcel) -> int | None:
    methods = methods_for(sent, rates)
    return methods[0].price.amount if methods else None


BANDS = [rate("standard", 490, up_to=2000), rate("standard", 590, up_to=5000), rate("standard", 990, up_to=10_000)]


def test_a_parcel_pays_for_its_weight_band_bounds_included():
    assert [price(BANDS, parcel(grams)) for grams in (0, 1999, 2000, 2001, 5000, 5001, 10_000)] == [
        490,
        490,
        490,
        590,
        590,
        990,
        990,
    ]


def test_a_parcel_too_heavy_for_every_band_is_not_carried():
    assert methods_for(parcel(10_001), BANDS) == []


def test_an_order_of_enough_value_goes_free_the_bound_included():
    rates = [*BANDS, rate("standard", 0, items_from=5000)]
    assert [price(rates, parcel(worth=worth)) for worth in (4999, 5000, 5001)] == [490, 0, 0]


def test_rates_of_another_currency_do_not_count():
    rates = [rate("standard", 490), rate("standard", 1, currency="USD"), rate("express", 1, currency="USD")]
    assert [(m.code, m.price) for m in methods_for(parcel(), rates)] == [("standard", Money(490, "EUR"))]


def test_methods_come_cheapest_first_then_fastest():
    rates = [rate("express", 990, days=(1, 1)), rate("slow", 490, days=(4, 9)), rate("standard", 490, days=(1, 3))]
    assert [method.code for method in methods_for(parcel(), rates)] == ["standard", "slow", "express"]


def test_a_method_says_how_long_it_takes():
    assert methods_for(parcel(), [rate("express", 990, days=(1, 2))]) == [
        ShippingMethod("express", "Express", Money(990, "EUR"), DeliveryDays(1, 2))
    ]


rates = st.builds(
    rate,
    st.sampled_from(["standard", "express"]),
    st.integers(0, 20_000),
    up_to=st.integers(1, 40_000),
    items_from=st.integers(0, 20_000),
)


@given(offered=st.lists(rates, max_size=12), grams=st.integers(0, 50_000), worth=st.integers(0, 30_000))
def test_each_method_is_offered_once_at_the_lowest_price_that_fits(offered, grams, worth):
    sent = parcel(grams, worth)
    found = {method.code: method.price.amount for method in methods_for(sent, offered)}
    fitting = [r for r in offered if grams <= r.max_weight_grams and worth >= r.min_items_total.amount]
    assert found == {
        code: min(r.amount.amount for r in fitting if r.code == code) for code in {r.code for r in fitting}
    }
    assert len(methods_for(sent, offered)) == len(found)


def test_delivery_is_free_from_the_least_worth_that_any_rate_names_for_this_weight():
    rates = [
        *BANDS,
        rate("standard", 0, up_to=5000, items_from=9000),
        rate("express", 0, up_to=2000, items_from=20_000),
    ]
    assert free_from(parcel(500), rates) == Money(9000, "EUR")
    assert free_from(parcel(5001), rates) is None
    assert free_from(parcel(500, currency="USD"), rates) is None
    assert free_from(parcel(500), BANDS) is None
