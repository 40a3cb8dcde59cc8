"""The cart as a visitor sees it, without any script."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import text

from shop.contracts.cart import Carts
from shop.kernel.db import read, sql, write
from shop.kernel.http.csrf import csrf_token
from shop.kernel.http.sessions import Session, StoredSession
from shop.kernel.ports import port
from tests.conftest import new_client
from tests.factories.forms import Form, words


def csrf(html: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', html)[1]


def line_url(html: str) -> str:
    return re.search(r'action="(/cart/lines/[^"]+)"', html)[1]


async def put_in(client, variant_id, quantity=1):
    """As the product page's form does it: with the token once there is a session."""
    form = {"variant_id": str(variant_id), "quantity": str(quantity)}
    return await client.post("/cart/lines", data={**form, **token_of(client)})


def token_of(client) -> dict[str, str]:
    """What any form of this visitor's pages carries."""
    if "shop_session" not in client.cookies:
        return {}
    return {"csrf_token": csrf_token(Session(StoredSession(client.cookies["shop_session"], None, {})))}


IN_PLACE = {"hx-request": "true", "hx-target": "cart-drawer-content"}


async def carts(uow) -> int:
    return (await sql(uow).execute(text("select count(*) from cart.cart"))).scalar_one()


async def test_looking_at_an_empty_cart_leaves_no_trace(client, goods):
    answer = await client.get("/cart")
    assert answer.status_code == 200
    assert "Your cart is empty" in answer.text
    assert "set-cookie" not in answer.headers
    assert await read(carts) == 0


async def test_the_first_article_makes_session_and_cart(client, goods):
    answer = await put_in(client, goods.add("Mug", price=1250), 2)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    shown = await client.get("/cart")
    assert "Mug is in your cart" in shown.text
    assert "€25.00" in shown.text
    assert 'href="/checkout"' in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    assert "is in your cart" not in (await client.get("/cart")).text


async def test_the_header_counts_the_pieces_and_only_for_who_has_a_cart(client, goods, gateway):
    await put_in(client, goods.add("Mug"), 3)
    await put_in(client, goods.add("Cup"), 2)
    assert re.search(r"articles: </span>5<", (await client.get("/cart")).text)
    async with new_client(gateway) as stranger:
        assert "articles: " not in (await stranger.get("/cart")).text


async def test_a_line_is_changed_and_removed_by_form(client, goods):
    await put_in(client, goods.add("Mug", price=1000), 1)
    shown = (await client.get("/cart")).text
    changed = await client.post(line_url(shown), data={"csrf_token": csrf(shown), "quantity": "3"})
    assert changed.status_code == 303
    shown = (await client.get("/cart")).text
    assert "€30.00" in shown
    removed = await client.post(line_url(shown), data={"csrf_token": csrf(shown), "remove": "1"})
    assert removed.status_code == 303
    assert "Your cart is empty" in (await client.get("/cart")).text


@pytest.mark.parametrize("quantity", ["0", "-1", "1000", "1.5", "", "two", "9" * 40])
async def test_a_quantity_that_can_not_be_is_refused_with_words(client, goods, quantity):
    mug = goods.add("Mug", price=1000)
    assert (await put_in(client, mug, quantity)).status_code == 422
    assert await read(carts) == 0
    await put_in(client, mug, 1)
    shown = (await client.get("/cart")).text
    answer = await client.post(line_url(shown), data={"csrf_token": csrf(shown), "quantity": quantity})
    assert answer.status_code == 422
    line_id = line_url(shown).rsplit("/", 1)[1]
    assert f'href="#f-quantity-{line_id}"' in answer.text
    assert f'id="f-quantity-{line_id}"' in answer.text
    assert "€10.00" in answer.text


async def test_more_than_there_are_is_refused_with_words_and_nothing_is_made(client, goods):
    answer = await put_in(client, goods.add("Mug", available=2), 3)
    assert answer.status_code == 409
    assert "There are only 2 of this article left" in answer.text
    assert await read(carts) == 0


async def test_what_sold_out_since_is_told_and_stops_the_way_to_checkout(client, goods):
    mug, cup = goods.add("Mug", available=5), goods.add("Cup")
    await put_in(client, mug, 3)
    await put_in(client, cup, 1)
    goods.available[mug] = 1
    del goods.amounts[cup, "EUR"]
    shown = (await client.get("/cart")).text
    assert "Only 1 left" in shown
    assert "No longer sold" in shown
    assert 'href="/checkout"' not in shown


async def test_an_article_that_does_not_exist_is_no_page(client, goods):
    assert (await put_in(client, uuid4())).status_code == 404
    assert (await put_in(client, "")).status_code == 422
    assert await read(carts) == 0


async def test_after_an_order_the_next_article_starts_a_new_cart(client, goods):
    mug = goods.add("Mug", price=1000)
    await put_in(client, mug, 2)

    async def order(uow) -> None:
        token = (await sql(uow).execute(text("select token from cart.cart"))).scalar_one()
        await port(Carts).close_cart(uow, (await port(Carts).get_cart(uow, token)).id, uuid4())

    await write(order)
    empty = (await client.get("/cart")).text
    assert "Your cart is empty" in empty
    assert "articles: " not in empty
    assert (await put_in(client, mug)).status_code == 303
    assert await read(carts) == 2


async def test_a_line_that_went_meanwhile_is_told(client, goods):
    await put_in(client, goods.add("Mug"), 1)
    shown = (await client.get("/cart")).text
    answer = await client.post(f"/cart/lines/{uuid4()}", data={"csrf_token": csrf(shown), "quantity": "1"})
    assert answer.status_code == 303
    assert "no longer in your cart" in (await client.get("/cart")).text


async def test_another_site_can_put_nothing_in(client, goods, gateway):
    await put_in(client, goods.add("Mug"), 1)
    before = (await client.get("/cart")).text
    form = {"variant_id": str(goods.add("Cup")), "quantity": "1"}
    without_token = await client.post("/cart/lines", data=form)
    from_elsewhere = await client.post("/cart/lines", data=form, headers={"origin": "https://evil.example"})
    assert {without_token.status_code, from_elsewhere.status_code} == {403}
    assert "Cup" not in (await client.get("/cart")).text
    assert "Mug" in before


async def test_what_was_removed_can_be_put_back_with_its_quantity(client, goods):
    await put_in(client, goods.add("Mug", price=1000), 3)
    shown = (await client.get("/cart")).text
    await client.post(line_url(shown), data={"csrf_token": csrf(shown), "remove": "1"})
    offered = await client.get("/cart")
    assert "Mug was removed" in offered.text
    undo = Form(offered.text, "/cart/lines")
    assert (await undo.send(client)).status_code == 303
    assert "€30.00" in (await client.get("/cart")).text
    assert "was removed" not in (await client.get("/cart")).text


async def test_htmx_gets_the_drawer_with_the_token_of_the_session_that_it_began(client, goods):
    form = {"variant_id": str(goods.add("Mug", price=1250)), "quantity": "2"}
    answer = await client.post("/cart/lines", data=form, headers=IN_PLACE)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    token = answer.headers["x-csrf-token"]
    assert csrf(answer.text) == token
    for told in ("Mug is in your cart", "€25.00", "articles: </span>2<", 'id="cart-count" data-hx-swap-oob'):
        assert told in answer.text, told
    assert "<html" not in answer.text
    again = await client.post("/cart/lines", data={**form, "csrf_token": token}, headers=IN_PLACE)
    assert (again.status_code, "€50.00" in again.text) == (200, True)
    assert (await client.post("/cart/lines", data=form, headers=IN_PLACE)).status_code == 403


async def test_htmx_is_told_why_an_article_could_not_be_added(client, goods):
    form = {"variant_id": str(goods.add("Mug", available=2)), "quantity": "3"}
    answer = await client.post("/cart/lines", data=form, headers=IN_PLACE)
    assert answer.status_code == 409
    assert "There are only 2 of this article left" in answer.text
    assert "x-csrf-token" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert await read(carts) == 0


async def test_a_line_changes_in_the_part_of_the_page_that_asked(client, goods):
    await put_in(client, goods.add("Mug", price=1000, available=5), 1)
    url, token = line_url((await client.get("/cart")).text), token_of(client)
    in_drawer = await client.post(url, data={**token, "quantity": "3"}, headers=IN_PLACE)
    assert "cart-drawer-lines" in in_drawer.text
    assert "€30.00" in in_drawer.text
    on_page = {"hx-request": "true", "hx-target": "cart"}
    changed = await client.post(url, data={**token, "quantity": "4"}, headers=on_page)
    assert 'class="with-summary"' in changed.text
    assert "€40.00" in changed.text
    refused = await client.post(url, data={**token, "quantity": "6"}, headers=on_page)
    assert (refused.status_code, 'value="4"' in refused.text) == (409, True)
    assert "There are only 5 of this article left" in refused.text
    removed = await client.post(url, data={**token, "remove": "1"}, headers=on_page)
    assert "Mug was removed" in removed.text
    gone = await client.post(url, data={**token, "quantity": "1"}, headers=on_page)
    assert "no longer in your cart" in gone.text


async def test_the_drawer_of_a_stranger_is_empty_and_leaves_no_trace(client, goods):
    answer = await client.get("/cart/drawer", headers=IN_PLACE)
    assert "Your cart is empty" in answer.text
    assert "set-cookie" not in answer.headers
    assert "x-csrf-token" not in answer.headers
    opened = await client.get("/cart/drawer")
    assert (opened.status_code, opened.headers["location"]) == (303, "/cart")


async def test_the_cart_tells_how_much_is_missing_to_free_delivery(client, goods):
    await put_in(client, goods.add("Mug", price=1250), 2)
    assert "free delivery" not in (await client.get("/cart")).text
    goods.free_from_amount = 4000
    shown = words((await client.get("/cart")).text)
    assert "€15.00 more for free delivery to Germany" in shown
    assert "Delivery to Germany from €5.00" in shown


async def test_the_hint_of_free_delivery_ends_where_it_is_reached(client, goods):
    goods.free_from_amount = 2500
    await put_in(client, goods.add("Mug", price=1250), 2)
    assert "more for free delivery" not in (await client.get("/cart")).text
