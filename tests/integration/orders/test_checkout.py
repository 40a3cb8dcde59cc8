"""A cart becomes an order: what is taken from it, what is refused, and that a refusal changes nothing."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from shop.contracts.inventory import Stock, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel.db import sql, write
from shop.kernel.money import Money
from shop.kernel.ports import port
from tests.factories.cart import CARTS, get_cart
from tests.factories.catalog import make_product
from tests.factories.identity import bearer, make_account
from tests.factories.inventory import counts_of
from tests.factories.orders import ADDRESS, EXPRESS, cart_of, check_out, checkout_body, count_orders, place

pytestmark = pytest.mark.usefixtures("shop")


async def refused(client, cart, status, code, body=None, **changes):
    """The problem document; no order was made and the cart is still open."""
    answer = await check_out(client, cart, body, **changes)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert await count_orders() == 0
    assert await get_cart(client, cart["id"])
    return problem


async def test_a_guest_orders_and_pays(client):
    order = await place(client)
    assert order["status"] == "paid"
    assert order["number"].startswith("SO-")
    assert order["amount_due"] == {"amount": 0, "currency": "EUR"}
    assert order["totals"]["total"] == {"amount": 4488, "currency": "EUR"}
    assert order["addresses"] == {"shipping": ADDRESS, "billing": ADDRESS}
    assert order["fulfilment_status"] == "unfulfilled"
    assert len(order["access_token"]) == 32
    assert [entry["status"] for entry in order["history"]] == ["pending_payment", "paid"]
    (payment,) = order["payments"]
    assert (payment["provider"], payment["status"], payment["amount"]) == (
        "sandbox",
        "captured",
        {"amount": 4488, "currency": "EUR"},
    )


async def test_lines_keep_what_the_article_was_called_and_cost(client):
    mug = await make_product(title="Mug", price=1999, options={"Size": ["L"], "Color": ["Black"]})
    order = await place(client, (mug, 2))
    await write(port(Prices).set_prices, [Price(mug.variant_id, Money(9999, "EUR"))])
    (line,) = order["lines"]
    assert line["title"] == "Mug"
    assert line["sku"] == mug.variants[0].sku
    assert list(line["options"].items()) == [("Size", "L"), ("Color", "Black")]
    assert line["tax_rate"] == "0.19"
    assert (line["quantity"], line["unit_price"]["amount"], line["total"]["amount"], line["tax"]["amount"]) == (
        2,
        1999,
        3998,
        638,
    )
    again = await client.get(f"/api/v1/orders/{order['id']}", headers={"Order-Token": order["access_token"]})
    assert again.json()["lines"] == order["lines"]


async def test_the_goods_are_reserved_and_sold(client, drain_outbox):
    mug = await make_product(stock=10)
    await place(client, (mug, 3))
    assert await counts_of(mug.variant_id) == (10, 3)
    await drain_outbox()
    assert await counts_of(mug.variant_id) == (7, 0)


async def test_the_cart_is_closed(client):
    cart = await cart_of(client)
    await check_out(client, cart)
    answer = await client.get(f"{CARTS}/{cart['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_closed")


async def test_another_way_of_delivery_costs_its_own_price(client):
    order = await place(client, shipping=EXPRESS)
    assert order["totals"]["shipping"]["amount"] == EXPRESS
    assert (order["shipping_method"], order["shipping_label"]) == ("express", "Express")


async def test_another_invoice_address_is_kept_apart(client):
    billing = {**ADDRESS, "name": "Analytical Engines Ltd", "country": "GB", "company": "AE"}
    order = await place(client, billing_address=billing)
    assert order["addresses"] == {"shipping": ADDRESS, "billing": billing}


async def test_parts_of_an_address_that_are_left_empty_are_left_out(client):
    order = await place(client, shipping_address={**ADDRESS, "company": "", "line2": "  ", "phone": None})
    assert order["addresses"]["shipping"] == ADDRESS


async def test_a_customers_order_belongs_to_the_account(client):
    ada = await make_account()
    order = await place(client, headers=await bearer(ada))
    assert order["account_id"] == str(ada)


async def test_nothing_to_pay_is_paid_at_once(client, drain_outbox):
    gift = await make_product(price=0)
    cart = await cart_of(client, (gift, 1))

    async def free_delivery(uow):
        await sql(uow).execute(text("update shipping.rate set amount = 0"))

    await write(free_delivery)
    answer = await check_out(client, cart, expected_total={"amount": 0, "currency": "EUR"})
    order = answer.json()
    assert (answer.status_code, order["status"], order["payments"]) == (201, "paid", [])
    await drain_outbox()
    assert await counts_of(gift.variant_id) == (9, 0)


async def test_a_declined_payment_leaves_an_order_to_pay(client):
    order = await place(client, token="declined")
    assert order["status"] == "payment_failed"
    assert order["amount_due"]["amount"] == 4488
    assert order["payments"][0]["status"] == "failed"
    assert order["payments"][0]["failure"]


async def test_3d_secure_waits_for_the_buyer(client):
    order = await place(client, token="3ds_ok")
    assert order["status"] == "pending_payment"
    assert order["payments"][0]["status"] == "requires_action"
    assert order["payments"][0]["redirect_url"]


async def test_a_lost_answer_leaves_the_payment_pending(client):
    order = await place(client, token="lost_answer")
    assert (order["status"], order["payments"][0]["status"]) == ("pending_payment", "pending")


async def test_a_changed_price_is_told_with_todays_totals(client):
    mug = await make_product(price=1999)
    cart = await cart_of(client, (mug, 2))
    await write(port(Prices).set_prices, [Price(mug.variant_id, Money(2199, "EUR"))])
    problem = await refused(client, cart, 409, "total_changed")
    assert problem["totals"]["total"] == {"amount": 2 * 2199 + 490, "currency": "EUR"}
    assert problem["totals"]["shipping"]["amount"] == 490
    assert await counts_of(mug.variant_id) == (10, 0)


@pytest.mark.parametrize(
    "total",
    [{"amount": 1, "currency": "EUR"}, {"amount": 4488, "currency": "USD"}, {"amount": -4488, "currency": "EUR"}],
)
async def test_a_tampered_total_buys_nothing(client, total):
    problem = await refused(client, await cart_of(client), 409, "total_changed", expected_total=total)
    assert problem["totals"]["total"] == {"amount": 4488, "currency": "EUR"}


async def test_prices_in_the_body_have_no_effect(client):
    cart = await cart_of(client)
    body = {
        **checkout_body(cart),
        "lines": [{"unit_price": 1}],
        "totals": {"total": 1},
        "discount": 4000,
        "shipping": 0,
    }
    answer = await check_out(client, cart, body)
    assert answer.json()["totals"]["total"]["amount"] == 4488


async def test_what_is_short_is_told_line_by_line(client):
    mug, cup = await make_product(title="Mug", stock=5), await make_product(title="Cup", stock=5)
    cart = await cart_of(client, (mug, 3), (cup, 2))
    await write(port(Stock).set_on_hand, [StockLine(mug.variant_id, 1)], "broken")
    problem = await refused(client, cart, 409, "out_of_stock")
    assert problem["lines"] == [{"line_id": cart["lines"][0]["id"], "available": 1}]
    assert await counts_of(cup.variant_id) == (5, 0)


async def test_an_article_no_longer_sold_can_not_be_ordered(client):
    mug = await make_product()
    cart = await cart_of(client, (mug, 1))

    async def take_off(uow):
        await sql(uow).execute(text("update catalog.variant set active = false"))

    await write(take_off)
    await refused(client, cart, 409, "not_priced")


async def test_an_empty_cart_is_no_order(client):
    cart = (await client.post(CARTS)).json()
    await refused(client, cart, 409, "cart_empty")


async def test_a_way_of_delivery_that_is_not_offered_is_refused(client):
    await refused(client, await cart_of(client), 409, "shipping_unavailable", shipping_method="pigeon")


async def test_a_country_without_delivery_is_refused_by_field(client):
    problem = await refused(
        client, await cart_of(client), 422, "invalid", shipping_address={**ADDRESS, "country": "JP"}
    )
    assert [error["field"] for error in problem["errors"]] == ["shipping_address.country"]


async def test_an_unknown_provider_is_refused(client):
    mug = await make_product()
    await refused(client, await cart_of(client, (mug, 1)), 422, "unknown_provider", payment={"provider": "barter"})
    assert await counts_of(mug.variant_id) == (10, 0)


async def test_all_broken_fields_are_told_at_once(client):
    cart = await cart_of(client)
    body = {
        "email": "",
        "shipping_address": {**ADDRESS, "name": " ", "country": "Germany"},
        "payment": {},
        "expected_total": 5,
    }
    problem = await refused(client, cart, 422, "invalid", body)
    assert {error["field"] for error in problem["errors"]} == {
        "email",
        "shipping_address.name",
        "shipping_address.country",
        "shipping_method",
        "payment.provider",
        "expected_total",
    }


async def test_what_is_no_address_or_country_is_told_together(client):
    problem = await refused(
        client, await cart_of(client), 422, "invalid", email="ada@", billing_address={**ADDRESS, "country": "QQ"}
    )
    assert [error["field"] for error in problem["errors"]] == ["email", "billing_address.country"]


@pytest.mark.parametrize("part", ["name", "line1", "city", "postal_code"])
@pytest.mark.parametrize("words", ["", " ", "a\x00b", "\x1b[31m", "two\nlines", "x" * 201])
async def test_text_that_can_not_be_stored_or_printed_is_refused_by_field(client, part, words):
    cart = await cart_of(client)
    problem = await refused(client, cart, 422, "invalid", shipping_address={**ADDRESS, part: words})
    assert [error["field"] for error in problem["errors"]] == [f"shipping_address.{part}"]


@pytest.mark.parametrize("token", ["x" * 32, "nothing", "x" * 3000])
async def test_a_cart_that_is_not_there_is_not_found(client, token):
    cart = await cart_of(client)
    answer = await check_out(client, {"id": token}, checkout_body(cart))
    assert (answer.status_code, answer.json()["code"]) == (404, "cart_not_found")
    assert await count_orders() == 0


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 256}])
async def test_a_checkout_without_a_key_is_refused(client, headers):
    cart = await cart_of(client)
    answer = await client.post(f"{CARTS}/{cart['id']}/checkout", json=checkout_body(cart), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert await count_orders() == 0


async def test_a_bearer_token_that_is_none_of_ours_is_refused(client):
    cart = await cart_of(client)
    answer = await check_out(client, cart, headers={"Authorization": f"Bearer {uuid4()}"})
    assert answer.status_code == 401
    assert await count_orders() == 0


async def test_a_refusal_leaves_the_key_free_for_the_mended_request(client):
    cart = await cart_of(client)
    await refused(
        client, cart, 409, "total_changed", key="mended-later", expected_total={"amount": 1, "currency": "EUR"}
    )
    assert (await check_out(client, cart, key="mended-later")).status_code == 201
