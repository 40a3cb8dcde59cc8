"""Stripe's webhooks while the shop asks Stripe itself: each thing happens once, and is told once, whoever hears of it first."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from shop.contracts.payments import Payments
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_refunds
from shop.modules.payments.ports import STRIPE
from tests.factories.back_office import place_by
from tests.factories.orders import cart_of, check_out, checkout_body, count_orders, open_shop, status_of
from tests.factories.payments import fall_due, get_intent, make_processed, refunds_fall_due, wish_refund
from tests.factories.provider_post import Post, open_post
from tests.fakes.stripe_api.process import StripeFake

BEFORE_THE_ANSWER = {"early": 1.0}
LOST_REFUND = {"kind": "lose", "method": "POST", "path": "^/v1/refunds$"}


@pytest.fixture
async def post(client: httpx.AsyncClient, stripe_fake: StripeFake) -> AsyncIterator[Post]:
    async with open_post(client) as (opened, url):
        await stripe_fake.register_webhook(f"{url}/webhooks/stripe")
        yield opened
    await STRIPE.aclose()


def done_at_stripe(fake: StripeFake, path: str) -> int:
    """How often a request had an effect; a repeat under the same key has none."""
    return sum(row["path"].endswith(path) and row["status"] == 200 and not row["replayed"] for row in fake.log())


@pytest.mark.parametrize("lost", [False, True], ids=["answer late", "answer lost"])
async def test_a_refund_is_done_by_its_webhook_while_its_answer_is_under_way(
    stripe_fake, post, told, drain_outbox, lost
):
    payment = await make_processed("pm_card_visa", provider="stripe")
    await stripe_fake.delivered()
    await drain_outbox()
    heard = []

    async def apply():
        await drain_outbox()
        heard.append(list(told.refunded))

    post.when_taken = apply
    await stripe_fake.control("webhooks", **BEFORE_THE_ANSWER)
    await stripe_fake.control("faults", rules=[LOST_REFUND] if lost else [])
    await write(port(Payments).request_refunds, payment.order_id, wish_refund(500))
    await port(Payments).process_refunds(payment.order_id)
    assert heard, "no webhook came before the answer"
    assert heard[0] == [(payment.id, 500)]
    await stripe_fake.control("behave")
    await stripe_fake.delivered()
    await refunds_fall_due()
    await settle_open_refunds()
    await drain_outbox()
    intent = await get_intent(payment.id)
    assert (intent.status, intent.refunded_amount) == ("partially_refunded", 500)
    assert told.refunded == [(payment.id, 500)]
    assert done_at_stripe(stripe_fake, "/v1/refunds") == 1
    assert stripe_fake.state()["payments"][str(payment.id)]["refunded"] == 500


async def check_paid_once(fake, told, order):
    payment = order["payments"][0]
    intent, total = await get_intent(payment["id"]), order["totals"]["total"]["amount"]
    assert (intent.status, intent.captured_amount) == ("captured", total)
    assert told.captured == [intent.id]
    assert (await status_of(order["id"]), await count_orders()) == ("paid", 1)
    known = fake.state()["payments"][payment["id"]]
    assert (len(known["intents"]), known["charges"], known["captured"]) == (1, 1, total)


async def test_webhook_return_and_sweep_together_make_one_order_and_one_capture(
    client, stripe_fake, post, told, drain_outbox
):
    await open_shop()
    post.when_taken = drain_outbox
    await stripe_fake.control("webhooks", double=1.0, shuffle_seconds=0.2)
    order = await place_by(client, "stripe")
    payment_id = order["payments"][0]["id"]
    await stripe_fake.control("pay", intent=(await get_intent(payment_id)).provider_ref)
    await fall_due(payment_id)
    back = f"/payments/{payment_id}/return"
    returned, *_ = await asyncio.gather(
        client.get(back),
        client.get(back),
        port(Payments).process_payment(payment_id),
        stripe_fake.delivered(),
    )
    assert returned.status_code == 303
    await drain_outbox()
    await client.get(back)
    await fall_due(payment_id)
    await port(Payments).process_payment(payment_id)
    assert set(post.answers) == {200}
    await check_paid_once(stripe_fake, told, order)


async def test_a_charge_told_before_its_answer_makes_one_order_and_one_capture(
    client, stripe_fake, post, told, drain_outbox
):
    await open_shop()
    heard = []

    async def apply():
        await drain_outbox()
        heard.append(list(told.captured))

    post.when_taken = apply
    await stripe_fake.control("webhooks", **BEFORE_THE_ANSWER)
    cart = await cart_of(client)
    body = checkout_body(cart) | {"payment": {"provider": "stripe", "token": "pm_card_visa"}}
    answer = await check_out(client, cart, body)
    assert answer.status_code == 201, answer.text
    assert heard[-1], "the webhook of the charge did not come before its answer"
    await check_paid_once(stripe_fake, told, answer.json())


async def test_what_staff_take_is_taken_once_while_its_webhook_comes_before_the_answer(
    client, stripe_fake, post, told, drain_outbox, monkeypatch
):
    monkeypatch.setenv("SHOP_CAPTURE", "manual")
    settings.cache_clear()
    await open_shop()
    post.when_taken = drain_outbox
    order = await place_by(client, "stripe")
    payment_id = order["payments"][0]["id"]
    await stripe_fake.control("pay", intent=(await get_intent(payment_id)).provider_ref)
    await stripe_fake.delivered()
    assert (await get_intent(payment_id)).status == "authorized"
    await stripe_fake.control("webhooks", **BEFORE_THE_ANSWER, double=1.0)
    await write(port(Payments).request_capture, payment_id, None)
    await asyncio.gather(
        *(port(Payments).process_payment(payment_id) for _ in range(3)), client.get(f"/payments/{payment_id}/return")
    )
    await stripe_fake.delivered()
    assert done_at_stripe(stripe_fake, "/capture") == 1
    await check_paid_once(stripe_fake, told, order)
