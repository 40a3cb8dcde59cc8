"""What a cart costs, where it goes decided by the destination."""

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import msgspec
import pytest

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Destination, NotPriced, Prices, Quote, QuoteLine
from shop.kernel import cache
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.pricing import service
from tests.factories.pricing import make_price, make_tax_rates, tax_rate

pytestmark = pytest.mark.usefixtures("db")


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


async def quote(*lines: QuoteLine, to: Destination | None = None, shipping=(None,)) -> list[Quote]:
    return await read(port(Prices).quote, "EUR", lines, to, shipping)


@dataclass(frozen=True)
class Shop:
    """Settings of the shop, changed for one test."""

    monkeypatch: pytest.MonkeyPatch

    def settle(self, **changes) -> None:
        changed = msgspec.structs.replace(settings(), **changes)
        self.monkeypatch.setattr(service, "settings", lambda: changed)


@pytest.fixture
def shop(monkeypatch):
    return Shop(monkeypatch)


async def test_without_a_destination_the_shops_own_tax_applies():
    await make_tax_rates()
    mug = await make_price(11900)
    [found] = await quote(QuoteLine(mug, 2))
    assert found.totals.total == eur(23800)
    assert found.totals.tax == eur(3800)
    assert found.lines[0].tax_rate == "0.19"


async def test_the_shops_country_is_a_setting(shop):
    await make_tax_rates()
    mug = await make_price(12000)
    shop.settle(country="FR")
    [found] = await quote(QuoteLine(mug, 1))
    assert found.totals.tax == eur(2000)


async def test_the_destination_decides_the_rate_and_not_the_price():
    await make_tax_rates()
    mug = await make_price(12000)
    [france] = await quote(QuoteLine(mug, 1), to=Destination("FR"))
    [america] = await quote(QuoteLine(mug, 1), to=Destination("US"))
    assert (france.totals.total, france.totals.tax) == (eur(12000), eur(2000))
    assert (america.totals.total, america.totals.tax, america.lines[0].tax_rate) == (eur(12000), eur(0), "0")


async def test_a_region_may_have_a_rate_of_its_own():
    await make_tax_rates([tax_rate("CA", "0.05"), tax_rate("CA", "0.13", region="ON")])
    mug = await make_price(11300)
    [found] = await quote(QuoteLine(mug, 1), to=Destination("CA", "ON"))
    assert found.totals.tax == eur(1300)


async def test_a_rate_that_begins_later_or_has_ended_is_not_used():
    await make_tax_rates(
        [
            tax_rate("DE", "0.16", valid_from=date(2020, 7, 1), valid_until=date(2021, 1, 1)),
            tax_rate("DE", "0.19", valid_from=date(2021, 1, 1)),
            tax_rate("DE", "0.50", valid_from=date(9000, 1, 1)),
        ]
    )
    mug = await make_price(11900)
    [found] = await quote(QuoteLine(mug, 1))
    assert found.lines[0].tax_rate == "0.19"


async def test_tax_comes_on_top_where_the_settings_say_so(shop):
    await make_tax_rates()
    mug = await make_price(10000)
    shop.settle(prices_include_tax=False)
    [found] = await quote(QuoteLine(mug, 1), shipping=[eur(500)])
    totals = found.totals
    assert (totals.items, totals.shipping, totals.tax, totals.total) == (eur(10000), eur(500), eur(1995), eur(12495))
    assert totals.tax_included is False


async def test_each_way_of_delivery_gets_its_own_totals():
    await make_tax_rates()
    book = await make_price(1070, tax_class="reduced")
    found = await quote(QuoteLine(book, 1), shipping=[None, eur(0), eur(1190)])
    assert [each.totals.shipping for each in found] == [None, eur(0), eur(1190)]
    assert [each.totals.total for each in found] == [eur(1070), eur(1070), eur(2260)]
    assert [each.totals.tax for each in found] == [eur(70), eur(70), eur(260)]


async def test_an_empty_cart_costs_nothing():
    [found] = await quote()
    assert (found.lines, found.totals.total) == ((), eur(0))


async def test_articles_without_a_price_in_the_currency_are_named_once():
    mug, cup, unknown = await make_price(100), await make_price(100, "USD"), VariantId(uuid4())
    with pytest.raises(NotPriced) as refusal:
        await quote(QuoteLine(mug, 1), QuoteLine(cup, 1), QuoteLine(unknown, 1), QuoteLine(cup, 2))
    assert refusal.value.variant_ids == (cup, unknown)


async def test_a_quote_takes_two_statements_whatever_its_size(record_statements):
    await make_tax_rates()
    lines = [QuoteLine(await make_price(100), 1) for _ in range(10)]
    with record_statements() as sent:
        await quote(*lines, shipping=[None, eur(1), eur(2)])
    assert len(sent) == 2


async def test_rates_are_asked_for_once_while_invalidations_reach_the_process(record_statements, monkeypatch):
    monkeypatch.setattr(cache, "values", cache.TaggedCache(max_bytes=1_000_000))
    cache.values.trusted = True
    await make_tax_rates()
    mug = await make_price(11900)
    await quote(QuoteLine(mug, 1))
    with record_statements() as sent:
        [found] = await quote(QuoteLine(mug, 1))
    assert len(sent) == 1
    assert found.totals.tax == eur(1900)
