"""The fake of Stripe's API misbehaving on purpose: repeated requests, lost answers, kills, and webhooks of every bad manner."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import stripe

from tests.fakes.stripe_api.process import SECRET_KEY, StripeFake
from tests.fakes.stripe_api.receiver import Delivery, Receiver
from tests.waiting import until

# The client hands its body to httpx in a way that httpx has deprecated; a warning would be an error here.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

PAYMENT = {"amount": 2000, "currency": "eur", "allowed_payment_method_types": ["card"]}
PAID = PAYMENT | {"payment_method": "pm_card_visa", "confirm": True}


@pytest.fixture
async def connections() -> AsyncIterator[stripe.HTTPXClient]:
    made = stripe.HTTPXClient(timeout=httpx.Timeout(10))
    yield made
    await made.close_async()


@pytest.fixture
def api(stripe_fake: StripeFake, connections: stripe.HTTPXClient) -> Any:
    """Tries nothing twice by itself."""
    return client(stripe_fake, connections, retries=0)


def client(fake: StripeFake, connections: stripe.HTTPXClient, retries: int) -> Any:
    return stripe.StripeClient(
        SECRET_KEY, base_addresses={"api": fake.base}, http_client=connections, max_network_retries=retries
    ).v1


def key(name: str) -> Any:
    return {"idempotency_key": name}


async def test_the_same_key_gives_the_same_answer(api, stripe_fake):
    first = await api.payment_intents.create_async(PAID, key("one"))
    again = await api.payment_intents.create_async(PAID, key("one"))
    assert again.id == first.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        await api.payment_intents.create_async(PAID | {"amount": 2001}, key("one"))
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        await api.refunds.create_async({"payment_intent": first.id}, key("one"))
    assert [line["replayed"] for line in stripe_fake.log()] == [0, 1]
    await stripe_fake.control("forget_keys")
    assert (await api.payment_intents.create_async(PAID, key("one"))).id != first.id


async def test_a_decline_is_kept_under_its_key_and_a_mistake_is_not(api, stripe_fake):
    declined = PAID | {"payment_method": "pm_card_chargeDeclined"}
    told = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as error:
            await api.payment_intents.create_async(declined, key("declined"))
        told.append(error.value.json_body["error"]["payment_intent"]["id"])
    assert told[0] == told[1]
    assert error.value.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.InvalidRequestError):
        await api.payment_intents.create_async(PAID | {"amount": 1}, key("mistake"))
    assert (await api.payment_intents.create_async(PAID, key("mistake"))).status == "succeeded"
    assert stripe_fake.state()["intents"] == 2


async def test_the_same_key_at_once_is_in_use(api, stripe_fake):
    await stripe_fake.control("faults", rules=[{"kind": "latency", "seconds": 0.3, "method": "POST"}])
    asked = [api.payment_intents.create_async(PAID, key("both")) for _ in range(5)]
    told = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in told if isinstance(each, stripe.APIError)]
    assert len(refused) == 4
    assert {(each.http_status, each.json_body["error"]["code"]) for each in refused} == {
        (409, "idempotency_key_in_use")
    }
    assert stripe_fake.state()["intents"] == 1


async def test_an_answer_is_lost_after_its_effect(api, stripe_fake):
    await stripe_fake.control("faults", rules=[{"kind": "lose", "path": "^/v1/payment_intents$", "times": 1}])
    with pytest.raises(stripe.APIConnectionError):
        await api.payment_intents.create_async(PAID | {"metadata": {"payment_id": "lost"}}, key("lost"))
    assert stripe_fake.state()["payments"]["lost"]["captured"] == 2000
    again = await api.payment_intents.create_async(PAID | {"metadata": {"payment_id": "lost"}}, key("lost"))
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert stripe_fake.state()["payments"]["lost"]["charges"] == 1
    assert [line["fault"] for line in stripe_fake.log()] == ["lose after", None]


@pytest.mark.parametrize(("kept", "second"), [(True, 500), (False, 200)])
async def test_an_error_after_the_effect_is_what_the_key_remembers_or_not(api, stripe_fake, kept, second):
    await stripe_fake.control("faults", rules=[{"kind": "error", "times": 1, "kept": kept, "method": "POST"}])
    asked = PAID | {"metadata": {"payment_id": "error"}}
    with pytest.raises(stripe.APIError) as first:
        await api.payment_intents.create_async(asked, key("error"))
    assert first.value.http_status == 500
    if second == 500:
        with pytest.raises(stripe.APIError) as again:
            await api.payment_intents.create_async(asked, key("error"))
        assert again.value.headers["Idempotent-Replayed"] == "true"
    else:
        assert (await api.payment_intents.create_async(asked, key("error"))).status == "succeeded"
    assert stripe_fake.state()["payments"]["error"]["charges"] == 1


async def test_faults_before_the_effect_leave_nothing(api, stripe_fake):
    rules = [
        {"kind": "lose", "when": "before", "times": 1},
        {"kind": "error", "when": "before", "times": 1},
        {"kind": "hang", "when": "before", "times": 1, "seconds": 0.2},
        {"kind": "refuse", "times": 1},
        {"kind": "limit", "times": 1},
    ]
    await stripe_fake.control("faults", rules=rules)
    told = []
    for _ in rules:
        with pytest.raises(stripe.StripeError) as error:
            await api.payment_intents.create_async(PAID, key("same"))
        told.append((type(error.value).__name__, error.value.http_status))
    away = ("APIConnectionError", None)
    assert told == [away, ("APIError", 500), away, away, ("RateLimitError", 429)]
    assert (stripe_fake.state()["intents"], stripe_fake.log()) == (0, [])
    assert (await api.payment_intents.create_async(PAID, key("same"))).status == "succeeded"


async def test_a_hanging_answer_comes_late(api, stripe_fake):
    await stripe_fake.control("faults", rules=[{"kind": "hang", "seconds": 0.5, "times": 1}])
    began = time.monotonic()
    assert (await api.payment_intents.create_async(PAID)).status == "succeeded"
    assert time.monotonic() - began >= 0.5


async def test_shares_of_faults_come_from_the_seed(stripe_fake):
    async def outcomes() -> list[int | None]:
        await stripe_fake.control("reset")
        rules = [{"kind": "lose", "share": 0.2}, {"kind": "limit", "share": 0.2}]
        await stripe_fake.control("faults", rules=rules, seed=7)
        return [await status(http) for _ in range(60)]

    async def status(http: httpx.AsyncClient) -> int | None:
        try:
            return (await http.get("/v1/payment_intents")).status_code
        except httpx.TransportError:
            return None

    async with httpx.AsyncClient(base_url=stripe_fake.base, auth=(SECRET_KEY, "")) as http:
        first, second = await outcomes(), await outcomes()
    assert first == second
    assert 4 <= first.count(None) <= 24
    assert 4 <= first.count(429) <= 24


async def test_a_bad_day_charges_everyone_once(stripe_fake, connections):
    await stripe_fake.control("faults", rules="usual", hang_seconds=0.5, seed=1)
    patient = client(stripe_fake, connections, retries=5)

    async def buy(number: int) -> str:
        asked = PAID | {"metadata": {"payment_id": f"p{number}"}}
        try:
            return (await patient.payment_intents.create_async(asked, key(f"p{number}"))).status
        except stripe.APIError:  # which the key remembers: only a look shows what became of it
            query = {"query": f"metadata['payment_id']:'p{number}'"}
            return (await patient.payment_intents.search_async(query)).data[0].status

    assert set(await asyncio.gather(*(buy(number) for number in range(60)))) == {"succeeded"}
    payments = stripe_fake.state()["payments"]
    assert {(each["charges"], each["captured"]) for each in payments.values()} == {(1, 2000)}
    assert len(payments) == 60
    assert {"lose after", "error after"} <= {line["fault"] for line in stripe_fake.log()}


async def test_the_books_outlive_a_kill(api, stripe_fake, shop_endpoint):
    intent = await api.payment_intents.create_async(PAID | {"metadata": {"payment_id": "kept"}}, key("kept"))
    shop_endpoint.answers = [500] * 1000
    await stripe_fake.register_webhook(shop_endpoint.url)
    refund = await api.refunds.create_async({"payment_intent": intent.id, "amount": 500}, key("refund"))
    await stripe_fake.kill()
    before = stripe_fake.state(), stripe_fake.log()
    assert before[0]["payments"]["kept"]["refunded"] == 500
    with pytest.raises(stripe.APIConnectionError):
        await api.refunds.retrieve_async(refund.id)
    shop_endpoint.answers = []
    await stripe_fake.start()
    assert (await api.payment_intents.retrieve_async(intent.id)).amount_received == 2000
    replayed = await api.refunds.create_async({"payment_intent": intent.id, "amount": 500}, key("refund"))
    assert replayed.id == refund.id
    assert stripe_fake.state()["payments"] == before[0]["payments"]
    assert stripe_fake.log()[:-1] == before[1]
    await shop_endpoint.heard("refund.created", "charge.refunded")


async def test_it_goes_away_and_comes_back(api, stripe_fake):
    async def is_back() -> bool:
        with contextlib.suppress(stripe.APIConnectionError):
            return (await api.payment_intents.list_async()).data == []
        return False

    await stripe_fake.away(2)
    with pytest.raises(stripe.APIConnectionError):
        await api.payment_intents.list_async()
    await until(is_back)


async def test_webhooks_are_signed_and_sent_until_they_are_taken(api, stripe_fake, shop_endpoint):
    await stripe_fake.register_webhook(shop_endpoint.url)
    shop_endpoint.answers = [500, 302]
    intent = await api.payment_intents.create_async(PAID, key("signed"))
    await stripe_fake.delivered()
    events = [delivery.event() for delivery in shop_endpoint.deliveries]
    assert len(events) == 6  # three and a late one of the charge, two of them twice
    assert {each["id"] for each in events} == {each.id for each in (await api.events.list_async()).data}
    told = next(each for each in events if each["type"] == "payment_intent.succeeded")
    assert told["data"]["object"]["id"] == intent.id
    assert told["request"]["idempotency_key"] == "signed"
    with pytest.raises(stripe.SignatureVerificationError):
        shop_endpoint.deliveries[0].event("whsec_other")


async def test_webhooks_come_double_forged_shuffled_or_not_at_all(api, stripe_fake, shop_endpoint):
    await stripe_fake.control("settings", settle_seconds=None)
    await stripe_fake.register_webhook(shop_endpoint.url)
    await stripe_fake.control("webhooks", double=1, forge=1, shuffle_seconds=0.3, seed=3)
    await api.payment_intents.create_async(PAID)
    await stripe_fake.delivered()
    real, forged = sorted_out(shop_endpoint)
    assert len(real) == 6
    assert len({each["id"] for each in real}) == 3
    assert len(forged) == 3
    await stripe_fake.control("webhooks", drop=1)
    shop_endpoint.deliveries.clear()
    await api.payment_intents.create_async(PAID)
    await stripe_fake.delivered()
    assert shop_endpoint.deliveries == []
    assert [each["type"] for each in stripe_fake.deliveries() if each["dropped"]] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def sorted_out(receiver: Receiver) -> tuple[list[dict[str, Any]], list[Delivery]]:
    real, forged = [], []
    for delivery in receiver.deliveries:
        try:
            real.append(delivery.event())
        except stripe.SignatureVerificationError:
            forged.append(delivery)
    return real, forged


async def test_an_early_webhook_comes_before_the_answer(api, stripe_fake, shop_endpoint):
    await stripe_fake.register_webhook(shop_endpoint.url, events=["payment_intent.succeeded"])
    await stripe_fake.control("webhooks", early=1)
    statuses: list[str] = []

    async def ask(delivery: Delivery) -> None:
        found = await api.payment_intents.retrieve_async(delivery.event()["data"]["object"]["id"])
        statuses.append(found.status)

    shop_endpoint.on_delivery = ask
    intent = await api.payment_intents.create_async(PAID)
    assert statuses == ["succeeded"]
    assert shop_endpoint.deliveries[0].event()["data"]["object"]["id"] == intent.id


async def test_a_delayed_webhook_can_be_sent_again(api, stripe_fake, shop_endpoint):
    await stripe_fake.register_webhook(shop_endpoint.url, events=["payment_intent.succeeded"])
    await stripe_fake.control("webhooks", delay_seconds=2)
    await api.payment_intents.create_async(PAID)
    await asyncio.sleep(0.3)
    assert shop_endpoint.deliveries == []
    await stripe_fake.delivered()
    [delivery] = shop_endpoint.deliveries
    await stripe_fake.control("resend", event=delivery.event()["id"])
    await stripe_fake.delivered()
    assert [each.event()["id"] for each in shop_endpoint.deliveries] == [delivery.event()["id"]] * 2
