"""The form by which staff give an order's money back: by pieces, by a sum or all of it, once, and never more than there is."""

import re
from uuid import uuid4

import pytest

from shop.kernel.config import settings
from tests.bad_input.people import csrf_in
from tests.factories.cart import make_cart
from tests.factories.catalog import make_product
from tests.factories.identity import bearer, make_account, sign_in_browser
from tests.factories.orders import check_out, get_order, place
from tests.factories.payments import scalar
from tests.factories.wallet import balance_of

pytestmark = pytest.mark.usefixtures("shop")
TOTAL = 2 * 1999 + 490


@pytest.fixture
async def staff(client):
    await sign_in_browser(client, await make_account("desk@example.com", permissions=("orders.view", "orders.refund")))
    return client


async def page_of(client, order):
    return (await client.get(f"/admin/orders/{order['id']}")).text


def attempt_in(html):
    found = re.search(r'name="attempt" value="([^"]+)"', html)
    assert found is not None
    return found[1]


async def give_back(client, order, html=None, **fields):
    shown = html or await page_of(client, order)
    form = {
        "csrf_token": csrf_in(shown),
        "attempt": attempt_in(shown),
        "reason": "Scratched",
        "to": "original",
        **fields,
    }
    return await client.post(f"/admin/orders/{order['id']}/refunds", data=form)


async def refunded(order):
    return await scalar("select refunded from orders.sales_order where id = cast(:id as uuid)", id=order["id"])


async def test_pieces_go_back_at_what_was_paid_for_them(staff):
    order = await place(staff)
    line = order["lines"][0]["id"]
    answer = await give_back(staff, order, what="lines", **{f"line.{line}": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/orders/{order['id']}"), answer.text
    assert await refunded(order) == 1999
    html = await page_of(staff, order)
    assert "€19.99 given back" in html
    assert "1 refunded" in html
    assert f'name="line.{line}" type="number" inputmode="numeric" min="0" max="1"' in html


async def test_the_buyer_sees_which_pieces_went_back_once_it_is_decided(staff, monkeypatch):
    order = await place(staff)
    line = order["lines"][0]["id"]
    buyers = f"/orders/{order['id']}?token={order['access_token']}"
    await give_back(staff, order, what="lines", **{f"line.{line}": "1"})
    assert "1 of 2 refunded" in (await staff.get(buyers, follow_redirects=True)).text
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "10.00")
    settings.cache_clear()
    await give_back(staff, order, what="lines", **{f"line.{line}": "1"})
    assert "2 refunded" in await page_of(staff, order), "staff may not give them back twice meanwhile"
    assert "1 of 2 refunded" in (await staff.get(buyers, follow_redirects=True)).text
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(("typed", "amount"), [("5", 500), ("5.50", 550), ("5,50", 550), ("44.88", TOTAL)])
async def test_a_sum_goes_back(staff, typed, amount):
    order = await place(staff)
    assert (await give_back(staff, order, what="amount", amount=typed)).status_code == 303
    assert await refunded(order) == amount


async def test_all_that_is_left_goes_back(staff):
    order = await place(staff)
    await give_back(staff, order, what="amount", amount="5")
    await give_back(staff, order, what="all")
    assert await refunded(order) == TOTAL
    html = await page_of(staff, order)
    assert "Refunded" in html
    assert 'id="give-back"' not in html, "there is nothing left to give back"


async def test_the_same_form_sent_twice_is_one_wish(staff):
    order = await place(staff)
    html = await page_of(staff, order)
    for _ in range(3):
        assert (await give_back(staff, order, html, what="amount", amount="5")).status_code == 303
    assert await refunded(order) == 500
    assert await scalar("select count(*) from orders.order_refund") == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"what": "amount", "amount": ""}, "How much is to be given back?"),
        ({"what": "amount", "amount": "lots"}, "is not a number such as 19.99"),
        ({"what": "amount", "amount": "1.999"}, "more decimals than EUR has"),
        ({"what": "amount", "amount": "-5"}, "More than nothing"),
        ({"what": "amount", "amount": "0"}, "More than nothing"),
        ({"what": "lines"}, "Choose how many pieces"),
        ({"what": "lines", "line.LINE": "0"}, "Choose how many pieces"),
        ({"what": "lines", "line.LINE": "-1"}, "write how many pieces"),
        ({"what": "lines", "line.LINE": "1e3"}, "write how many pieces"),
        ({"what": "lines", "line.LINE": "²"}, "write how many pieces"),
        ({"what": "all", "reason": ""}, "This is needed"),
        ({"what": "all", "reason": "  "}, "This is needed"),
        ({"what": "everything"}, "Please have another look"),
        ({"what": "all", "to": "the moon"}, "Please have another look"),
        ({"what": "all", "attempt": "none"}, "Please have another look"),
        ({"what": "all", "to": "wallet"}, "refund to the original method"),
    ],
)
async def test_what_can_not_be_meant_is_told_and_moves_nothing(staff, fields, words):
    order = await place(staff)
    named = {name.replace("LINE", order["lines"][0]["id"]): value for name, value in fields.items()}
    answer = await give_back(staff, order, **named)
    assert answer.status_code == 422
    assert words in answer.text
    assert '<details class="disclosure" open' in answer.text
    assert await refunded(order) == 0
    assert await scalar("select count(*) from payments.refund") == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"what": "amount", "amount": "44.89"}, "more than is left of what was paid: €44.88"),
        ({"what": "lines", "line.LINE": "3"}, "More pieces than are left"),
    ],
)
async def test_more_than_there_is_is_refused(staff, fields, words):
    order = await place(staff)
    named = {name.replace("LINE", order["lines"][0]["id"]): value for name, value in fields.items()}
    answer = await give_back(staff, order, **named)
    assert answer.status_code == 409
    assert words in answer.text
    assert (await refunded(order), await scalar("select count(*) from payments.refund")) == (0, 0)


async def test_a_refund_above_the_limit_waits_and_says_so(staff, monkeypatch):
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "10.00")
    settings.cache_clear()
    order = await place(staff)
    await give_back(staff, order, what="all")
    html = await page_of(staff, order)
    assert "wait for a second person" in html
    assert "Waits for approval" in html
    assert await refunded(order) == 0
    monkeypatch.undo()
    settings.cache_clear()


async def test_an_account_may_have_it_in_the_wallet_at_once(client):
    buyer = await make_account("ada@example.com")
    mine = await bearer(buyer)
    mug = await make_product(title="Mug", price=1000, stock=5)
    cart = await make_cart(client, (mug.variant_id, 1))
    order = (await check_out(client, cart, headers=mine)).json()
    await sign_in_browser(client, await make_account("desk@example.com", permissions=("orders.view", "orders.refund")))
    html = await page_of(client, order)
    assert "To the buyer&#39;s wallet" in html
    assert (await give_back(client, order, html, what="amount", amount="3", to="wallet")).status_code == 303
    assert await refunded(order) == 300
    assert await balance_of(buyer) == 300


async def test_who_may_not_give_money_back_sees_no_form_and_is_refused(client):
    order = await place(client)
    await sign_in_browser(client, await make_account("viewer@example.com", permissions=("orders.view",)))
    html = await page_of(client, order)
    assert "give-back" not in html
    answer = await client.post(
        f"/admin/orders/{order['id']}/refunds",
        data={"csrf_token": csrf_in(html), "what": "all", "reason": "Mine", "attempt": str(uuid4())},
    )
    assert answer.status_code == 403
    assert await refunded(order) == 0


async def test_another_site_can_not_send_the_form(staff):
    order = await place(staff)
    html = await page_of(staff, order)
    form = {"what": "all", "reason": "Mine", "attempt": attempt_in(html)}
    answer = await staff.post(f"/admin/orders/{order['id']}/refunds", data=form)
    assert answer.status_code == 403
    assert (await get_order(staff, order))["refunded"]["amount"] == 0


async def test_the_page_keeps_its_statement_budget(staff, record_statements):
    order = await place(staff)
    await give_back(staff, order, what="amount", amount="5")
    await page_of(staff, order)
    with record_statements() as sent:
        await page_of(staff, order)
    assert len(sent) <= 12, sent
