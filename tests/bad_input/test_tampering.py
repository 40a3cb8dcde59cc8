"""Prices and totals that a buyer made up: never believed, and nothing is sold for them."""

from typing import Any

import pytest

from tests.bad_input.answers import is_page_answer
from tests.bad_input.forms import Form, Routes, find_again, forms_of
from tests.bad_input.people import Shop
from tests.factories.cart import CARTS, get_cart
from tests.factories.orders import cart_of, check_out, checkout_body

CHEAP = {"amount": 1, "currency": "EUR"}
MADE_UP = {
    "unit_price": CHEAP,
    "price": CHEAP,
    "total": CHEAP,
    "totals": {"items": CHEAP, "total": CHEAP},
    "discount": {"amount": 100_000, "currency": "EUR"},
    "tax_rate": "0",
    "amount": 1,
    "currency": "JPY",
}


async def test_a_price_sent_with_a_line_is_not_taken(shop: Shop) -> None:
    cart = await cart_of(shop.api, (shop.mug, 1))
    body = {"variant_id": str(shop.mug.variant_id), "quantity": 1, **MADE_UP}
    answer = await shop.api.post(f"{CARTS}/{cart['id']}/lines", json=body)
    assert answer.status_code in {201, 400, 422}
    (line,) = (await get_cart(shop.api, cart["id"]))["lines"]
    await shop.api.patch(f"{CARTS}/{cart['id']}/lines/{line['id']}", json={"quantity": 1, **MADE_UP})
    cart = await get_cart(shop.api, cart["id"])
    assert (cart["totals"]["items"], cart["currency"]) == ({"amount": 1999, "currency": "EUR"}, "EUR")


@pytest.mark.parametrize(
    "expected",
    [
        {"amount": 1, "currency": "EUR"},
        {"amount": 0, "currency": "EUR"},
        {"amount": -2489, "currency": "EUR"},
        {"amount": 2488, "currency": "EUR"},
        {"amount": 2490, "currency": "EUR"},
        {"amount": 10**12, "currency": "EUR"},
        {"amount": 2489, "currency": "USD"},
        {"amount": 2489, "currency": "JPY"},
        {"amount": 2489, "currency": "XXX"},
        {"amount": 2489, "currency": "eur"},
        {"amount": 2489, "currency": ""},
        {"amount": 2489},
        2489,
        None,
    ],
)
async def test_a_total_that_differs_from_todays_buys_nothing(shop: Shop, nothing_changes, expected: Any) -> None:
    cart = await cart_of(shop.api, (shop.mug, 1))
    async with nothing_changes(f"an expected total of {expected}"):
        body = checkout_body(cart) | {"expected_total": expected}
        answer = await check_out(shop.api, cart, body)
    problem = answer.json()
    if answer.status_code == 409:
        assert problem["code"] == "total_changed"
        assert problem["totals"]["total"] == {"amount": 2489, "currency": "EUR"}
    else:
        assert answer.status_code == 422, answer.text
        assert all(error["field"].startswith("expected_total") for error in problem["errors"])


async def test_totals_beside_the_expected_one_are_not_believed(shop: Shop) -> None:
    cart = await cart_of(shop.api, (shop.mug, 1))
    body = checkout_body(cart) | MADE_UP | {"status": "paid", "payments": [], "account_id": "x", "lines": []}
    answer = await check_out(shop.api, cart, body)
    assert answer.status_code in {201, 400, 422}
    if answer.status_code == 201:
        assert answer.json()["totals"]["total"] == {"amount": 2489, "currency": "EUR"}
        assert answer.json()["payments"][0]["amount"] == {"amount": 2489, "currency": "EUR"}


async def test_a_further_payment_is_for_what_is_due(shop: Shop) -> None:
    headers = {"Order-Token": shop.known["Order-Token"], "Idempotency-Key": "again"}
    body = {"provider": "sandbox", "token": "ok", "amount": CHEAP, **MADE_UP}
    answer = await shop.api.post(f"/api/v1/orders/{shop.known['order_id']}/payments", json=body, headers=headers)
    assert answer.status_code in {201, 400, 422}
    if answer.status_code == 201:
        assert answer.json()["payments"][-1]["amount"] == {"amount": 2489, "currency": "EUR"}


TYPED = (
    "EUR 1",
    "EUR 0",
    "EUR -1",
    "USD 4488",
    "EUR 4488.00",
    "EUR 44880",
    "EUR",
    "",
    "4488",
    "€44.88",
    "EUR 44\x0088",
)


async def test_a_total_changed_in_the_form_buys_nothing(shop: Shop, routes: Routes, nothing_changes) -> None:
    form = await _checkout_form(shop, routes)
    hidden = [name for name in form.names if name.startswith("expected_total")]
    assert hidden
    for typed in TYPED:
        assert typed not in {form.fields[name] for name in hidden}
        async with nothing_changes(f"a hidden total of {typed!r}"):
            answer = await form.send(shop.browsers["guest"], **ADDRESS_FIELDS, **dict.fromkeys(hidden, typed))
        is_page_answer(answer, typed)
        assert answer.status_code in {409, 422}, typed


async def test_the_same_form_untouched_buys(shop: Shop, routes: Routes) -> None:
    """So that the refusals above are for the total alone."""
    form = await _checkout_form(shop, routes)
    answer = await form.send(shop.browsers["guest"], **ADDRESS_FIELDS)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/orders/")


ADDRESS_FIELDS = {
    "email": "ada@example.com",
    "shipping_address.name": "Ada Lovelace",
    "shipping_address.line1": "Unter den Linden 5",
    "shipping_address.city": "Berlin",
    "shipping_address.postal_code": "10117",
    "shipping_address.country": "DE",
    "shipping_method": "standard",
    "payment.provider": "sandbox",
    "payment.sandbox.token": "ok",
}


async def _checkout_form(shop: Shop, routes: Routes) -> Form:
    found = [
        form for form in await forms_of(shop, routes, "guest") if (form.method, form.route) == ("post", "/checkout")
    ]
    assert found, "the guest finds no checkout"
    return await find_again(shop, routes, found[0])
