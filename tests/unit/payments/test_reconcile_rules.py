"""Where two books disagree about a charge, and what follows from it, without any of the books."""

from datetime import timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.payment_providers import ProviderAnswer
from shop.contracts.payments import PaymentId, PaymentStatus
from shop.kernel import clock
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.reconcile_rules import WORDS, compare, is_ahead, stranger, told_by, unknown_refund
from shop.modules.payments.reconcile_schemas import Ours
from shop.modules.payments.rules import TAKEN
from shop.modules.payments.schemas import Intent

STATUSES = get_args(PaymentStatus)
NOW = clock.now()
LONG_AGO = NOW - timedelta(hours=3)
NOTHING_YET = dict.fromkeys(Intent.__struct_fields__)
INTENT = Intent(
    **NOTHING_YET
    | {
        "id": PaymentId(new_id()),
        "order_id": new_id(),
        "provider": "fake",
        "provider_ref": "ref",
        "part": 0,
        "amount": 1000,
        "captured_amount": 1000,
        "refunded_amount": 0,
        "lost_amount": 0,
        "contested_amount": 0,
        "currency": "EUR",
        "status": "captured",
        "attempts": 1,
        "version": 1,
        "created_at": LONG_AGO,
    }
)
ANSWER = ProviderAnswer(
    provider_ref="ref",
    status="captured",
    amount=Money(1000, "EUR"),
    captured=Money(1000, "EUR"),
    payment_id=INTENT.id,
    order_id=INTENT.order_id,
)


def ours(done: int = 0, under_way: int = 0, **changes: Any) -> Ours:
    if changes.get("status", "captured") not in TAKEN:
        changes.setdefault("captured_amount", 0)
    return Ours(msgspec.structs.replace(INTENT, **changes), done, under_way)


def theirs(**changes: Any) -> ProviderAnswer:
    if changes.get("status", "captured") not in TAKEN:
        changes.setdefault("captured", None)
    return msgspec.structs.replace(ANSWER, **changes)


def kinds(*args: Any) -> list[str]:
    return [finding.kind for finding in compare(*args, NOW)]


def test_what_agrees_is_no_difference() -> None:
    assert kinds(ours(), theirs()) == []


@pytest.mark.parametrize("status", STATUSES)
def test_the_same_status_is_no_difference(status: PaymentStatus) -> None:
    told = "captured" if status in TAKEN else status
    assert kinds(ours(status=status), theirs(status=told)) == []


TABLE = {
    # ours: theirs -> what it is
    "pending": {"authorized": "unknown_state", "captured": "paid_no_order", "failed": "unknown_state"},
    "requires_action": {"authorized": "unknown_state", "captured": "paid_no_order", "cancelled": "unknown_state"},
    "authorized": {"captured": "paid_no_order", "cancelled": "unknown_state", "requires_action": "order_no_payment"},
    "captured": {"authorized": "order_no_payment", "failed": "order_no_payment", "pending": "order_no_payment"},
    "failed": {"captured": "paid_no_order", "authorized": "unknown_state"},
    "cancelled": {"captured": "paid_no_order", "authorized": "unknown_state"},
}


@pytest.mark.parametrize(
    ("own", "told", "kind"), [(own, told, k) for own, row in TABLE.items() for told, k in row.items()]
)
def test_other_states_have_a_name(own: PaymentStatus, told: PaymentStatus, kind: str) -> None:
    assert kinds(ours(status=own), theirs(status=told)) == [kind]


@pytest.mark.parametrize("own", ["pending", "requires_action", "failed", "cancelled"])
def test_what_the_provider_never_heard_of_matters_only_where_money_is_counted_on(own: PaymentStatus) -> None:
    assert kinds(ours(status=own), None) == []
    assert kinds(ours(status="authorized"), None) == ["order_no_payment"]
    assert kinds(ours(), None) == ["order_no_payment"]
    assert kinds(ours(), theirs(begun=False)) == ["order_no_payment"]


@pytest.mark.parametrize("own", ["pending", "requires_action", "authorized"])
@pytest.mark.parametrize("told", STATUSES)
def test_a_young_payment_is_left_to_the_sweep(own: PaymentStatus, told: PaymentStatus) -> None:
    assert kinds(ours(status=own, created_at=NOW - timedelta(minutes=59)), theirs(status=told)) == []


@pytest.mark.parametrize("field", ["payment_id", "order_id", "deposit_id"])
def test_a_charge_of_another_payment_is_not_believed(field: str) -> None:
    assert kinds(ours(), theirs(**{field: new_id()})) == ["unknown_state"]


def test_a_provider_may_say_less_than_it_was_told() -> None:
    assert kinds(ours(), theirs(payment_id=None, order_id=None)) == []


def test_what_went_back_is_compared_with_what_we_count() -> None:
    assert kinds(ours(done=300), theirs(refunded=Money(300, "EUR"))) == []
    assert kinds(ours(done=300), theirs(refunded=Money(299, "EUR"))) == ["wrong_refund"]
    assert kinds(ours(done=300), theirs(refunded=Money(301, "EUR"))) == ["wrong_refund"]
    assert kinds(ours(done=300, under_way=100), theirs(refunded=Money(400, "EUR"))) == []
    assert kinds(ours(done=300, under_way=100), theirs(refunded=Money(401, "EUR"))) == ["wrong_refund"]


def test_what_a_bank_took_back_may_be_counted_as_given_back_by_its_provider() -> None:
    """As PayPal does, which lists a reversal among its refunds."""
    for back in (0, 300):
        assert kinds(ours(lost_amount=300), theirs(refunded=Money(back, "EUR"))) == []
    assert unknown_refund(ours(lost_amount=300), theirs(refunded=Money(300, "EUR"))) is None
    assert kinds(ours(lost_amount=300), theirs(refunded=Money(301, "EUR"))) == ["wrong_refund"]
    assert unknown_refund(ours(lost_amount=300), theirs(refunded=Money(400, "EUR"))) == Money(100, "EUR")


def test_where_a_provider_counts_no_reversals_all_that_it_gave_back_is_told() -> None:
    """As Stripe, which counts refunds alone."""

    def back(amount: int) -> ProviderAnswer:
        return theirs(refunded=Money(amount, "EUR"), counts_reversals=False)

    assert kinds(ours(lost_amount=400), back(0)) == []
    assert kinds(ours(lost_amount=400), back(300)) == ["wrong_refund"]
    assert unknown_refund(ours(lost_amount=400), back(300)) == Money(300, "EUR")
    assert kinds(ours(lost_amount=400, refunded_amount=300, done=300), back(300)) == []
    assert unknown_refund(ours(lost_amount=400), back(700)) is None
    assert unknown_refund(ours(contested_amount=400), back(300)) == Money(300, "EUR")
    assert unknown_refund(ours(contested_amount=400), theirs(refunded=Money(300, "EUR"))) is None


def test_money_of_an_ended_order_that_a_bank_took_back_is_not_kept() -> None:
    ended = ours(called_off_at=LONG_AGO, lost_amount=1000)
    assert kinds(ended, theirs()) == []
    assert kinds(ours(called_off_at=LONG_AGO, lost_amount=999), theirs()) == ["paid_no_order"]


@given(
    captured=st.integers(1, 2000),
    promised=st.integers(0, 2000),
    done=st.integers(0, 2000),
    back=st.integers(0, 3000),
    under_way=st.sampled_from([0, 0, 50]),
)
def test_a_strangers_refund_is_entered_only_where_it_fits(
    captured: int, promised: int, done: int, back: int, under_way: int
) -> None:
    promised = min(promised, captured)
    own = ours(min(done, promised), under_way, captured_amount=captured, refunded_amount=promised, amount=2000)
    answer = theirs(amount=Money(2000, "EUR"), captured=Money(captured, "EUR"), refunded=Money(back, "EUR"))
    found = unknown_refund(own, answer)
    if found is None:
        assert under_way or back <= own.done or back - own.done > captured - promised
    else:
        assert found.amount == back - own.done > 0
        assert promised + found.amount <= captured, "never more than was captured"


def test_a_refund_is_not_entered_where_the_amounts_taken_differ() -> None:
    assert unknown_refund(ours(), theirs(captured=Money(900, "EUR"), refunded=Money(100, "EUR"))) is None


def test_money_that_no_order_wants_goes_back_or_is_told_of() -> None:
    ended = {"called_off_at": LONG_AGO}
    assert kinds(ours(**ended), theirs()) == ["paid_no_order"]
    assert kinds(ours(called_off_at=NOW), theirs()) == [], "it is on its way back"
    assert kinds(ours(under_way=1000, refunded_amount=1000, **ended), theirs()) == []
    assert kinds(ours(done=1000, refunded_amount=1000, **ended), theirs(refunded=Money(1000, "EUR"))) == []


@pytest.mark.parametrize(
    ("own", "told"), [("pending", "captured"), ("authorized", "failed"), ("cancelled", "captured")]
)
def test_a_provider_that_knows_more_is_ahead(own: PaymentStatus, told: PaymentStatus) -> None:
    assert is_ahead(ours(status=own), theirs(status=told))


@pytest.mark.parametrize(("own", "told"), [("captured", "failed"), ("authorized", "pending"), ("failed", "authorized")])
def test_one_that_knows_something_else_is_not(own: PaymentStatus, told: PaymentStatus) -> None:
    assert not is_ahead(ours(status=own), theirs(status=told))


def test_a_strangers_charge_matters_while_money_is_left_of_it() -> None:
    found = stranger("fake", theirs(payment_id=None))
    assert found is not None
    assert (found.kind, found.subject, found.payment_id) == ("paid_no_order", "fake:ref", None)
    assert stranger("fake", theirs(payment_id=None, refunded=Money(1000, "EUR"))) is None
    assert stranger("fake", theirs(payment_id=None, status="failed")) is None


def test_everything_is_said_in_words() -> None:
    assert set(WORDS) == set(STATUSES)
    assert told_by(None) == "no such charge"
    assert told_by(theirs(captured=Money(400, "EUR"), refunded=Money(100, "EUR"))) == (
        "€4.00 taken of €10.00, €1.00 given back"
    )
    for finding in compare(ours(), theirs(status="failed"), NOW):
        assert finding.reason.endswith(".")
