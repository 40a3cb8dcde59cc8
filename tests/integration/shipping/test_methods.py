"""Where the shop delivers, and how."""

import pytest

from shop.contracts.shipping import DeliveryDays, Parcel, Shipping, ShippingMethod
from shop.kernel import cache
from shop.kernel.db import read
from shop.kernel.money import Money
from shop.kernel.ports import port
from tests.factories.shipping import make_shipping_zone, method, rate

pytestmark = pytest.mark.usefixtures("db")


async def methods(country: str, *, grams: int = 500, worth: int = 1000, currency: str = "EUR") -> list[ShippingMethod]:
    return await read(port(Shipping).methods, Parcel(grams, Money(worth, currency)), country)


async def test_a_country_gets_the_methods_of_its_zone():
    await make_shipping_zone(["DE"], method("standard", rate(490), days=(1, 3)))
    await make_shipping_zone(["FR"], method("standard", rate(890), days=(3, 6)), position=1)
    assert await methods("FR") == [ShippingMethod("standard", "Standard", Money(890, "EUR"), DeliveryDays(3, 6))]


async def test_the_first_zone_that_lists_a_country_has_it():
    await make_shipping_zone(["DE", "FR"], method("standard", rate(890)), position=2)
    await make_shipping_zone(["DE"], method("standard", rate(490)), position=1)
    assert [each.price.amount for each in await methods("DE")] == [490]
    assert [each.price.amount for each in await methods("FR")] == [890]


async def test_a_country_in_no_zone_is_not_delivered_to():
    await make_shipping_zone(["DE"])
    assert await methods("AQ") == []


async def test_a_method_taken_off_is_not_offered():
    await make_shipping_zone(["DE"], method("standard"), method("express", active=False))
    assert [each.code for each in await methods("DE")] == ["standard"]


async def test_rates_follow_weight_value_and_currency():
    await make_shipping_zone(
        ["DE"],
        method("standard", rate(490, up_to=2000), rate(990), rate(0, items_from=5000), rate(550, currency="USD")),
    )
    assert [each.price.amount for each in await methods("DE", grams=2000)] == [490]
    assert [each.price.amount for each in await methods("DE", grams=2001)] == [990]
    assert [each.price.amount for each in await methods("DE", worth=5000)] == [0]
    assert [each.price for each in await methods("DE", currency="USD")] == [Money(550, "USD")]
    assert await methods("DE", currency="JPY") == []
    assert await methods("DE", grams=31_501) == []


async def test_the_countries_delivered_to_are_told_once_and_sorted():
    await make_shipping_zone(["FR", "DE"])
    await make_shipping_zone(["DE", "AT"], position=1)
    await make_shipping_zone(["US"], method(active=False), position=2)
    assert await read(port(Shipping).countries) == ["AT", "DE", "FR"]


async def test_each_question_takes_one_statement(record_statements):
    await make_shipping_zone(["DE"], method("standard"), method("express"))
    with record_statements() as asking_methods:
        await methods("DE")
    with record_statements() as asking_countries:
        await read(port(Shipping).countries)
    assert (len(asking_methods), len(asking_countries)) == (1, 1)


async def test_rates_are_kept_while_invalidations_reach_the_process(record_statements, monkeypatch):
    monkeypatch.setattr(cache, "values", cache.TaggedCache(max_bytes=1_000_000))
    cache.values.trusted = True
    await make_shipping_zone(["DE"])
    before = await methods("DE"), await read(port(Shipping).countries)
    with record_statements() as sent:
        assert (await methods("DE"), await read(port(Shipping).countries)) == before
    assert sent == []


async def test_a_changed_zone_is_seen_at_once(monkeypatch):
    monkeypatch.setattr(cache.values, "trusted", True)
    cache.values.clear()
    assert await methods("DE") == []
    await make_shipping_zone(["DE"])
    assert [each.code for each in await methods("DE")] == ["standard"]
    cache.values.clear()
