"""What Stripe sends unasked: told from forgeries, and read for what it concerns."""

import time
from typing import Any

import msgspec
import pytest
from stripe import WebhookSignature

from shop.contracts.payment_providers import NotFromProvider, ProviderNews
from shop.kernel.config import settings
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from tests.contracts.desks import charged, make_intent
from tests.contracts.stripe_desks import LocalstripeDesk, StripeFakeDesk
from tests.contracts.test_provider_vaults import make_owner
from tests.fakes.stripe_api.process import WEBHOOK_SECRET, StripeFake
from tests.fakes.stripe_api.receiver import Receiver
from tests.fakes.stripe_stand_in import StripeStandIn

pytestmark = pytest.mark.usefixtures("environment")


def signed(body: bytes, secret: str = WEBHOOK_SECRET, at: float = 0) -> dict[str, str]:
    return {
        "stripe-signature": WebhookSignature.generate_signature_header(body.decode(), secret, int(time.time() + at))
    }


def event_of(subject: object, type_: str = "payment_intent.succeeded", id_: str = "evt_1") -> bytes:
    return msgspec.json.encode({"id": id_, "object": "event", "type": type_, "data": {"object": subject}})


async def heard(desk: StripeFakeDesk, endpoint: Receiver, fake: StripeFake) -> dict[str, ProviderNews]:
    """By type, the last of each."""
    await fake.control("advance")
    await fake.delivered()
    news = [await desk.stripe.read(each.body, {"stripe-signature": each.signature}) for each in endpoint.deliveries]
    return {each.type: each for each in news}


async def test_all_that_happens_to_a_payment_names_it(
    stripe_fake_desk: StripeFakeDesk, stripe_fake: StripeFake, shop_endpoint: Receiver
):
    await stripe_fake.register_webhook(shop_endpoint.url)
    intent, answer = await charged(stripe_fake_desk, make_intent("pm_card_visa"))
    await stripe_fake_desk.provider.refund(intent, Money(100, "EUR"), new_id())
    dispute_ref = await stripe_fake_desk.dispute(answer)
    news = await heard(stripe_fake_desk, shop_endpoint, stripe_fake)
    told = {
        "payment_intent.succeeded",
        "charge.succeeded",
        "refund.created",
        "charge.refunded",
        "charge.dispute.created",
    }
    assert told <= news.keys()
    for each in news.values():
        assert each.provider == "stripe"
        assert each.event_id.startswith("evt_")
        assert each.provider_ref == answer.provider_ref, each.type
    for type_ in ("payment_intent.succeeded", "charge.succeeded", "refund.created", "charge.refunded"):
        assert news[type_].payment_id == intent.payment_id, type_
        assert news[type_].dispute_ref is None
    assert news["charge.dispute.created"].dispute_ref == dispute_ref
    assert msgspec.json.decode(news["refund.created"].payload)["type"] == "refund.created"


async def test_what_happens_to_a_setup_names_it(
    stripe_fake_desk: StripeFakeDesk, stripe_fake: StripeFake, shop_endpoint: Receiver
):
    await stripe_fake.register_webhook(shop_endpoint.url)
    setup = await stripe_fake_desk.vault.begin(make_owner(), new_id(), "http://testserver/back")
    await stripe_fake_desk.enter_method(setup)
    news = await heard(stripe_fake_desk, shop_endpoint, stripe_fake)
    assert news["setup_intent.succeeded"].provider_ref == setup.provider_ref
    assert news["setup_intent.succeeded"].payment_id is None


async def test_forgers_and_echoes_are_not_believed(
    stripe_fake_desk: StripeFakeDesk, stripe_fake: StripeFake, shop_endpoint: Receiver
):
    await stripe_fake.register_webhook(shop_endpoint.url)
    await stripe_fake.control("webhooks", forge=1.0)
    await charged(stripe_fake_desk, make_intent("pm_card_visa"))
    await stripe_fake.delivered()
    believed = 0
    for each in shop_endpoint.deliveries:
        try:
            await stripe_fake_desk.stripe.read(each.body, {"stripe-signature": each.signature})
            believed += 1
        except NotFromProvider:
            pass
    assert believed * 2 == len(shop_endpoint.deliveries) > 0


async def test_localstripe_is_believed_too(localstripe_desk: LocalstripeDesk, stripe: StripeStandIn):
    await stripe.register_webhook()
    intent, answer = await charged(localstripe_desk, make_intent("pm_card_visa"))
    sent = await stripe.deliveries.get()
    while b"payment_intent.succeeded" not in sent.body:
        sent = await stripe.deliveries.get()
    news = await localstripe_desk.stripe.read(sent.body, {"stripe-signature": sent.signature})
    assert (news.payment_id, news.provider_ref) == (intent.payment_id, answer.provider_ref)


@pytest.mark.parametrize(
    ("body", "signature", "why"),
    [
        (event_of({}), None, "missing"),
        (event_of({}), "", "missing"),
        (event_of({}), "t=1,v1=00", "does not fit"),
        (event_of({}), "nonsense", "does not fit"),
        (b"no json", {}, "no event"),
        (b"[]", {}, "no event"),
        (b'{"id": 1, "type": "x"}', {}, "no event"),
        (event_of({}, id_="evt_\n1"), {}, "no event"),
        (event_of({}, type_="x" * 300), {}, "no event"),
        (event_of({}), {"secret": "whsec_of_somebody_else"}, "does not fit"),
        (event_of({}), {"at": -400}, "too old"),
        (event_of({}), {"at": 400}, "in the future"),
    ],
    ids=[
        "none", "empty", "made up", "no form", "text", "list", "types", "name with a line break", "long name",
        "other secret", "old", "ahead",
    ],
)  # fmt: skip
async def test_what_stripe_did_not_send_just_now_is_refused(
    stripe_fake_desk: StripeFakeDesk, body: bytes, signature: str | dict[str, Any] | None, why: str
):
    headers = {"stripe-signature": signature} if isinstance(signature, str) else {}
    if isinstance(signature, dict):
        headers = signed(body, **signature)
    with pytest.raises(NotFromProvider, match=why):
        await stripe_fake_desk.stripe.read(body, headers)


async def test_a_body_that_was_changed_on_the_way_is_refused(stripe_fake_desk: StripeFakeDesk):
    body = event_of({"object": "payment_intent", "id": "pi_1"})
    headers = signed(body)
    assert (await stripe_fake_desk.stripe.read(body, headers)).provider_ref == "pi_1"
    with pytest.raises(NotFromProvider, match="does not fit"):
        await stripe_fake_desk.stripe.read(body.replace(b"pi_1", b"pi_2"), headers)


@pytest.mark.parametrize(
    "subject",
    [
        {"object": "payment_intent", "id": 5},
        {"object": "payment_intent", "id": "pi_" + "x" * 300},
        {"object": "charge", "payment_intent": ["pi_1"], "metadata": "x"},
        {"object": ["dispute"], "id": "du_1", "metadata": {"payment_id": 7}},
        {"object": "setup_intent", "id": "pi_1", "metadata": {"payment_id": "no id"}},
        {},
    ],
)
async def test_strange_subjects_are_kept_and_concern_nothing(stripe_fake_desk: StripeFakeDesk, subject: object):
    body = event_of(subject)
    news = await stripe_fake_desk.stripe.read(body, signed(body))
    assert (news.payment_id, news.provider_ref, news.dispute_ref) == (None, None, None)


async def test_a_shop_without_stripe_believes_nothing(
    stripe_fake_desk: StripeFakeDesk, monkeypatch: pytest.MonkeyPatch
):
    for name in ("SECRET_KEY", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"SHOP_STRIPE_{name}", "")
    settings.cache_clear()
    body = event_of({})
    with pytest.raises(NotFromProvider):
        await stripe_fake_desk.stripe.read(body, signed(body, secret=""))
