"""The state machine, and what of an answer is believed."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.payments import PaymentId, PaymentStatus, ProviderAnswer
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways.stripe import from_stripe, to_stripe
from shop.modules.payments.rules import LAST_RETRY, disagreement, next_status, until_next_check
from shop.modules.payments.schemas import Intent

STATUSES = get_args(PaymentStatus)
statuses = st.sampled_from(STATUSES)


def make_intent(**changes) -> Intent:
    fields = {
        "id": PaymentId(new_id()),
        "order_id": new_id(),
        "provider": "sandbox",
        "provider_ref": None,
        "token": None,
        "method_id": None,
        "amount": 1999,
        "currency": "EUR",
        "status": "pending",
        "failure": None,
        "client_secret": None,
        "redirect_url": None,
        "refunded_amount": 0,
        "called_off_at": None,
        "attempts": 1,
        "version": 1,
        "created_at": datetime.now(UTC),
    }
    return Intent(**{**fields, **changes})


def agreeing(intent: Intent, **changes) -> ProviderAnswer:
    answer = ProviderAnswer("ref", "captured", Money(intent.amount, intent.currency), intent.id, intent.order_id)
    return msgspec.structs.replace(answer, **changes)


@given(st.lists(statuses, max_size=12))
def test_whatever_is_told_captured_is_final_and_reached_at_most_once(told):
    status, captures = "pending", 0
    for each in told:
        following = next_status(status, each)
        if following == "captured":
            captures += 1
        if status == "captured":
            assert following is None
        status = following or status
    assert captures <= 1
    assert captures == int("captured" in told)


@given(statuses, statuses)
def test_no_step_leads_back_to_where_it_came_from(present, told):
    assert next_status(present, told) in {told, None}
    assert next_status(present, present) is None


@pytest.mark.parametrize("status", ["refunded", "partially_refunded"])
def test_refunds_are_never_taken_from_an_answer(status):
    assert [present for present in STATUSES if next_status(present, status)] == []


def test_an_answer_that_fits_is_believed():
    intent = make_intent()
    assert disagreement(intent, agreeing(intent)) is None
    assert (
        disagreement(make_intent(provider_ref="ref", id=intent.id, order_id=intent.order_id), agreeing(intent)) is None
    )


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(2000, "EUR")},
        {"amount": Money(1999, "USD")},
        {"payment_id": None},
        {"order_id": None},
        {"provider_ref": "other"},
    ],
)
def test_an_answer_that_differs_in_anything_is_not(change):
    intent = make_intent(provider_ref="ref")
    assert disagreement(intent, agreeing(intent, **change))


@given(st.integers(0, 10_000))
def test_waits_grow_to_a_limit(attempts):
    wait = until_next_check("pending", attempts)
    assert timedelta(seconds=5) <= wait <= LAST_RETRY
    assert until_next_check("pending", attempts + 1) >= wait


@pytest.mark.parametrize("status", STATUSES)
def test_the_means_to_act_are_shown_only_while_action_is_required(status):
    shown = make_intent(status=status, client_secret="s", redirect_url="https://bank.example", failure="no").shown()
    assert (shown.client_secret is not None) == (status == "requires_action")
    assert (shown.redirect_url is not None) == (status == "requires_action")
    assert status not in {"captured", "refunded"} or shown.failure is None


@given(st.integers(1, 10**12), st.sampled_from(["EUR", "JPY", "ISK", "UGX", "KWD"]))
def test_amounts_come_back_from_stripe_as_they_went(amount, currency):
    money = Money(amount, currency)
    assert from_stripe(to_stripe(money), currency.lower()) == money


def test_a_part_of_a_krona_is_not_mistaken_for_a_whole_one():
    assert from_stripe(1999, "isk").currency != "ISK"
