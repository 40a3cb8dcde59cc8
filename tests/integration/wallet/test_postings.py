"""Each operation: what it moves between which accounts, who may, and what is refused with nothing moved."""

from uuid import uuid4

import pytest

from shop.contracts.wallet import (
    InsufficientBalance,
    NotReversible,
    OperationNotAllowed,
    ParentNotFound,
    TransactionIdReused,
    TransactionOpened,
    TransactionSettled,
    Wallets,
)
from shop.kernel.db import write
from shop.kernel.errors import Invalid
from shop.kernel.money import MAX_AMOUNT, Money
from shop.kernel.ports import port
from shop.modules.wallet.errors import WalletOwnerNotFound
from tests.factories.facts import facts_of
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    entries_of,
    get_transaction,
    hold,
    make_wallet,
    move,
    whole_balance_of,
    wish,
)

pytestmark = pytest.mark.usefixtures("db")


async def test_staff_give_credit():
    ada = await make_wallet()
    made = await move(ada, "deposit", 5000, reason="Sorry for the delay")
    assert (made.status, made.incoming, made.balance_after) == ("settled", True, Money(5000, "EUR"))
    assert await entries_of(made.id) == [("customer", 5000), ("promotions", -5000)]
    assert await get_transaction(made.id) == made
    await assert_books_balance()


async def test_a_customers_deposit_waits_for_its_money():
    ada = await make_wallet()
    made = await move(ada, "deposit", 5000, by="customer")
    assert (made.status, made.balance_after, made.settled_at) == ("pending", None, None)
    assert await entries_of(made.id) == []
    assert await whole_balance_of(ada) == 0
    assert await get_transaction(made.id) == made
    await assert_books_balance()


async def test_a_refund_to_the_wallet_comes_from_refunds():
    ada = await make_wallet()
    made = await move(ada, "deposit", 700, by="payments", order_id=uuid4())
    assert await entries_of(made.id) == [("customer", 700), ("refunds", -700)]


async def test_a_purchase_without_an_order_is_sold_at_once():
    ada = await make_wallet(5000)
    made = await move(ada, "purchase", 1999)
    assert (made.status, made.incoming, made.balance_after) == ("settled", False, Money(3001, "EUR"))
    assert await entries_of(made.id) == [("customer", -1999), ("sales", 1999)]


async def test_a_purchase_of_an_unpaid_order_is_held():
    ada = await make_wallet(5000)
    made = await hold(ada, 1999)
    assert (made.status, made.balance_after) == ("pending", Money(3001, "EUR"))
    assert await entries_of(made.id) == [("customer", -1999), ("held", 1999)]
    assert (await balance_of(ada), await whole_balance_of(ada)) == (3001, 5000)
    await assert_books_balance()


async def test_staff_note_what_they_paid_out_by_hand():
    ada = await make_wallet(5000)
    made = await move(ada, "withdraw", 5000, reason="The account is being closed")
    assert made.status == "settled"
    assert await entries_of(made.id) == [("customer", -5000), ("payouts", 5000)]


async def test_a_transfer_is_seen_from_both_sides():
    ada, bob = await make_wallet(5000), await make_wallet(100)
    told = await facts_of(port(Wallets).post, wish(ada, "transfer", 2000, counterparty_id=bob))
    assert [(each.account_id, each.incoming, each.balance_after) for each in told] == [
        (ada, False, 3000),
        (bob, True, 2100),
    ]
    assert sorted(await entries_of(told[0].transaction_id)) == [("customer", -2000), ("customer", 2000)]
    assert (await balance_of(ada), await balance_of(bob)) == (3000, 2100)
    await assert_books_balance()


async def test_what_happened_is_told_with_the_balance_after_it():
    ada = await make_wallet(5000)
    [told] = await facts_of(port(Wallets).post, wish(ada, "purchase", 1999))
    assert isinstance(told, TransactionSettled)
    assert (told.account_id, told.amount, told.incoming, told.balance_after) == (ada, 1999, False, 3001)
    [told] = await facts_of(port(Wallets).post, wish(ada, "deposit", 10, by="customer"))
    assert isinstance(told, TransactionOpened)


async def test_the_same_wish_again_has_no_second_effect_and_tells_nothing():
    ada = await make_wallet(5000)
    posting = wish(ada, "purchase", 4000)
    first = await write(port(Wallets).post, posting)
    assert await facts_of(port(Wallets).post, posting) == []
    assert await write(port(Wallets).post, posting) == first
    assert await balance_of(ada) == 1000
    assert await entries_of(first.id) == [("customer", -4000), ("sales", 4000)]


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(3999, "EUR")},
        {"operation": "withdraw"},
        {"account_id": "another"},
        {"order_id": uuid4()},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_an_id_names_one_transaction_only(change):
    ada, bob = await make_wallet(5000), await make_wallet(5000)
    change = {name: bob if value == "another" else value for name, value in change.items()}
    posting = wish(ada, "purchase", 4000)
    await write(port(Wallets).post, posting)
    other = type(posting)(**{**{name: getattr(posting, name) for name in posting.__struct_fields__}, **change})
    with pytest.raises(TransactionIdReused):
        await write(port(Wallets).post, other)
    assert (await balance_of(ada), await balance_of(bob)) == (1000, 5000)


async def test_no_more_is_spent_than_there_is():
    ada = await make_wallet(1000)
    before = await count_transactions()
    with pytest.raises(InsufficientBalance) as refusal:
        await move(ada, "purchase", 1001)
    assert refusal.value.extra == {"available": Money(1000, "EUR")}
    assert (await balance_of(ada), await count_transactions()) == (1000, before)


async def test_what_is_held_is_spent():
    ada = await make_wallet(1000)
    await hold(ada, 600)
    with pytest.raises(InsufficientBalance):
        await move(ada, "purchase", 401)
    await move(ada, "purchase", 400)
    assert await balance_of(ada) == 0


async def test_a_wallet_that_never_was_has_nothing_to_spend():
    ada = await make_wallet()
    with pytest.raises(InsufficientBalance) as refusal:
        await move(ada, "purchase", 1)
    assert refusal.value.extra == {"available": Money(0, "EUR")}
    assert await count_transactions() == 0


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        (0, "EUR", "amount.amount"),
        (-1, "EUR", "amount.amount"),
        (MAX_AMOUNT + 1, "EUR", "amount.amount"),
        (100, "USD", "amount.currency"),
        (100, "XXQ", "amount.currency"),
        (100, "eur", "amount.currency"),
    ],
)
@pytest.mark.parametrize("by", ["customer", "staff", "program"])
async def test_amounts_that_are_none_move_nothing(amount, currency, field, by):
    ada = await make_wallet(1000)
    before = await count_transactions()
    with pytest.raises(Invalid) as refusal:
        await move(ada, "deposit", amount, currency=currency, by=by)
    assert [error.field for error in refusal.value.errors] == [field]
    assert (await balance_of(ada), await count_transactions()) == (1000, before)


async def test_a_customer_fills_in_up_to_ten_thousand_at_a_time():
    ada = await make_wallet()
    await move(ada, "deposit", 10_000_00, by="customer")
    with pytest.raises(Invalid):
        await move(ada, "deposit", 10_000_01, by="customer")


async def test_a_wallet_holds_no_more_than_sums_can():
    ada = await make_wallet(MAX_AMOUNT)
    with pytest.raises(Invalid):
        await move(ada, "deposit", 1)
    assert await balance_of(ada) == MAX_AMOUNT


async def test_a_purchase_in_a_currency_that_the_wallet_never_held_is_refused():
    ada = await make_wallet(1000)
    with pytest.raises(InsufficientBalance):
        await move(ada, "purchase", 100, currency="USD")
    assert await balance_of(ada) == 1000


@pytest.mark.parametrize(
    ("by", "operation"),
    [
        ("customer", "purchase"),
        ("customer", "reversal"),
        ("customer", "cancellation"),
        ("customer", "transfer"),
        ("customer", "withdraw"),
        ("customer", "gift_card"),
        ("program", "transfer"),
        ("orders", "deposit"),
        ("orders", "purchase"),
        ("payments", "withdraw"),
        ("payments", "transfer"),
        ("staff", "gift_card"),
    ],
)
async def test_what_somebody_may_not_do_moves_nothing(by, operation):
    ada, bob = await make_wallet(1000), await make_wallet()
    bought = await move(ada, "purchase", 100)
    before = await count_transactions()
    with pytest.raises(OperationNotAllowed):
        await move(ada, operation, 100, by=by, parent_id=bought.id, counterparty_id=bob)
    assert (await balance_of(ada), await count_transactions()) == (900, before)


async def test_nobody_has_a_wallet_who_has_no_account():
    with pytest.raises(WalletOwnerNotFound):
        await move(uuid4(), "deposit", 100)
    assert await count_transactions() == 0


async def test_a_transfer_needs_another_wallet():
    ada = await make_wallet(1000)
    for counterparty in (None, ada):
        with pytest.raises(Invalid):
            await move(ada, "transfer", 100, counterparty_id=counterparty)
    assert await balance_of(ada) == 1000


async def test_a_reversal_gives_back_in_parts_what_was_taken():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 1000)
    first = await move(ada, "reversal", 300, parent_id=bought.id)
    assert await entries_of(first.id) == [("customer", 300), ("refunds", -300)]
    rest = await move(ada, "reversal", parent_id=bought.id)
    assert (rest.amount, rest.balance_after) == (Money(700, "EUR"), Money(1000, "EUR"))
    assert (await get_transaction(bought.id)).reversed == Money(1000, "EUR")
    with pytest.raises(NotReversible):
        await move(ada, "reversal", parent_id=bought.id)
    await assert_books_balance()


async def test_a_reversal_of_a_withdrawal_comes_from_payouts():
    ada = await make_wallet(1000)
    paid_out = await move(ada, "withdraw", 1000)
    back = await move(ada, "reversal", 400, parent_id=paid_out.id)
    assert await entries_of(back.id) == [("customer", 400), ("payouts", -400)]


async def test_no_more_is_reversed_than_was_taken():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 600)
    with pytest.raises(NotReversible):
        await move(ada, "reversal", 601, parent_id=bought.id)
    assert await balance_of(ada) == 400


@pytest.mark.parametrize("operation", ["reversal", "cancellation"])
async def test_anothers_transaction_is_no_parent(operation):
    ada, bob = await make_wallet(1000), await make_wallet(1000)
    held = await hold(bob, 500)
    bought = await move(bob, "purchase", 500)
    parent = bought if operation == "reversal" else held
    before = await count_transactions()
    for parent_id in (parent.id, uuid4()):
        with pytest.raises(ParentNotFound):
            await move(ada, operation, parent_id=parent_id)
    assert (await balance_of(ada), await balance_of(bob), await count_transactions()) == (1000, 0, before)


async def test_only_what_took_money_for_good_is_reversed():
    ada = await make_wallet(1000)
    deposit = await move(ada, "deposit", 100)
    held = await hold(ada, 100)
    reversal = await move(ada, "reversal", parent_id=(await move(ada, "purchase", 10)).id)
    for parent in (deposit, held, reversal):
        with pytest.raises(NotReversible):
            await move(ada, "reversal", parent_id=parent.id)


async def test_a_reversal_in_another_currency_is_refused():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 600)
    with pytest.raises(Invalid):
        await move(ada, "reversal", 600, parent_id=bought.id, currency="USD")
    assert await balance_of(ada) == 400


async def test_the_same_reversal_again_has_no_second_effect():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 600)
    posting = wish(ada, "reversal", parent_id=bought.id)
    first = await write(port(Wallets).post, posting)
    assert await write(port(Wallets).post, posting) == first
    assert await balance_of(ada) == 1000
    with pytest.raises(TransactionIdReused):
        await write(port(Wallets).post, wish(ada, "reversal", 1, parent_id=bought.id, id=first.id))


async def test_a_reversal_needs_a_parent_and_nothing_else_has_one():
    ada = await make_wallet(1000)
    with pytest.raises(Invalid):
        await move(ada, "reversal", 100)
    with pytest.raises(Invalid):
        await move(ada, "purchase", 100, parent_id=uuid4())
    assert await balance_of(ada) == 1000


async def test_a_cancellation_gives_back_all_that_was_held():
    ada = await make_wallet(1000)
    held = await hold(ada, 600)
    back = await move(ada, "cancellation", parent_id=held.id, by="payments")
    assert await entries_of(back.id) == [("customer", 600), ("held", -600)]
    assert (back.amount, (await get_transaction(held.id)).status) == (Money(600, "EUR"), "failed")
    assert (await balance_of(ada), await whole_balance_of(ada)) == (1000, 1000)
    with pytest.raises(NotReversible):
        await move(ada, "cancellation", parent_id=held.id, by="payments")
    await assert_books_balance()


async def test_only_a_purchase_that_is_held_is_cancelled():
    ada = await make_wallet(1000)
    deposit = await move(ada, "deposit", 100, by="customer")
    withdrawal = await move(ada, "withdraw", 100)
    bought = await move(ada, "purchase", 100)
    reversed_one = await move(ada, "purchase", 100)
    await move(ada, "reversal", 50, parent_id=reversed_one.id)
    for parent in (deposit, withdrawal, bought, reversed_one):
        with pytest.raises(NotReversible):
            await move(ada, "cancellation", parent_id=parent.id)
    assert await balance_of(ada) == 750


async def test_a_part_of_a_purchase_is_not_cancelled():
    ada = await make_wallet(1000)
    held = await hold(ada, 600)
    with pytest.raises(NotReversible):
        await move(ada, "cancellation", 599, parent_id=held.id, by="payments")
    assert await balance_of(ada) == 400


async def test_a_posting_is_one_statement(record_statements):
    ada = await make_wallet(1000)
    await move(ada, "purchase", 1)
    with record_statements() as sent:
        await move(ada, "purchase", 1)
    assert len([each for each in sent if "kernel.outbox" not in each]) == 1
