"""What is Stripe's own: how its keys, its search and its refusals are met, with the real client against the stateful fake."""

from datetime import timedelta

import msgspec
import pytest

from shop.contracts.payment_providers import MethodOwner, ProviderAway, ProviderRefused
from shop.contracts.payments import PaymentRequest
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways.stripe_when_set import StripeWhenSet
from tests.contracts.desks import charged, known, make_intent
from tests.contracts.stripe_desks import LocalstripeDesk, StripeFakeDesk
from tests.fakes.stripe_api.process import StripeFake
from tests.fakes.stripe_stand_in import StripeStandIn

pytestmark = pytest.mark.usefixtures("environment")

KEPT_ERROR = {"kind": "error", "method": "POST", "times": 1, "kept": True}


@pytest.fixture
def desk(stripe_fake_desk: StripeFakeDesk) -> StripeFakeDesk:
    return stripe_fake_desk


async def test_the_buyer_enters_a_card_where_none_came_with_the_order_and_another_after_a_decline(
    desk: StripeFakeDesk, stripe_fake: StripeFake
):
    intent, waiting = await charged(desk, make_intent(None))
    assert waiting.status == "requires_action"
    assert waiting.client_secret.startswith(waiting.provider_ref)
    await stripe_fake.control("pay", intent=waiting.provider_ref, card="pm_card_chargeCustomerFail")
    declined = await desk.provider.look_up(intent)
    assert (declined.status, declined.client_secret) == ("requires_action", waiting.client_secret)
    assert declined.failure == "Your card was declined."
    assert await desk.provider.charge(intent) == declined
    await stripe_fake.control("pay", intent=waiting.provider_ref, card="pm_card_visa")
    paid = await desk.provider.look_up(intent)
    assert (paid.status, paid.failure) == ("captured", None)


async def test_the_page_offers_whatever_the_account_has_switched_on(desk: StripeFakeDesk, stripe_fake: StripeFake):
    _, waiting = await charged(desk, make_intent(None))
    raw = await stripe_fake.call("GET", f"/v1/payment_intents/{waiting.provider_ref}")
    assert raw["automatic_payment_methods"]["enabled"]
    assert raw["metadata"]["confirmed_by"] == "buyer"


async def test_a_bank_is_reached_by_redirect_where_the_page_can_not_ask(desk: StripeFakeDesk):
    _, waiting = await charged(desk, make_intent(await desk.card_to_confirm()))
    assert waiting.redirect_url.startswith("http")
    assert waiting.client_secret


async def test_a_token_of_the_older_kind_is_charged(desk: StripeFakeDesk):
    _, answer = await charged(desk, make_intent("tok_mastercard"))
    assert (answer.status, answer.method.label) == ("captured", "Mastercard")


@pytest.mark.parametrize("call", ["prepare", "charge"])
async def test_an_error_that_a_key_repeats_for_a_day_does_not_hide_what_happened(
    desk: StripeFakeDesk, stripe_fake: StripeFake, call: str
):
    """Stripe keeps an answer of 500 under its key like any other."""
    intent = make_intent("pm_card_visa")
    if call == "charge":
        intent = msgspec.structs.replace(intent, provider_ref=await desk.provider.prepare(intent))
    await stripe_fake.control("faults", rules=[KEPT_ERROR])
    if call == "prepare":
        assert await desk.provider.prepare(intent)
        _, answer = await charged(desk, intent)
    else:
        with pytest.raises(ProviderAway):
            await desk.provider.charge(intent)
        answer = await desk.provider.look_up(intent)
    assert answer.status == "captured"
    assert await desk.taken(intent) == 1999


async def test_nothing_is_taken_or_given_twice_when_the_keys_are_forgotten(
    desk: StripeFakeDesk, stripe_fake: StripeFake
):
    intent = make_intent("pm_card_visa", manual_capture=True)
    intent = msgspec.structs.replace(intent, provider_ref=await desk.provider.prepare(intent))
    refund_id = new_id()
    for _ in range(2):
        await desk.provider.charge(intent)
        await desk.provider.capture(intent, intent.amount)
        await desk.provider.refund(intent, Money(500, "EUR"), refund_id)
        await stripe_fake.control("forget_keys")
    assert (await desk.charges(intent), await desk.taken(intent), await desk.refunded(intent)) == (1, 1999, 500)


async def test_a_confirmed_intent_is_charged_although_the_token_is_gone(desk: StripeFakeDesk):
    """A process died between `prepare` and `charge`, and the token was forgotten since."""
    intent = make_intent("pm_card_visa")
    intent = msgspec.structs.replace(intent, provider_ref=await desk.provider.prepare(intent), token=None)
    waiting = await desk.provider.look_up(intent)
    assert (waiting.status, waiting.begun, waiting.client_secret) == ("pending", False, None)
    assert (await desk.provider.charge(intent)).status == "captured"


async def test_every_call_that_moves_money_names_what_it_is_for(desk: StripeFakeDesk, stripe_fake: StripeFake):
    """A repeat that overtakes its first try waits for it, and gets its answer."""
    refund_id = new_id()
    intent, _ = await charged(desk, make_intent("pm_card_visa", manual_capture=True))
    await desk.provider.capture(intent, intent.amount)
    await desk.provider.refund(intent, intent.amount, refund_id)
    payment_id = str(intent.payment_id)
    keys = [each["idempotency_key"] for each in stripe_fake.log() if each["method"] == "POST"]
    assert keys == [payment_id, f"{payment_id}:confirm", f"{payment_id}:capture", str(refund_id)]


async def test_what_its_search_does_not_know_yet_is_not_charged_twice(desk: StripeFakeDesk, stripe_fake: StripeFake):
    await stripe_fake.control("settings", search_lag_seconds=60)
    intent = make_intent("pm_card_visa")
    first = await desk.provider.charge(intent)
    assert await desk.provider.look_up(intent) is None
    assert await desk.provider.charge(intent) == first
    assert await desk.charges(intent) == 1


async def test_an_amount_that_nobody_pays_by_card_is_refused_in_words(desk: StripeFakeDesk):
    with pytest.raises(ProviderRefused, match="amount"):
        await desk.provider.prepare(make_intent("pm_card_visa", amount=10))


async def test_an_authorization_that_ran_out_is_refused_when_it_is_captured(
    desk: StripeFakeDesk, stripe_fake: StripeFake
):
    intent, held = await charged(desk, make_intent("pm_card_visa", manual_capture=True))
    await stripe_fake.control("cancel", intent=held.provider_ref, reason="automatic")
    with pytest.raises(ProviderRefused, match="ended"):
        await desk.provider.capture(intent, intent.amount)


async def test_a_debit_that_takes_days_is_pending_until_it_is_through(desk: StripeFakeDesk):
    intent = make_intent("pm_usBankAccount_processing", amount=5000)
    intent, answer = await charged(desk, msgspec.structs.replace(intent, amount=Money(5000, "USD")))
    assert (answer.status, answer.begun, answer.captured) == ("pending", True, None)
    assert answer.method.label == "US bank account"
    assert (await desk.provider.cancel(intent)).status in {"pending", "cancelled"}


async def test_money_in_currencies_that_stripe_counts_in_hundredths_is_the_same_money(
    desk: StripeFakeDesk, stripe_fake: StripeFake
):
    amount = Money(1999, "ISK")
    intent = msgspec.structs.replace(make_intent("pm_card_visa", manual_capture=True), amount=amount)
    intent, held = await charged(desk, intent)
    assert held.amount == amount
    assert (await stripe_fake.call("GET", f"/v1/payment_intents/{held.provider_ref}"))["amount"] == 199900
    taken = await desk.provider.capture(intent, Money(1500, "ISK"))
    assert (taken.captured, taken.amount) == (Money(1500, "ISK"), amount)
    assert (await desk.provider.refund(intent, Money(500, "ISK"), new_id())).amount == Money(500, "ISK")
    assert (await desk.provider.look_up(intent)).refunded == Money(500, "ISK")


async def test_of_what_was_released_nothing_can_be_given_back_in_the_dashboard_unseen(
    desk: StripeFakeDesk, stripe_fake: StripeFake
):
    intent, held = await charged(desk, make_intent("pm_card_visa", manual_capture=True))
    await desk.provider.capture(intent, Money(1500, "EUR"))
    await stripe_fake.control("refund", intent=held.provider_ref, amount=700)
    assert (await desk.provider.look_up(intent)).refunded == Money(700, "EUR")


async def test_out_of_order_is_away(localstripe_desk: LocalstripeDesk, stripe: StripeStandIn):
    intent, _ = await charged(localstripe_desk, make_intent("pm_card_visa"))
    stripe.away = True
    provider, owner = localstripe_desk.stripe, MethodOwner(new_id(), "ada@example.com")
    for call in (
        provider.prepare(intent),
        provider.charge(intent),
        provider.look_up(intent),
        provider.capture(intent, intent.amount),
        provider.cancel(intent),
        provider.refund(intent, intent.amount, new_id()),
        provider.look_up_refund(intent, new_id(), None),
        provider.begin(owner, new_id(), "http://testserver/back"),
        provider.finish(owner, "seti_1"),
        provider.forget("pm_1"),
        provider.find_dispute("du_1"),
    ):
        with pytest.raises(ProviderAway):
            await call


async def test_a_wrong_key_is_away_and_no_refusal(desk: StripeFakeDesk, monkeypatch: pytest.MonkeyPatch):
    intent, answer = await charged(desk, make_intent("pm_card_visa"))
    await desk.stripe.aclose()
    monkeypatch.setenv("SHOP_STRIPE_SECRET_KEY", "sk_test_of_somebody_else")
    settings.cache_clear()
    with pytest.raises(ProviderAway, match="refuses our key"):
        await desk.provider.look_up(known(intent, answer))


async def test_a_setup_that_was_called_off_is_refused_and_an_unknown_one_too(
    desk: StripeFakeDesk, stripe_fake: StripeFake
):
    owner = MethodOwner(new_id(), "ada@example.com")
    setup = await desk.vault.begin(owner, new_id(), "http://testserver/back")
    await stripe_fake.call("POST", f"/v1/setup_intents/{setup.provider_ref}/cancel")
    with pytest.raises(ProviderRefused):
        await desk.vault.finish(owner, setup.provider_ref)
    with pytest.raises(ProviderRefused):
        await desk.vault.finish(owner, "seti_unknown")


async def test_stripe_learns_no_more_of_an_account_than_its_id(desk: StripeFakeDesk, stripe_fake: StripeFake):
    owner = MethodOwner(new_id(), "ada@example.com")
    setup = await desk.vault.begin(owner, new_id(), "http://testserver/back")
    customer = await stripe_fake.call("GET", f"/v1/customers/{setup.customer_ref}")
    assert customer["metadata"] == {"account_id": str(owner.account_id)}
    assert (customer["email"], customer["name"]) == (None, None)


async def test_a_forgotten_card_can_not_be_charged(desk: StripeFakeDesk):
    owner = MethodOwner(new_id(), "ada@example.com")
    setup = await desk.vault.begin(owner, new_id(), "http://testserver/back")
    await desk.enter_method(setup)
    kept = await desk.vault.finish(owner, setup.provider_ref)
    await desk.vault.forget(kept.provider_ref)
    with pytest.raises(ProviderRefused):
        await charged(desk, make_intent(None, method_id=kept.provider_ref, customer_ref=kept.customer_ref))


async def test_a_long_list_is_read_page_by_page(desk: StripeFakeDesk, stripe_fake: StripeFake):
    since = clock.now() - timedelta(seconds=5)
    for _ in range(205):
        await stripe_fake.control("charge", amount=1234)
    records = [record async for record in desk.records.list_charges(since, clock.now() + timedelta(seconds=5))]
    assert len({record.answer.provider_ref for record in records}) == len(records) == 205
    assert {(record.answer.payment_id, record.answer.status) for record in records} == {(None, "captured")}


def test_a_token_and_a_stored_method_together_can_not_be_meant():
    with pytest.raises(Invalid):
        StripeWhenSet().check(PaymentRequest("stripe", "pm_card_visa", "0199"))
