"""The figures of an order always add up, whatever was bought."""

import random

import pytest

from tests.factories.catalog import make_product
from tests.factories.orders import EXPRESS, STANDARD, cart_of, check_out, place

pytestmark = pytest.mark.usefixtures("shop")


@pytest.mark.parametrize("seed", range(12))
async def test_the_lines_add_up_to_the_totals(client, seed):
    dice = random.Random(seed)
    wanted = [
        (await make_product(price=dice.choice([0, 1, 3, 99, 1999, 123_457]), stock=999), dice.randint(1, 30))
        for _ in range(dice.randint(1, 8))
    ]
    order = await place(client, *wanted, shipping=dice.choice([STANDARD, EXPRESS]))
    lines, totals = (
        order["lines"],
        {name: each["amount"] for name, each in order["totals"].items() if name != "tax_included"},
    )
    assert all(line["total"]["amount"] == line["unit_price"]["amount"] * line["quantity"] for line in lines)
    assert sum(line["total"]["amount"] for line in lines) == totals["items"]
    assert order["totals"]["tax_included"]
    assert totals["total"] == totals["items"] - totals["discount"] + totals["shipping"]
    shipping_tax = totals["tax"] - sum(line["tax"]["amount"] for line in lines)
    assert 0 <= shipping_tax <= totals["shipping"]
    assert order["payments"][0]["amount"]["amount"] == totals["total"]


async def test_an_order_in_another_currency_keeps_to_it(client):
    mug = await make_product(price=2199, currency="USD", stock=5)
    answer = await check_out(client, await cart_of(client, (mug, 1), currency="USD"))
    order = answer.json()
    currencies = {order["amount_due"]["currency"], order["payments"][0]["amount"]["currency"]}
    currencies |= {each["currency"] for name, each in order["totals"].items() if name != "tax_included"}
    currencies |= {line[part]["currency"] for line in order["lines"] for part in ("unit_price", "total", "tax")}
    assert currencies == {"USD"}


async def test_tax_follows_the_destination(client):
    home = await place(client)
    address = {**home["addresses"]["shipping"], "country": "FR", "city": "Paris", "postal_code": "75001"}
    abroad = await place(client, shipping_address=address)
    assert (home["lines"][0]["tax_rate"], abroad["lines"][0]["tax_rate"]) == ("0.19", "0.2")
