"""Who may do what, what each operation moves, and that whatever is drafted balances."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.contracts.wallet import NotReversible, OperationNotAllowed, Posting, TransactionId
from shop.kernel.errors import Invalid
from shop.kernel.money import MAX_AMOUNT, Money
from shop.modules.wallet.rules import (
    ALLOWED,
    GIVES_BACK,
    NAMES,
    OTHER_SIDE,
    check_allowed,
    check_amount,
    clearing,
    customer_account,
    customers_transaction,
    draft_of,
    giving_back,
    is_the_same,
    max_deposit,
    staffs_id,
    system_account,
)
from shop.modules.wallet.schemas import Stored

EVERYBODY = list(ALLOWED)
OPERATIONS = ["deposit", "withdraw", "purchase", "reversal", "cancellation", "transfer", "gift_card"]
ADA, BOB = uuid4(), uuid4()
amounts = st.integers(1, MAX_AMOUNT)


def wish(operation, amount=100, **fields):
    money = None if amount is None else Money(amount, "EUR")
    values = {"id": TransactionId(uuid4()), "by": "staff", "account_id": ADA, **fields}
    return Posting(operation=operation, amount=money, **values)


def stored(operation="purchase", status="settled", amount=100, **fields):
    values = {
        "id": uuid4(),
        "account_id": customer_account(ADA, "EUR"),
        "owner_id": ADA,
        "currency": "EUR",
        "operation": operation,
        "amount": amount,
        "taken": None,
        "incoming": False,
        "status": status,
        "balance_after": 0,
        "order_id": None,
        "payment_id": None,
        "parent_id": None,
        "counterparty_id": None,
        "reversed_amount": 0,
        "reason": "",
        "failure": None,
        "authority": "payments",
        "created_at": datetime.now(UTC),
        "settled_at": None,
        "dispute_ref": None,
    }
    return Stored(**{**values, **fields})


def sum_of(draft):
    return sum(leg.amount for leg in (*draft.kept, *draft.summed))


@pytest.mark.parametrize(
    ("by", "allowed"),
    [
        ("customer", "deposit withdraw"),
        ("staff", "deposit withdraw purchase reversal cancellation transfer"),
        ("program", "deposit withdraw purchase reversal cancellation"),
        ("orders", "reversal cancellation"),
        ("payments", "deposit purchase reversal cancellation"),
    ],
)
def test_who_may_what(by, allowed):
    for operation in OPERATIONS:
        if operation in allowed.split():
            check_allowed(by, operation, withdrawals=True)
        else:
            with pytest.raises(OperationNotAllowed):
                check_allowed(by, operation, withdrawals=True)
    assert set(NAMES) == set(ALLOWED)


def test_customers_withdraw_only_where_the_shop_pays_out():
    with pytest.raises(OperationNotAllowed):
        check_allowed("customer", "withdraw", withdrawals=False)
    check_allowed("staff", "withdraw", withdrawals=False)


def test_all_that_is_allowed_has_another_side_but_a_deposit_that_is_not_paid_yet():
    for by, operations in ALLOWED.items():
        for operation in operations - GIVES_BACK - {"transfer"}:
            assert ((operation, by) in OTHER_SIDE) == ((operation, by) != ("deposit", "customer"))


@given(st.sampled_from([(operation, by) for by in EVERYBODY for operation in ALLOWED[by] - GIVES_BACK]), amounts)
def test_whatever_is_drafted_sums_to_zero_and_moves_its_amount(case, amount):
    operation, by = case
    draft = draft_of(wish(operation, amount, by=by, counterparty_id=BOB), Money(amount, "EUR"))
    assert sum_of(draft) == 0
    assert draft.kept[0].account_id == draft.account_id == customer_account(ADA, "EUR")
    assert abs(draft.kept[0].amount) in {amount, 0}
    assert (draft.kept[0].amount > 0) <= draft.incoming
    assert draft.status == ("pending" if (operation, by) in PENDING else "settled")


PENDING = {("deposit", "customer"), ("withdraw", "customer"), ("purchase", "payments")}


@given(st.integers(1, 1000), st.integers(0, 1000), st.one_of(st.none(), st.integers(1, 2000)))
def test_a_reversal_gives_back_no_more_than_is_left(taken, before, amount):
    parent = stored(amount=taken, reversed_amount=min(before, taken))
    wanted = parent.rest if amount is None else amount
    posting = wish("reversal", amount, parent_id=parent.id)
    if 0 < wanted <= parent.rest:
        draft = giving_back(posting, parent)
        assert (sum_of(draft), draft.kept[0].amount) == (0, wanted)
    else:
        with pytest.raises(NotReversible):
            giving_back(posting, parent)


@pytest.mark.parametrize("status", ["pending", "settled", "failed"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_can_be_given_back(operation, status):
    parent = stored(operation, status)
    for giving, possible in (
        ("reversal", operation in {"purchase", "withdraw"} and status == "settled"),
        ("cancellation", operation == "purchase" and status == "pending"),
    ):
        posting = wish(giving, None, parent_id=parent.id)
        if possible:
            assert giving_back(posting, parent).amount == 100
        else:
            with pytest.raises(NotReversible):
                giving_back(posting, parent)


def test_what_a_bank_took_back_is_not_the_shops_to_give():
    parent = stored("withdraw", "settled", amount=100, taken=60, dispute_ref="dp_1")
    assert (parent.money.amount, parent.lost.amount) == (60, 40)
    with pytest.raises(NotReversible):
        giving_back(wish("reversal", None, parent_id=parent.id), parent)


def test_after_a_partial_capture_only_what_was_taken_is_given_back():
    parent = stored(amount=100, taken=60)
    assert giving_back(wish("reversal", None, parent_id=parent.id), parent).amount == 60
    with pytest.raises(NotReversible):
        giving_back(wish("reversal", 61, parent_id=parent.id), parent)


@pytest.mark.parametrize("by", EVERYBODY)
@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT + 1])
def test_amounts_that_are_none(by, amount):
    with pytest.raises(Invalid):
        check_amount(Money(amount, "EUR"), "purchase", by, "EUR")


def test_the_largest_deposit_is_ten_thousand_or_a_million_where_there_are_no_cents():
    assert [max_deposit(code) for code in ("EUR", "JPY", "KWD")] == [1_000_000, 1_000_000, 10_000_000]
    check_amount(Money(1_000_000, "JPY"), "deposit", "customer", "JPY")
    with pytest.raises(Invalid):
        check_amount(Money(1_000_001, "JPY"), "deposit", "customer", "JPY")


def test_wallets_are_filled_in_the_shops_currency_but_hold_refunds_in_any():
    with pytest.raises(Invalid):
        check_amount(Money(1, "USD"), "deposit", "staff", "EUR")
    check_amount(Money(1, "USD"), "deposit", "payments", "EUR")
    check_amount(Money(1, "USD"), "purchase", "staff", "EUR")
    with pytest.raises(Invalid):
        check_amount(Money(1, "XXQ"), "deposit", "payments", "XXQ")


def test_ids_follow_from_what_they_name():
    assert customer_account(ADA, "EUR") == customer_account(UUID(str(ADA)), "EUR")
    ids = {
        customer_account(ADA, "EUR"),
        customer_account(ADA, "USD"),
        customer_account(BOB, "EUR"),
        system_account("sales", "EUR"),
        system_account("sales", "USD"),
        system_account(clearing("stripe"), "EUR"),
        customers_transaction(ADA, "a"),
        customers_transaction(ADA, "b"),
        customers_transaction(BOB, "a"),
        staffs_id(None, ADA, "a"),
    }
    assert len(ids) == 10
    assert staffs_id(BOB, ADA, "a") == BOB


def test_a_wish_is_known_by_all_that_it_says():
    posting = wish("purchase", order_id=uuid4())
    made = stored(order_id=posting.order_id)
    assert is_the_same(made, posting)
    assert is_the_same(msgspec.structs.replace(made, taken=50), posting)
    for change in (
        {"operation": "withdraw"},
        {"owner_id": BOB},
        {"amount": 99},
        {"currency": "USD"},
        {"order_id": uuid4()},
        {"parent_id": uuid4()},
        {"counterparty_id": uuid4()},
    ):
        assert not is_the_same(msgspec.structs.replace(made, **change), posting), change
