"""The page that says whether the books balance: yes or no for each rule, and what to do about a no."""

import pytest

from shop.kernel import clock
from shop.modules.wallet.pages.plot import plot_of
from shop.modules.wallet.service.overview import DayBalance
from tests.conftest import as_owner
from tests.factories.wallet import entries_of, hold, make_wallet, move

pytestmark = pytest.mark.usefixtures("db")
LEDGER = "/admin/ledger"


@pytest.fixture
async def ada():
    return await make_wallet(5000)


@pytest.fixture
def checked(form, client, look):
    """`await checked()`: what the page shows after "Check again"."""

    async def pressed():
        assert (await (await form(LEDGER, f"{LEDGER}/check")).send(client)).status_code == 303
        return await look(LEDGER)

    return pressed


async def test_they_balance_and_the_money_is_where_it_should(client, boss, ada, checked):
    await move(ada, "purchase", 1500)
    await hold(ada, 700)
    seen = await checked()
    assert "The books balance" in seen
    html = (await client.get(LEDGER)).text
    assert (html.count('aria-label="Yes"'), html.count('aria-label="No"')) == (8, 0)
    assert "Given away by the shop €50.00 Together €50.00" in seen
    assert "In wallets, to spend €28.00 Spent in the shop €15.00 Held for what is not decided €7.00" in seen
    assert seen.count("Together €50.00") == 2


async def test_an_empty_ledger_is_told_as_one(boss, checked):
    seen = await checked()
    assert "The books balance" in seen
    assert "No money has moved yet" in seen


async def test_a_wrong_balance_is_found_and_what_to_do_is_said(boss, ada, checked, client):
    as_owner(f"update wallet.account set balance = balance + 1 where owner_id = '{ada}'")
    seen = await checked()
    assert "The books do not balance" in seen
    assert "1 difference: see below what to do" in seen
    assert "shop wallet rebuild" in seen
    assert "€50.01 €50.00" in seen
    html = (await client.get(LEDGER)).text
    assert html.count('aria-label="No"') == 1
    assert html.count('aria-label="Yes"') == 7


async def test_money_that_no_provider_knows_of_is_found(boss, ada, checked):
    as_owner(
        "insert into wallet.account (id, kind, code, currency)"
        " values (gen_random_uuid(), 'system', 'clearing:stripe', 'EUR')"
    )
    made = await move(ada, "deposit", 100)
    assert await entries_of(made.id)
    as_owner(
        "alter table wallet.entry disable trigger all;"
        "update wallet.entry set account_id = (select id from wallet.account where code = 'clearing:stripe')"
        f" where transaction_id = '{made.id}' and amount < 0;"
        "alter table wallet.entry enable trigger all"
    )
    seen = await checked()
    assert "The books do not balance" in seen
    assert "Run the reconciliation" in seen
    assert "clearing stripe -€1.00 €0.00" in seen


@pytest.mark.parametrize(
    ("amounts", "top"), [((0, 0), None), ((0, 99), 100), ((5000, 0), 5000), ((12_300, 1), 15_000), ((1, 801), 1000)]
)
def test_the_upper_edge_of_a_plot_is_a_round_sum(amounts, top):
    today = clock.now().date()
    plot = plot_of([DayBalance(today, amount) for amount in amounts], "EUR")
    assert (plot.top.amount if plot else None) == top
