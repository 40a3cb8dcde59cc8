"""Whatever is written past the shop, the check of the books finds: each rule, and no other one with it."""

import pytest

from shop.contracts.payments import PaymentRequest
from shop.kernel.db import snapshot, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.payments.service import reconcile
from shop.modules.wallet.rules import customer_account, system_account
from shop.modules.wallet.service.check_books import TOLD, check_books
from shop.modules.wallet.service.deposit import fill_wallet
from tests.conftest import as_owner
from tests.factories.reconciliation import forget_charge, open_discrepancies, reconciled
from tests.factories.wallet import assert_books_balance, make_wallet, move

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def ada(db):
    return await make_wallet(1000)


@pytest.fixture
async def bought(ada):
    return await move(ada, "purchase", 300)


def past_the_shop(*statements):
    as_owner(
        "; ".join(
            (
                "alter table wallet.entry disable trigger all",
                *statements,
                "alter table wallet.entry enable trigger all",
            )
        )
    )


def entry(transaction, account_id, amount, currency="EUR"):
    return (
        "insert into wallet.entry (transaction_id, account_id, amount, currency)"
        f" values ('{transaction.id}', '{account_id}', {amount}, '{currency}')"
    )


async def found():
    books = await snapshot(check_books)
    assert books.balanced == (not books.differences)
    return {(each.account, each.currency): (each.stored, each.rebuilt) for each in books.differences}


async def test_an_entry_without_its_other_side(bought):
    past_the_shop(entry(bought, system_account("sales", "EUR"), 5))
    assert await found() == {("sum", "EUR"): (5, 0), (f"transaction:{bought.id}", "EUR"): (5, 0)}


async def test_two_wrong_transactions_that_make_up_for_each_other(ada, bought):
    other = await move(ada, "purchase", 10)
    sales = system_account("sales", "EUR")
    past_the_shop(entry(bought, sales, 5), entry(other, sales, -5))
    assert await found() == {(f"transaction:{bought.id}", "EUR"): (5, 0), (f"transaction:{other.id}", "EUR"): (-5, 0)}


async def test_two_currencies_of_a_transaction_that_come_to_zero_together(ada, bought):
    dollars = await move(ada, "deposit", 100, by="payments", currency="USD")
    past_the_shop(
        entry(bought, system_account("sales", "EUR"), 5),
        entry(bought, system_account("refunds", "USD"), -5, "USD"),
    )
    assert dollars.amount.currency == "USD"
    assert await found() == {
        ("sum", "EUR"): (5, 0),
        ("sum", "USD"): (-5, 0),
        (f"transaction:{bought.id}", "EUR"): (5, 0),
        (f"transaction:{bought.id}", "USD"): (-5, 0),
    }


async def test_a_transaction_in_two_currencies_that_balances_in_each_is_no_fault(ada, bought):
    await move(ada, "deposit", 100, by="payments", currency="USD")
    past_the_shop(
        *(
            entry(bought, system_account(code, "USD"), amount, "USD")
            for code, amount in (("refunds", -5), ("sales", 5))
        ),
        "insert into wallet.account (id, kind, code, currency)"
        f" values ('{system_account('sales', 'USD')}', 'system', 'sales', 'USD')",
    )
    await assert_books_balance()


async def test_an_account_with_entries_of_another_currency(ada, bought):
    sales = system_account("sales", "EUR")
    past_the_shop(entry(bought, sales, 5, "USD"), entry(bought, sales, -5, "USD"), entry(bought, sales, 7, "CHF"))
    mixed = await found()
    assert {key: mixed[key] for key in mixed if key[0].startswith("account:")} == {
        (f"account:{sales}", "CHF"): (7, 0),
        (f"account:{sales}", "USD"): (0, 0),
    }


async def test_a_balance_that_is_not_the_sum_of_its_entries(ada):
    as_owner(f"update wallet.account set balance = 999 where owner_id = '{ada}'")
    assert await found() == {(f"customer:{customer_account(ada, 'EUR')}", "EUR"): (999, 1000)}


@pytest.mark.parametrize(("given_back", "remembered"), [(100, 0), (100, 101), (0, 50)])
async def test_a_parent_that_remembers_another_sum_than_was_given_back(ada, bought, given_back, remembered):
    if given_back:
        await move(ada, "reversal", given_back, parent_id=bought.id)
    await assert_books_balance()
    as_owner(f"update wallet.transaction set reversed_amount = {remembered} where id = '{bought.id}'")
    assert await found() == {(f"reversed:{bought.id}", "EUR"): (remembered, given_back)}


async def test_a_deposit_of_which_its_provider_says_something_else_until_staff_have_decided(ada):
    filled, _ = [await fill_wallet(ada, key, Money(2000, "EUR"), PaymentRequest("sandbox", "ok")) for key in ("a", "b")]
    await reconciled()
    await assert_books_balance()
    await forget_charge(filled.payment.id)
    await reconciled()
    assert await found() == {("unreconciled:sandbox", "EUR"): (2000, 0)}
    [discrepancy] = await open_discrepancies()
    await write(reconcile.resolve, discrepancy.id, "Seen at the bank", new_id())
    await assert_books_balance()


async def test_of_very_many_faults_the_first_are_told(ada):
    accounts = ", ".join(f"(gen_random_uuid(), 'gift_card', 'EUR', {n + 1})" for n in range(TOLD + 5))
    as_owner(f"insert into wallet.account (id, kind, currency, balance) values {accounts}")
    assert len(await found()) == TOLD


async def test_the_figures_are_those_of_each_currency(ada, bought):
    await move(ada, "deposit", 100, by="payments", currency="USD")
    books = await snapshot(check_books)
    assert {code: (each.sum, each.accounts, each.entries, each.owed) for code, each in books.currencies.items()} == {
        "EUR": (0, 3, 4, 700),
        "USD": (0, 2, 2, 100),
    }
    assert books.system == {"EUR": {"promotions": -1000, "sales": 300}, "USD": {"refunds": -100}}
