"""What the shop relies on where a provider keeps means of payment for an account, or lets its books be read."""

from datetime import timedelta

import pytest

from shop.contracts.payment_providers import MethodOwner, ProviderRefused
from shop.kernel import clock
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from tests.contracts.desks import Desk, charged, make_intent
from tests.contracts.every_desk import desks_that

BACK = "http://testserver/account/payment-methods/back"


def make_owner() -> MethodOwner:
    return MethodOwner(new_id(), "ada@example.com")


@desks_that("keep methods")
async def test_a_method_is_kept_shown_and_paid_with(desk: Desk):
    owner = make_owner()
    setup = await desk.vault.begin(owner, new_id(), BACK)
    assert setup.client_secret or setup.redirect_url
    assert await desk.vault.finish(owner, setup.provider_ref) is None
    await desk.enter_method(setup)
    kept = await desk.vault.finish(owner, setup.provider_ref)
    assert kept is not None
    assert kept.method.label
    assert await desk.vault.finish(owner, setup.provider_ref) == kept
    intent = make_intent(None, method_id=kept.provider_ref, customer_ref=kept.customer_ref, account_id=owner.account_id)
    _, answer = await desk.pay(intent)
    assert (answer.status, answer.captured) == ("captured", Money(1999, "EUR"))
    assert answer.method == kept.method


@desks_that("keep while paying", "keep methods")
async def test_what_was_paid_with_is_kept_when_the_buyer_asked_for_it(desk: Desk):
    owner = make_owner()
    first, answer = await desk.pay(make_intent(desk.good, account_id=owner.account_id, save=True))
    kept = answer.vaulted
    assert kept is not None
    assert kept.method == answer.method
    again = make_intent(None, account_id=owner.account_id, method_id=kept.provider_ref, customer_ref=kept.customer_ref)
    _, answer = await desk.pay(again)
    assert answer.status == "captured"
    _, answer = await desk.pay(make_intent(desk.good, account_id=owner.account_id))
    assert answer.vaulted is None
    assert (await desk.provider.look_up(first)).vaulted == kept


@desks_that("keep methods")
async def test_a_setup_begun_twice_is_the_same(desk: Desk):
    owner, setup_id = make_owner(), new_id()
    first = await desk.vault.begin(owner, setup_id, BACK)
    again = await desk.vault.begin(owner, setup_id, BACK)
    assert again.provider_ref == first.provider_ref
    other = await desk.vault.begin(owner, new_id(), BACK)
    assert other.provider_ref != first.provider_ref


@desks_that("keep methods", "know the customer")
async def test_two_setups_of_an_account_are_of_the_same_customer(desk: Desk):
    owner = make_owner()
    first = await desk.vault.begin(owner, new_id(), BACK)
    assert (await desk.vault.begin(owner, new_id(), BACK)).customer_ref == first.customer_ref


@desks_that("keep methods")
async def test_a_forgotten_method_is_gone_and_forgetting_it_again_is_no_fault(desk: Desk):
    owner = make_owner()
    setup = await desk.vault.begin(owner, new_id(), BACK)
    await desk.enter_method(setup)
    kept = await desk.vault.finish(owner, setup.provider_ref)
    await desk.vault.forget(kept.provider_ref)
    await desk.vault.forget(kept.provider_ref)


@desks_that("keep methods")
async def test_nobody_finishes_the_setup_of_another(desk: Desk):
    owner = make_owner()
    setup = await desk.vault.begin(owner, new_id(), BACK)
    await desk.enter_method(setup)
    stranger = make_owner()
    with pytest.raises(ProviderRefused):
        await desk.vault.finish(stranger, setup.provider_ref)


@desks_that("list charges")
async def test_the_books_tell_every_charge_of_a_time_once(desk: Desk):
    since = clock.now() - timedelta(seconds=2)
    intents = [make_intent(desk.good, amount=1000 + number) for number in range(3)]
    answers = {intent.payment_id: (await desk.pay(intent))[1] for intent in intents}
    until = clock.now() + timedelta(seconds=2)
    records = [record async for record in desk.records.list_charges(since, until)]
    assert {record.answer.payment_id: record.answer for record in records} == answers
    assert len(records) == 3
    assert all(since - timedelta(seconds=1) <= record.created_at < until for record in records)
    assert [record async for record in desk.records.list_charges(until, until + timedelta(days=1))] == []
    assert [record async for record in desk.records.list_charges(since - timedelta(days=1), since)] == []


@desks_that("dispute")
async def test_a_dispute_names_its_charge_and_what_is_asked_of_the_shop(desk: Desk):
    _, answer = await charged(desk, make_intent(desk.good))
    ref = await desk.dispute(answer)
    dispute = await desk.records.find_dispute(ref)
    assert (dispute.provider_ref, dispute.payment_ref) == (ref, answer.provider_ref)
    assert (dispute.amount, dispute.status) == (Money(1999, "EUR"), "needs_response")
    assert dispute.reason == "product not received"
    assert dispute.respond_by > clock.now()
    assert await desk.records.find_dispute("du_unknown") is None
