"""The cart and its owner: made with a bearer token, brought along at a sign-in to the API and to the pages."""

from shop.contracts.cart import Carts
from shop.kernel.db import read
from shop.kernel.ports import port
from tests.factories.cart import CARTS, add_line, get_cart, make_cart
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account


async def owner_and_lines(cart_id):
    cart = await read(port(Carts).get_cart, cart_id)
    return cart.account_id, {line.variant_id: line.quantity for line in cart.lines}


async def test_a_cart_opened_with_a_bearer_token_belongs_to_the_account(client, goods):
    account_id = await make_account()
    mine = (await client.post(CARTS, json={}, headers=await bearer(account_id))).json()
    guests = await make_cart(client)
    assert await owner_and_lines(mine["id"]) == (account_id, {})
    assert await owner_and_lines(guests["id"]) == (None, {})


async def test_one_key_of_two_accounts_opens_two_carts(client, goods):
    ada, bob = await make_account("ada@example.com"), await make_account("bob@example.com")
    opened = [
        (await client.post(CARTS, json={}, headers={**await bearer(each), "idempotency-key": "1"})).json()["id"]
        for each in (ada, ada, bob)
    ]
    assert opened[0] == opened[1] != opened[2]


async def test_signing_in_to_the_api_brings_the_guests_cart_along(client, goods):
    account_id, mug, cup = await make_account(), goods.add("Mug"), goods.add("Cup")
    kept = (await client.post(CARTS, json={}, headers=await bearer(account_id))).json()["id"]
    await add_line(client, kept, mug, 1)
    guests = (await make_cart(client, (mug, 2), (cup, 1)))["id"]
    form = {"email": "ada@example.com", "password": PASSWORD, "cart_id": guests}
    answer = await client.post(f"{AUTH}/signin", json=form)
    assert answer.json()["cart_id"] == kept
    assert await owner_and_lines(kept) == (account_id, {mug: 3, cup: 1})
    assert (await client.get(f"{CARTS}/{guests}")).status_code == 404


async def test_signing_in_on_the_pages_keeps_what_is_in_the_cart(client, goods):
    await make_account()
    mug = goods.add("Mug", price=1000)
    await client.post("/cart/lines", data={"variant_id": str(mug), "quantity": "2"})
    token = (await client.get("/signin")).text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"email": "ada@example.com", "password": PASSWORD, "csrf_token": token}
    assert (await client.post("/signin", data=form)).status_code == 303
    shown = (await client.get("/cart")).text
    assert "€20.00" in shown
    assert "articles: </span>2<" in shown


async def test_a_refused_sign_in_leaves_the_guests_cart_alone(client, goods):
    await make_account()
    guests = await make_cart(client, (goods.add("Mug"), 2))
    form = {"email": "ada@example.com", "password": "wrong password", "cart_id": guests["id"]}
    assert (await client.post(f"{AUTH}/signin", json=form)).status_code in {400, 401}
    assert await get_cart(client, guests["id"]) == guests
