"""What the shop relies on when money goes back: each refund once, under the id that the shop gave it."""

import asyncio

import pytest

from shop.contracts.payment_providers import ProviderAway, ProviderRefused
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from tests.contracts.desks import Desk, charged, make_intent
from tests.contracts.every_desk import desks_that


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


@desks_that()
async def test_a_refund_asked_for_twice_is_made_once(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good))
    refund_id = new_id()
    first = await desk.provider.refund(intent, eur(500), refund_id)
    assert (first.status, first.amount, first.failure) == ("done", eur(500), None)
    assert first.provider_ref
    assert await desk.provider.refund(intent, eur(500), refund_id) == first
    assert await desk.refunded(intent) == 500
    second = await desk.provider.refund(intent, eur(1499), new_id())
    assert second.provider_ref != first.provider_ref
    assert await desk.refunded(intent) == 1999


@desks_that()
async def test_a_refund_is_found_by_its_reference_and_without(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good))
    refund_id = new_id()
    made = await desk.provider.refund(intent, eur(500), refund_id)
    assert await desk.provider.look_up_refund(intent, refund_id, made.provider_ref) == made
    assert await desk.provider.look_up_refund(intent, refund_id, None) == made
    assert await desk.provider.look_up_refund(intent, new_id(), None) is None


@desks_that("list refunds")
async def test_the_charge_says_how_much_of_it_went_back(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good))
    await desk.provider.refund(intent, eur(500), new_id())
    found = await desk.provider.look_up(intent)
    assert (found.status, found.captured, found.refunded) == ("captured", eur(1999), eur(500))


@desks_that("authorize", "release", "list refunds")
async def test_what_was_released_does_not_count_as_given_back(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    await desk.provider.capture(intent, eur(1500))
    await desk.provider.refund(intent, eur(300), new_id())
    found = await desk.provider.look_up(intent)
    assert (found.captured, found.refunded) == (eur(1500), eur(300))
    assert await desk.refunded(intent) == 300


@desks_that("decline")
async def test_nothing_is_given_back_of_what_was_declined(desk: Desk):
    intent, _ = await charged(desk, make_intent(desk.bad))
    with pytest.raises(ProviderRefused):
        await desk.provider.refund(intent, intent.amount, new_id())


@desks_that("count refunds")
async def test_no_more_is_given_back_than_was_taken(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good))
    await desk.provider.refund(intent, eur(1500), new_id())
    with pytest.raises(ProviderRefused):
        await desk.provider.refund(intent, eur(500), new_id())
    assert await desk.refunded(intent) == 1500


@desks_that("count refunds", "authorize", "release")
async def test_no_more_is_given_back_than_the_part_that_was_taken(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    await desk.provider.capture(intent, eur(1000))
    with pytest.raises(ProviderRefused):
        await desk.provider.refund(intent, eur(1001), new_id())
    await desk.provider.refund(intent, eur(1000), new_id())
    assert await desk.refunded(intent) == 1000


@desks_that("count refunds")
async def test_one_refund_asked_for_by_many_at_once_is_made_once(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good))
    refund_id = new_id()
    asked = (desk.provider.refund(intent, eur(500), refund_id) for _ in range(5))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for each in answers:
        assert isinstance(each, ProviderAway) or each.status == "done"
    assert await desk.refunded(intent) == 500


@desks_that("lose answers")
async def test_a_refund_whose_answer_is_lost_has_happened_once(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good))
    refund_id = new_id()
    await desk.lose_answers()
    with pytest.raises(ProviderAway):
        await desk.provider.refund(intent, eur(500), refund_id)
    await desk.behave()
    found = await desk.provider.look_up_refund(intent, refund_id, None)
    assert (found.status, found.amount) == ("done", eur(500))
    assert await desk.provider.refund(intent, eur(500), refund_id) == found
    assert await desk.refunded(intent) == 500


@pytest.mark.parametrize("well", [True, False], ids=["arrives", "fails"])
@desks_that("refund later")
async def test_a_pending_refund_is_told_as_pending_until_its_end_is_known(desk: Desk, well: bool):
    intent, _ = await desk.pay(make_intent(await desk.card_with_slow_refunds()))
    refund_id = new_id()
    pending = await desk.provider.refund(intent, eur(500), refund_id)
    assert (pending.status, pending.amount) == ("pending", eur(500))
    assert await desk.provider.look_up_refund(intent, refund_id, pending.provider_ref) == pending
    await desk.end_refund(pending, well=well)
    ended = await desk.provider.look_up_refund(intent, refund_id, pending.provider_ref)
    assert ended.status == ("done" if well else "failed")
    assert (ended.failure is None) == well
    assert await desk.provider.refund(intent, eur(500), refund_id) == ended
    assert await desk.refunded(intent) == (500 if well else 0)
