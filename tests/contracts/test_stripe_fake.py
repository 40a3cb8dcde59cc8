"""The fake of Stripe's API as the official client meets it: states, declines, refunds, kept cards, disputes, pages of lists."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe

from tests.fakes.stripe_api.process import SECRET_KEY, StripeFake

# The client hands its body to httpx in a way that httpx has deprecated; a warning would be an error here.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CARDS_ONLY = {"allowed_payment_method_types": ["card"]}
EURO = {"amount": 2000, "currency": "eur"} | CARDS_ONLY


@pytest.fixture
async def api(stripe_fake: StripeFake) -> AsyncIterator[Any]:
    connections = stripe.HTTPXClient()
    yield stripe.StripeClient(SECRET_KEY, base_addresses={"api": stripe_fake.base}, http_client=connections).v1
    await connections.close_async()


async def paid(api: Any, card: str = "pm_card_visa", **more: Any) -> Any:
    return await api.payment_intents.create_async(EURO | {"payment_method": card, "confirm": True} | more)


async def types_of(api: Any, wanted: str = "") -> list[str]:
    """Of all events so far, the oldest first."""
    listed = await api.events.list_async({"limit": 100})
    return [each.type for each in reversed(listed.data) if each.type.startswith(wanted)]


async def test_a_card_pays_in_one_request(api):
    intent = await paid(api, metadata={"payment_id": "one"})
    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 2000, 0)
    charge = await api.charges.retrieve_async(intent.latest_charge)
    assert (charge.captured, charge.amount_captured, charge.paid) == (True, 2000, True)
    assert charge.payment_method_details.card.last4 == "4242"
    assert charge.metadata["payment_id"] == "one"
    listed = await api.charges.list_async({"payment_intent": intent.id})
    assert [each.id for each in listed.data] == [charge.id]
    assert await types_of(api) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


async def test_a_buyer_confirms_step_by_step(api, stripe_fake):
    intent = await api.payment_intents.create_async(EURO)
    assert intent.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method") as refused:
        await api.payment_intents.confirm_async(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    updated = await api.payment_intents.update_async(
        intent.id, {"payment_method": "pm_card_mastercard", "amount": 2500}
    )
    assert (updated.status, updated.amount) == ("requires_confirmation", 2500)
    done = await api.payment_intents.confirm_async(intent.id)
    assert (done.status, done.amount_received) == ("succeeded", 2500)
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded"):
        await api.payment_intents.confirm_async(intent.id)
    with pytest.raises(stripe.InvalidRequestError, match="could not be updated"):
        await api.payment_intents.update_async(intent.id, {"amount": 1})


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
async def test_a_declined_card_leaves_an_open_intent_and_a_failed_charge(api, card, code, decline):
    with pytest.raises(stripe.CardError) as declined:
        await paid(api, card)
    error = declined.value.json_body["error"]
    assert (declined.value.http_status, error["code"], error.get("decline_code")) == (402, code, decline)
    intent = await api.payment_intents.retrieve_async(error["payment_intent"]["id"])
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error.code == code
    charge = await api.charges.retrieve_async(error["charge"])
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
    assert await types_of(api) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    again = await api.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert (again.status, again.last_payment_error) == ("succeeded", None)


@pytest.mark.parametrize(("success", "status"), [(True, "succeeded"), (False, "requires_payment_method")])
async def test_the_bank_asks_its_holder(api, stripe_fake, success, status):
    intent = await paid(api, "pm_card_threeDSecure2Required", return_url="https://shop.example/back")
    assert intent.status == "requires_action"
    assert intent.next_action.redirect_to_url.return_url == "https://shop.example/back"
    assert intent.next_action.redirect_to_url.url.startswith(stripe_fake.base)
    await stripe_fake.control("authenticate", intent=intent.id, success=success)
    after = await api.payment_intents.retrieve_async(intent.id)
    assert after.status == status
    assert (after.last_payment_error is None) == success
    if not success:
        assert after.last_payment_error.code == "payment_intent_authentication_failure"


async def test_no_holder_is_there_to_ask_off_session(api):
    customer = await api.customers.create_async({"email": "kept@example.com"})
    with pytest.raises(stripe.CardError) as declined:
        await paid(api, "pm_card_authenticationRequired", customer=customer.id, off_session=True)
    assert declined.value.code == "authentication_required"


async def test_what_is_authorized_is_captured_in_part_or_let_go(api):
    intent = await paid(api, capture_method="manual")
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        await api.refunds.create_async({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        await api.payment_intents.capture_async(intent.id, {"amount_to_capture": 2001})
    assert too_much.value.code == "amount_too_large"
    taken = await api.payment_intents.capture_async(intent.id, {"amount_to_capture": 1500})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 1500, 0)
    with pytest.raises(stripe.InvalidRequestError, match="could not be captured"):
        await api.payment_intents.capture_async(intent.id)
    with pytest.raises(stripe.InvalidRequestError, match=r"greater than unrefunded amount on charge \(€15.00\)"):
        await api.refunds.create_async({"payment_intent": intent.id, "amount": 1501})
    other = await paid(api, capture_method="manual")
    gone = await api.payment_intents.cancel_async(other.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason, gone.amount_capturable) == ("canceled", "abandoned", 0)
    assert (await api.charges.retrieve_async(other.latest_charge)).captured is False


async def test_only_an_unpaid_intent_is_cancelled(api):
    done = await paid(api)
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded") as refused:
        await api.payment_intents.cancel_async(done.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.json_body["error"]["payment_intent"]["id"] == done.id
    fresh = await api.payment_intents.create_async(EURO)
    assert (await api.payment_intents.cancel_async(fresh.id)).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        await api.payment_intents.confirm_async(fresh.id, {"payment_method": "pm_card_visa"})


@pytest.mark.parametrize(
    ("method", "status"),
    [("pm_usBankAccount_success", "succeeded"), ("pm_usBankAccount_insufficientFunds", "requires_payment_method")],
)
async def test_a_debit_is_decided_later(api, stripe_fake, method, status):
    await stripe_fake.control("settings", processing_seconds=None)
    asked = {"amount": 2000, "currency": "usd", "payment_method": method, "confirm": True}
    intent = await api.payment_intents.create_async(asked | {"allowed_payment_method_types": ["us_bank_account"]})
    assert (intent.status, intent.amount_received) == ("processing", 0)
    with pytest.raises(stripe.InvalidRequestError, match="status of processing"):
        await api.payment_intents.cancel_async(intent.id)
    await stripe_fake.control("end_processing", intent=intent.id, success=status == "succeeded")
    after = await api.payment_intents.retrieve_async(intent.id)
    assert (after.status, after.amount_received) == (status, 2000 if status == "succeeded" else 0)


async def test_fifty_refunds_at_once_give_back_no_more_than_was_taken(api, stripe_fake):
    intent = await paid(api)
    asked = [api.refunds.create_async({"payment_intent": intent.id, "amount": 300}) for _ in range(50)]
    told = await asyncio.gather(*asked, return_exceptions=True)
    made = [each for each in told if isinstance(each, stripe.Refund)]
    refused = [each for each in told if isinstance(each, stripe.InvalidRequestError)]
    assert (len(made), len(refused)) == (6, 44)
    assert all("greater than unrefunded amount" in str(each) for each in refused)
    rest = await api.refunds.create_async({"payment_intent": intent.id})
    assert rest.amount == 200
    with pytest.raises(stripe.InvalidRequestError) as done:
        await api.refunds.create_async({"payment_intent": intent.id})
    assert done.value.code == "charge_already_refunded"
    charge = await api.charges.retrieve_async(intent.latest_charge, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded, len(charge.refunds.data)) == (2000, True, 7)
    listed = await api.refunds.list_async({"payment_intent": intent.id, "limit": 100})
    assert sum(each.amount for each in listed.data) == 2000
    assert stripe_fake.state()["foreign"][0]["refunded"] == 2000


@pytest.mark.parametrize(
    ("card", "first", "then", "given_back"),
    [("pm_card_pendingRefund", "pending", "succeeded", 500), ("pm_card_refundFail", "succeeded", "failed", 0)],
)
async def test_a_refund_may_take_time_or_come_back(api, stripe_fake, card, first, then, given_back):
    await stripe_fake.control("settings", refund_seconds=3600)
    intent = await paid(api, card)
    refund = await api.refunds.create_async(
        {"payment_intent": intent.id, "amount": 500, "metadata": {"refund_id": "r1"}}
    )
    assert refund.status == first
    await stripe_fake.control("advance")
    after = await api.refunds.retrieve_async(refund.id)
    assert (after.status, after.metadata["refund_id"]) == (then, "r1")
    charge = await api.charges.retrieve_async(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (given_back, False)
    assert ("refund.failed" in await types_of(api)) == (then == "failed")


async def test_a_kept_card_pays_again_without_its_holder(api, stripe_fake):
    customer = await api.customers.create_async({"email": "kept@example.com", "metadata": {"user": "7"}})
    wish = {"customer": customer.id, "usage": "off_session"} | CARDS_ONLY
    setup = await api.setup_intents.create_async(wish)
    asked = await api.setup_intents.confirm_async(setup.id, {"payment_method": "pm_card_authenticationRequiredOnSetup"})
    assert asked.status == "requires_action"
    await stripe_fake.control("authenticate", intent=setup.id)
    kept = await api.setup_intents.retrieve_async(setup.id)
    assert kept.status == "succeeded"
    [method] = (await api.customers.payment_methods.list_async(customer.id)).data
    assert (method.id, method.customer, method.card.last4) == (kept.payment_method, customer.id, "3155")
    for _ in range(2):
        again = await paid(api, method.id, customer=customer.id, off_session=True)
        assert again.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Customer"):
        await paid(api, method.id)
    gone = await api.payment_methods.detach_async(method.id)
    assert gone.customer is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        await api.payment_methods.attach_async(method.id, {"customer": customer.id})
    deleted = await api.customers.delete_async(customer.id)
    assert deleted.deleted
    assert (await api.customers.retrieve_async(customer.id)).deleted


async def test_a_card_without_a_customer_pays_once(api):
    method = await api.payment_methods.create_async({"type": "card", "card": {"token": "tok_visa"}})
    await paid(api, method.id)
    with pytest.raises(stripe.InvalidRequestError, match="previously used"):
        await paid(api, method.id)


async def test_a_bank_takes_back_what_its_holder_disputes(api, stripe_fake):
    intent = await paid(api, "pm_card_createDispute")
    [dispute] = (await api.disputes.list_async({"payment_intent": intent.id})).data
    assert (dispute.status, dispute.amount, dispute.reason) == ("needs_response", 2000, "fraudulent")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"
    await api.disputes.update_async(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert (await api.disputes.retrieve_async(dispute.id)).status == "won"
    other = await paid(api)
    lost = await stripe_fake.control("dispute", intent=other.id)
    assert (await api.disputes.close_async(lost["id"])).status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        await api.disputes.close_async(lost["id"])
    assert await types_of(api, "charge.dispute") == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]


async def test_an_authorization_runs_out(api, stripe_fake):
    intent = await paid(api, capture_method="manual")
    await stripe_fake.control("expire_authorization", intent=intent.id)
    after = await api.payment_intents.retrieve_async(intent.id)
    assert (after.status, after.cancellation_reason) == ("canceled", "automatic")
    assert (await types_of(api))[-2:] == ["charge.expired", "payment_intent.canceled"]


async def test_the_balance_hears_of_a_charge_later_and_of_its_refund_at_once(api, stripe_fake):
    await stripe_fake.control("settings", settle_seconds=3600)
    intent = await paid(api)
    asked = {"expand": ["latest_charge.balance_transaction"]}
    early = await api.payment_intents.retrieve_async(intent.id, asked)
    assert early.latest_charge.balance_transaction is None
    await stripe_fake.control("advance")
    late = await api.payment_intents.retrieve_async(intent.id, asked)
    entry = late.latest_charge.balance_transaction
    assert (entry.amount, entry.fee, entry.net, entry.source) == (2000, 55, 1945, late.latest_charge.id)
    refund = await api.refunds.create_async({"payment_intent": intent.id, "expand": ["balance_transaction"]})
    assert refund.balance_transaction.amount == -2000
    entries = await api.balance_transactions.list_async({"limit": 10})
    assert [each.type for each in entries.data] == ["refund", "charge"]
    assert (await api.balance.retrieve_async()).available[0].amount == -55


async def test_metadata_are_merged_and_taken_away(api):
    intent = await api.payment_intents.create_async(EURO | {"metadata": {"a": "1", "b": "2"}})
    merged = await api.payment_intents.update_async(intent.id, {"metadata": {"b": "", "c": "3"}})
    assert merged.metadata.to_dict() == {"a": "1", "c": "3"}
    emptied = await api.payment_intents.update_async(intent.id, {"metadata": ""})
    assert emptied.metadata.to_dict() == {}
    with pytest.raises(stripe.InvalidRequestError, match="at most 40 characters"):
        await api.payment_intents.update_async(intent.id, {"metadata": {"k" * 41: "1"}})


async def test_lists_go_page_by_page_and_search_finds_late(api, stripe_fake):
    made = [(await paid(api, metadata={"payment_id": f"p{number}"})).id for number in range(7)]
    first = await api.payment_intents.list_async({"limit": 3})
    assert (first.has_more, [each.id for each in first.data]) == (True, made[:3:-1])
    everything = [each.id async for each in first.auto_paging_iter()]
    assert everything == made[::-1]
    last = await api.payment_intents.list_async({"limit": 3, "starting_after": made[1]})
    assert (last.has_more, [each.id for each in last.data]) == (False, [made[0]])
    born = first.data[0].created
    assert (await api.payment_intents.list_async({"created": {"gte": born + 60}})).data == []
    assert len((await api.payment_intents.list_async({"created": {"lte": born}, "limit": 100})).data) == 7
    hits = await api.payment_intents.search_async({"query": "metadata['payment_id']:'p4' AND status:'succeeded'"})
    assert [each.id for each in hits.data] == [made[4]]
    await stripe_fake.control("settings", search_lag_seconds=60)
    assert (await api.payment_intents.search_async({"query": "metadata['payment_id']:'p4'"})).data == []


async def test_what_stripe_would_refuse_is_refused(api, stripe_fake):
    refused = {
        "amount_too_small": {"amount": 49},
        "parameter_invalid_integer": {"amount": -5},
        "amount_too_large": {"amount": 100_000_000},
        "parameter_unknown": {"colour": "blue"},
        "payment_method_types_no_longer_supported": {"payment_method_types": ["card"]},
        "resource_missing": {"customer": "cus_nobody"},
    }
    for code, wrong in refused.items():
        with pytest.raises(stripe.InvalidRequestError) as told:
            await api.payment_intents.create_async(EURO | wrong)
        assert (told.value.code, told.value.http_status) == (code, 400)
        assert told.value.request_id.startswith("req_")
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        await paid(api, expand=["colour"])
    assert await types_of(api) == []
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        await api.payment_intents.retrieve_async("pi_nothing")
    assert (unknown.value.code, unknown.value.http_status) == ("resource_missing", 404)
    number = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}
    with pytest.raises(stripe.CardError, match="generally unsafe"):
        await api.payment_methods.create_async({"type": "card", "card": number})
    connections = stripe.HTTPXClient()
    stranger = stripe.StripeClient("sk_test_wrong", base_addresses={"api": stripe_fake.base}, http_client=connections)
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        await stranger.v1.payment_intents.list_async()
    await connections.close_async()
    assert stripe_fake.state()["intents"] == 0


async def test_somebody_changes_things_at_the_dashboard(api, stripe_fake):
    intent = await api.payment_intents.create_async(EURO | {"metadata": {"payment_id": "mine"}})
    await stripe_fake.control("set_amount", intent=intent.id, amount=1234)
    await stripe_fake.control("pay", intent=intent.id, card="pm_card_visa")
    await stripe_fake.control("refund", intent=intent.id, amount=34)
    foreign = await stripe_fake.control("charge", amount=777, currency="eur")
    state = stripe_fake.state()
    mine = state["payments"]["mine"]
    assert (mine["charges"], mine["captured"], mine["refunded"]) == (1, 1234, 34)
    assert [(each["id"], each["captured"]) for each in state["foreign"]] == [(foreign["id"], 777)]
    assert [line["path"] for line in stripe_fake.log() if line["by"] == "dashboard"] == [
        "set_amount",
        "pay",
        "refund",
        "charge",
    ]
