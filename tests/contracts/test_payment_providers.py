"""What the shop relies on in every payment provider when it charges: held against each of them, by what it can."""

import asyncio
from typing import Any

import msgspec
import pytest

from shop.contracts.payment_providers import ProviderAway, ProviderRefused
from shop.contracts.payments import PaymentRequest
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.sandbox import SandboxProvider
from shop.modules.payments.repository.sandbox import SandboxBooks
from tests.contracts.desks import Desk, charged, make_intent
from tests.contracts.every_desk import desks_that


@desks_that("charge at once")
async def test_a_good_card_is_charged_and_every_field_reported(desk: Desk):
    intent = make_intent(desk.good)
    _, answer = await charged(desk, intent)
    assert (answer.status, answer.begun) == ("captured", True)
    assert (answer.amount, answer.captured) == (intent.amount, intent.amount)
    assert (answer.payment_id, answer.order_id, answer.deposit_id) == (intent.payment_id, intent.order_id, None)
    assert answer.provider_ref
    assert (answer.failure, answer.client_secret, answer.redirect_url) == (None, None, None)
    assert await desk.taken(intent) == 1999


@desks_that("charge at once")
async def test_a_deposit_is_reported_as_one(desk: Desk):
    intent = make_intent(desk.good, order_id=None, deposit_id=new_id(), account_id=new_id())
    _, answer = await charged(desk, intent)
    assert (answer.payment_id, answer.order_id, answer.deposit_id) == (intent.payment_id, None, intent.deposit_id)


@desks_that("decline")
async def test_a_bad_card_fails_with_words_for_the_buyer(desk: Desk):
    intent = make_intent(desk.bad)
    _, answer = await charged(desk, intent)
    assert answer.status == "failed"
    assert "declined" in answer.failure
    assert (answer.payment_id, answer.order_id) == (intent.payment_id, intent.order_id)
    assert answer.captured is None
    assert await desk.taken(intent) == 0


@desks_that("show the method", "charge at once")
async def test_the_buyer_is_told_what_was_paid_with(desk: Desk):
    _, answer = await charged(desk, make_intent(desk.good))
    assert answer.method is not None
    assert answer.method.label
    assert answer.method.last4 is None or len(answer.method.last4) == 4


@pytest.mark.parametrize("card", ["good", "bad"])
@desks_that("charge at once", "decline")
async def test_a_repeated_charge_gets_the_first_answer_and_has_no_second_effect(desk: Desk, card: str):
    intent = make_intent(getattr(desk, card))
    _, first = await charged(desk, intent)
    assert await desk.provider.charge(intent) == first
    assert await desk.provider.charge(msgspec.structs.replace(intent, provider_ref=first.provider_ref)) == first
    assert await desk.charges(intent) == 1


@desks_that("charge at once")
async def test_two_charges_at_once_take_the_money_once(desk: Desk):
    intent = make_intent(desk.good)
    ref = await desk.provider.prepare(intent)
    intent = msgspec.structs.replace(intent, provider_ref=ref)
    answers = await asyncio.gather(*(desk.provider.charge(intent) for _ in range(4)), return_exceptions=True)
    for each in answers:
        assert isinstance(each, ProviderAway) or each.status == "captured"
    assert (await desk.provider.look_up(intent)).status == "captured"
    assert (await desk.charges(intent), await desk.taken(intent)) == (1, 1999)


@desks_that("prepare")
async def test_a_prepared_charge_has_its_own_id_and_nothing_has_moved(desk: Desk):
    intent = make_intent(desk.good)
    ref = await desk.provider.prepare(intent)
    assert ref
    assert await desk.provider.prepare(intent) == ref
    found = await desk.provider.look_up(msgspec.structs.replace(intent, provider_ref=ref))
    assert found is None or not found.begun or found.status == "requires_action"
    assert await desk.taken(intent) == 0
    answer = await desk.provider.charge(msgspec.structs.replace(intent, provider_ref=ref))
    assert answer.provider_ref == ref


@desks_that("prepare")
async def test_what_was_only_prepared_can_be_cancelled_and_is_not_charged_after(desk: Desk):
    intent = make_intent(desk.good)
    ref = await desk.provider.prepare(intent)
    intent = msgspec.structs.replace(intent, provider_ref=ref)
    assert (await desk.provider.cancel(intent)).status == "cancelled"
    assert (await desk.provider.charge(intent)).status == "cancelled"
    assert await desk.taken(intent) == 0


@desks_that()
async def test_what_was_charged_is_found_by_its_reference(desk: Desk):
    intent, answer = await desk.pay(make_intent(desk.good))
    assert await desk.provider.look_up(intent) == answer


@desks_that("find unnamed")
async def test_what_was_charged_is_found_without_its_reference(desk: Desk):
    intent = make_intent(desk.good)
    _, answer = await desk.pay(intent)
    assert await desk.provider.look_up(intent) == answer


@desks_that("decline")
async def test_what_was_declined_is_found_as_declined(desk: Desk):
    intent, _ = await charged(desk, make_intent(desk.bad))
    found = await desk.provider.look_up(intent)
    assert found.status == "failed"
    assert found.failure


@desks_that("find unnamed")
async def test_what_was_never_charged_is_not_found(desk: Desk):
    await desk.pay(make_intent(desk.good))
    assert await desk.provider.look_up(make_intent(desk.good)) is None


@desks_that("ask the buyer")
async def test_a_card_that_wants_confirmation_is_captured_after_it(desk: Desk):
    intent = make_intent(await desk.card_to_confirm())
    intent, waiting = await charged(desk, intent)
    assert waiting.status == "requires_action"
    assert waiting.redirect_url or waiting.client_secret
    assert await desk.taken(intent) == 0
    await desk.confirm(waiting)
    found = await desk.provider.look_up(intent)
    assert found.status == "captured"
    assert found.redirect_url is None
    assert found.client_secret is None


@desks_that("ask the buyer")
async def test_a_waiting_charge_can_be_cancelled_and_stays_so(desk: Desk):
    intent, _ = await charged(desk, make_intent(await desk.card_to_confirm()))
    assert (await desk.provider.cancel(intent)).status == "cancelled"
    assert (await desk.provider.cancel(intent)).status == "cancelled"
    assert (await desk.provider.look_up(intent)).status == "cancelled"


@desks_that()
async def test_cancelling_too_late_tells_that_it_is_captured(desk: Desk):
    intent, _ = await desk.pay(make_intent(desk.good))
    assert (await desk.provider.cancel(intent)).status == "captured"
    assert await desk.taken(intent) == 1999


@desks_that("refuse outright")
async def test_what_can_not_be_charged_is_refused_and_nothing_taken(desk: Desk):
    intent = make_intent(desk.refused)
    with pytest.raises(ProviderRefused):
        await charged(desk, intent)
    assert await desk.charges(intent) == 0


@desks_that()
async def test_a_token_that_can_not_be_meant_is_refused_by_its_field(desk: Desk):
    with pytest.raises(Invalid) as refusal:
        desk.provider.check(PaymentRequest(desk.provider.name, desk.impossible))
    assert refusal.value.errors[0].field == "payment.token"
    desk.provider.check(PaymentRequest(desk.provider.name, desk.good))


@desks_that("lose answers")
async def test_a_charge_whose_answer_is_lost_is_found_later_and_happened_once(desk: Desk):
    intent = make_intent(desk.good)
    intent = msgspec.structs.replace(intent, provider_ref=await desk.provider.prepare(intent))
    await desk.lose_answers()
    with pytest.raises(ProviderAway):
        await desk.provider.charge(intent)
    await desk.behave()
    found = await desk.provider.look_up(intent)
    assert (found.status, found.begun) in {("captured", True), ("requires_action", True)}
    assert await desk.provider.charge(intent) == found
    assert await desk.charges(intent) == 1


@desks_that("lose answers", "prepare", "charge at once")
async def test_a_preparation_whose_answer_is_lost_can_be_repeated_and_is_charged_once(desk: Desk):
    intent = make_intent(desk.good)
    await desk.lose_answers()
    with pytest.raises(ProviderAway):
        await desk.provider.prepare(intent)
    await desk.behave()
    found = await desk.provider.look_up(intent)
    assert found is None or not found.begun
    _, answer = await charged(desk, intent)
    assert answer.status == "captured"
    assert (await desk.charges(intent), await desk.taken(intent)) == (1, 1999)


@pytest.mark.parametrize("call", ["prepare", "charge", "look_up", "capture", "cancel", "refund", "look_up_refund"])
@desks_that()
async def test_no_call_is_made_inside_an_open_transaction(db: None, desk: Desk, call: str):
    intent, _ = await desk.pay(make_intent(desk.good))
    extra: dict[str, tuple[Any, ...]] = {
        "capture": (intent.amount,),
        "refund": (intent.amount, new_id()),
        "look_up_refund": (new_id(), None),
    }

    async def use_case(_uow: UnitOfWork) -> None:
        await getattr(desk.provider, call)(intent, *extra.get(call, ()))

    if call == "prepare" and "prepare" not in desk.can:
        assert await desk.provider.prepare(intent) is None
        return
    with pytest.raises(RuntimeError, match="inside an open transaction"):
        await write(use_case)
    assert await desk.refunded(intent) == 0


async def test_a_sandbox_outside_demo_shops_hands_nothing_out(db: None, monkeypatch: pytest.MonkeyPatch):
    sandbox = SandboxProvider(SandboxBooks())
    intent = make_intent("ok")
    await sandbox.charge(intent)
    monkeypatch.setenv("SHOP_DEMO", "0")
    monkeypatch.setenv("SHOP_BASE_URL", "https://testserver")
    settings.cache_clear()
    assert sandbox.offer() is None
    assert await sandbox.look_up(intent) is None
    with pytest.raises(ProviderRefused):
        await sandbox.charge(make_intent("ok"))
    with pytest.raises(ProviderRefused):
        await sandbox.refund(intent, Money(1999, "EUR"), new_id())
    monkeypatch.undo()
    settings.cache_clear()
