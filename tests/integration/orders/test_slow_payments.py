"""Orders paid by debits whose banks take days: the goods wait for them, the sweep is patient, and pages say what is so."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.modules.inventory.service import expire_batch
from shop.modules.orders.rules import TRY_AGAIN_WITHIN
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.ports import STRIPE
from shop.modules.payments.rules import DEBIT_CHECK
from shop.modules.payments.service.process_payment import look_up_payment
from tests.factories.forms import words
from tests.factories.identity import make_account, sign_in_browser
from tests.factories.orders import get_order, pay_again, place
from tests.factories.payments import fall_due, get_intent, scalar
from tests.fakes.stripe_api.process import StripeFake

pytestmark = pytest.mark.usefixtures("shop")
PATIENT_IBAN = "AT321904300235473204"
"""Its bank decides when it is told to."""
DAYS = timedelta(days=20)


@pytest.fixture
async def debit(stripe_fake: StripeFake) -> AsyncIterator[str]:
    """A means of payment as Stripe's own form makes it."""
    fields = {
        "type": "sepa_debit",
        "sepa_debit[iban]": PATIENT_IBAN,
        "billing_details[name]": "Ada Lovelace",
        "billing_details[email]": "ada@example.com",
    }
    yield (await stripe_fake.call("POST", "/v1/payment_methods", data=fields))["id"]
    await STRIPE.aclose()


async def place_by(client, method):
    return await place(client, payment={"provider": "stripe", "token": method})


async def intent_of(order):
    return await get_intent(UUID(order["payments"][0]["id"]))


async def let_time_pass(drain_outbox, by):
    with clock.shifted(by):
        await write(expire_batch, clock.now())
    await drain_outbox()


async def test_the_goods_wait_for_a_debit_until_its_bank_has_decided(client, debit, stripe_fake, drain_outbox):
    order = await place_by(client, debit)
    assert datetime.fromisoformat(order["reserved_until"]) > clock.now() + DAYS
    await let_time_pass(drain_outbox, DAYS)
    assert (await get_order(client, order))["status"] == "pending_payment"
    intent = await intent_of(order)
    assert (intent.status, intent.called_off_at) == ("pending", None)
    await stripe_fake.control("end_processing", intent=intent.provider_ref, success=True)
    await look_up_payment(intent.id)
    assert (await get_order(client, order))["status"] == "paid"


async def test_a_debit_that_the_buyer_confirms_on_the_page_is_waited_for_too(client, debit, stripe_fake):
    order = await place_by(client, None)
    assert datetime.fromisoformat(order["reserved_until"]) < clock.now() + timedelta(hours=1)
    intent = await intent_of(order)
    details = {"payment_method": debit, "return_url": "http://testserver/back"}
    await stripe_fake.call("POST", f"/v1/payment_intents/{intent.provider_ref}/confirm", data=details)
    await look_up_payment(intent.id)
    order = await get_order(client, order)
    assert order["payments"][0]["status"] == "pending"
    assert datetime.fromisoformat(order["reserved_until"]) > clock.now() + DAYS


async def place_and_fail(client, debit, stripe_fake):
    order = await place_by(client, debit)
    intent = await intent_of(order)
    await stripe_fake.control("end_processing", intent=intent.provider_ref, success=False)
    await look_up_payment(intent.id)
    return order | await get_order(client, order)


async def test_a_debit_that_failed_leaves_the_goods_to_another_way_to_pay(client, debit, stripe_fake):
    order = await place_and_fail(client, debit, stripe_fake)
    assert order["status"] == "payment_failed"
    assert (await pay_again(client, order)).status_code == 201
    assert (await get_order(client, order))["status"] == "paid"


async def test_after_a_day_the_goods_of_a_debit_that_failed_are_there_for_others(
    client, debit, stripe_fake, drain_outbox
):
    order = await place_and_fail(client, debit, stripe_fake)
    assert abs(datetime.fromisoformat(order["reserved_until"]) - clock.now() - TRY_AGAIN_WITHIN) < timedelta(minutes=1)
    await let_time_pass(drain_outbox, TRY_AGAIN_WITHIN - timedelta(minutes=1))
    assert (await get_order(client, order))["status"] == "payment_failed"
    await let_time_pass(drain_outbox, TRY_AGAIN_WITHIN + timedelta(minutes=1))
    assert (await get_order(client, order))["status"] == "expired"
    assert await scalar("select sum(reserved) from inventory.stock_item") == 0


async def test_a_card_that_failed_leaves_the_goods_as_long_as_before(client):
    order = await place(client, payment={"provider": "sandbox", "token": "declined"})
    assert order["status"] == "payment_failed"
    minutes = timedelta(minutes=settings().reservation_minutes)
    assert abs(datetime.fromisoformat(order["reserved_until"]) - clock.now() - minutes) < timedelta(minutes=1)


async def test_that_it_is_waited_for_is_told_once(client, debit):
    order = await place_by(client, debit)
    for _ in range(3):
        await look_up_payment(UUID(order["payments"][0]["id"]))
    notes = [entry["note"] for entry in (await get_order(client, order))["history"]]
    assert len([note for note in notes if note and note.startswith("Goods held until")]) == 1


async def test_who_pays_so_has_a_mail_that_says_what_is_waited_for(client, debit, drain_outbox):
    order = await place_by(client, debit)
    await drain_outbox()
    mail = words(await scalar("select html from notifications.message where template = 'order_held'"))
    plain = await scalar("select text from notifications.message where template = 'order_held'")
    for text in (mail, " ".join(plain.split())):
        assert "our payment of €44.88 is under way. It can take some days until it is confirmed" in text
        assert order["number"] in text
        assert "authorized" not in text


async def test_a_debit_of_days_is_looked_at_by_the_hour_at_last(client, debit):
    order = await place_by(client, debit)
    waits = []
    for _ in range(12):
        await fall_due(UUID(order["payments"][0]["id"]))
        await settle_open_payments()
        waits.append(await scalar("select next_check_at - now() from payments.payment"))
    assert waits[0] < timedelta(minutes=1)
    assert DEBIT_CHECK - timedelta(minutes=1) < waits[-1] <= DEBIT_CHECK


async def test_the_orders_page_says_that_it_takes_days_and_does_not_ask_again_and_again(client, debit):
    order = await place_by(client, debit)
    html = (await client.get(f"/orders/{order['id']}?token={order['access_token']}", follow_redirects=True)).text
    seen = words(html)
    for expected in ("Payment under way", "can take some days", "your goods are held until"):
        assert expected in seen, expected
    assert "that can take a moment" not in seen
    assert 'data-hx-trigger="load delay' not in html


async def test_staff_see_until_when_it_is_waited_for(client, debit):
    order = await place_by(client, debit)
    staff = await make_account("staff@example.com", permissions=("orders.view", "payments.view"))
    await sign_in_browser(client, staff)
    for page in (f"/admin/orders/{order['id']}", "/admin/orders"):
        assert "Payment under way" in words((await client.get(page)).text)
    until = (await intent_of(order)).holds_until
    shown = words((await client.get(f"/admin/payments/{order['payments'][0]['id']}")).text)
    assert f"It is waited for until {until.day}" in shown
    of_order = words((await client.get(f"/admin/orders/{order['id']}")).text)
    assert "Being asked for" not in shown + of_order
    assert f"Under way Decided by {until.day}" in of_order
