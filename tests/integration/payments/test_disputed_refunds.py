"""What a buyer's bank took back, or is about to, is not there to be given back: all that is left is what is really left."""

import asyncio

import pytest

from shop.contracts.payments import Payments, RefundTooLarge
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from tests.factories.back_office import DESK, member
from tests.factories.identity import bearer, make_account, sign_in_browser
from tests.factories.orders import cart_of, check_out, open_shop, place
from tests.factories.payments import call_off, dispute, get_intent, make_processed, scalar, wish_refund
from tests.factories.wallet import balance_of, make_wallet

pytestmark = pytest.mark.usefixtures("db")
TOTAL = 2 * 1999 + 490


@pytest.fixture
async def desk(client):
    await open_shop()
    return await member(client, "desk", *DESK)


@pytest.fixture
def limit(monkeypatch):
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "1.00")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


def payment_of(order):
    return order["payments"][0]["id"]


async def all_that_is_left(desk, order, to="original"):
    return await desk("POST", f"orders/{order['id']}/refunds", {"to": to, "reason": "Broken"})


async def refundable(desk, order):
    return (await desk("GET", f"payments/{payment_of(order)}")).json()["payment"]["refundable"]


async def test_all_that_is_left_leaves_out_what_was_lost(client, desk):
    order = await place(client)
    await dispute(payment_of(order), "lost", 1500)
    assert await refundable(desk, order) == eur(TOTAL - 1500)
    answer = await all_that_is_left(desk, order)
    assert answer.status_code == 201, answer.text
    assert [each["amount"] for each in answer.json()["items"]] == [eur(TOTAL - 1500)]
    assert await refundable(desk, order) == eur(0)
    nothing = await all_that_is_left(desk, order)
    assert (nothing.status_code, nothing.json()["errors"][0]["field"]) == (422, "amount")


async def test_the_pages_show_what_is_really_left(client, desk):
    order = await place(client)
    await dispute(payment_of(order), "lost", 1500)
    await sign_in_browser(client, await make_account("boss@example.com", permissions=DESK))
    html = (await client.get(f"/admin/orders/{order['id']}")).text
    assert "At most €29.88" in html
    assert "€29.88" in (await client.get(f"/admin/payments/{payment_of(order)}")).text
    await dispute(payment_of(order), "lost", TOTAL, ref="dp_2")
    assert 'id="give-back"' not in (await client.get(f"/admin/orders/{order['id']}")).text


async def test_what_is_contested_may_go_back_where_it_came_from_but_not_to_the_wallet(client, desk):
    buyer = await make_account("ada@example.com")
    order = (await check_out(client, await cart_of(client), headers=await bearer(buyer))).json()
    await dispute(payment_of(order), "under_review", 1500)
    assert await refundable(desk, order) == eur(TOTAL)
    answer = await all_that_is_left(desk, order, "wallet")
    assert answer.status_code == 201, answer.text
    assert await balance_of(buyer) == TOTAL - 1500
    assert [each["amount"] for each in (await all_that_is_left(desk, order)).json()["items"]] == [eur(1500)]


async def test_too_much_for_the_wallet_is_refused_with_what_could_go_there():
    payment = await make_processed("ok")
    await dispute(payment.id, "needs_response", 1500)
    wish = wish_refund(500, to="wallet", account_id=await make_wallet())
    with pytest.raises(RefundTooLarge) as refusal:
        await write(port(Payments).request_refunds, payment.order_id, wish)
    assert refusal.value.extra["refundable"] == Money(499, "EUR")


@pytest.mark.parametrize("end", ["won", "closed"])
async def test_a_dispute_that_ended_well_leaves_all(end):
    payment = await make_processed("ok")
    for status in ("needs_response", end):
        await dispute(payment.id, status, 1500)
    intent = await get_intent(payment.id)
    assert intent.refundable("wallet") == intent.refundable("original") == Money(1999, "EUR")


async def test_several_disputes_count_together_and_may_be_more_than_there_was():
    payment = await make_processed("ok")
    await dispute(payment.id, "lost", 1500)
    await dispute(payment.id, "lost", 1500, ref="dp_2")
    await dispute(payment.id, "lost", 700, ref="dp_3", currency="USD")
    intent = await get_intent(payment.id)
    assert (intent.lost_amount, intent.refundable()) == (3000, Money(0, "EUR"))


async def test_refunds_and_a_lost_dispute_at_once_give_back_no_more_than_there_was(fake):
    payment = await make_processed("ok", provider="fake")
    ada = await make_wallet()

    async def ask():
        wish = wish_refund(100, to="wallet", account_id=ada)
        return await write(port(Payments).request_refunds, payment.order_id, wish)

    asked = [ask() for _ in range(20)]
    await asyncio.gather(*asked[:10], dispute(payment.id, "needs_response", 1999), *asked[10:], return_exceptions=True)
    before = await balance_of(ada)
    with pytest.raises(RefundTooLarge):
        await ask()
    assert await balance_of(ada) == before < 1999


@pytest.mark.parametrize(("to", "status"), [("original", "lost"), ("wallet", "lost"), ("wallet", "under_review")])
async def test_what_a_bank_took_while_a_refund_waited_can_not_be_approved(limit, to, status):
    payment = await make_processed("ok")
    ada = await make_wallet()
    wish = wish_refund(800, to=to, account_id=ada)
    (refund,) = await write(port(Payments).request_refunds, payment.order_id, wish)
    assert refund.status == "awaiting_approval"
    await dispute(payment.id, status, 1500)
    with pytest.raises(RefundTooLarge) as refusal:
        await write(port(Payments).decide_refund, refund.id, approve=True, by=new_id())
    assert refusal.value.extra["refundable"] == Money(499, "EUR")
    assert await scalar("select status from payments.refund") == "awaiting_approval"
    assert await balance_of(ada) == 0
    await write(port(Payments).decide_refund, refund.id, approve=False, by=new_id())
    assert (await get_intent(payment.id)).refundable(to) == Money(499, "EUR")


async def test_a_refund_that_is_still_covered_is_approved(limit):
    payment = await make_processed("ok")
    (refund,) = await write(port(Payments).request_refunds, payment.order_id, wish_refund(499))
    await dispute(payment.id, "lost", 1500)
    approved = await write(port(Payments).decide_refund, refund.id, approve=True, by=new_id())
    assert approved.status == "pending"


async def test_what_is_left_of_an_ended_order_goes_back_without_what_was_lost(fake, told):
    payment = await make_processed("ok", provider="fake")
    await dispute(payment.id, "lost", 1500)
    await call_off(payment.order_id)
    await port(Payments).process_order(payment.order_id)
    assert told.refunded == [(payment.id, 499)]
    assert fake.refunded(payment.id) == 499
