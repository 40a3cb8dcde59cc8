"""What the database itself refuses, whoever writes; and the ledger under random operations."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.contracts.wallet import InsufficientBalance, NotReversible, ParentNotFound, Transaction, Wallets
from shop.kernel.db import read, snapshot, write
from shop.kernel.errors import Invalid
from shop.kernel.money import MAX_AMOUNT, Money
from shop.kernel.ports import port
from shop.modules.wallet.rules import customer_account, system_account
from shop.modules.wallet.service.check_books import check_books, rebuild_balances
from shop.modules.wallet.service.settle import fail_deposit, settle_deposit, settle_purchase
from tests.conftest import as_owner, owner_connection
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    get_transaction,
    hold,
    make_wallet,
    move,
    shops_own,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize(
    "change",
    [
        "update wallet.entry set amount = amount + 1",
        "update wallet.entry set created_at = now()",
        "delete from wallet.entry",
        "truncate wallet.entry",
    ],
)
async def test_entries_never_change_not_even_by_their_owner(change):
    ada = await make_wallet(1000)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
        as_owner(change)
    assert await balance_of(ada) == 1000
    await assert_books_balance()


@pytest.mark.parametrize(("added", "balanced"), [((-100,), False), ((-100, 99), False), ((-100, 100), True)])
async def test_entries_of_one_transaction_sum_to_zero(added, balanced):
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 10)
    accounts = (customer_account(ada, "EUR"), system_account("sales", "EUR"))
    with owner_connection() as connection, connection.transaction(force_rollback=True):
        values = ", ".join(f"('{bought.id}', '{accounts[i]}', {amount}, 'EUR')" for i, amount in enumerate(added))
        statement = f"insert into wallet.entry (transaction_id, account_id, amount, currency) values {values}"
        if balanced:
            connection.execute(statement)
        else:
            with pytest.raises(psycopg.errors.CheckViolation):
                connection.execute(statement)


async def test_two_currencies_dont_make_up_for_each_other():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 10)
    mine, sales = customer_account(ada, "EUR"), system_account("sales", "EUR")
    with pytest.raises(psycopg.errors.CheckViolation):
        as_owner(
            "insert into wallet.entry (transaction_id, account_id, amount, currency)"
            f" values ('{bought.id}', '{mine}', -5, 'EUR'), ('{bought.id}', '{sales}', 5, 'USD')"
        )


async def test_no_balance_is_stored_below_zero_whoever_writes():
    await make_wallet(1000)
    with pytest.raises(psycopg.errors.CheckViolation):
        as_owner("update wallet.account set balance = balance - 1001 where kind = 'customer'")


async def test_no_more_is_reversed_than_there_was_whoever_writes():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 10)
    with pytest.raises(psycopg.errors.CheckViolation):
        as_owner(f"update wallet.transaction set reversed_amount = 11 where id = '{bought.id}'")


async def test_a_balance_that_is_off_is_found_and_rebuilt():
    ada, bob = await make_wallet(1000), await make_wallet(500)
    await move(ada, "purchase", 300)
    as_owner(f"update wallet.account set balance = 699 where owner_id = '{ada}'")
    books = await snapshot(check_books)
    assert not books.balanced
    [difference] = books.differences
    assert (difference.account, difference.stored, difference.rebuilt) == (
        f"customer:{customer_account(ada, 'EUR')}",
        699,
        700,
    )
    assert await write(rebuild_balances) == 1
    assert (await balance_of(ada), await balance_of(bob)) == (700, 500)
    await assert_books_balance()


async def test_what_is_held_has_to_be_what_is_pending():
    ada = await make_wallet(1000)
    held = await hold(ada, 300)
    await assert_books_balance()
    as_owner(f"update wallet.transaction set status = 'failed', settled_at = now() where id = '{held.id}'")
    [difference] = (await snapshot(check_books)).differences
    assert (difference.account, difference.stored, difference.rebuilt) == ("held", 300, 0)


async def test_money_that_is_there_goes_in_above_what_a_wallet_may_hold():
    ada = await make_wallet()
    deposits = [await move(ada, "deposit", 300, by="customer") for _ in range(2)]
    await move(ada, "deposit", MAX_AMOUNT)
    await write(settle_deposit, deposits[0].id, "sandbox", Money(300, "EUR"))
    assert (await get_transaction(deposits[0].id)).status == "settled"
    assert await balance_of(ada) == MAX_AMOUNT + 300
    with pytest.raises(Invalid):
        await move(ada, "deposit", 1)
    await write(settle_deposit, deposits[1].id, "sandbox", Money(300, "EUR"))
    assert await balance_of(ada) == MAX_AMOUNT + 600


async def test_a_deposit_whose_money_comes_late_has_not_failed():
    ada = await make_wallet()
    deposit = await move(ada, "deposit", 300, by="customer")
    await write(fail_deposit, deposit.id, "The payment was not finished in time.")
    assert (await get_transaction(deposit.id)).failure == "The payment was not finished in time."
    await write(settle_deposit, deposit.id, "sandbox", Money(300, "EUR"))
    made = await get_transaction(deposit.id)
    assert (made.status, made.failure, made.balance_after) == ("settled", None, Money(300, "EUR"))


async def test_clearing_has_to_be_what_payments_know_of():
    ada = await make_wallet()
    deposit = await move(ada, "deposit", 300, by="customer")
    await write(settle_deposit, deposit.id, "stripe", Money(300, "EUR"))
    [difference] = (await snapshot(check_books)).differences
    assert (difference.account, difference.stored, difference.rebuilt) == ("clearing:stripe", -300, 0)


@dataclass
class Model:
    """What wallets have to be, kept by the simplest means."""

    spendable: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    bought: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    """(Whose, what is left to give back), by transaction."""


PEOPLE = 3
person = st.integers(0, PEOPLE - 1)
amount = st.integers(1, 60)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("deposit"), person, amount),
        st.tuples(st.just("purchase"), person, amount),
        st.tuples(st.just("hold"), person, amount),
        st.tuples(st.just("transfer"), person, amount),
        st.tuples(st.just("reverse"), person, amount),
        st.tuples(st.just("cancel"), person, amount),
        st.tuples(st.just("settle"), person, amount),
    ),
    max_size=25,
)


@given(operations)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_books_balance_after_whatever_happened(plan):
    wallets = [await make_wallet() for _ in range(PEOPLE)]
    model = Model()
    for step in plan:
        await take(model, wallets, *step)
    for number, account_id in enumerate(wallets):
        held = sum(sum_ for whose, sum_ in model.held.values() if whose == number)
        assert await balance_of(account_id) == model.spendable[number] >= 0
        assert await whole_balance_of(account_id) == model.spendable[number] + held
    for transaction_id, (_, rest) in model.bought.items():
        transaction = await get_transaction(transaction_id)
        assert 0 <= transaction.reversed.amount <= transaction.amount.amount
        assert transaction.amount.amount - transaction.reversed.amount == rest
    await assert_books_balance()


async def take(model: Model, wallets: list[UUID], what: str, who: int, much: int) -> None:
    """One step in the ledger and in the model, which say the same of whether it is refused."""
    account_id = wallets[who]
    covered = model.spendable[who] >= much
    if what == "deposit":
        await move(account_id, "deposit", much)
        model.spendable[who] += much
    elif what in {"purchase", "hold", "transfer"}:
        made = await _spend(what, account_id, wallets[(who + 1) % PEOPLE], much)
        assert (made is not None) == covered
        if made is None:
            return
        model.spendable[who] -= much
        if what == "transfer":
            model.spendable[(who + 1) % PEOPLE] += much
        else:
            (model.held if what == "hold" else model.bought)[made.id] = (who, much)
    elif what == "reverse" and model.bought:
        parent, (whose, rest) = next(reversed(model.bought.items()))
        if whose != who or much > rest:
            with pytest.raises(ParentNotFound if whose != who else NotReversible):
                await move(account_id, "reversal", much, parent_id=parent)
            return
        await move(account_id, "reversal", much, parent_id=parent)
        model.bought[parent] = (whose, rest - much)
        model.spendable[who] += much
    elif what == "cancel" and model.held:
        parent, (whose, sum_) = model.held.popitem()
        await move(wallets[whose], "cancellation", parent_id=parent, by="payments")
        model.spendable[whose] += sum_
    elif what == "settle" and model.held:
        parent, (whose, sum_) = model.held.popitem()
        taken = min(much, sum_)
        await write(settle_purchase, parent, Money(taken, "EUR"))
        model.spendable[whose] += sum_ - taken
        model.bought[parent] = (whose, taken)


async def _spend(what: str, account_id: UUID, other: UUID, much: int) -> Transaction | None:
    try:
        if what == "hold":
            return await hold(account_id, much)
        if what == "transfer":
            return await move(account_id, "transfer", much, counterparty_id=other)
        return await move(account_id, "purchase", much)
    except InsufficientBalance:
        return None


async def test_the_shops_own_accounts_are_the_other_side_of_all_wallets():
    ada, bob = await make_wallet(1000), await make_wallet(500)
    await move(ada, "purchase", 300)
    await hold(bob, 200)
    own = sum([await shops_own(code) for code in ("promotions", "sales", "held")])
    assert own == -(await balance_of(ada) + await balance_of(bob))


async def test_a_contract_asks_for_transactions_by_id():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 300)
    assert await read(port(Wallets).find_transactions, [bought.id, uuid4()]) == {bought.id: bought}
