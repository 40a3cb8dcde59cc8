"""Our books held against Stripe's and PayPal's, through the clients that talk to them and over more than one page."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shop.contracts.payment_providers import ProviderRecords
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.ports import ports
from shop.modules.payments.gateways import paypal_records, stripe_records
from shop.modules.payments.jobs import settle_open_payments, settle_open_refunds
from shop.modules.payments.ports import PAYPAL, STRIPE
from shop.modules.payments.service import reconcile_provider
from shop.modules.payments.service.disputes import record_dispute
from tests.factories.gateways import TOTAL, Gateway, PayPalGateway, StripeGateway
from tests.factories.payments import call_off, fall_due, get_intent, refunds_fall_due
from tests.factories.reconciliation import change_payment, open_discrepancies, reconciled

pytestmark = pytest.mark.usefixtures("db")
TWO_HOURS = timedelta(hours=2)


@pytest.fixture
async def _connections() -> AsyncIterator[None]:
    yield
    await STRIPE.aclose()
    await PAYPAL.aclose()


@pytest.fixture(params=["stripe", "paypal"])
def gateway(request, db, told, monkeypatch, _connections) -> Gateway:
    """Two charges to a page."""
    monkeypatch.setattr(stripe_records, "PAGE", 2)
    monkeypatch.setattr(paypal_records, "PAGE", 2)
    if request.param == "stripe":
        return StripeGateway(request.getfixturevalue("stripe_fake"))
    return PayPalGateway(request.getfixturevalue("paypal"), PAYPAL)


async def compared():
    """A run; Stripe counts whole seconds, and what was made in this one belongs to the next."""
    await asyncio.sleep(1.1)
    return await reconciled()


async def found():
    return {(each.kind, each.provider_ref) for each in await open_discrepancies()}


async def test_books_that_agree_leave_nothing_to_do(gateway, told):
    paid = [await gateway.pay() for _ in range(5)]
    assert {intent.status for intent in paid} == {"captured"}
    run = await compared()
    assert (run.status, run.compared, run.mended, run.found) == ("done", 5, 0, 0), run
    assert told.captured == [intent.id for intent in paid]


async def test_charges_that_name_none_of_our_payments_are_put_before_staff_once(gateway):
    """Nothing but the provider's own list knows of them, and they are on three pages of it."""
    await gateway.pay()
    strangers = {await gateway.charge(1000, new_id()) for _ in range(5)}
    first = await compared()
    assert (first.status, first.compared, first.found) == ("done", 6, 5)
    assert await found() == {("paid_no_order", ref) for ref in strangers}
    again = await compared()
    assert (again.found, again.mended) == (0, 0)
    assert len(await open_discrepancies()) == 5


async def test_a_charge_that_names_our_payment_under_another_reference_does_not_pay_it(gateway, told):
    intent = await gateway.pay()
    stranger = await gateway.charge(1000, intent.id)
    run = await compared()
    assert (run.mended, await found()) == (0, {("paid_no_order", stranger)})
    assert (await get_intent(intent.id)).captured_amount == TOTAL.amount


async def test_money_that_came_for_an_order_that_ended_goes_back(gateway, told):
    intent = await gateway.pay_unheard()
    await call_off(intent.order_id)
    await change_payment(intent.id, "status = 'cancelled', next_check_at = null")
    run = await compared()
    assert (run.mended, run.found) == (1, 0)
    for _ in range(2):
        await settle_open_payments()
        await refunds_fall_due()
        await settle_open_refunds()
    assert (await get_intent(intent.id)).status == "refunded"
    assert await gateway.given_back(intent) == TOTAL.amount
    assert told.captured == []
    assert (await compared()).found == 0


async def test_what_was_taken_unheard_pays_its_order_once(gateway, told):
    intents = [await gateway.pay_unheard() for _ in range(3)]
    for intent in intents:
        await fall_due(intent.id, TWO_HOURS)
        await change_payment(intent.id, "next_check_at = null")
    run = await compared()
    assert (run.mended, run.found) == (3, 0)
    assert {(await get_intent(intent.id)).status for intent in intents} == {"captured"}
    assert (await compared()).mended == 0
    assert sorted(told.captured) == sorted(intent.id for intent in intents)


async def test_what_we_count_on_and_the_provider_does_not_know_is_put_before_staff_once(gateway):
    paid = [await gateway.pay() for _ in range(3)]
    await gateway.forget()
    assert (await compared()).found == 3
    assert await found() == {("order_no_payment", intent.provider_ref) for intent in paid}
    assert (await compared()).found == 0
    assert {(await get_intent(intent.id)).status for intent in paid} == {"captured"}, "nothing is changed by it"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ("amount = 2999, captured_amount = 2999", "wrong_amount"),
        ("amount = 999, captured_amount = 999", "wrong_amount"),
        ("captured_amount = 999", "wrong_amount"),
        ("currency = 'USD'", "wrong_amount"),
    ],
)
async def test_other_amounts_are_put_before_staff_and_change_nothing(gateway, told, changes, kind):
    intent = await gateway.pay()
    await change_payment(intent.id, changes)
    run = await compared()
    assert run.mended == 0
    assert await found() == {(kind, intent.provider_ref)}
    assert told.captured == [intent.id]
    assert (await compared()).found == 0


async def test_what_a_provider_says_in_a_word_never_heard_is_put_before_staff_and_the_rest_is_compared(gateway, told):
    first, odd, last = [await gateway.pay() for _ in range(3)]
    stranger = await gateway.charge(1000)
    await gateway.say(odd, "absorbed")
    run = await compared()
    assert (run.status, run.compared, run.mended, run.message) == ("done", 4, 0, None)
    assert await found() == {("unknown_state", odd.provider_ref), ("paid_no_order", stranger)}
    [told_of_it] = [each for each in await open_discrepancies() if each.kind == "unknown_state"]
    assert "'absorbed'" in told_of_it.theirs
    assert {(await get_intent(each.id)).status for each in (first, odd, last)} == {"captured"}
    await gateway.say(odd, "succeeded" if gateway.name == "stripe" else "COMPLETED")
    await compared()
    assert await found() == {("paid_no_order", stranger)}


async def test_refunds_made_at_the_provider_are_entered_and_told_once(gateway, told):
    whole, part = await gateway.pay(), await gateway.pay()
    await gateway.refund(whole, TOTAL.amount)
    await gateway.refund(part, 500)
    for _ in range(2):
        run = await compared()
        assert (run.status, run.found) == ("done", 0)
    assert sorted(told.refunded) == sorted([(whole.id, TOTAL.amount), (part.id, 500)])
    assert (await get_intent(whole.id)).status == "refunded"
    assert (await get_intent(part.id)).refundable().amount == TOTAL.amount - 500
    assert await gateway.given_back(part) == 500, "nothing more was given back by that"


async def test_a_provider_that_goes_away_between_two_pages_fails_the_run_and_the_next_one_goes_on(
    gateway, told, monkeypatch
):
    monkeypatch.setattr(reconcile_provider, "BATCH", 2)
    strangers = {await gateway.charge(1000 + number, new_id()) for number in range(6)}
    records = ports(ProviderRecords)[gateway.name]
    listing = records.list_charges

    async def until_it_goes(since, until):
        told_of = 0
        async for record in listing(since, until):
            yield record
            told_of += 1
            if told_of == 3:
                await gateway.go()

    monkeypatch.setattr(records, "list_charges", until_it_goes)
    away = await compared()
    assert away.status == "failed"
    assert away.message is not None
    assert away.message.startswith(f"{gateway.name} could not be asked")
    assert 0 < away.compared < 6
    assert len(await open_discrepancies()) == away.found == away.compared
    monkeypatch.setattr(records, "list_charges", listing)
    await gateway.come()
    run = await compared()
    assert (run.status, run.compared, run.message) == ("done", 6, None)
    assert run.found == 6 - away.found
    assert {ref for _, ref in await found()} == strangers


@pytest.mark.usefixtures("_connections")
async def test_what_paypal_took_back_for_a_bank_is_no_refund_of_a_stranger(paypal, told):
    """It shows among PayPal's refunds, and was lost already by the dispute."""
    intent = await PayPalGateway(paypal, PAYPAL).pay()
    ref = await paypal.do("dispute", capture_id=intent.capture_ref)
    await paypal.do("resolve_dispute", dispute_id=ref, outcome="RESOLVED_BUYER_FAVOUR")
    await paypal.do("reverse", capture_id=intent.capture_ref)
    lost = await PAYPAL.find_dispute(ref)
    assert (lost.status, lost.amount) == ("lost", TOTAL)
    await write(record_dispute, "paypal", lost, intent)
    run = await compared()
    assert (run.status, run.mended, run.found) == ("done", 0, 0)
    assert told.refunded == []
    assert (await get_intent(intent.id)).refundable().amount == 0


@pytest.mark.usefixtures("_connections")
async def test_a_refund_in_stripes_dashboard_is_entered_beside_what_a_dispute_lost(stripe_fake, told):
    """Stripe counts no dispute as given back: what is told as given back went to the buyer as well."""
    gateway = StripeGateway(stripe_fake)
    intent = await gateway.pay()
    await gateway.refund(intent, 300)
    opened = await stripe_fake.control("dispute", intent=intent.provider_ref, amount=400)
    await stripe_fake.control("decide_dispute", dispute=opened["id"], won=False)
    lost = await STRIPE.find_dispute(opened["id"])
    assert (lost.status, lost.amount.amount) == ("lost", 400)
    await write(record_dispute, "stripe", lost, intent)
    run = await compared()
    assert (run.status, run.mended, run.found) == ("done", 1, 0)
    assert told.refunded == [(intent.id, 300)]
    assert (await get_intent(intent.id)).refundable().amount == TOTAL.amount - 700
