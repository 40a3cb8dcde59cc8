"""PayPal's webhooks: what PayPal sent is read, whatever else claims to be from it is refused."""

import asyncio
import base64
import json
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from shop.contracts.payment_providers import NotFromProvider, ProviderAway, ProviderIntent
from shop.contracts.payments import PaymentId
from shop.kernel import clock
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.paypal_certificates import FETCHES_A_MINUTE
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.fakes.paypal_api.certificates import Identity, make_identity
from tests.fakes.paypal_api.process import WEBHOOK_ID, PayPalFake


class Post:
    """What came by post: bodies with their headers, unread."""

    def __init__(self) -> None:
        self.came: list[tuple[bytes, dict[str, str]]] = []
        self.says = 200

    async def start(self, paypal: PayPalFake) -> None:
        app = web.Application()
        app.router.add_post("/webhooks/paypal", self.take)
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        await paypal.register_webhook(f"http://127.0.0.1:{port}/webhooks/paypal")

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((await request.read(), {name.lower(): value for name, value in request.headers.items()}))
        return web.Response(status=self.says)

    async def wait_for(self, kind: str) -> tuple[bytes, dict[str, str]]:
        for _ in range(300):
            for body, headers in self.came:
                if json.loads(body)["event_type"] == kind:
                    return body, headers
            await asyncio.sleep(0.02)
        raise AssertionError(f"no {kind} came")


@pytest.fixture
async def post(paypal: PayPalFake) -> AsyncIterator[Post]:
    box = Post()
    await box.start(paypal)
    yield box
    await box.runner.cleanup()


async def bought(provider: PayPalWhenSet, paypal: PayPalFake, **fields: Any) -> ProviderIntent:
    intent = ProviderIntent(
        payment_id=PaymentId(new_id()),
        order_id=new_id(),
        amount=Money(1999, "EUR"),
        token=None,
        method_id=None,
        return_url="http://testserver/return",
        **fields,
    )
    intent = msgspec.structs.replace(intent, provider_ref=await provider.prepare(intent))
    await paypal.approve(intent.provider_ref)
    await provider.capture(intent, intent.amount)
    return intent


async def capture_of(paypal: PayPalFake, intent: ProviderIntent) -> str:
    return (await paypal.state(intent.payment_id))["captures"][0]["id"]


async def test_an_approval_and_a_capture_lead_to_their_payment(provider: PayPalWhenSet, paypal: PayPalFake, post: Post):
    intent = await bought(provider, paypal)
    for kind in ("CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"):
        body, headers = await post.wait_for(kind)
        news = await provider.read(body, headers)
        assert (news.provider, news.type, news.payload) == ("paypal", kind, body)
        assert (news.payment_id, news.provider_ref) == (intent.payment_id, intent.provider_ref)
        assert news.event_id.startswith("WH-")
        assert news.dispute_ref is None


async def test_refunds_reversals_and_disputes_lead_to_their_payment(
    provider: PayPalWhenSet, paypal: PayPalFake, post: Post
):
    intent = await bought(provider, paypal)
    await provider.refund(intent, Money(500, "EUR"), new_id())
    capture_id = await capture_of(paypal, intent)
    dispute_id = await paypal.do("dispute", capture_id=capture_id)
    await paypal.do("reverse", capture_id=capture_id)
    for kind in ("PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED", "CUSTOMER.DISPUTE.CREATED"):
        news = await provider.read(*await post.wait_for(kind))
        assert news.payment_id == intent.payment_id
        assert news.dispute_ref == (dispute_id if "DISPUTE" in kind else None)


async def test_a_payer_who_is_kept_leads_to_the_order(provider: PayPalWhenSet, paypal: PayPalFake, post: Post):
    intent = await bought(provider, paypal, save=True, account_id=new_id())
    news = await provider.read(*await post.wait_for("VAULT.PAYMENT-TOKEN.CREATED"))
    assert (news.payment_id, news.provider_ref) == (None, intent.provider_ref)


@pytest.mark.parametrize("how", ["body", "key", "webhook", "elsewhere", "unsigned"])
async def test_no_forgery_is_taken(provider: PayPalWhenSet, paypal: PayPalFake, post: Post, how: str):
    await bought(provider, paypal)
    true_body, _ = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    post.came.clear()
    post.says = 400
    await paypal.do("forge", how=how, event=json.loads(true_body))
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    assert json.loads(body)["id"].startswith("WH-FORGED-")
    with pytest.raises(NotFromProvider):
        await provider.read(body, headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("paypal-transmission-id", "another"),
        ("paypal-transmission-time", "2026-01-01T00:00:00Z"),
        ("paypal-transmission-sig", "bm90IGEgc2lnbmF0dXJl"),
        ("paypal-transmission-sig", "!!!"),
        ("paypal-transmission-sig", ""),
        ("paypal-transmission-time", "yesterday"),
        ("paypal-auth-algo", "SHA1withRSA"),
        ("paypal-auth-algo", "none"),
        ("paypal-cert-url", ""),
        ("paypal-cert-url", "http://127.0.0.1:1/v1/notifications/certs/CERT-signer"),
        ("paypal-cert-url", "x" * 1001),
        ("paypal-cert-url", "http://[127.0.0.1"),
    ],
)
async def test_a_true_event_with_one_header_changed_is_refused(
    provider: PayPalWhenSet, paypal: PayPalFake, post: Post, name: str, value: str
):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    await provider.read(body, headers)
    with pytest.raises(NotFromProvider):
        await provider.read(body, headers | {name: value})
    with pytest.raises(NotFromProvider):
        await provider.read(body, {key: each for key, each in headers.items() if key != name})


async def test_one_byte_more_is_another_body(provider: PayPalWhenSet, paypal: PayPalFake, post: Post):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    for changed in (body + b" ", body[:-1], b"", body.replace(b"19.99", b"19.98")):
        with pytest.raises(NotFromProvider):
            await provider.read(changed, headers)


@pytest.mark.parametrize(("age", "taken"), [(-6 * 60, False), (-4 * 60, True), (3 * 86_400, True), (5 * 86_400, False)])
async def test_an_event_may_be_days_old_and_not_from_the_future(
    provider: PayPalWhenSet, paypal: PayPalFake, post: Post, monkeypatch: pytest.MonkeyPatch, age: int, taken: bool
):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    await provider.read(body, headers)
    later = datetime.now(UTC) + timedelta(seconds=age)
    monkeypatch.setattr(clock, "now", lambda: later)
    if taken:
        await provider.read(body, headers)
    else:
        with pytest.raises(NotFromProvider):
            await provider.read(body, headers)


async def test_a_certificate_is_fetched_once(provider: PayPalWhenSet, paypal: PayPalFake, post: Post):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    await asyncio.gather(*(provider.read(body, headers) for _ in range(20)))
    fetched = [each for each in await paypal.log() if "/certs/" in each["path"]]
    assert len(fetched) == 1


async def test_only_some_certificates_are_fetched_within_a_minute(
    provider: PayPalWhenSet, paypal: PayPalFake, post: Post
):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    for number in range(FETCHES_A_MINUTE):
        unknown = f"{paypal.base}/v1/notifications/certs/CERT-{number}"
        with pytest.raises(NotFromProvider, match="can't be read"):
            await provider.read(body, headers | {"paypal-cert-url": unknown})
    with pytest.raises(NotFromProvider, match="Too many"):
        await provider.read(body, headers)


async def test_forgeries_do_not_keep_out_what_a_known_certificate_signed(
    provider: PayPalWhenSet, paypal: PayPalFake, post: Post
):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    await provider.read(body, headers)
    with clock.shifted(timedelta(hours=7)):
        for number in range(FETCHES_A_MINUTE):
            unknown = f"{paypal.base}/v1/notifications/certs/CERT-{number}"
            with pytest.raises(NotFromProvider, match="can't be read"):
                await provider.read(body, headers | {"paypal-cert-url": unknown})
        assert (await provider.read(body, headers)).payload == body


async def test_a_known_certificate_is_believed_while_it_can_not_be_had_again_and_asked_for_once_a_minute(
    provider: PayPalWhenSet, paypal: PayPalFake, post: Post, monkeypatch: pytest.MonkeyPatch
):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")
    await provider.read(body, headers)
    asked: list[str] = []

    async def be_away(url: str, at_most: int) -> bytes:
        asked.append(url)
        raise ProviderAway("away")

    monkeypatch.setattr(provider._faces.client, "fetch", be_away)
    for hours in (7, 8):
        with clock.shifted(timedelta(hours=hours)):
            for _ in range(3):
                await provider.read(body, headers)
    assert len(asked) == 2


async def test_no_certificate_is_fetched_inside_a_transaction(
    db: None, provider: PayPalWhenSet, paypal: PayPalFake, post: Post
):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")

    async def use_case(_uow: UnitOfWork) -> None:
        await provider.read(body, headers)

    with pytest.raises(RuntimeError, match="inside an open transaction"):
        await write(use_case)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"id": "WH-1"}',
        b'{"id": "", "event_type": "X"}',
        b'{"id": "WH 1", "event_type": "X"}',
        b'{"id": "WH-1", "event_type": "X", "resource": 5}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
async def test_what_is_signed_but_no_event_is_refused(provider: PayPalWhenSet, paypal: PayPalFake, body: bytes):
    headers = await _signed(provider, paypal, body)
    with pytest.raises(NotFromProvider, match="no event"):
        await provider.read(body, headers)


@pytest.mark.parametrize(
    "resource",
    [
        {"custom_id": 5, "supplementary_data": "x"},
        {"custom_id": "not-an-id", "supplementary_data": {"related_ids": {"order_id": "../../etc"}}},
        {"purchase_units": []},
        {"purchase_units": ["x"], "disputed_transactions": [{}]},
        {"supplementary_data": {"related_ids": {"order_id": ["A"]}}, "dispute_id": "a b"},
    ],
)
async def test_what_an_event_concerns_is_only_a_hint(
    provider: PayPalWhenSet, paypal: PayPalFake, resource: dict[str, Any]
):
    body = json.dumps(
        {"id": "WH-1", "event_type": "X", "resource_type": "checkout-order", "resource": resource}
    ).encode()
    news = await provider.read(body, await _signed(provider, paypal, body))
    assert (news.payment_id, news.provider_ref, news.dispute_ref) == (None, None, None)


@pytest.mark.parametrize(("since", "until"), [(-20, -10), (10, 20)])
async def test_a_certificate_that_is_not_valid_today_signs_nothing(
    provider: PayPalWhenSet, paypal: PayPalFake, since: int, until: int
):
    now = datetime.now(UTC)
    identity = make_identity(valid_from=now + timedelta(days=since), valid_until=now + timedelta(days=until))
    body = b'{"id": "WH-1", "event_type": "X"}'
    with pytest.raises(NotFromProvider, match="not valid today"):
        await provider.read(body, await _signed(provider, paypal, body, identity))


async def test_a_stand_in_has_to_name_itself_paypal_too(
    provider: PayPalWhenSet, paypal: PayPalFake, post: Post, monkeypatch: pytest.MonkeyPatch
):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")

    async def hand_out(url: str, at_most: int) -> bytes:
        return make_identity("attacker.example").chain.encode()

    monkeypatch.setattr(provider._faces.client, "fetch", hand_out)
    with pytest.raises(NotFromProvider, match="not PayPal's"):
        await provider.read(body, headers)


@pytest.mark.parametrize("pem", [b"", b"no certificate", b"x" * 100_000])
async def test_what_is_no_certificate_is_refused(
    provider: PayPalWhenSet, paypal: PayPalFake, post: Post, monkeypatch: pytest.MonkeyPatch, pem: bytes
):
    await bought(provider, paypal)
    body, headers = await post.wait_for("PAYMENT.CAPTURE.COMPLETED")

    async def hand_out(url: str, at_most: int) -> bytes:
        return pem

    monkeypatch.setattr(provider._faces.client, "fetch", hand_out)
    with pytest.raises(NotFromProvider, match="can't be read"):
        await provider.read(body, headers)


async def _signed(
    provider: PayPalWhenSet, paypal: PayPalFake, body: bytes, identity: Identity | None = None
) -> dict[str, str]:
    """With a key that the gateway takes for PayPal's, as it kept its certificate."""
    identity = identity or make_identity()
    url = f"{paypal.base}/v1/notifications/certs/CERT-own"
    chain = x509.load_pem_x509_certificates(identity.chain.encode())
    provider._faces.webhooks._certificates._kept[url] = (chain[0], clock.now() + timedelta(hours=1))
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    key = serialization.load_pem_private_key(identity.key.encode(), None)
    text = f"t-1|{stamp}|{WEBHOOK_ID}|{zlib.crc32(body)}".encode()
    return {
        "paypal-transmission-id": "t-1",
        "paypal-transmission-time": stamp,
        "paypal-transmission-sig": base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode(),
        "paypal-cert-url": url,
        "paypal-auth-algo": "SHA256withRSA",
    }
