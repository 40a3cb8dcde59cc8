"""What the shop relies on where a provider holds money before it takes it."""

import pytest

from shop.contracts.payment_providers import ProviderAway, ProviderRefused
from shop.kernel import clock
from shop.kernel.money import Money
from tests.contracts.desks import Desk, make_intent
from tests.contracts.every_desk import desks_that


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


@desks_that("authorize")
async def test_money_is_held_and_nothing_taken_until_it_is_captured(desk: Desk):
    intent, held = await desk.pay(make_intent(desk.good, manual_capture=True))
    assert (held.status, held.amount, held.captured) == ("authorized", eur(1999), None)
    assert held.holds_until is not None
    assert held.holds_until > clock.now()
    assert await desk.taken(intent) == 0
    taken = await desk.provider.capture(intent, eur(1999))
    assert (taken.status, taken.amount, taken.captured) == ("captured", eur(1999), eur(1999))
    assert (taken.payment_id, taken.order_id) == (intent.payment_id, intent.order_id)
    assert await desk.taken(intent) == 1999
    assert await desk.provider.look_up(intent) == taken


@desks_that("authorize", "release")
async def test_a_part_is_taken_and_the_rest_released(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    taken = await desk.provider.capture(intent, eur(1500))
    assert (taken.status, taken.amount, taken.captured) == ("captured", eur(1999), eur(1500))
    assert taken.refunded in {None, eur(0)}
    assert await desk.taken(intent) == 1500
    assert await desk.refunded(intent) == 0


@desks_that("authorize")
async def test_a_repeated_capture_takes_nothing_twice(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    first = await desk.provider.capture(intent, eur(1999))
    assert await desk.provider.capture(intent, eur(1999)) == first
    assert await desk.taken(intent) == 1999


@desks_that("authorize", "release")
async def test_nothing_is_taken_after_a_part_was(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    await desk.provider.capture(intent, eur(500))
    again = await desk.provider.capture(intent, eur(1499))
    assert again.captured == eur(500)
    assert await desk.taken(intent) == 500


@desks_that("authorize")
async def test_more_than_was_held_is_not_taken(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    with pytest.raises(ProviderRefused):
        await desk.provider.capture(intent, eur(2000))
    assert await desk.taken(intent) == 0
    assert (await desk.provider.look_up(intent)).status == "authorized"


@desks_that("authorize")
async def test_what_is_held_can_be_let_go_and_not_taken_after(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    assert (await desk.provider.cancel(intent)).status == "cancelled"
    with pytest.raises(ProviderRefused):
        await desk.provider.capture(intent, eur(1999))
    assert (await desk.provider.look_up(intent)).status == "cancelled"
    assert await desk.taken(intent) == 0


@desks_that("authorize", "decline")
async def test_nothing_is_captured_of_what_was_declined(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.bad, manual_capture=True))
    with pytest.raises(ProviderRefused):
        await desk.provider.capture(intent, eur(1999))


@desks_that("authorize", "lose answers")
async def test_a_capture_whose_answer_is_lost_has_happened_once(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    await desk.lose_answers()
    with pytest.raises(ProviderAway):
        await desk.provider.capture(intent, eur(1500))
    await desk.behave()
    assert (await desk.provider.look_up(intent)).captured == eur(1500)
    assert (await desk.provider.capture(intent, eur(1500))).captured == eur(1500)
    assert await desk.taken(intent) == 1500


@desks_that("authorize", "lose answers")
async def test_a_cancellation_whose_answer_is_lost_has_happened(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good, manual_capture=True))
    await desk.lose_answers()
    with pytest.raises(ProviderAway):
        await desk.provider.cancel(intent)
    await desk.behave()
    assert (await desk.provider.look_up(intent)).status == "cancelled"
    assert (await desk.provider.cancel(intent)).status == "cancelled"
