"""PayPal's books as reconciliation reads them: every charge once, with what became of it, and disputes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from shop.contracts.payment_providers import ProviderAway, ProviderIntent, ProviderRecord
from shop.contracts.payments import PaymentId
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways import paypal_records
from shop.modules.payments.gateways.paypal_when_set import PayPalWhenSet
from tests.factories.paypal import approved, make_intent
from tests.fakes.paypal_api.process import PayPalFake


async def bought(provider: PayPalWhenSet, paypal: PayPalFake, **fields: Any) -> ProviderIntent:
    facts: dict[str, Any] = {
        "payment_id": PaymentId(new_id()),
        "order_id": new_id(),
        "amount": Money(1999, "EUR"),
        "token": None,
        "method_id": None,
        "return_url": "http://testserver/return",
    }
    intent = ProviderIntent(**{**facts, **fields})
    intent = msgspec.structs.replace(intent, provider_ref=await provider.prepare(intent))
    await paypal.approve(intent.provider_ref)
    if intent.manual_capture:
        await provider.charge(intent)
    await provider.capture(intent, intent.amount)
    return intent


async def listed(provider: PayPalWhenSet, since: timedelta = timedelta(hours=1)) -> dict[str, ProviderRecord]:
    until = datetime.now(UTC) + timedelta(seconds=5)
    found = [each async for each in provider.list_charges(until - since, until)]
    assert len(found) == len({each.answer.provider_ref for each in found})
    return {each.answer.provider_ref: each for each in found}


async def test_every_charge_is_listed_once_as_it_is_now(provider: PayPalWhenSet, paypal: PayPalFake):
    plain = await bought(provider, paypal)
    deposit = await bought(provider, paypal, order_id=None, deposit_id=new_id())
    held = await bought(provider, paypal, manual_capture=True)
    await provider.refund(plain, Money(500, "EUR"), new_id())
    found = await listed(provider)
    assert set(found) == {plain.provider_ref, deposit.provider_ref, held.provider_ref}
    for intent in (plain, deposit, held):
        record = found[intent.provider_ref]
        assert record.answer == await provider.look_up(intent)
        assert abs(datetime.now(UTC) - record.created_at) < timedelta(minutes=1)
    assert found[plain.provider_ref].answer.refunded == Money(500, "EUR")


async def test_all_pages_are_read(provider: PayPalWhenSet, paypal: PayPalFake, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paypal_records, "PAGE", 2)
    intents = [await bought(provider, paypal) for _ in range(5)]
    assert set(await listed(provider)) == {intent.provider_ref for intent in intents}


async def test_more_than_a_month_is_read_in_stretches(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = await bought(provider, paypal)
    assert set(await listed(provider, timedelta(days=100))) == {intent.provider_ref}


async def test_what_was_made_outside_the_time_is_not_listed(provider: PayPalWhenSet, paypal: PayPalFake):
    await bought(provider, paypal)
    now = datetime.now(UTC)
    assert [each async for each in provider.list_charges(now - timedelta(days=2), now - timedelta(hours=1))] == []


async def test_a_charge_belongs_to_one_of_two_stretches_that_meet(provider: PayPalWhenSet, paypal: PayPalFake):
    await bought(provider, paypal)
    (record,) = (await listed(provider)).values()
    meets, hour = record.created_at, timedelta(hours=1)
    assert [each async for each in provider.list_charges(meets - hour, meets)] == []
    assert [each async for each in provider.list_charges(meets, meets + hour)] == [record]


async def test_an_order_captured_in_parts_is_listed_once(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = make_intent(manual_capture=True)
    intent = await approved(provider, paypal, intent)
    await provider.charge(intent)
    (held,) = (await paypal.state(intent.payment_id))["authorizations"]
    for number, value in enumerate(("5.00", "7.00")):
        part = {"amount": {"currency_code": "EUR", "value": value}, "invoice_id": f"part-{number}"}
        await provider._faces.client.post(f"/v2/payments/authorizations/{held['id']}/capture", part, str(new_id()))
    found = await listed(provider)
    assert found[intent.provider_ref].answer.captured == Money(1200, "EUR")


async def test_what_paypals_books_do_not_show_yet_is_not_listed(provider: PayPalWhenSet, paypal: PayPalFake):
    await bought(provider, paypal)
    await paypal.control(reporting_lag=3 * 3600)
    assert await listed(provider) == {}


async def test_orders_without_money_are_no_charges(provider: PayPalWhenSet, paypal: PayPalFake):
    intent = ProviderIntent(PaymentId(new_id()), new_id(), Money(1999, "EUR"), None, None, "http://testserver/return")
    await provider.prepare(intent)
    assert await listed(provider) == {}


async def test_books_that_may_not_be_read_are_away(provider: PayPalWhenSet, paypal: PayPalFake):
    await paypal.control(reporting_allowed=False)
    with pytest.raises(ProviderAway):
        await listed(provider)


async def test_a_search_that_fails_midway_is_away(
    provider: PayPalWhenSet, paypal: PayPalFake, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paypal_records, "PAGE", 2)
    for _ in range(4):
        await bought(provider, paypal)
    until = datetime.now(UTC) + timedelta(seconds=5)
    records = provider.list_charges(until - timedelta(hours=1), until)
    for _ in range(2):
        assert (await anext(records)).answer.status == "captured"
    await paypal.control(away=True)
    with pytest.raises(ProviderAway):
        await anext(records)


@pytest.mark.parametrize(
    ("outcome", "status"), [("RESOLVED_BUYER_FAVOUR", "lost"), ("RESOLVED_SELLER_FAVOUR", "won"), ("NONE", "closed")]
)
async def test_a_dispute_leads_to_its_charge_and_ends(
    provider: PayPalWhenSet, paypal: PayPalFake, outcome: str, status: str
):
    intent = await bought(provider, paypal)
    (capture,) = (await paypal.state(intent.payment_id))["captures"]
    dispute_id = await paypal.do("dispute", capture_id=capture["id"], reason="UNAUTHORISED")
    dispute = await provider.find_dispute(dispute_id)
    assert (dispute.provider_ref, dispute.payment_ref) == (dispute_id, intent.provider_ref)
    assert (dispute.amount, dispute.reason, dispute.status) == (intent.amount, "fraudulent", "needs_response")
    assert dispute.respond_by > datetime.now(UTC) + timedelta(days=9)
    await paypal.do("resolve_dispute", dispute_id=dispute_id, outcome=outcome)
    assert (await provider.find_dispute(dispute_id)).status == status


async def test_a_dispute_that_never_was_is_not_found(provider: PayPalWhenSet):
    assert await provider.find_dispute("PP-R-XXX-1") is None
