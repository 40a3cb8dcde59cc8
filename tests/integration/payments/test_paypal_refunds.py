"""Money going back by PayPal: each refund once, and never more than was taken."""

import asyncio

import pytest

from shop.contracts.payment_providers import ProviderAway, ProviderRefused
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.factories.paypal import approved, captured, make_intent
from tests.fakes.paypal_api.process import PayPalFake


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
