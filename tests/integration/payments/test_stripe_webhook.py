"""What Stripe tells: believed to come from Stripe only when signed just now, stored once, and looked into, not trusted."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from stripe import WebhookSignature

from shop.contracts.payment_providers import ProviderAway
from shop.kernel.ids import new_id
from shop.modules.payments.ports import STRIPE
from shop.modules.payments.service.receive_event import look_into_event
from tests.factories.payments import get_intent, make_payment, make_processed, scalar
from tests.fakes.stripe_stand_in import WEBHOOK_SECRET

CARD_3DS = {"number": "4000002500003155", "exp_month": "12", "exp_year": "2030", "cvc": "123"}


@pytest.fixture(autouse=True)
async def connections(stripe) -> AsyncIterator[None]:
    yield
    await STRIPE.aclose()


def event_of(payment, status="succeeded", event_id=None, **changes) -> str:
    subject = {
        "id": changes.pop("ref", "pi_123"),
        "object": "payment_intent",
        "status": status,
        "metadata": {"payment_id": str(payment.id), "order_id": str(payment.order_id)},
    }
    event = {"id": event_id or f"evt_{new_id().hex}", "object": "event", "type": f"payment_intent.{status}"}
    return json.dumps({**event, "data": {"object": subject}, **changes})


async def post(client: httpx.AsyncClient, body: str | bytes, signature: str | None = None) -> httpx.Response:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return await client.post("/webhooks/stripe", content=body, headers=headers)


def signed(body: str, secret: str = WEBHOOK_SECRET, at: float = 0) -> str:
    return WebhookSignature.generate_signature_header(body, secret, int(time.time() + at))


async def stored_events() -> int:
    return await scalar("select count(*) from payments.provider_event")


async def waiting_payment(stripe):
    """A card that wants 3-D Secure, and a way to give it."""
    fields = {"type": "card", **{f"card[{name}]": value for name, value in CARD_3DS.items()}}
    card = await stripe.call("POST", "/v1/payment_methods", data=fields)
    payment = await make_processed(card["id"], provider="stripe")
    assert payment.status == "requires_action"

    async def confirm(success="true"):
        ref = (await get_intent(payment.id)).provider_ref
        path = f"/v1/payment_intents/{ref}/_authenticate"
        await stripe.call("POST", path, data={"client_secret": payment.client_secret, "success": success})

    return payment, confirm


async def test_a_payment_is_captured_by_what_stripe_says_after_its_event(client, stripe, drain_outbox, told):
    payment, confirm = await waiting_payment(stripe)
    await confirm()
    body = event_of(payment, ref=(await get_intent(payment.id)).provider_ref)
    answer = await post(client, body, signed(body))
    assert answer.status_code == 200
    assert (await get_intent(payment.id)).status == "requires_action", "applied after the answer, by a worker"
    await drain_outbox()
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]
    assert await scalar("select count(*) from payments.provider_event where applied_at is not null") == 1


async def test_an_event_that_comes_twice_is_stored_and_applied_once(client, stripe, drain_outbox, told):
    payment, confirm = await waiting_payment(stripe)
    await confirm()
    body = event_of(payment)
    answers = await asyncio.gather(*(post(client, body, signed(body)) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert await stored_events() == 1
    assert await scalar("select count(*) from kernel.outbox") == 1
    await drain_outbox()
    assert told.captured == [payment.id]


async def test_events_in_the_wrong_order_end_at_the_truth(client, stripe, drain_outbox, told):
    payment, confirm = await waiting_payment(stripe)
    await confirm()
    for status in ("succeeded", "payment_failed", "requires_action", "created"):
        body = event_of(payment, status)
        assert (await post(client, body, signed(body))).status_code == 200
    await drain_outbox()
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]
    assert told.failed == []


async def test_an_event_that_lies_changes_nothing(client, stripe, drain_outbox, told):
    payment, _ = await waiting_payment(stripe)
    body = event_of(payment, "succeeded")
    await post(client, body, signed(body))
    await drain_outbox()
    assert (await get_intent(payment.id)).status == "requires_action"
    assert told.captured == []


async def test_a_buyer_who_fails_at_the_bank_is_told(client, stripe, drain_outbox, told):
    payment, confirm = await waiting_payment(stripe)
    await confirm(success="false")
    body = event_of(payment, "payment_failed")
    await post(client, body, signed(body))
    await drain_outbox()
    intent = await get_intent(payment.id)
    assert intent.status == "failed"
    assert "authentication" in intent.failure
    assert told.failed == [payment.id]


async def test_an_event_about_another_payments_intent_is_not_believed(client, stripe, drain_outbox, told):
    """Its claim that somebody else's charge belongs to this payment is checked against that charge."""
    paid = await make_processed("pm_card_visa", provider="stripe")
    unpaid = await make_payment("pm_card_visa", provider="stripe")
    body = event_of(unpaid, ref=(await get_intent(paid.id)).provider_ref)
    await post(client, body, signed(body))
    await drain_outbox()
    assert (await get_intent(unpaid.id)).status == "pending"
    assert told.captured == [paid.id]


async def test_events_of_other_shops_on_the_same_account_are_put_aside(client, drain_outbox):
    event = {
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_9", "object": "payment_intent"}},
    }
    body = json.dumps(event)
    assert (await post(client, body, signed(body))).status_code == 200
    await drain_outbox()
    assert await scalar("select count(*) from payments.provider_event where applied_at is not null") == 1
    assert await scalar("select count(*) from kernel.outbox") == 0


async def test_an_event_waits_for_a_stripe_that_is_away(client, stripe, drain_outbox, told):
    payment, confirm = await waiting_payment(stripe)
    await confirm()
    body = event_of(payment, event_id="evt_away")
    await post(client, body, signed(body))
    stripe.away = True
    with pytest.raises(ProviderAway):
        await look_into_event("stripe", "evt_away")
    stripe.away = False
    await drain_outbox()
    assert told.captured == [payment.id]


async def test_what_localstripe_signs_itself_is_accepted(client, stripe, drain_outbox, told):
    await stripe.register_webhook()
    payment, confirm = await waiting_payment(stripe)
    await confirm()
    ref = (await get_intent(payment.id)).provider_ref
    while True:
        delivery = await asyncio.wait_for(stripe.deliveries.get(), 10)
        if json.loads(delivery.body)["data"]["object"].get("id") == ref:
            break
    assert (await post(client, delivery.body, delivery.signature)).status_code == 200
    await drain_outbox()
    assert told.captured == [payment.id]


@pytest.mark.parametrize(
    "make_signature",
    [
        lambda body: None,
        lambda body: "",
        lambda body: "garbage",
        lambda body: "t=,v1=",
        lambda body: "t=abc,v1=00",
        lambda body: "t=99999999999999999999,v1=00",
        lambda body: f"t={int(time.time())}",
        lambda body: f"t={int(time.time())},v1=0000",
        lambda body: signed(body, "whsec_another"),
        lambda body: signed(body + " "),
        lambda body: signed(body, at=-301),
        lambda body: signed(body, at=+310),
        lambda body: signed(body).replace("v1=", "v0="),
    ],
    ids=["none", "empty", "garbage", "bare", "no-time", "huge", "unsigned", "wrong", "other-secret", "other-body", "old",
         "future", "other-scheme"],
)  # fmt: skip
async def test_a_forged_or_old_event_is_refused_and_leaves_no_trace(client, stripe, drain_outbox, told, make_signature):
    payment, confirm = await waiting_payment(stripe)
    await confirm()
    body = event_of(payment)
    answer = await post(client, body, make_signature(body))
    assert answer.status_code == 400
    assert answer.json()["code"] == "not_from_provider"
    assert await stored_events() == 0
    assert await drain_outbox() == 0
    assert told.captured == []


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{}", "{", '{"id": 1, "type": "x"}', '{"id": "", "type": "x"}', '{"id": "e\\u0000", "type": "x"}',
     '{"id": "evt", "type": ""}', '{"id": "evt", "type": "x", "data": []}', "[" * 5000],
)  # fmt: skip
async def test_a_signed_body_that_is_no_event_is_refused_and_leaves_no_trace(client, body):
    answer = await post(client, body, signed(body))
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert await stored_events() == 0


async def test_a_body_that_is_no_text_is_refused(client):
    assert (await post(client, b"\xff\xfe\x00", "t=1,v1=00")).status_code == 400


@pytest.mark.parametrize(
    "subject",
    [
        None,
        {"object": "charge", "payment_intent": None},
        {"object": "payment_intent", "id": 5, "metadata": {"payment_id": 5}},
        {"object": "payment_intent", "id": "pi_1", "metadata": {"payment_id": "no-uuid"}},
        {"object": "payment_intent", "id": "pi_1", "metadata": []},
        {"object": "balance", "available": {}},
    ],
)
async def test_an_event_of_odd_content_is_kept_and_does_no_harm(client, drain_outbox, subject):
    body = json.dumps({"id": "evt_odd", "type": "odd", "data": {"object": subject or {}}})
    assert (await post(client, body, signed(body))).status_code == 200
    await drain_outbox()
    assert await stored_events() == 1
    assert await scalar("select count(*) from kernel.outbox") == 0


async def test_without_a_secret_nothing_is_accepted(client, stripe, monkeypatch):
    from shop.kernel.config import settings

    monkeypatch.delenv("SHOP_STRIPE_WEBHOOK_SECRET")
    monkeypatch.delenv("SHOP_STRIPE_SECRET_KEY")
    settings.cache_clear()
    body = '{"id": "evt_1", "type": "x"}'
    assert (await post(client, body, signed(body, " "))).status_code == 400
    assert await stored_events() == 0
