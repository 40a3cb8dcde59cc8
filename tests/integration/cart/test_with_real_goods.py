"""The cart on the real catalogue, stock, prices and rates: statements counted with every cache empty."""

from uuid import uuid4

import pytest

from shop.contracts.cart import Carts
from shop.contracts.inventory import Stock, StockLine
from shop.kernel.db import read, sql, write
from shop.kernel.ports import port
from shop.modules.shipping.models import METHOD, RATE, ZONE
from tests.factories.cart import CARTS, add_line, get_cart, make_cart
from tests.factories.catalog import make_product


async def make_rates(uow) -> None:
    zone, method = uuid4(), uuid4()
    await sql(uow).execute(ZONE.insert().values(id=zone, code="home", label="Home", countries=["DE"], position=1))
    await sql(uow).execute(
        METHOD.insert().values(
            id=method, zone_id=zone, code="standard", label="Standard", delivery_min_days=1, delivery_max_days=3
        )
    )
    await sql(uow).execute(
        RATE.insert().values(method_id=method, currency="EUR", max_weight_grams=5000, min_items_total=0, amount=490)
    )


@pytest.fixture
async def mug(db):
    await write(make_rates)
    return (await make_product("Mug", price=1250, stock=8, weight_grams=400)).variant_id


async def test_opening_a_cart_takes_at_most_two_statements(client, mug, record_statements):
    with record_statements() as sent:
        await make_cart(client)
    assert len(sent) <= 2, sent


async def test_adding_a_line_takes_at_most_eight_statements(client, mug, record_statements):
    cart = await make_cart(client, ((await make_product()).variant_id, 1))
    with record_statements() as sent:
        assert (await add_line(client, cart["id"], mug, 2)).status_code == 201
    assert len(sent) <= 8, sent


async def test_showing_a_cart_takes_at_most_five_statements(client, mug, record_statements):
    cart = await make_cart(client, (mug, 2), ((await make_product()).variant_id, 1))
    with record_statements() as sent:
        await get_cart(client, cart["id"])
    assert len(sent) <= 5, sent


async def test_shipping_methods_take_at_most_seven_statements(client, mug, record_statements):
    cart = await make_cart(client, (mug, 2))
    with record_statements() as sent:
        answer = await client.get(f"{CARTS}/{cart['id']}/shipping-methods?country=DE&postal_code=10115")
    assert len(sent) <= 7, sent
    (method,) = answer.json()["items"]
    assert (method["code"], method["price"]["amount"], method["totals"]["total"]["amount"]) == ("standard", 490, 2990)


async def test_what_the_cart_shows_is_what_catalogue_stock_and_prices_say(client, mug):
    cart = await make_cart(client, (mug, 2))
    (line,) = cart["lines"]
    assert (line["title"], line["available"], line["unit_price"]["amount"]) == ("Mug", 8, 1250)
    assert cart["totals"]["items"] == cart["totals"]["total"] == {"amount": 2500, "currency": "EUR"}
    found = await read(port(Carts).get_cart, cart["id"])
    assert [(each.variant_id, each.quantity) for each in found.lines] == [(mug, 2)]


async def test_stock_that_is_counted_lower_shows_at_once(client, mug):
    cart = await make_cart(client, (mug, 2))
    await write(port(Stock).set_on_hand, [StockLine(mug, 1)], "counted")
    assert (await get_cart(client, cart["id"]))["lines"][0]["available"] == 1
    refused = await add_line(client, cart["id"], mug, 1)
    assert refused.json()["lines"] == [{"line_id": cart["lines"][0]["id"], "available": 1}]
