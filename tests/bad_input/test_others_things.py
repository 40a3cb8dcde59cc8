"""Carts, orders and whatever else belongs to somebody: for anybody else as if it weren't there."""

import re

from tests.bad_input.answers import is_api_answer, is_page_answer
from tests.bad_input.calls import address
from tests.bad_input.endpoints import Endpoint
from tests.bad_input.forms import Form, Routes, all_forms, find_again
from tests.bad_input.people import Shop
from tests.conftest import new_client
from tests.factories.cart import CARTS, get_cart
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account
from tests.factories.orders import cart_of, check_out, open_shop

OPEN_TO_ALL = {"slug"}
"""Path parameters that name what everybody may see."""
BANK = "/sandbox/"
"""The demo's bank asks nobody who they are; it exists beside no real money."""


def is_somebodys(endpoint: Endpoint) -> bool:
    return bool({each.name for each in endpoint.parameters if each.place == "path"} - OPEN_TO_ALL)


async def test_no_endpoint_opens_to_a_stranger(shop: Shop, endpoints: list[Endpoint], nothing_changes) -> None:
    somebodys = [endpoint for endpoint in endpoints if is_somebodys(endpoint)]
    assert len(somebodys) > 10
    guessed = shop.known["cart_id"][:-1] + ("A" if shop.known["cart_id"][-1] != "A" else "B")
    async with nothing_changes("a stranger's calls"):
        for endpoint in somebodys:
            for who in ("guest", "stranger"):
                for order_token in (
                    None,
                    "",
                    "x",
                    guessed,
                    shop.known["Order-Token"][:-1],
                    shop.known["Order-Token"].lower(),
                ):
                    headers = {"Idempotency-Key": "k", **shop.headers[who]}
                    if order_token is not None:
                        headers["Order-Token"] = order_token
                    url = address(shop, endpoint, token=guessed)
                    body = endpoint.example(shop.known)
                    answer = await shop.api.request(
                        endpoint.method, url, json=body, headers=headers, params={"country": "DE"}
                    )
                    is_api_answer(answer, (str(endpoint), who))
                    expected = {"public": {404}, "customer": {401, 404}, "staff": {401, 403}, "signature": {400, 404}}[
                        endpoint.access
                    ]
                    assert answer.status_code in expected, f"{who} at {endpoint}: {answer.text[:300]}"
                    assert "ada@example.com" not in answer.text


async def test_a_line_of_anothers_cart_is_not_in_ones_own(shop: Shop, nothing_changes) -> None:
    mine = await cart_of(shop.api, (shop.mug, 1))
    theirs = shop.known["line_id"]
    async with nothing_changes("reaching for another cart's line"):
        for method, body in (("PATCH", {"quantity": 9}), ("DELETE", None)):
            answer = await shop.api.request(method, f"{CARTS}/{mine['id']}/lines/{theirs}", json=body)
            assert answer.status_code == 404, answer.text


async def test_the_token_of_one_order_opens_no_other(shop: Shop, nothing_changes) -> None:
    other = (await check_out(shop.api, await cart_of(shop.api, (shop.mug, 1)), token="declined")).json()
    headers = {"Order-Token": other["access_token"], "Idempotency-Key": "k"}
    url = f"/api/v1/orders/{shop.known['order_id']}"
    async with nothing_changes("another order's token"):
        assert (await shop.api.get(url, headers=headers)).status_code == 404
        paid = await shop.api.post(f"{url}/payments", json={"provider": "sandbox", "token": "ok"}, headers=headers)
        assert paid.status_code == 404
        page = await shop.browsers["stranger"].get(f"/orders/{shop.known['order_id']}?token={other['access_token']}")
        assert page.status_code == 404


async def test_no_form_of_somebodys_page_works_for_a_stranger(shop: Shop, routes: Routes, nothing_changes) -> None:
    of_things = [
        form
        for form in await all_forms(shop, routes)
        if form.method == "post" and ":uuid}" in form.route and not form.route.startswith(BANK)
    ]
    assert {form.route for form in of_things} >= {"/cart/lines/{line_id:uuid}", "/orders/{order_id:uuid}/pay"}
    for found in of_things:
        form = await find_again(shop, routes, found)
        async with nothing_changes(f"a stranger's {form}"):
            for who in ("stranger", "nobody"):
                answer = await _send_as(shop, form, who)
                is_page_answer(answer, "")
                refused = answer.status_code in {403, 404} or _leads_away(form, answer.headers.get("location", ""))
                assert refused, f"{who} may send {form}: {answer.status_code} {answer.headers.get('location')}"


def _leads_away(form: Form, location: str) -> bool:
    """To sign in, or back to one's own cart, which doesn't hold the line."""
    return location.startswith("/signin") or (form.route.startswith("/cart/") and location == "/cart")


async def _send_as(shop: Shop, form: Form, who: str):
    if who == "stranger":
        browser = shop.browsers["stranger"]
        html = (await browser.get(f"/p/{shop.mug.slug}")).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', html)
        assert token is not None
        fields = {**form.fields, **form.buttons, "csrf_token": token[1]}
        return await form.send_fields(browser, fields)
    async with new_client(shop.gateway) as browser:
        return await form.send_fields(browser, {**form.fields, **form.buttons})


async def test_a_customers_cart_does_not_come_along_to_a_stranger(client, db) -> None:
    await open_shop()
    ada = await make_account("ada@example.com")
    await make_account("eve@example.com")
    cart = await cart_of(client, currency="EUR")
    mine = (await client.post(CARTS, json={}, headers=await bearer(ada))).json()
    line = {"variant_id": cart["lines"][0]["variant_id"], "quantity": 1}
    await client.post(f"{CARTS}/{mine['id']}/lines", json=line)
    before = await get_cart(client, mine["id"])
    form = {"email": "eve@example.com", "password": PASSWORD, "cart_id": mine["id"]}
    answer = await client.post(f"{AUTH}/signin", json=form)
    assert answer.status_code == 200, answer.text
    assert answer.json().get("cart_id") != mine["id"]
    assert await get_cart(client, mine["id"]) == before
