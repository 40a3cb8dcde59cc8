"""The cart over HTTP: what it shows, what it refuses, and that a refusal changes nothing."""

import asyncio
from uuid import uuid4

import pytest

from shop.contracts.cart import Carts
from shop.kernel.db import write
from shop.kernel.ports import port
from tests.factories.cart import CARTS, add_line, get_cart, make_cart


async def test_a_new_cart_is_empty_and_costs_nothing(client, goods):
    cart = await make_cart(client)
    nothing = {"amount": 0, "currency": "EUR"}
    assert len(cart.pop("id")) == 32
    assert cart == {
        "currency": "EUR",
        "lines": [],
        "totals": {
            "items": nothing,
            "discount": nothing,
            "shipping": None,
            "tax": nothing,
            "total": nothing,
            "tax_included": True,
        },
        "version": 1,
    }


async def test_a_cart_may_be_opened_without_a_body_and_in_another_currency(client, goods):
    assert (await client.post(CARTS)).json()["currency"] == "EUR"
    assert (await make_cart(client, currency="USD"))["currency"] == "USD"


@pytest.mark.parametrize("currency", ["XXQ", "eur", "", "EURO", 5, "E\x00R"])
async def test_what_is_no_currency_is_refused(client, goods, currency):
    answer = await client.post(CARTS, json={"currency": currency})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "currency"


async def test_a_line_shows_todays_price_stock_and_picture(client, goods):
    mug = goods.add("Mug", price=1250, available=8)
    cart = await make_cart(client, (mug, 2))
    (line,) = cart["lines"]
    assert line == {
        "id": line["id"],
        "variant_id": str(mug),
        "sku": "SKU-mug",
        "title": "Mug",
        "options": {"Color": "Black"},
        "quantity": 2,
        "unit_price": {"amount": 1250, "currency": "EUR"},
        "total": {"amount": 2500, "currency": "EUR"},
        "image": "/media/mug.webp",
        "available": 8,
        "url": "/products/mug",
    }
    assert cart["totals"]["total"]["amount"] == 2500
    assert cart == await get_cart(client, cart["id"])


async def test_adding_an_article_again_adds_up(client, goods):
    mug, cup = goods.add("Mug"), goods.add("Cup")
    cart = await make_cart(client, (mug, 2), (cup, 1), (mug, 3))
    assert [(line["title"], line["quantity"]) for line in cart["lines"]] == [("Mug", 5), ("Cup", 1)]
    assert cart["version"] == 4


async def test_a_line_is_changed_and_removed(client, goods):
    mug, cup = goods.add("Mug"), goods.add("Cup", price=700)
    cart = await make_cart(client, (mug, 2), (cup, 1))
    url = f"{CARTS}/{cart['id']}/lines/{cart['lines'][0]['id']}"
    changed = await client.patch(url, json={"quantity": 7})
    assert changed.status_code == 200
    assert [line["quantity"] for line in changed.json()["lines"]] == [7, 1]
    removed = await client.delete(url)
    assert removed.status_code == 200
    assert removed.json() == await get_cart(client, cart["id"])
    assert [line["title"] for line in removed.json()["lines"]] == ["Cup"]
    assert (removed.json()["version"], removed.json()["totals"]["total"]["amount"]) == (5, 700)


@pytest.mark.parametrize("quantity", [0, -1, 1000, 10**30, 1.5, "two", None, True, [1], {"a": 1}])
async def test_a_quantity_that_can_not_be_is_refused_and_nothing_changed(client, goods, quantity):
    mug = goods.add("Mug", available=5000)
    cart = await make_cart(client, (mug, 2))
    added = await add_line(client, cart["id"], mug, quantity)
    changed = await client.patch(f"{CARTS}/{cart['id']}/lines/{cart['lines'][0]['id']}", json={"quantity": quantity})
    assert (added.status_code, changed.status_code) == (422, 422)
    assert [error["field"] for error in added.json()["errors"]] == ["quantity"]
    assert await get_cart(client, cart["id"]) == cart


async def test_all_broken_fields_are_told_at_once(client, goods):
    cart = await make_cart(client)
    answer = await client.post(f"{CARTS}/{cart['id']}/lines", json={"variant_id": "x", "quantity": 0})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"variant_id", "quantity"}


async def test_prices_and_totals_that_a_client_sends_along_are_not_heard(client, goods):
    mug = goods.add("Mug", price=1250)
    cart = await make_cart(client)
    tampered = {"variant_id": str(mug), "quantity": 1, "unit_price": {"amount": 1, "currency": "EUR"}, "total": 1}
    answer = await client.post(f"{CARTS}/{cart['id']}/lines", json=tampered)
    assert answer.json()["totals"]["total"]["amount"] == 1250


async def test_more_than_there_are_is_refused_and_told(client, goods):
    mug = goods.add("Mug", available=3)
    cart = await make_cart(client)
    answer = await add_line(client, cart["id"], mug, 4)
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["lines"]) == ("out_of_stock", [{"line_id": None, "available": 3}])
    assert await get_cart(client, cart["id"]) == cart


async def test_more_than_there_are_is_refused_also_for_a_line_that_is_in(client, goods):
    mug = goods.add("Mug", available=3)
    cart = await make_cart(client, (mug, 2))
    line_id = cart["lines"][0]["id"]
    added = await add_line(client, cart["id"], mug, 2)
    changed = await client.patch(f"{CARTS}/{cart['id']}/lines/{line_id}", json={"quantity": 4})
    for answer in (added, changed):
        assert answer.status_code == 409
        assert answer.json()["lines"] == [{"line_id": line_id, "available": 3}]
    assert await get_cart(client, cart["id"]) == cart


async def test_a_line_that_sold_out_since_stays_and_says_so(client, goods):
    mug = goods.add("Mug", available=3)
    cart = await make_cart(client, (mug, 3))
    goods.available[mug] = 1
    (line,) = (await get_cart(client, cart["id"]))["lines"]
    assert (line["quantity"], line["available"]) == (3, 1)


async def test_an_article_that_is_no_longer_sold_stays_out_of_the_totals(client, goods):
    mug, cup, bowl = goods.add("Mug", price=100), goods.add("Cup", price=20), goods.add("Bowl", price=3)
    cart = await make_cart(client, (mug, 1), (cup, 1), (bowl, 1))
    del goods.variants[mug]
    del goods.amounts[cup, "EUR"]
    shown = await get_cart(client, cart["id"])
    assert [(line["title"], line["available"], line["unit_price"]) for line in shown["lines"][:2]] == [
        ("No longer sold", 0, None),
        ("Cup", 0, None),
    ]
    assert shown["totals"]["total"]["amount"] == 3


async def test_an_unknown_article_and_one_without_a_price_are_refused(client, goods):
    cart = await make_cart(client, currency="USD")
    unknown = await add_line(client, cart["id"], uuid4(), 1)
    unpriced = await add_line(client, cart["id"], goods.add("Mug"), 1)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "variant_not_found")
    assert (unpriced.status_code, unpriced.json()["code"]) == (409, "not_priced")
    assert await get_cart(client, cart["id"]) == cart


async def test_one_line_holds_no_more_than_999(client, goods):
    mug = goods.add("Mug", available=5000)
    cart = await make_cart(client, (mug, 600))
    answer = await add_line(client, cart["id"], mug, 400)
    assert answer.status_code == 422
    assert await get_cart(client, cart["id"]) == cart


async def test_a_cart_holds_no_more_than_100_lines(client, goods):
    cart = await make_cart(client, *[(goods.add(f"Mug {number}"), 1) for number in range(100)])
    answer = await add_line(client, cart["id"], goods.add("Cup"), 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_full")
    assert await get_cart(client, cart["id"]) == cart


@pytest.mark.parametrize("token", ["x", "A" * 32, "%F0%9F%92%A9", "a" * 5000, "..", "' or 1=1 --"])
async def test_a_cart_that_nobody_holds_is_not_found(client, goods, token):
    answers = [
        await client.get(f"{CARTS}/{token}"),
        await add_line(client, token, goods.add(), 1),
        await client.get(f"{CARTS}/{token}/shipping-methods?country=DE"),
    ]
    assert {answer.status_code for answer in answers} == {404}


async def test_the_line_of_another_cart_is_not_found(client, goods):
    mug = goods.add("Mug")
    mine, theirs = await make_cart(client, (mug, 1)), await make_cart(client, (mug, 1))
    url = f"{CARTS}/{mine['id']}/lines/{theirs['lines'][0]['id']}"
    answers = [await client.patch(url, json={"quantity": 9}), await client.delete(url)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "cart_line_not_found")}
    assert await get_cart(client, theirs["id"]) == theirs
    assert await get_cart(client, mine["id"]) == mine


async def test_a_closed_cart_says_so_and_stays_as_it_is(client, goods):
    mug = goods.add("Mug")
    cart = await make_cart(client, (mug, 1))

    async def close(uow) -> None:
        locked = await port(Carts).lock_cart(uow, cart["id"])
        await port(Carts).close_cart(uow, locked.id, uuid4())

    await write(close)
    line = f"{CARTS}/{cart['id']}/lines/{cart['lines'][0]['id']}"
    answers = [
        await client.get(f"{CARTS}/{cart['id']}"),
        await add_line(client, cart["id"], mug, 1),
        await client.patch(line, json={"quantity": 2}),
        await client.delete(line),
        await client.get(f"{CARTS}/{cart['id']}/shipping-methods?country=DE"),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "cart_closed")}


async def test_a_bearer_token_that_is_none_of_ours_opens_no_cart(client, goods):
    answer = await client.post(CARTS, json={}, headers={"authorization": "Bearer nobody"})
    assert answer.status_code == 401


async def test_a_repeated_add_with_one_key_adds_once(client, goods):
    mug = goods.add("Mug")
    cart = await make_cart(client)
    first = await add_line(client, cart["id"], mug, 1, **{"idempotency-key": "one"})
    again = await add_line(client, cart["id"], mug, 1, **{"idempotency-key": "one"})
    other = await add_line(client, cart["id"], mug, 2, **{"idempotency-key": "one"})
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert (await get_cart(client, cart["id"]))["lines"][0]["quantity"] == 1


async def test_a_guest_gets_the_same_cart_for_a_long_key_and_never_anothers_for_a_short_one(client, goods):
    async def opened(key: str) -> str:
        return (await client.post(CARTS, json={}, headers={"idempotency-key": key})).json()["id"]

    assert await opened("3f1c9a52-77f0-4a6e") == await opened("3f1c9a52-77f0-4a6e")
    assert await opened("1") != await opened("1")


async def test_shipping_methods_tell_what_checkout_will_ask(client, goods):
    mug = goods.add("Mug", price=1000, grams=800)
    cart = await make_cart(client, (mug, 3))
    asked = goods.quotes_asked
    answer = await client.get(f"{CARTS}/{cart['id']}/shipping-methods?country=DE&postal_code=10115")
    assert answer.status_code == 200
    standard, express = answer.json()["items"]
    assert goods.quotes_asked == asked + 1
    assert (standard["code"], standard["delivery_days"]) == ("standard", {"min": 2, "max": 4})
    assert (standard["price"]["amount"], standard["totals"]["shipping"]["amount"]) == (700, 700)
    assert (standard["totals"]["total"]["amount"], express["totals"]["total"]["amount"]) == (3700, 4400)


async def test_where_the_shop_does_not_deliver_there_are_no_methods(client, goods):
    cart = await make_cart(client, (goods.add(), 1))
    assert (await client.get(f"{CARTS}/{cart['id']}/shipping-methods?country=AQ")).json()["items"] == []


@pytest.mark.parametrize(
    "query", ["", "country=de", "country=Germany", "country=DE&postal_code=", "country=DE&postal_code=%00"]
)
async def test_a_destination_that_can_not_be_is_refused(client, goods, query):
    cart = await make_cart(client, (goods.add(), 1))
    assert (await client.get(f"{CARTS}/{cart['id']}/shipping-methods?{query}")).status_code == 422


async def test_an_empty_cart_has_nothing_to_ship(client, goods):
    cart = await make_cart(client)
    answer = await client.get(f"{CARTS}/{cart['id']}/shipping-methods?country=DE")
    assert (answer.status_code, answer.json()["code"]) == (409, "cart_empty")


async def test_twenty_adds_at_once_add_up(client, goods):
    mug = goods.add("Mug")
    cart = await make_cart(client)
    answers = await asyncio.gather(*[add_line(client, cart["id"], mug, 1) for _ in range(20)])
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(2, 22))
    shown = await get_cart(client, cart["id"])
    assert ([line["quantity"] for line in shown["lines"]], shown["version"]) == ([20], 21)


async def test_adds_at_once_never_pass_what_there_is(client, goods):
    mug = goods.add("Mug", available=7)
    cart = await make_cart(client)
    answers = await asyncio.gather(*[add_line(client, cart["id"], mug, 1) for _ in range(20)])
    assert sorted(answer.status_code for answer in answers) == [201] * 7 + [409] * 13
    assert (await get_cart(client, cart["id"]))["lines"][0]["quantity"] == 7


async def test_changes_at_once_queue_up_and_the_last_one_stands(client, goods):
    mug = goods.add("Mug")
    cart = await make_cart(client, (mug, 1))
    url = f"{CARTS}/{cart['id']}/lines/{cart['lines'][0]['id']}"
    answers = await asyncio.gather(*[client.patch(url, json={"quantity": number}) for number in range(2, 22)])
    assert {answer.status_code for answer in answers} == {200}
    last = max((answer.json() for answer in answers), key=lambda shown: shown["version"])
    assert last["version"] == cart["version"] + 20
    assert await get_cart(client, cart["id"]) == last


async def test_a_change_and_a_removal_at_once_leave_no_half_line(client, goods):
    mug = goods.add("Mug")
    for _ in range(5):
        cart = await make_cart(client, (mug, 1))
        url = f"{CARTS}/{cart['id']}/lines/{cart['lines'][0]['id']}"
        changed, removed = await asyncio.gather(client.patch(url, json={"quantity": 5}), client.delete(url))
        assert removed.status_code == 200
        assert changed.status_code in {200, 404}
        assert (await get_cart(client, cart["id"]))["lines"] == []
