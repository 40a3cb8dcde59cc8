"""Who sees which order's page, and what staff see."""

from urllib.parse import urlsplit
from uuid import UUID

import pytest

from shop.kernel.db import write
from shop.modules.payments.repository import moves
from tests.factories.catalog import make_product
from tests.factories.forms import words
from tests.factories.identity import bearer, make_account, sign_in_browser
from tests.factories.orders import place

pytestmark = pytest.mark.usefixtures("shop")


async def test_the_link_in_the_mail_opens_the_order_and_leaves_its_token_behind(client):
    order = await place(client)
    answer = await client.get(f"/orders/{order['id']}?token={order['access_token']}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{order['id']}")
    shown = await client.get(answer.headers["location"])
    assert shown.status_code == 200
    assert order["number"] in words(shown.text)
    assert order["access_token"] not in shown.text


@pytest.mark.parametrize("query", ["", "?token=", "?token=" + "x" * 32, "?token=%00", "?token=%C3%A9"])
async def test_anothers_order_is_not_there(client, query):
    order = await place(client)
    answer = await client.get(f"/orders/{order['id']}{query}")
    assert answer.status_code == 404
    assert order["number"] not in answer.text


async def test_an_order_is_its_owners_alone(client):
    ada, eve = await make_account(), await make_account("eve@example.com")
    order = await place(client, headers=await bearer(ada))
    await sign_in_browser(client, eve)
    assert (await client.get(f"/orders/{order['id']}")).status_code == 404
    assert (await client.post(f"/orders/{order['id']}/pay")).status_code in {403, 404}
    await sign_in_browser(client, ada)
    assert (await client.get(f"/orders/{order['id']}")).status_code == 200


async def test_the_page_tells_what_happened(client):
    order = await place(client, token="declined")
    await client.get(f"/orders/{order['id']}?token={order['access_token']}")
    seen = words((await client.get(f"/orders/{order['id']}")).text)
    for expected in (
        "Your payment did not go through",
        "Order placed",
        "Payment failed",
        "Unter den Linden 5",
        "Germany",
        "€44.88",
    ):
        assert expected in seen, expected


async def test_a_payment_that_waits_for_its_buyer_leads_on(client):
    order = await place(client, token="3ds_ok")
    await client.get(f"/orders/{order['id']}?token={order['access_token']}")
    shown = (await client.get(f"/orders/{order['id']}")).text
    assert "Confirm your payment of €44.88" in words(shown)
    assert f'href="{urlsplit(order["payments"][0]["redirect_url"]).path}"' in shown
    assert "Try again" not in words(shown)


async def test_an_answer_that_is_still_out_says_so(client):
    order = await place(client, token="lost_answer")
    await client.get(f"/orders/{order['id']}?token={order['access_token']}")
    seen = words((await client.get(f"/orders/{order['id']}")).text)
    assert "not confirmed yet" in seen
    assert "Try again" not in seen
    assert f'hx-get="/orders/{order["id"]}"' in (await client.get(f"/orders/{order['id']}")).text


async def test_a_paid_order_thanks_tells_what_comes_next_and_has_a_sheet_to_print(client):
    order = await place(client)
    await client.get(f"/orders/{order['id']}?token={order['access_token']}")
    shown = (await client.get(f"/orders/{order['id']}")).text
    seen = words(shown)
    for expected in ("Thank you for your order!", "What comes next", "Order confirmation", "Tax included, 19 %"):
        assert expected in seen, expected
    assert order["lines"][0]["sku"] in seen
    assert "hx-get" not in shown.split('id="order"')[1].split(">")[0]


async def test_the_list_of_orders_asks_for_a_sign_in(client):
    answer = await client.get("/account/orders")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2Faccount%2Forders")


async def test_the_list_of_orders_goes_on_page_by_page(client):
    ada = await make_account()
    headers = await bearer(ada)
    mug = await make_product(stock=100)
    for _ in range(21):
        await place(client, (mug, 1), headers=headers)
    await sign_in_browser(client, ada)
    first = await client.get("/account/orders")
    assert first.text.count("Order SO-") == 20
    url = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert (await client.get(url)).text.count("Order SO-") == 1


async def test_the_account_page_shows_the_latest_orders(client):
    ada = await make_account()
    headers = await bearer(ada)
    orders = [await place(client, headers=headers) for _ in range(4)]
    await sign_in_browser(client, ada)
    seen = words((await client.get("/account")).text)
    assert [order["number"] in seen for order in orders] == [False, True, True, True]


async def test_staff_read_what_they_have_to_look_into(client):
    order = await place(client)
    note = "captured 1 EUR instead of 20 EUR"
    await write(moves.note_for_staff, UUID(order["payments"][0]["id"]), note, "Something went wrong.")
    staff = await make_account("staff@example.com", permissions=("orders.view",))
    await sign_in_browser(client, staff)
    assert note in words((await client.get(f"/admin/orders/{order['id']}")).text)
    other = await place(client)
    assert "look into" not in words((await client.get(f"/admin/orders/{other['id']}")).text)


async def test_staff_find_and_open_orders(client):
    order = await place(client, token="declined")
    await sign_in_browser(client, await make_account("staff@example.com", permissions=("orders.view",)))
    found = words((await client.get("/admin/orders?status=payment_failed&q=ada@")).text)
    assert order["number"] in found
    assert order["number"] not in words((await client.get("/admin/orders?status=paid")).text)
    seen = words((await client.get(f"/admin/orders/{order['id']}")).text)
    for expected in (order["number"], "ada@example.com", "sandbox", "Payment failed", order["lines"][0]["sku"]):
        assert expected in seen, expected


async def test_only_staff_who_may_see_orders_see_them(client):
    order = await place(client)
    await sign_in_browser(client, await make_account("s@example.com", permissions=("stock.view",)))
    assert (await client.get("/admin/orders")).status_code == 403
    assert (await client.get(f"/admin/orders/{order['id']}")).status_code == 403


async def test_the_dashboard_tells_todays_orders_and_revenue(client):
    await place(client)
    await place(client)
    await place(client, token="declined")
    await sign_in_browser(client, await make_account("s@example.com", permissions=("backoffice.view",)))
    seen = words((await client.get("/admin")).text)
    assert "Orders 3 placed since midnight" in seen
    assert "€89.76" in seen
