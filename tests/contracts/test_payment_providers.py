"""What the shop relies on in every payment provider, held against the sandbox, the fake, and Stripe's own client talking to
localstripe in a process of its own."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from shop.contracts.payments import (
    PaymentId,
    PaymentProvider,
    PaymentRequest,
    ProviderAnswer,
    ProviderAway,
    ProviderIntent,
    ProviderRefused,
)
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.gateways.sandbox import SandboxProvider
from shop.modules.payments.gateways.stripe import StripeProvider
from shop.modules.payments.repository.sandbox import SandboxBooks
from tests.factories.payments import scalar
from tests.fakes.payment_provider import FakeProvider
from tests.fakes.stripe_stand_in import StripeStandIn

CARD_3DS = {"number": "4000002500003155", "exp_month": "12", "exp_year": "2030", "cvc": "123"}


class Desk:
    """A provider with what stands for cards there, and a look into its books."""

    provider: PaymentProvider
    good = "ok"
    bad = "declined"
    impossible = "no-such-card"

    async def card_to_confirm(self) -> str:
        raise NotImplementedError

    async def confirm(self, answer: ProviderAnswer) -> None:
        """What the buyer does at the bank."""
        raise NotImplementedError

    async def charges(self, intent: ProviderIntent) -> int:
        raise NotImplementedError

    async def refunded(self, intent: ProviderIntent) -> int:
        raise NotImplementedError


class SandboxDesk(Desk):
    def __init__(self) -> None:
        self.provider = self._sandbox = SandboxProvider(SandboxBooks())

    async def card_to_confirm(self) -> str:
        return "3ds_ok"

    async def confirm(self, answer: ProviderAnswer) -> None:
        await self._sandbox.answer_challenge(answer.payment_id, approved=True)

    async def charges(self, intent: ProviderIntent) -> int:
        return await scalar("select count(*) from payments.sandbox_charge where payment_id = :id", id=intent.payment_id)

    async def refunded(self, intent: ProviderIntent) -> int:
        return await scalar("select refunded from payments.sandbox_charge where payment_id = :id", id=intent.payment_id)


class FakeDesk(Desk):
    def __init__(self) -> None:
        self.provider = self._fake = FakeProvider()

    async def card_to_confirm(self) -> str:
        return "action"

    async def confirm(self, answer: ProviderAnswer) -> None:
        self._fake.decide(answer.payment_id, "captured")

    async def charges(self, intent: ProviderIntent) -> int:
        return int(intent.payment_id in self._fake.books)

    async def refunded(self, intent: ProviderIntent) -> int:
        return self._fake.refunded(intent.payment_id)


class StripeDesk(Desk):
    good = "pm_card_visa"
    bad = "pm_card_chargeCustomerFail"
    impossible = "4242424242424242"

    def __init__(self, stand_in: StripeStandIn) -> None:
        self.provider = StripeProvider()
        self._stripe = stand_in

    async def card_to_confirm(self) -> str:
        fields = {"type": "card", **{f"card[{name}]": value for name, value in CARD_3DS.items()}}
        return (await self._stripe.call("POST", "/v1/payment_methods", data=fields))["id"]

    async def confirm(self, answer: ProviderAnswer) -> None:
        await self._stripe.call(
            "POST",
            f"/v1/payment_intents/{answer.provider_ref}/_authenticate",
            data={"client_secret": answer.client_secret, "success": "true"},
        )

    async def charges(self, intent: ProviderIntent) -> int:
        return len(await self._stripe.intents_of(intent.payment_id))

    async def refunded(self, intent: ProviderIntent) -> int:
        (charged,) = await self._stripe.intents_of(intent.payment_id)
        return await self._stripe.refunded(charged["id"])


@pytest.fixture
async def stripe_desk(stripe: StripeStandIn) -> AsyncIterator[StripeDesk]:
    desk = StripeDesk(stripe)
    yield desk
    await desk.provider.aclose()


@pytest.fixture(params=["sandbox", "fake", "stripe"])
def desk(request: pytest.FixtureRequest, db: None) -> Desk:
    match request.param:
        case "sandbox":
            return SandboxDesk()
        case "fake":
            return FakeDesk()
        case _:
            return request.getfixturevalue("stripe_desk")


def make_intent(token: str | None, amount: int = 1999) -> ProviderIntent:
    payment_id = PaymentId(new_id())
    return ProviderIntent(
        payment_id=payment_id,
        order_id=new_id(),
        amount=Money(amount, "EUR"),
        token=token,
        method_id=None,
        return_url=f"http://testserver/payments/{payment_id}/return",
    )


def known(intent: ProviderIntent, answer: ProviderAnswer) -> ProviderIntent:
    """As the shop asks later: the token is gone, the reference is there."""
    return msgspec.structs.replace(intent, token=None, provider_ref=answer.provider_ref)


async def test_a_good_card_is_charged_and_every_field_reported(desk: Desk):
    intent = make_intent(desk.good)
    answer = await desk.provider.charge(intent)
    assert answer.status == "captured"
    assert answer.amount == intent.amount
    assert (answer.payment_id, answer.order_id) == (intent.payment_id, intent.order_id)
    assert answer.provider_ref
    assert answer.failure is None


async def test_a_bad_card_fails_with_words_for_the_buyer(desk: Desk):
    intent = make_intent(desk.bad)
    answer = await desk.provider.charge(intent)
    assert answer.status == "failed"
    assert "declined" in answer.failure
    assert (answer.payment_id, answer.order_id) == (intent.payment_id, intent.order_id)


@pytest.mark.parametrize("card", ["good", "bad"])
async def test_a_repeated_charge_gets_the_first_answer_and_has_no_second_effect(desk: Desk, card: str):
    intent = make_intent(getattr(desk, card))
    first = await desk.provider.charge(intent)
    assert await desk.provider.charge(intent) == first
    assert await desk.charges(intent) == 1


async def test_what_was_charged_is_found_by_reference_and_without(desk: Desk):
    intent = make_intent(desk.good)
    answer = await desk.provider.charge(intent)
    assert await desk.provider.look_up(intent) == answer
    assert await desk.provider.look_up(known(intent, answer)) == answer


async def test_what_was_declined_is_found_as_declined(desk: Desk):
    intent = make_intent(desk.bad)
    answer = await desk.provider.charge(intent)
    found = await desk.provider.look_up(known(intent, answer))
    assert found.status == "failed"
    assert found.failure


async def test_what_was_never_charged_is_not_found(desk: Desk):
    await desk.provider.charge(make_intent(desk.good))
    assert await desk.provider.look_up(make_intent(desk.good)) is None


async def test_a_card_that_wants_confirmation_is_captured_after_it(desk: Desk):
    intent = make_intent(await desk.card_to_confirm())
    waiting = await desk.provider.charge(intent)
    assert waiting.status == "requires_action"
    assert waiting.redirect_url or waiting.client_secret
    await desk.confirm(waiting)
    found = await desk.provider.look_up(known(intent, waiting))
    assert found.status == "captured"
    assert found.redirect_url is None
    assert found.client_secret is None


async def test_a_waiting_charge_can_be_cancelled_and_stays_so(desk: Desk):
    intent = make_intent(await desk.card_to_confirm())
    waiting = await desk.provider.charge(intent)
    assert (await desk.provider.cancel(known(intent, waiting))).status == "cancelled"
    assert (await desk.provider.cancel(known(intent, waiting))).status == "cancelled"
    assert (await desk.provider.look_up(known(intent, waiting))).status == "cancelled"


async def test_cancelling_too_late_tells_that_it_is_captured(desk: Desk):
    intent = make_intent(desk.good)
    answer = await desk.provider.charge(intent)
    assert (await desk.provider.cancel(known(intent, answer))).status == "captured"


async def test_a_refund_asked_for_twice_is_made_once(desk: Desk):
    intent = make_intent(desk.good)
    answer = await desk.provider.charge(intent)
    refund_id = new_id()
    await desk.provider.refund(known(intent, answer), Money(500, "EUR"), refund_id)
    await desk.provider.refund(known(intent, answer), Money(500, "EUR"), refund_id)
    assert await desk.refunded(intent) == 500
    await desk.provider.refund(known(intent, answer), Money(1499, "EUR"), new_id())
    assert await desk.refunded(intent) == 1999


async def test_nothing_is_given_back_of_what_was_declined(desk: Desk):
    intent = make_intent(desk.bad)
    answer = await desk.provider.charge(intent)
    with pytest.raises(ProviderRefused):
        await desk.provider.refund(known(intent, answer), intent.amount, new_id())


async def test_a_token_that_can_not_be_meant_is_refused_by_its_field(desk: Desk):
    with pytest.raises(Invalid) as refusal:
        desk.provider.check(PaymentRequest(desk.provider.name, desk.impossible))
    assert refusal.value.errors[0].field == "payment.token"
    desk.provider.check(PaymentRequest(desk.provider.name, desk.good))


@pytest.mark.parametrize("call", ["charge", "look_up", "cancel", "refund"])
async def test_no_call_is_made_inside_an_open_transaction(desk: Desk, call: str):
    intent = make_intent(desk.good)
    extra: tuple[Any, ...] = (intent.amount, new_id()) if call == "refund" else ()

    async def use_case(_uow: UnitOfWork) -> None:
        await getattr(desk.provider, call)(intent, *extra)

    with pytest.raises(RuntimeError, match="inside an open transaction"):
        await write(use_case)
    assert await desk.charges(intent) == 0


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
    monkeypatch.undo()
    settings.cache_clear()


async def test_stripe_lets_the_buyer_enter_a_card_where_none_came_with_the_order(stripe_desk: StripeDesk):
    answer = await stripe_desk.provider.charge(make_intent(None))
    assert answer.status == "requires_action"
    assert answer.client_secret.startswith(answer.provider_ref)


async def test_stripe_refuses_a_card_that_does_not_exist(stripe_desk: StripeDesk):
    with pytest.raises(ProviderRefused):
        await stripe_desk.provider.charge(make_intent("pm_unknown"))


async def test_stripe_out_of_order_is_away(stripe_desk: StripeDesk, stripe: StripeStandIn):
    stripe.away = True
    with pytest.raises(ProviderAway):
        await stripe_desk.provider.charge(make_intent("pm_card_visa"))
    with pytest.raises(ProviderAway):
        await stripe_desk.provider.look_up(make_intent("pm_card_visa"))


async def test_stripe_answers_that_get_lost_are_found_later(stripe_desk: StripeDesk, stripe: StripeStandIn):
    intent = make_intent("pm_card_visa")
    stripe.loses_answers = True
    with pytest.raises(ProviderAway):
        await stripe_desk.provider.charge(intent)
    stripe.behave()
    assert (await stripe_desk.provider.look_up(intent)).status == "captured"
    assert await stripe_desk.charges(intent) == 1


async def test_stripe_works_without_idempotency_keys_as_long_as_it_is_asked_first(
    stripe_desk: StripeDesk, stripe: StripeStandIn, monkeypatch: pytest.MonkeyPatch
):
    """localstripe itself, without the proxy: what SHOP_STRIPE_API_BASE may name in a developer's shop."""
    monkeypatch.setenv("SHOP_STRIPE_API_BASE", stripe.raw_base)
    settings.cache_clear()
    intent = make_intent("pm_card_visa")
    answer = await stripe_desk.provider.charge(intent)
    assert await stripe_desk.provider.look_up(intent) == answer
