"""PayPal's gateway against a PayPal of our own: buyers approve there, and are charged once, for what they approved."""

import asyncio
from decimal import Decimal

import httpx
import pytest

from shop.contracts.payment_providers import ProviderAnswer, ProviderAway, ProviderRefused
from shop.contracts.payments import PaymentRequest
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways.paypal_client import Link, payer_link
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.factories.paypal import RETURN, approved, captured, make_intent, prepared
from tests.fakes.paypal_api.process import PayPalFake


async def test_a_buyer_is_sent_to_paypal_and_charged_after_saying_yes(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await prepared(provider, make_intent())
    waiting = await provider.charge(intent)
    assert waiting.status == "requires_action"
    assert waiting.redirect_url == f"{paypal.base}/checkoutnow?token={intent.provider_ref}"
    assert (waiting.payment_id, waiting.order_id, waiting.amount) == (intent.payment_id, intent.order_id, intent.amount)
    assert await provider.charge(intent) == waiting
    await paypal.approve(intent.provider_ref)
    assert (await provider.look_up(intent)).status == "authorized"
    assert await paypal.taken(intent.payment_id) == 0
    answer = await provider.capture(intent, intent.amount)
    assert (answer.status, answer.captured) == ("captured", Money(1999, "EUR"))
    assert answer.redirect_url is None
    assert answer.method.label == "PayPal a…@example.com"
    assert answer.capture_ref
    assert await paypal.taken(intent.payment_id) == Decimal("19.99")


async def test_the_payers_page_leads_back_to_where_the_shop_said(provider: PayPalWhenSet, paypal: PayPalFake):
    waiting = await provider.charge(make_intent())
    async with httpx.AsyncClient() as browser:
        form = {"id": waiting.provider_ref, "answer": "yes"}
        answer = await browser.post(waiting.redirect_url.partition("?")[0], data=form)
    assert answer.headers["location"].startswith(f"{RETURN}?token=")


async def test_asking_again_never_takes_again(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await approved(provider, paypal, make_intent())
    answers = [await provider.capture(intent, intent.amount) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    together = await asyncio.gather(
        *(provider.capture(intent, intent.amount) for _ in range(10)), return_exceptions=True
    )
    assert all(isinstance(each, ProviderAnswer | ProviderAway) for each in together)
    assert len((await paypal.state(intent.payment_id))["captures"]) == 1


async def test_looking_up_moves_nothing(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = make_intent()
    assert await provider.look_up(intent) is None
    assert (await paypal.state(intent.payment_id))["orders"] == []
    intent = await approved(provider, paypal, intent)
    for _ in range(3):
        assert (await provider.look_up(intent)).status == "authorized"
    assert (await paypal.state(intent.payment_id))["captures"] == []


async def test_nothing_is_captured_that_nobody_approved(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await prepared(provider, make_intent())
    with pytest.raises(ProviderRefused):
        await provider.capture(intent, intent.amount)
    assert (await paypal.state(intent.payment_id))["captures"] == []


async def test_an_order_that_changed_since_is_told_and_not_taken(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await approved(provider, paypal, make_intent())
    change = {"op": "replace", "path": "/purchase_units/@reference_id=='default'/amount"}
    await provider._faces.client.patch(
        f"/v2/checkout/orders/{intent.provider_ref}", [change | {"value": {"currency_code": "EUR", "value": "0.01"}}]
    )
    answer = await provider.capture(intent, intent.amount)
    assert (answer.status, answer.amount) == ("authorized", Money(1, "EUR"))
    assert (await provider.charge(intent)).status == "authorized"
    assert await paypal.taken(intent.payment_id) == 0


async def test_an_order_of_one_payment_and_the_invoice_of_another_is_nobodys(
    provider: PayPalWhenSet, paypal: PayPalFake
):
    intent = await approved(provider, paypal, make_intent())
    change = {"op": "replace", "path": "/purchase_units/@reference_id=='default'/custom_id", "value": str(new_id())}
    await provider._faces.client.patch(f"/v2/checkout/orders/{intent.provider_ref}", [change])
    answer = await provider.capture(intent, intent.amount)
    assert (answer.status, answer.payment_id) == ("authorized", None)
    assert await paypal.taken(intent.payment_id) == 0


async def test_another_payments_order_is_never_taken(provider: PayPalWhenSet, paypal: PayPalFake):
    theirs = await approved(provider, paypal, make_intent())
    mine = make_intent(provider_ref=theirs.provider_ref)
    assert (await provider.capture(mine, mine.amount)).payment_id == theirs.payment_id
    assert await paypal.taken(theirs.payment_id) == 0


async def test_a_declined_buyer_is_told_so_and_may_pay_anew(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await approved(provider, paypal, make_intent())
    await paypal.control(capture_outcomes=["INSTRUMENT_DECLINED"])
    declined = await provider.capture(intent, intent.amount)
    assert declined.status == "failed"
    assert "declined" in declined.failure
    assert await provider.look_up(intent) == declined
    with pytest.raises(ProviderRefused):
        await provider.capture(intent, intent.amount)
    await captured(provider, paypal, make_intent(order_id=intent.order_id))
    assert await paypal.taken(intent.payment_id) == 0


async def test_a_capture_that_paypal_declines_has_failed(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await approved(provider, paypal, make_intent())
    await paypal.control(capture_outcomes=["DECLINED"])
    answer = await provider.capture(intent, intent.amount)
    assert (answer.status, answer.captured) == ("failed", None)
    assert answer.failure


@pytest.mark.parametrize(("outcome", "status"), [("COMPLETED", "captured"), ("DECLINED", "failed")])
async def test_a_pending_capture_is_decided_later(
    provider: PayPalWhenSet, paypal: PayPalFake, outcome: str, status: str
):
    intent = await approved(provider, paypal, make_intent())
    await paypal.control(capture_outcomes=["PENDING"])
    assert (await provider.capture(intent, intent.amount)).status == "pending"
    (capture,) = (await paypal.state(intent.payment_id))["captures"]
    await paypal.do("settle", capture_id=capture["id"], status=outcome)
    assert (await provider.look_up(intent)).status == status


async def test_an_unpaid_order_is_cancelled_and_stays_so(provider: PayPalWhenSet, paypal: PayPalFake):
    for intent in (await prepared(provider, make_intent()), await approved(provider, paypal, make_intent())):
        for _ in range(2):
            assert (await provider.cancel(intent)).status == "cancelled"
        await paypal.approve(intent.provider_ref)
        assert (await provider.look_up(intent)).status == "cancelled"
        with pytest.raises(ProviderRefused):
            await provider.capture(intent, intent.amount)
        assert await paypal.taken(intent.payment_id) == 0


async def test_cancelling_too_late_tells_that_it_is_captured(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await captured(provider, paypal, make_intent())
    assert (await provider.cancel(intent)).status == "captured"


async def test_a_deposit_is_known_as_one(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await captured(provider, paypal, make_intent(order_id=None, deposit_id=new_id()))
    answer = await provider.look_up(intent)
    assert (answer.deposit_id, answer.order_id) == (intent.deposit_id, None)


@pytest.mark.parametrize(("amount", "currency", "written"), [(1999, "JPY", "1999"), (199_900, "HUF", "1999")])
async def test_currencies_without_decimals_at_paypal(
    provider: PayPalWhenSet, paypal: PayPalFake, amount: int, currency: str, written: str
):
    intent = await captured(provider, paypal, make_intent(amount, currency))
    (capture,) = (await paypal.state(intent.payment_id))["captures"]
    assert capture["value"] == written
    assert (await provider.look_up(intent)).captured == Money(amount, currency)


@pytest.mark.parametrize(
    ("amount", "currency"), [(199_950, "HUF"), (0, "EUR"), (-1, "EUR"), (10**10, "EUR"), (5, "KWD")]
)
async def test_amounts_that_paypal_can_not_take_are_refused(
    provider: PayPalWhenSet, paypal: PayPalFake, amount: int, currency: str
):
    intent = make_intent(amount, currency)
    with pytest.raises(ProviderRefused, match="amount"):
        await provider.prepare(intent)
    assert (await paypal.state(intent.payment_id))["orders"] == []


def test_it_is_offered_where_it_is_set_up_and_takes_the_currency(monkeypatch: pytest.MonkeyPatch):
    provider = PayPalWhenSet()
    settings.cache_clear()
    assert provider.offer() is None
    for name, value in (("CLIENT_ID", "id"), ("CLIENT_SECRET", "secret"), ("WEBHOOK_ID", "1JE")):
        monkeypatch.setenv(f"SHOP_PAYPAL_{name}", value)
    monkeypatch.setenv("SHOP_PAYPAL_API_BASE", "https://api-m.sandbox.paypal.com")
    settings.cache_clear()
    assert provider.offer().label == "PayPal"
    monkeypatch.setenv("SHOP_CURRENCY", "KWD")
    settings.cache_clear()
    assert provider.offer() is None
    monkeypatch.undo()
    settings.cache_clear()


def test_a_token_can_not_be_meant():
    with pytest.raises(Invalid) as refusal:
        PayPalWhenSet().check(PaymentRequest("paypal", "tok_visa"))
    assert refusal.value.errors[0].field == "payment.token"


@pytest.mark.parametrize(
    ("base", "address", "believed"),
    [
        ("https://api-m.paypal.com", "https://www.paypal.com/checkoutnow?token=1", True),
        ("", "https://www.paypal.com/checkoutnow?token=1", True),
        ("https://api-m.sandbox.paypal.com", "https://www.sandbox.paypal.com/checkoutnow?token=1", True),
        ("https://api-m.paypal.com", "https://www.sandbox.paypal.com/checkoutnow?token=1", False),
        ("https://api-m.paypal.com", "http://www.paypal.com/checkoutnow?token=1", False),
        ("https://api-m.paypal.com", "https://www.paypal.com.attacker.example/", False),
        ("https://api-m.paypal.com", "https://www.paypal.com@attacker.example/", False),
        ("https://api-m.paypal.com", "https://www.paypal.com:8443/", False),
        ("https://api-m.paypal.com", "javascript:alert(1)//www.paypal.com", False),
        ("https://api-m.paypal.com", "http://127.0.0.1:8412/checkoutnow", False),
        ("http://127.0.0.1:8412", "http://127.0.0.1:8412/checkoutnow?token=1", True),
        ("http://127.0.0.1:8412", "http://127.0.0.1:8413/checkoutnow?token=1", False),
        ("http://127.0.0.1:8412", "https://www.paypal.com/checkoutnow?token=1", False),
    ],
)
def test_buyers_are_sent_to_paypals_own_pages_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, base: str, address: str, believed: bool
):
    monkeypatch.setenv("SHOP_PAYPAL_API_BASE", base)
    settings.cache_clear()
    try:
        if believed:
            assert payer_link([Link(address, "payer-action")], "payer-action") == address
        else:
            with pytest.raises(ProviderAway):
                payer_link([Link(address, "payer-action")], "payer-action")
    finally:
        monkeypatch.undo()
        settings.cache_clear()
