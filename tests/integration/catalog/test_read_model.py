"""Cards, totals and facets follow what they are made from, through events, within one round of the worker."""

import asyncio
import json
from uuid import UUID

from shop.contracts.catalog import ProductsChanged, Showcase
from shop.contracts.inventory import Stock, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel.db import read, write
from shop.kernel.money import Money
from shop.kernel.ports import overridden, port
from shop.modules.catalog.jobs import rebuild_listings
from shop.modules.catalog.repository.read_model import EVERYTHING
from shop.modules.catalog.repository.ready_listing import find_ready_summary
from shop.modules.catalog.schemas import ProductEdit
from shop.modules.catalog.service.edit_product import edit_product
from shop.modules.catalog.service.offer_currencies import offer_currencies
from shop.modules.catalog.service.rebuild_cards import rebuild_cards
from shop.modules.catalog.service.rebuild_listings import find_listing
from tests.factories.catalog import make_product, refresh_catalog
from tests.integration.catalog.conftest import facet, titles


async def set_price(variant_id, amount, currency="EUR"):
    await write(port(Prices).set_prices, [Price(variant_id, Money(amount, currency))])


async def set_stock(variant_id, count):
    await write(port(Stock).set_on_hand, [StockLine(variant_id, count)], "test")


async def test_a_new_product_is_listed_once_its_events_are_handled(search, drain_outbox):
    await make_product("Mug", category="Kitchen/Mugs", attributes={"Material": "Steel"})
    assert titles(await search()) == []
    await drain_outbox()
    await rebuild_listings()
    found = await search(category="kitchen")
    assert titles(found) == ["Mug"]
    assert (found["total"], facet(found, "material")) == (1, {"Steel": 1})


async def test_a_new_price_reaches_the_card(search, drain_outbox):
    mug = await make_product("Mug", price=1000, refresh=True)
    await drain_outbox()
    await set_price(mug.variant_id, 750)
    await drain_outbox()
    assert (await search())["items"][0]["price"] == {"amount": 750, "currency": "EUR"}
    await rebuild_listings()
    assert titles(await search(price_max=800)) == ["Mug"]


async def test_the_card_tells_when_it_sells_out_and_when_it_is_back(search, drain_outbox):
    mug = await make_product("Mug", stock=3, refresh=True)
    await drain_outbox()
    await set_stock(mug.variant_id, 0)
    await drain_outbox()
    assert (await search())["items"][0]["in_stock"] is False
    assert titles(await search(in_stock="true")) == []
    await set_stock(mug.variant_id, 1)
    await drain_outbox()
    assert titles(await search(in_stock="true")) == ["Mug"]


async def test_a_product_without_a_price_is_not_listed_until_it_has_one(search, drain_outbox):
    mug = await make_product("Mug", price=None, refresh=True)
    assert titles(await search()) == []
    await set_price(mug.variant_id, 500)
    await drain_outbox()
    assert titles(await search()) == ["Mug"]


async def test_an_archived_product_leaves_every_list(search, rows, drain_outbox):
    mug = await make_product("Mug", refresh=True)
    await make_product("Cup", refresh=True)
    await write(edit_product, mug.id, ProductEdit(status="archived"))
    await drain_outbox()
    await rebuild_listings()
    found = await search(category="kitchen")
    assert (titles(found), found["total"]) == (["Cup"], 1)
    assert {row.product_id for row in await rows("card_category")} & {mug.id} == set()


async def test_totals_of_a_category_left_empty_are_gone(search, rows, drain_outbox):
    mug = await make_product("Mug", category="Old", refresh=True)
    await write(edit_product, mug.id, ProductEdit(status="draft"))
    await drain_outbox()
    await rebuild_listings()
    assert (await search(category="old"))["total"] == 0
    assert await rows("listing") == []


async def test_each_currency_has_cards_of_its_own(search, drain_outbox):
    await write(offer_currencies, ["USD", "EUR"])
    mug = await make_product("Mug", price=1000)
    await make_product("Cup", price=2000)
    await set_price(mug.variant_id, 1100, "USD")
    await drain_outbox()
    await rebuild_listings()
    assert sorted(titles(await search())) == ["Cup", "Mug"]
    dollars = await search(currency="USD")
    assert (titles(dollars), dollars["total"]) == (["Mug"], 1)
    assert dollars["items"][0]["price"] == {"amount": 1100, "currency": "USD"}


async def test_the_card_shows_the_default_variant_and_whether_others_cost_more(search):
    await make_product("Mug", price=[900, 1200], options={"Size": ["S", "L"]}, stock=[0, 5], refresh=True)
    await make_product("Cup", price=[1200, 900], options={"Size": ["S", "L"]}, refresh=True)
    found = {item["title"]: item for item in (await search())["items"]}
    assert (found["Mug"]["price"]["amount"], found["Mug"]["price_varies"], found["Mug"]["in_stock"]) == (
        900,
        True,
        True,
    )
    assert (found["Cup"]["price"]["amount"], found["Cup"]["price_varies"]) == (1200, False)


async def test_what_has_not_changed_is_not_written_again(db, record_statements):
    mug = await make_product(refresh=True)
    with record_statements() as sent:
        await write(rebuild_cards, [mug.id])
    assert [s for s in sent if s.startswith(("insert", "delete")) or "set terms" in s] == []


async def test_an_event_delivered_for_a_product_that_is_gone_has_no_effect(rows, drain_outbox):
    async def tell(uow):
        uow.emit(ProductsChanged(product_ids=(UUID(int=7),)))

    await write(tell)
    await drain_outbox()
    assert await rows("card") == []


async def test_a_rebuild_during_price_changes_ends_with_the_last_price(search, drain_outbox):
    mug = await make_product("Mug", price=1, refresh=True)

    async def change(amount):
        await set_price(mug.variant_id, amount)
        await write(rebuild_cards, [mug.id])

    await asyncio.gather(*(change(amount) for amount in range(2, 12)))
    prices = await read(port(Prices).prices, [mug.variant_id], "EUR")
    assert (await search())["items"][0]["price"]["amount"] == prices[mug.variant_id].amount.amount


async def test_a_rebuild_that_read_an_old_price_does_not_win_over_a_later_one(search):
    mug = await make_product("Mug", price=100)
    real, has_read, go_on = port(Prices), asyncio.Event(), asyncio.Event()

    class SlowPrices:
        async def prices(self, uow, variant_ids, currency):
            found = await real.prices(uow, variant_ids, currency)
            if not has_read.is_set():
                has_read.set()
                await go_on.wait()
            return found

    with overridden(Prices, SlowPrices()):
        early = asyncio.create_task(write(rebuild_cards, [mug.id]))
        await has_read.wait()
        await write(real.set_prices, [Price(mug.variant_id, Money(200, "EUR"))])
        late = asyncio.create_task(write(rebuild_cards, [mug.id]))
        await asyncio.wait({late}, timeout=0.5)
        go_on.set()
        await asyncio.gather(early, late)
    assert (await search())["items"][0]["price"]["amount"] == 200


async def test_ready_totals_and_facets_equal_those_counted_live(db):
    products = [
        await make_product(
            category=f"A/B{n % 3}",
            options={"Color": ["Red", "Blue"][: 1 + n % 2]},
            attributes={"Brand": f"B{n % 4}", "Washable": n % 2 == 0},
        )
        for n in range(12)
    ]
    await refresh_catalog(*(product.id for product in products))
    ready = await read(find_ready_summary, EVERYTHING, "EUR")
    live = await read(find_listing, EVERYTHING, "EUR")
    assert ready.total == 12
    assert json.loads(ready.facets) == json.loads(live.summary.facets)


async def test_changes_while_totals_are_rebuilt_are_not_lost(search):
    products = [await make_product(category="A") for _ in range(12)]

    async def appear(product):
        await write(rebuild_cards, [product.id])
        await rebuild_listings()

    await asyncio.gather(*(appear(product) for product in products))
    await rebuild_listings()
    assert (await search(category="a"))["total"] == 12


async def test_the_showcase_tells_the_newest(db):
    for title in ("One", "Two", "Three"):
        await make_product(title, refresh=True)
    cards = await read(port(Showcase).newest, "EUR", 2)
    assert [card.title for card in cards] == ["Three", "Two"]
