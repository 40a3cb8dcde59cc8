"""PayPal's gateway when answers get lost, come late or not at all: nothing is taken twice, nothing stays unknown."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from shop.contracts.payment_providers import ProviderAway, ProviderIntent
from shop.contracts.payments import PaymentId
from shop.kernel.config import settings
from shop.modules.payments.gateways import paypal_client
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.factories.paypal import approved, captured, make_intent, prepared
from tests.fakes.paypal_api.process import PayPalFake


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
