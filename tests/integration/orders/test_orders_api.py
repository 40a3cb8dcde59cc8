"""Who sees which orders, in lists and one by one; and how many statements it takes."""

from uuid import uuid4

import pytest

from tests.factories.catalog import make_product
from tests.factories.identity import bearer, make_account
from tests.factories.orders import ORDERS, cart_of, check_out, checkout_body, get_order, opened_by, pay_again, place

pytestmark = pytest.mark.usefixtures("shop")


async def test_a_guest_sees_the_order_by_its_token(client):
    order = await place(client)
    shown = await get_order(client, order)
    assert "access_token" not in shown
    assert shown == {name: value for name, value in order.items() if name != "access_token"}


@pytest.mark.parametrize(
    "headers", [{}, {"Order-Token": ""}, {"Order-Token": "x" * 32}, {"Order-Token": "x" * 200}, {"Order-Token": "é"}]
)
async def test_without_its_token_an_order_is_not_there(client, headers):
    order = await place(client)
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = await client.get(f"{ORDERS}/{order['id']}", headers=encoded)
    assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")


async def test_the_token_of_another_order_opens_nothing(client):
    order, other = await place(client), await place(client)
    answer = await client.get(f"{ORDERS}/{order['id']}", headers=opened_by(other))
    assert answer.status_code == 404


async def test_an_unknown_order_is_not_found(client):
    order = await place(client)
    for order_id in (uuid4(), "5", "x"):
        assert (await client.get(f"{ORDERS}/{order_id}", headers=opened_by(order))).status_code == 404


async def test_a_customer_sees_own_orders_and_nobody_elses(client):
    ada = await bearer(await make_account())
    eve = await bearer(await make_account("eve@example.com"))
    order = await place(client, headers=ada)
    assert (await client.get(f"{ORDERS}/{order['id']}", headers=ada)).status_code == 200
    assert (await client.get(f"{ORDERS}/{order['id']}", headers=eve)).status_code == 404
    assert [each["id"] for each in (await client.get(ORDERS, headers=ada)).json()["items"]] == [order["id"]]
    assert (await client.get(ORDERS, headers=eve)).json() == {"items": [], "next_cursor": None}


async def test_a_stranger_can_not_pay_anothers_order(client):
    order = await place(client, token="declined")
    stranger = {**order, "access_token": "x" * 32}
    answer = await pay_again(client, stranger)
    assert answer.status_code == 404
    assert len((await get_order(client, order))["payments"]) == 1


async def test_a_stranger_is_not_shown_the_stored_answer_of_a_payment(client):
    order = await place(client, token="declined")
    await pay_again(client, order, key="mine")
    answer = await pay_again(client, {**order, "access_token": "x" * 32}, key="mine")
    assert answer.status_code == 404


async def test_the_list_asks_for_a_sign_in(client):
    assert (await client.get(ORDERS)).status_code == 401


async def test_orders_are_listed_newest_first_page_by_page(client):
    ada = await bearer(await make_account())
    mug = await make_product(stock=50)
    placed = [(await place(client, (mug, 1), headers=ada))["number"] for _ in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        answer = (await client.get(f"{ORDERS}?limit=2{cursor}", headers=ada)).json()
        assert len(answer["items"]) <= 2
        seen += [order["number"] for order in answer["items"]]
        cursor = f"&cursor={answer['next_cursor']}" if answer["next_cursor"] else None
    assert seen == placed[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=WyJ4Il0"])
async def test_a_page_that_can_not_be_meant_is_refused(client, query):
    ada = await bearer(await make_account())
    assert (await client.get(f"{ORDERS}?{query}", headers=ada)).status_code == 422


async def test_staff_find_orders_by_status_number_and_address(client):
    staff = await bearer(await make_account("staff@example.com", permissions=("orders.view",)))
    paid = await place(client, email="ada@example.com")
    failed = await place(client, token="declined", email="Bob_%@example.com")

    async def found(query):
        answer = await client.get(f"/api/v1/admin/orders?{query}", headers=staff)
        assert answer.status_code == 200, answer.text
        assert all("access_token" not in order for order in answer.json()["items"])
        return [order["id"] for order in answer.json()["items"]]

    assert await found("") == [failed["id"], paid["id"]]
    assert await found("status=paid") == [paid["id"]]
    assert await found(f"q={paid['number'].lower()}") == [paid["id"]]
    assert await found(f"q={paid['number'].removeprefix('SO-')}") == [paid["id"]]
    assert await found("q=bob_%25") == [failed["id"]]
    assert await found("q=ADA%40") == [paid["id"]]
    assert await found("q=%25") == []
    assert await found("q=ada&status=payment_failed") == []


@pytest.mark.parametrize("headers", ["nobody", "customer", "other staff"])
async def test_only_staff_who_may_see_orders_find_them(client, headers):
    who = {
        "nobody": {},
        "customer": await bearer(await make_account()),
        "other staff": await bearer(await make_account("s@example.com", permissions=("stock.view",))),
    }[headers]
    answer = await client.get("/api/v1/admin/orders", headers=who)
    assert answer.status_code == (401 if headers == "nobody" else 403)


async def test_an_unknown_status_is_refused(client):
    staff = await bearer(await make_account("staff@example.com", permissions=("orders.view",)))
    assert (await client.get("/api/v1/admin/orders?status=lost", headers=staff)).status_code == 422


async def test_a_whole_checkout_takes_at_most_25_statements(client, record_statements):
    await place(client)
    cart = await cart_of(client, *[(await make_product(), n) for n in (1, 2, 3)])
    body = checkout_body(cart)
    with record_statements() as sent:
        answer = await check_out(client, cart, body, key="counted")
    assert answer.json()["status"] == "paid"
    assert len(sent) <= 25, "\n".join(sent)


async def test_an_order_takes_at_most_4_statements(client, record_statements):
    ada = await bearer(await make_account())
    order = await place(client, headers=ada)
    with record_statements() as sent:
        await client.get(f"{ORDERS}/{order['id']}", headers=ada)
    assert len(sent) <= 4, "\n".join(sent)


async def test_a_list_of_orders_takes_as_many_statements_as_one_order(client, record_statements):
    ada = await bearer(await make_account())
    for _ in range(3):
        await place(client, headers=ada)
    with record_statements() as sent:
        assert len((await client.get(ORDERS, headers=ada)).json()["items"]) == 3
    assert len(sent) <= 4, "\n".join(sent)
