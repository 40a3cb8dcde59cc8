"""Payments in the back office as people see and use them: what waits is named, deeds are done once, refusals are told."""

import re
from datetime import timedelta

import pytest

from shop.contracts.payment_providers import ProviderDispute
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.repository import disputes
from shop.modules.payments.service import reconcile
from tests.bad_input.people import csrf_in
from tests.factories.back_office import DESK, member, place_by
from tests.factories.identity import make_account, sign_in_browser
from tests.factories.orders import get_order, open_shop, place, status_of
from tests.factories.payments import get_intent, make_processed, scalar
from tests.factories.reconciliation import change_payment, forget_charge, reconciled

TOTAL = 2 * 1999 + 490


@pytest.fixture
def _settings(monkeypatch):
    monkeypatch.setenv("SHOP_BANK_TRANSFER_TO", "Fernweh GmbH, DE89 3704 0044 0532 0130 00")
    monkeypatch.setenv("SHOP_CASH_ON_DELIVERY", "1")
    monkeypatch.setenv("SHOP_CAPTURE", "manual")
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "20.00")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


pytestmark = pytest.mark.usefixtures("db", "_settings")


@pytest.fixture
async def staff(client):
    """Signed in to the pages, and may do everything but approve."""
    await open_shop()
    await sign_in_browser(client, await make_account("desk@example.com", name="Dora Desk", permissions=DESK))
    return client


async def send(client, path, page="/admin/payments", **fields):
    token = csrf_in((await client.get(page)).text) or csrf_in((await client.get("/account")).text)
    return await client.post(path, data={"csrf_token": token, **fields})


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def payment_of(order):
    return order["payments"][0]["id"]


async def test_the_orders_page_offers_what_can_be_done(staff):
    held, transfer = await place(staff), await place_by(staff, "bank_transfer")
    html = (await staff.get(f"/admin/orders/{held['id']}")).text
    assert f'action="/admin/payments/{payment_of(held)}/capture"' in html
    assert f'action="/admin/payments/{payment_of(held)}/release"' in html
    assert "/receipt" not in html
    html = (await staff.get(f"/admin/orders/{transfer['id']}")).text
    assert f'action="/admin/payments/{payment_of(transfer)}/receipt"' in html
    assert "/capture" not in html


@pytest.mark.parametrize(("typed", "taken"), [("", TOTAL), ("30", 3000), ("30,5", 3050)])
async def test_what_is_held_is_taken_from_the_page(staff, typed, taken):
    order = await place(staff)
    answer = await send(
        staff, f"/admin/payments/{payment_of(order)}/capture", f"/admin/orders/{order['id']}", amount=typed
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/orders/{order['id']}")
    assert (await get_intent(payment_of(order))).captured_amount == taken
    assert await status_of(order["id"]) == "paid"


@pytest.mark.parametrize(
    ("typed", "told"),
    [("0", "At most €44.88"), ("44.89", "At most €44.88"), ("lots", "is not a number"), ("-3", "At most €44.88")],
)
async def test_an_amount_that_can_not_be_taken_is_told(staff, typed, told):
    order = await place(staff)
    url = f"/admin/orders/{order['id']}"
    await send(staff, f"/admin/payments/{payment_of(order)}/capture", url, amount=typed)
    assert told in words((await staff.get(url)).text)
    assert (await get_intent(payment_of(order))).status == "authorized"


async def test_a_second_click_is_told_and_does_nothing(staff):
    order = await place(staff)
    url = f"/admin/orders/{order['id']}"
    await send(staff, f"/admin/payments/{payment_of(order)}/release", url)
    await send(staff, f"/admin/payments/{payment_of(order)}/release", url)
    assert "Nothing is held of this payment" in words((await staff.get(url)).text)
    assert await status_of(order["id"]) == "payment_failed"


async def test_money_at_the_door_is_recorded(staff):
    order = await place_by(staff, "cash_on_delivery")
    await send(staff, f"/admin/payments/{payment_of(order)}/receipt", f"/admin/orders/{order['id']}")
    assert (await get_order(staff, order))["received"]["amount"] == TOTAL


async def test_the_list_names_orders_and_is_filtered(staff):
    order, transfer = await place(staff), await place_by(staff, "bank_transfer")
    html = (await staff.get("/admin/payments")).text
    assert order["number"] in html
    assert transfer["number"] in html
    assert order["number"] not in (await staff.get("/admin/payments?provider=bank_transfer")).text
    assert transfer["number"] not in (await staff.get("/admin/payments?status=authorized")).text
    assert "No such payments" in (await staff.get("/admin/payments?attention=1")).text
    assert "No such payments" in (await staff.get("/admin/payments?q=nothing")).text
    assert (await staff.get("/admin/payments?status=nonsense&provider=nobody")).status_code == 200


async def test_money_that_is_held_waits_to_be_taken(staff):
    order = await place(staff)
    assert "1 payment to take" in words((await staff.get("/admin/payments")).text)
    await send(staff, f"/admin/payments/{payment_of(order)}/capture")
    assert "to take" not in words((await staff.get("/admin/payments")).text)


async def test_the_dashboard_shows_the_money_of_the_last_days(client):
    await open_shop()
    permissions = (*DESK, "backoffice.view")
    await sign_in_browser(client, await make_account("boss@example.com", permissions=permissions))
    order = await place(client)
    assert "Money by day" not in words((await client.get("/admin")).text)
    await send(client, f"/admin/payments/{payment_of(order)}/capture")
    assert "Money by day All payments The last 14 days" in words((await client.get("/admin")).text)


async def test_one_payment_tells_all_of_it(staff):
    order = await place(staff)
    await send(staff, f"/admin/payments/{payment_of(order)}/capture")
    dispute = ProviderDispute(
        provider_ref="dp_1",
        payment_ref="x",
        amount=Money(500, "EUR"),
        reason="product not received",
        status="needs_response",
        respond_by=clock.now() + timedelta(days=2),
    )
    await write(disputes.keep, "sandbox", dispute, payment_of(order))
    await change_payment(payment_of(order), "staff_note = 'It differs'")
    html = (await staff.get(f"/admin/payments/{payment_of(order)}")).text
    for told in ("It differs", "Dispute over €5.00", "Product not received", order["number"], "Test card"):
        assert told in html
    assert "day left" in words((await staff.get("/admin/disputes")).text)
    waiting = words((await staff.get("/admin/payments")).text)
    assert "1 payment to look into" in waiting
    assert "1 dispute to answer" in waiting
    await send(staff, f"/admin/payments/{payment_of(order)}/looked-into")
    assert "It differs" not in (await staff.get(f"/admin/payments/{payment_of(order)}")).text


async def test_the_queue_lets_a_second_person_decide(client, staff):
    order = await place(staff)
    await send(staff, f"/admin/payments/{payment_of(order)}/capture")
    asker = await member(staff, "asker", *DESK)
    wish = {"amount": {"amount": 3000, "currency": "EUR"}, "reason": "Torn"}
    refund = (await asker("POST", f"orders/{order['id']}/refunds", wish)).json()["items"][0]["id"]
    assert "Waits for somebody who may approve refunds" in (await staff.get("/admin/refunds")).text
    assert (await send(staff, f"/admin/refunds/{refund}/approve")).status_code == 403
    boss = await make_account("boss@example.com", name="Bea Boss", permissions=("payments.view", "refunds.approve"))
    await sign_in_browser(client, boss)
    html = (await client.get("/admin/refunds")).text
    assert "Torn" in html
    assert order["number"] in html
    answer = await send(client, f"/admin/refunds/{refund}/approve", "/admin/refunds")
    assert answer.status_code == 303
    assert await scalar("select refunded from orders.sales_order") == 3000
    await send(client, f"/admin/refunds/{refund}/reject", "/admin/refunds")
    assert "has been decided already" in (await client.get("/admin/refunds")).text
    assert "approved by Bea Boss" in words((await client.get("/admin/refunds?queue=done")).text)


async def test_ones_own_refund_is_shown_with_why_it_waits(client, staff):
    order = await place(staff)
    await send(staff, f"/admin/payments/{payment_of(order)}/capture")
    boss = await make_account("boss@example.com", permissions=(*DESK, "refunds.approve"))
    await sign_in_browser(client, boss)
    html = (await client.get(f"/admin/orders/{order['id']}")).text
    attempt = re.search(r'name="attempt" value="([^"]+)"', html)
    await client.post(
        f"/admin/orders/{order['id']}/refunds",
        data={"csrf_token": csrf_in(html), "attempt": attempt[1], "what": "all", "reason": "Torn"},
    )
    html = (await client.get("/admin/refunds")).text
    assert "You asked for it: another person has to approve it" in html
    assert "/approve" not in html
    refund = await scalar("select id from payments.refund")
    for deed in ("approve", "reject"):
        await send(client, f"/admin/refunds/{refund}/{deed}", "/admin/refunds")
        assert "A second person has to approve" in words((await client.get("/admin/refunds")).text)
    assert await scalar("select status from payments.refund") == "awaiting_approval"


async def test_a_transfer_back_is_marked_as_paid(staff):
    order = await place_by(staff, "bank_transfer")
    await send(staff, f"/admin/payments/{payment_of(order)}/receipt")
    asker = await member(staff, "asker", *DESK)
    wish = {"amount": {"amount": 900, "currency": "EUR"}, "reason": "Torn"}
    refund = (await asker("POST", f"orders/{order['id']}/refunds", wish)).json()["items"][0]["id"]
    assert f"/admin/refunds/{refund}/paid-out" in (await staff.get("/admin/refunds?queue=to_pay_out")).text
    answer = await send(staff, f"/admin/refunds/{refund}/paid-out", "/admin/refunds?queue=to_pay_out")
    assert answer.headers["location"] == "/admin/refunds?queue=to_pay_out"
    assert await scalar("select refunded from orders.sales_order") == 900
    assert (await staff.get("/admin/refunds?queue=nonsense")).status_code == 200
    assert (await send(staff, f"/admin/refunds/{new_id()}/paid-out")).status_code == 404


async def test_reconciliation_is_begun_watched_and_cleared(staff):
    order = await place(staff)
    await forget_charge(payment_of(order))
    begun = await send(staff, "/admin/reconciliation", "/admin/reconciliation")
    run = begun.headers["location"]
    html = (await staff.get(run)).text
    assert 'hx-trigger="every 1s"' in html
    assert "Waiting for a worker" in html
    await send(staff, "/admin/reconciliation")
    assert "under way already" in (await staff.get("/admin/reconciliation")).text
    assert await reconcile.begin_waiting_run()
    await reconcile.RUNS.ended()
    html = (await staff.get("/admin/reconciliation")).text
    assert "hx-trigger" not in html
    assert "Order, no payment" in html
    assert order["number"] in html
    assert "Dora Desk" in html
    found = await scalar("select id from payments.discrepancy")
    url = f"/admin/discrepancies/{found}/resolve"
    for note in ("", "   "):
        await send(staff, url, "/admin/reconciliation", note=note)
        assert "Say in a few words" in (await staff.get("/admin/reconciliation")).text
    await send(staff, url, "/admin/reconciliation", note="Paid by a voucher of the fair")
    assert "The books agree" in (await staff.get("/admin/reconciliation")).text
    assert "Paid by a voucher of the fair" in (await staff.get(run)).text
    await send(staff, url, "/admin/reconciliation", note="Again")
    assert "closed already" in (await staff.get("/admin/reconciliation")).text


@pytest.mark.parametrize("since", ["nonsense", "2999-01-01", "1990-01-01"])
async def test_days_that_can_not_be_compared_are_told(staff, since):
    answer = await send(staff, "/admin/reconciliation", since=since)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/reconciliation")
    assert await scalar("select count(*) from payments.reconciliation") == 0


async def test_who_may_only_look_finds_nothing_to_press(client):
    await open_shop()
    order = await place(client)
    viewer = await make_account("viewer@example.com", permissions=("orders.view", "payments.view", "backoffice.view"))
    await sign_in_browser(client, viewer)
    await forget_charge(payment_of(order))
    await reconciled()
    for url in (f"/admin/orders/{order['id']}", f"/admin/payments/{payment_of(order)}", "/admin/reconciliation"):
        html = (await client.get(url)).text
        assert re.findall(r'action="(/admin/(?:payments|orders|discrepancies|reconciliation)[^"]*)"', html) == []
    assert "1 discrepancy" in words((await client.get("/admin")).text)


async def test_the_dashboard_is_quiet_while_nothing_waits(client):
    await sign_in_browser(client, await make_account("viewer@example.com", permissions=("backoffice.view",)))
    assert "Money that waits" not in (await client.get("/admin")).text


async def test_the_picture_shows_what_was_taken_and_given_back(staff):
    await make_processed("ok")
    await change_payment(
        await scalar("select id from payments.payment"), "status = 'captured', captured_amount = amount"
    )
    html = (await staff.get("/admin/payments")).text
    assert "€19.99 taken" in html
    assert 'height="100"' in html


@pytest.mark.parametrize(
    ("url", "most"),
    [("/admin/payments", 8), ("/admin/refunds?queue=done", 6), ("/admin/disputes", 4), ("/admin/reconciliation", 6)],
)
async def test_pages_keep_their_statement_budget(staff, record_statements, url, most):
    for _ in range(3):
        await place(staff)
    await staff.get(url)
    with record_statements() as sent:
        assert (await staff.get(url)).status_code == 200
    assert len(sent) <= most, sent
