"""PayPal's gateway against a PayPal of our own: money moves once, whatever gets lost, declined or changed on the way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from shop.contracts.payments import (
    PaymentId,
    PaymentRequest,
    ProviderAnswer,
    ProviderAway,
    ProviderIntent,
    ProviderRefused,
)
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways import paypal_client
from shop.modules.payments.gateways.paypal_client import Link, payer_link
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.fakes.paypal_api.process import PayPalFake

RETURN = "http://testserver/payments/return"


@pytest.fixture
async def provider(paypal: PayPalFake) -> AsyncIterator[PayPalWhenSet]:
    gateway = PayPalWhenSet()
    yield gateway
    await gateway.aclose()


def make_intent(amount: int = 1999, currency: str = "EUR", **fields: Any) -> ProviderIntent:
    facts: dict[str, Any] = {
        "payment_id": PaymentId(new_id()),
        "order_id": new_id(),
        "amount": Money(amount, currency),
        "token": None,
        "method_id": None,
        "return_url": RETURN,
    }
    return ProviderIntent(**{**facts, **fields})


async def prepared(provider: PayPalWhenSet, intent: ProviderIntent) -> ProviderIntent:
    """As the shop does: the reference is stored before the charge."""
    return msgspec.structs.replace(intent, provider_ref=await provider.prepare(intent))


async def approved(provider: PayPalWhenSet, paypal: PayPalFake, intent: ProviderIntent) -> ProviderIntent:
    intent = await prepared(provider, intent)
    assert (await provider.charge(intent)).status == "requires_action"
    await paypal.approve(intent.provider_ref)
    return intent


async def captured(provider: PayPalWhenSet, paypal: PayPalFake, intent: ProviderIntent) -> ProviderIntent:
    intent = await approved(provider, paypal, intent)
    answer = await provider.capture(intent, intent.amount)
    assert answer.status == "captured"
    return msgspec.structs.replace(intent, capture_ref=answer.capture_ref)


async def kept_method(provider: PayPalWhenSet, paypal: PayPalFake) -> tuple[UUID, str]:
    """An account, and PayPal's name of the method that it stored with a purchase."""
    account = new_id()
    intent = await captured(provider, paypal, make_intent(save=True, account_id=account))
    return account, (await provider.look_up(intent)).vaulted.provider_ref


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
    await provider._client.patch(
        f"/v2/checkout/orders/{intent.provider_ref}", [change | {"value": {"currency_code": "EUR", "value": "0.01"}}]
    )
    answer = await provider.capture(intent, intent.amount)
    assert (answer.status, answer.amount) == ("authorized", Money(1, "EUR"))
    assert (await provider.charge(intent)).status == "authorized"
    assert await paypal.taken(intent.payment_id) == 0


async def test_another_payments_order_is_never_taken(provider: PayPalWhenSet, paypal: PayPalFake):
    theirs = await approved(provider, paypal, make_intent())
    mine = make_intent(provider_ref=theirs.provider_ref)
    assert (await provider.capture(mine, mine.amount)).payment_id == theirs.payment_id
    assert await paypal.taken(theirs.payment_id) == 0


@pytest.mark.parametrize("fault", ["lost_answer", "error_after", "error_before", "expired_token"])
@pytest.mark.parametrize("path", ["/v2/checkout/orders", "/capture"])
async def test_what_gets_lost_once_is_asked_again_and_happens_once(
    provider: PayPalWhenSet, paypal: PayPalFake, fault: str, path: str
):
    await paypal.plan(fault, path=path, method="POST")
    intent = await captured(provider, paypal, make_intent())
    state = await paypal.state(intent.payment_id)
    assert (len(state["orders"]), len(state["captures"])) == (1, 1)


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
async def test_an_answer_lost_for_good_is_found_by_looking_up(provider: PayPalWhenSet, paypal: PayPalFake, fault: str):
    intent = await approved(provider, paypal, make_intent())
    await paypal.plan(fault, fault, path="/capture")
    with pytest.raises(ProviderAway):
        await provider.capture(intent, intent.amount)
    assert (await provider.look_up(intent)).status == "captured"
    assert await paypal.taken(intent.payment_id) == Decimal("19.99")


async def test_paypal_out_of_order_is_away(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await prepared(provider, make_intent())
    await paypal.control(away=True)
    for call in (provider.prepare, provider.charge, provider.look_up, provider.cancel):
        with pytest.raises(ProviderAway):
            await call(intent)
    await paypal.control(away=False, faults={"rate_limited": 1})
    with pytest.raises(ProviderAway):
        await provider.look_up(intent)


async def test_one_that_hangs_is_away(provider: PayPalWhenSet, paypal: PayPalFake, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paypal_client, "CONVERSATION_SECONDS", 0.3)
    intent = await approved(provider, paypal, make_intent())
    await paypal.control(hang_seconds=1.5, planned=[{"fault": "hang", "path": "/capture"}])
    with pytest.raises(ProviderAway, match="too long"):
        await provider.capture(intent, intent.amount)
    assert (await provider.look_up(intent)).status == "captured"


async def test_a_token_that_ran_out_is_renewed(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await prepared(provider, make_intent())
    await paypal.do("revoke_tokens")
    assert (await provider.look_up(intent)).status == "requires_action"


async def test_wrong_credentials_are_told_as_away(
    provider: PayPalWhenSet, paypal: PayPalFake, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SHOP_PAYPAL_CLIENT_SECRET", "old")
    settings.cache_clear()
    with pytest.raises(ProviderAway, match="SHOP_PAYPAL_CLIENT"):
        await provider.look_up(make_intent(provider_ref="5O190127TN364715T"))


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


async def test_a_cancellation_whose_answer_is_lost_has_happened(provider: PayPalWhenSet, paypal: PayPalFake):
    held = await approved(provider, paypal, make_intent(manual_capture=True))
    await provider.charge(held)
    for intent, path, method in (
        (held, "/void", "POST"),
        (await prepared(provider, make_intent()), "/orders/", "PATCH"),
    ):
        await paypal.plan("lost_answer", "error_after", path=path, method=method)
        with pytest.raises(ProviderAway):
            await provider.cancel(intent)
        assert (await provider.look_up(intent)).status == "cancelled"
        assert (await provider.cancel(intent)).status == "cancelled"


async def test_an_order_that_paypal_forgot_is_cancelled_once_it_is_old(
    provider: PayPalWhenSet, paypal: PayPalFake, monkeypatch: pytest.MonkeyPatch
):
    intent = await prepared(provider, make_intent())
    await paypal.control(clock_offset=4 * 3600)
    assert await provider.look_up(intent) is None
    old = msgspec.structs.replace(intent, payment_id=PaymentId(_aged(intent.payment_id, timedelta(hours=74))))
    assert (await provider.look_up(old)).status == "cancelled"
    assert (await provider.cancel(old)).status == "cancelled"


def _aged(made: UUID, age: timedelta) -> UUID:
    return UUID(int=made.int - (int(age.total_seconds() * 1000) << 80))


async def test_the_same_payment_is_not_taken_under_two_orders(provider: PayPalWhenSet, paypal: PayPalFake):
    """PayPal forgets its keys after six hours; the invoice is what it never takes twice."""
    first = await captured(provider, paypal, make_intent())
    await paypal.control(clock_offset=6 * 3600 + 5)
    again = await prepared(provider, msgspec.structs.replace(first, provider_ref=None))
    assert again.provider_ref != first.provider_ref
    await paypal.approve(again.provider_ref)
    with pytest.raises(ProviderAway, match="DUPLICATE_INVOICE_ID"):
        await provider.capture(again, again.amount)
    assert await paypal.taken(first.payment_id) == Decimal("19.99")


async def test_a_manual_capture_holds_and_takes_what_staff_say(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await approved(provider, paypal, make_intent(2000, manual_capture=True))
    ready = await provider.look_up(intent)
    assert (ready.status, ready.begun) == ("pending", False)
    assert (await paypal.state(intent.payment_id))["authorizations"] == []
    held = await provider.charge(intent)
    assert held.status == "authorized"
    assert held.holds_until > datetime.now(UTC) + timedelta(days=20)
    assert await provider.charge(intent) == held
    answer = await provider.capture(intent, Money(1500, "EUR"))
    assert (answer.status, answer.amount, answer.captured) == ("captured", Money(2000, "EUR"), Money(1500, "EUR"))
    assert (await provider.capture(intent, Money(1500, "EUR"))) == answer
    state = await paypal.state(intent.payment_id)
    assert [each["status"] for each in state["authorizations"]] == ["CAPTURED"]
    assert await paypal.taken(intent.payment_id) == 15


async def test_what_is_held_is_released_by_cancelling(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await approved(provider, paypal, make_intent(manual_capture=True))
    await provider.charge(intent)
    for _ in range(2):
        assert (await provider.cancel(intent)).status == "cancelled"
    with pytest.raises(ProviderRefused):
        await provider.capture(intent, intent.amount)
    assert [each["status"] for each in (await paypal.state(intent.payment_id))["authorizations"]] == ["VOIDED"]


async def test_more_than_is_held_is_refused(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await approved(provider, paypal, make_intent(manual_capture=True))
    await provider.charge(intent)
    with pytest.raises(ProviderRefused):
        await provider.capture(intent, Money(2000, "EUR"))
    assert await paypal.taken(intent.payment_id) == 0


async def test_part_of_what_was_approved_at_once_is_refused(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await approved(provider, paypal, make_intent())
    with pytest.raises(ProviderRefused):
        await provider.capture(intent, Money(1000, "EUR"))
    assert await paypal.taken(intent.payment_id) == 0


async def test_a_refund_asked_for_twice_is_made_once(provider: PayPalWhenSet, paypal: PayPalFake):
    intent, refund_id = await captured(provider, paypal, make_intent()), new_id()
    first = await provider.refund(intent, Money(500, "EUR"), refund_id)
    assert (first.status, first.amount) == ("done", Money(500, "EUR"))
    await paypal.control(clock_offset=46 * 86_400)
    assert await provider.refund(intent, Money(500, "EUR"), refund_id) == first
    assert await provider.look_up_refund(intent, refund_id, None) == first
    assert await provider.look_up_refund(intent, refund_id, first.provider_ref) == first
    assert await provider.look_up_refund(intent, new_id(), None) is None
    assert (await provider.look_up(intent)).refunded == Money(500, "EUR")
    assert await paypal.given_back(intent.payment_id) == 5


async def test_a_hundred_refunds_at_once_never_give_back_more_than_was_taken(
    provider: PayPalWhenSet, paypal: PayPalFake
):
    intent = await captured(provider, paypal, make_intent(1000))
    asked = (provider.refund(intent, Money(100, "EUR"), new_id()) for _ in range(100))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert len([each for each in answers if not isinstance(each, Exception)]) == 10
    assert {type(each) for each in answers if isinstance(each, Exception)} == {ProviderRefused}
    assert await paypal.given_back(intent.payment_id) == 10


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
async def test_a_refund_whose_answer_is_lost_is_found(provider: PayPalWhenSet, paypal: PayPalFake, fault: str):
    intent, refund_id = await captured(provider, paypal, make_intent()), new_id()
    await paypal.plan(fault, fault, path="/refund", method="POST")
    with pytest.raises(ProviderAway):
        await provider.refund(intent, Money(500, "EUR"), refund_id)
    assert (await provider.look_up_refund(intent, refund_id, None)).status == "done"
    assert await paypal.given_back(intent.payment_id) == 5


async def test_a_refund_may_take_its_time_and_fail(provider: PayPalWhenSet, paypal: PayPalFake):
    intent, refund_id = await captured(provider, paypal, make_intent()), new_id()
    await paypal.control(refund_outcomes=["PENDING"])
    pending = await provider.refund(intent, Money(500, "EUR"), refund_id)
    assert pending.status == "pending"
    await paypal.do("settle_refund", refund_id=pending.provider_ref, status="FAILED")
    failed = await provider.look_up_refund(intent, refund_id, pending.provider_ref)
    assert failed.status == "failed"
    assert failed.failure


async def test_nothing_is_given_back_of_what_was_not_taken(provider: PayPalWhenSet, paypal: PayPalFake):
    for intent in (make_intent(), await approved(provider, paypal, make_intent())):
        with pytest.raises(ProviderRefused):
            await provider.refund(intent, intent.amount, new_id())


async def test_a_stored_method_pays_without_a_page(provider: PayPalWhenSet, paypal: PayPalFake):
    account, method = await kept_method(provider, paypal)
    intent = await prepared(provider, make_intent(500, method_id=method, account_id=account))
    assert (await provider.look_up(intent)).begun is False
    answer = await provider.charge(intent)
    assert (answer.status, answer.captured) == ("captured", Money(500, "EUR"))
    assert await provider.charge(intent) == answer
    assert await paypal.taken(intent.payment_id) == 5


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
async def test_a_stored_method_is_charged_once_when_answers_get_lost(
    provider: PayPalWhenSet, paypal: PayPalFake, fault: str
):
    account, method = await kept_method(provider, paypal)
    intent = await prepared(provider, make_intent(500, method_id=method, account_id=account))
    await paypal.plan(fault, fault, path="/capture")
    with pytest.raises(ProviderAway):
        await provider.charge(intent)
    assert (await provider.look_up(intent)).status == "captured"
    assert (await provider.charge(intent)).status == "captured"
    assert await paypal.taken(intent.payment_id) == 5


async def test_a_stored_method_that_is_declined_or_gone_charges_nothing(provider: PayPalWhenSet, paypal: PayPalFake):
    account, method = await kept_method(provider, paypal)
    intent = await prepared(provider, make_intent(method_id=method, account_id=account))
    await paypal.control(capture_outcomes=["INSTRUMENT_DECLINED"])
    declined = await provider.charge(intent)
    assert declined.status == "failed"
    assert await provider.look_up(intent) == declined
    await paypal.do("delete_payment_token", token_id=method)
    gone = await prepared(provider, make_intent(method_id=method, account_id=account))
    with pytest.raises(ProviderRefused):
        await provider.charge(gone)
    assert await paypal.taken(intent.payment_id) == await paypal.taken(gone.payment_id) == 0


async def test_a_stored_method_can_be_held_first(provider: PayPalWhenSet, paypal: PayPalFake):
    account, method = await kept_method(provider, paypal)
    intent = await prepared(provider, make_intent(method_id=method, account_id=account, manual_capture=True))
    assert (await provider.charge(intent)).status == "authorized"
    assert (await provider.capture(intent, intent.amount)).status == "captured"


async def test_a_merchant_who_may_keep_no_payers_is_paid_all_the_same(provider: PayPalWhenSet, paypal: PayPalFake):
    await paypal.control(vault_allowed=False)
    intent = await captured(provider, paypal, make_intent(save=True, account_id=new_id()))
    assert await paypal.taken(intent.payment_id) == Decimal("19.99")


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
    gateway = PayPalWhenSet()
    settings.cache_clear()
    assert gateway.offer() is None
    for name, value in (("CLIENT_ID", "id"), ("CLIENT_SECRET", "secret"), ("WEBHOOK_ID", "1JE")):
        monkeypatch.setenv(f"SHOP_PAYPAL_{name}", value)
    monkeypatch.setenv("SHOP_PAYPAL_API_BASE", "https://api-m.sandbox.paypal.com")
    settings.cache_clear()
    assert gateway.offer().label == "PayPal"
    monkeypatch.setenv("SHOP_CURRENCY", "KWD")
    settings.cache_clear()
    assert gateway.offer() is None
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


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_nothing_is_taken_twice_or_left_unknown_under_faults(
    provider: PayPalWhenSet, paypal: PayPalFake, monkeypatch: pytest.MonkeyPatch, seed: int
):
    """Each payment is driven as the shop drives one, until it is captured, whatever is lost in between."""
    monkeypatch.setattr(paypal_client, "CONVERSATION_SECONDS", 0.8)
    faults = {"lost_answer": 0.1, "error_after": 0.05, "hang": 0.01, "hang_before": 0.01, "expired_token": 0.02}
    await paypal.control(seed=seed, hang_seconds=1.0, faults=faults)
    intents = [make_intent(1000 + number) for number in range(25)]
    await asyncio.gather(*(_drive(provider, paypal, intent) for intent in intents))
    for intent in intents:
        state = await paypal.state(intent.payment_id)
        assert len(state["captures"]) == 1
        assert await paypal.taken(intent.payment_id) == Decimal(intent.amount.amount) / 100


async def _drive(provider: PayPalWhenSet, paypal: PayPalFake, intent: ProviderIntent) -> None:
    for _ in range(200):
        try:
            if intent.provider_ref is None:
                intent = await prepared(provider, intent)
            known = await provider.look_up(intent)
            if known.status == "requires_action":
                await paypal.approve(intent.provider_ref)
            elif known.status == "authorized":
                await provider.capture(intent, intent.amount)
            elif known.status == "captured":
                return
        except ProviderAway:
            await asyncio.sleep(0.01)
    raise AssertionError("still unknown after 200 looks")
