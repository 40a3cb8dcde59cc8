"""The state machine, and what of an answer is believed."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.payment_providers import ProviderAnswer
from shop.contracts.payments import PaymentId, PaymentStatus, RefundTo
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.gateways.stripe_answers import from_stripe, to_stripe
from shop.modules.payments.rules import (
    DEBIT_CHECK,
    GIVE_UP_AFTER,
    LAST_RETRY,
    MAIN,
    OPEN,
    WALLET_PART,
    disagreement,
    is_given_up,
    may_capture,
    may_charge,
    next_status,
    spread,
    until_next_check,
)
from shop.modules.payments.schemas import Intent

STATUSES = get_args(PaymentStatus)
statuses = st.sampled_from(STATUSES)


def make_intent(**changes) -> Intent:
    fields = {
        "id": PaymentId(new_id()),
        "order_id": new_id(),
        "deposit_id": None,
        "account_id": None,
        "part": MAIN,
        "split": False,
        "provider": "sandbox",
        "provider_ref": None,
        "token": None,
        "method_id": None,
        "customer_ref": None,
        "save_method": False,
        "manual_capture": False,
        "amount": 1999,
        "captured_amount": 0,
        "capture_wish": None,
        "capture_ref": None,
        "currency": "EUR",
        "status": "pending",
        "failure": None,
        "client_secret": None,
        "redirect_url": None,
        "method": None,
        "instructions": None,
        "holds_until": None,
        "refunded_amount": 0,
        "lost_amount": 0,
        "contested_amount": 0,
        "called_off_at": None,
        "abandoned_at": None,
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
        {"deposit_id": new_id()},
        {"captured": Money(1998, "EUR")},
    ],
)
def test_an_answer_that_differs_in_anything_is_not(change):
    intent = make_intent(provider_ref="ref")
    assert disagreement(intent, agreeing(intent, **change))


@given(st.integers(0, 10_000))
def test_waits_grow_to_a_limit(attempts):
    wait = until_next_check(make_intent(attempts=attempts), "pending")
    assert timedelta(seconds=5) <= wait <= LAST_RETRY
    assert until_next_check(make_intent(attempts=attempts + 1), "pending") >= wait


@pytest.mark.parametrize(("status", "last"), [("pending", DEBIT_CHECK), ("authorized", LAST_RETRY)])
def test_what_takes_days_is_looked_at_less_often_at_last(status, last):
    waiting = make_intent(attempts=50, status=status, holds_until=datetime.now(UTC) + timedelta(days=20))
    assert until_next_check(waiting, status) == last


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


def parts(main: str, wallet: str) -> tuple[Intent, Intent]:
    return (
        make_intent(part=MAIN, split=True, status=main),
        make_intent(part=WALLET_PART, split=True, status=wallet, provider="wallet"),
    )


@pytest.mark.parametrize("status", STATUSES)
def test_the_rest_is_charged_only_once_the_wallets_part_is_held(status):
    main, wallet = parts("pending", status)
    held = {"authorized", "captured", "partially_refunded", "refunded"}
    assert may_charge(main, [wallet]) == (status in held)
    assert may_charge(wallet, [main])


@pytest.mark.parametrize("status", STATUSES)
def test_the_wallets_part_is_taken_last(status):
    main, wallet = parts(status, "authorized")
    assert may_capture(wallet, [main]) == (status in {"captured", "partially_refunded", "refunded"})


def test_what_could_still_fail_is_taken_while_the_wallet_only_holds():
    main, wallet = parts("authorized", "authorized")
    assert may_capture(main, [wallet])
    assert not may_capture(main, [msgspec.structs.replace(wallet, status="pending")])


def test_where_staff_capture_only_their_word_counts():
    waiting = make_intent(status="authorized", manual_capture=True)
    assert not may_capture(waiting, [])
    assert may_capture(msgspec.structs.replace(waiting, capture_wish=500), [])


def test_a_part_that_staff_wanted_is_believed_and_the_whole_is_not():
    intent = make_intent(status="authorized", capture_wish=500)
    assert disagreement(intent, agreeing(intent, captured=Money(500, "EUR"))) is None
    assert disagreement(intent, agreeing(intent, captured=Money(1999, "EUR")))


@pytest.mark.parametrize("status", sorted(OPEN))
def test_only_what_nobody_has_promised_is_given_up_by_age(status):
    now = datetime.now(UTC)
    old = make_intent(status=status, created_at=now - GIVE_UP_AFTER - timedelta(seconds=1))
    assert is_given_up(old, now) == (status != "authorized")
    assert not is_given_up(msgspec.structs.replace(old, holds_until=now + timedelta(days=1)), now)


sums = st.integers(0, 3_000)


@given(
    st.integers(1, 10_000),
    st.lists(st.tuples(sums, sums, sums, sums, st.sampled_from([MAIN, WALLET_PART])), max_size=6),
    st.sampled_from(get_args(RefundTo)),
)
def test_a_refund_is_spread_within_what_is_left_of_each_payment(wanted, taken, to):
    payments = [
        make_intent(
            status="captured",
            captured_amount=max(captured, back),
            refunded_amount=back,
            lost_amount=lost,
            contested_amount=contested,
            part=part,
        )
        for captured, back, lost, contested, part in taken
    ]
    shares = spread(Money(wanted, "EUR"), payments, to)
    assert sum(share.amount for _, share in shares) == min(wanted, sum(each.refundable(to).amount for each in payments))
    assert all(0 < share.amount <= payment.refundable(to).amount for payment, share in shares)
    for payment, share in shares:
        gone = payment.refunded_amount + payment.lost_amount + (payment.contested_amount if to == "wallet" else 0)
        assert share.amount + gone <= payment.captured_amount
    assert len({payment.id for payment, _ in shares}) == len(shares)
    order = [payment.part for payment, _ in shares]
    assert order == sorted(order)
