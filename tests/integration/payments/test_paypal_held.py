"""PayPal where money is held before it is taken, and where a stored method pays without a page."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from shop.contracts.payment_providers import ProviderAway, ProviderRefused
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.factories.paypal import approved, captured, kept_method, make_intent, prepared
from tests.fakes.paypal_api.process import PayPalFake


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


async def test_another_payments_order_is_never_paid_with_a_stored_method(provider: PayPalWhenSet, paypal: PayPalFake):
    account, method = await kept_method(provider, paypal)
    theirs = await prepared(provider, make_intent(method_id=method, account_id=account))
    mine = make_intent(method_id=method, account_id=account, provider_ref=theirs.provider_ref)
    assert (await provider.charge(mine)).payment_id == theirs.payment_id
    dearer = msgspec.structs.replace(theirs, amount=Money(2999, "EUR"))
    assert (await provider.charge(dearer)).amount == theirs.amount
    assert await paypal.taken(theirs.payment_id) == 0
