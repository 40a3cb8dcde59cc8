"""Wallets in the back office: who has what, money moved by hand once and with a reason, payouts, gift cards, the books."""

import re
from uuid import uuid4

import pytest

from tests.factories.forms import words
from tests.factories.identity import make_account, sign_in_browser
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    get_transaction,
    hold,
    make_wallet,
    move,
    shops_own,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db")
WALLETS, CARDS, LEDGER = "/admin/wallets", "/admin/gift-cards", "/admin/ledger"


@pytest.fixture
async def ada():
    return await make_wallet(5000)


def of(account_id):
    return f"{WALLETS}/{account_id}"


def at(account_id, transaction):
    return f"{of(account_id)}/transactions/{transaction.id}"


async def test_customers_see_none_of_it(client, ada):
    await sign_in_browser(client, ada)
    for path in (WALLETS, of(ada), CARDS, LEDGER):
        assert (await client.get(path)).status_code == 403


async def test_who_may_only_look_finds_no_forms_and_can_send_none(client, onlooker, ada):
    bought = await move(ada, "purchase", 1000)
    asked = uuid4()
    for path in (WALLETS, of(ada), at(ada, bought), CARDS):
        html = (await client.get(path)).text
        assert 'action="/admin/wallets/' not in html
        assert 'action="/admin/gift-cards"' not in html
    before = await count_transactions()
    for action in (
        f"{of(ada)}/adjustments",
        f"{of(ada)}/transfers",
        f"{at(ada, bought)}/reversals",
        f"{at(ada, bought)}/cancellation",
        CARDS,
        f"{CARDS}/{asked}/disable",
        f"/admin/withdrawals/{asked}/decision",
    ):
        assert (await client.post(action, data={"amount": "5", "reason": "x"})).status_code == 403
    assert await count_transactions() == before


class TestList:
    async def test_the_fullest_come_first_with_what_is_owed_in_all(self, boss, look):
        for amount in (100, 900, 400):
            await make_wallet(amount)
        seen = await look(WALLETS)
        assert "In wallets €14.00 3 customers" in seen
        assert seen.index("€9.00") < seen.index("€4.00") < seen.index("€1.00")
        assert "To be paid out 0 nothing waits" in seen

    async def test_customers_are_found_by_name_and_address(self, boss, look):
        zora = await make_account("zora@example.com", name="Zora Found")
        await make_wallet(700)
        for wanted in ("zora@", "found", str(zora)):
            seen = await look(f"{WALLETS}?q={wanted}")
            assert "Zora Found zora@example.com €0.00" in seen
            assert "€7.00" not in seen.partition("Found")[2].partition("Can be spent")[2]
        assert "No such customers" in await look(f"{WALLETS}?q=nobody-of-the-kind")

    async def test_looking_costs_few_statements(self, client, boss, withdrawals_on, record_statements):
        for _ in range(5):
            await move(await make_wallet(900), "withdraw", 100, by="customer")
        await client.get(WALLETS)
        with record_statements() as sent:
            await client.get(WALLETS)
        assert len(sent) <= 7, sent


class TestAdjusting:
    @pytest.mark.parametrize(
        ("operation", "left", "code"),
        [("deposit", 7500, "promotions"), ("withdraw", 2500, "payouts"), ("purchase", 2500, "sales")],
    )
    async def test_money_is_moved_once_and_the_reason_is_read(
        self, client, boss, ada, form, look, operation, left, code
    ):
        shown = await form(of(ada), f"{of(ada)}/adjustments")
        before = await shops_own(code)
        for _ in range(2):
            sent = await shown.send(client, operation=operation, amount="25", reason="As agreed on the phone")
            assert (sent.status_code, sent.headers["location"]) == (303, of(ada))
        assert await balance_of(ada) == left
        assert abs(await shops_own(code) - before) == 2500
        assert "As agreed on the phone" in await look(of(ada))
        await assert_books_balance()

    async def test_a_form_sent_again_with_other_things_in_it_moves_nothing(self, client, boss, ada, form):
        shown = await form(of(ada), f"{of(ada)}/adjustments")
        await shown.send(client, amount="25", reason="Once")
        answer = await shown.send(client, amount="26", reason="Twice")
        assert answer.status_code == 409
        assert "This form was sent before" in words(answer.text)
        assert await balance_of(ada) == 7500

    async def test_all_that_is_wrong_is_told_at_once(self, client, boss, ada, form):
        shown = await form(of(ada), f"{of(ada)}/adjustments")
        answer = await shown.send(client, amount="much", reason="  ")
        assert answer.status_code == 422
        assert 'id="f-amount-error"' in answer.text
        assert 'id="f-reason-error"' in answer.text
        assert 'value="much"' in answer.text
        assert (await shown.send(client, operation="reversal", amount="1", reason="x")).status_code == 422
        assert await balance_of(ada) == 5000

    async def test_no_more_than_there_is_can_be_taken(self, client, boss, ada, form):
        shown = await form(of(ada), f"{of(ada)}/adjustments")
        answer = await shown.send(client, operation="withdraw", amount="50.01", reason="All")
        assert answer.status_code == 409
        assert "There are only €50.00" in words(answer.text)
        assert await balance_of(ada) == 5000

    async def test_it_is_in_the_audit_log_without_its_reason(self, client, boss, ada, form, owner):
        shown = await form(of(ada), f"{of(ada)}/adjustments")
        await shown.send(client, amount="25", reason="Because Ada Lovelace asked")
        row = owner.execute(
            "select action, subject_id, details::text from backoffice.audit_entry order by id desc limit 1"
        ).fetchone()
        assert row[:2] == ("wallet.deposit", str(ada))
        assert "2500" in row[2]
        assert "Lovelace" not in row[2]

    async def test_a_wallet_of_nobody_is_not_there(self, client, boss):
        assert (await client.get(of(uuid4()))).status_code == 404
        token = {"amount": "5", "reason": "x", "operation": "deposit"}
        assert (await client.post(f"{of(uuid4())}/adjustments", data=token)).status_code in {403, 404}


class TestTransfers:
    async def test_it_goes_to_another_wallet_once(self, client, boss, ada, form, look):
        bob = await make_account("bob@example.com", name="Bob")
        shown = await form(of(ada), f"{of(ada)}/transfers")
        for _ in range(2):
            sent = await shown.send(client, to="Bob@Example.com", transfer_amount="15", transfer_reason="A present")
            assert sent.status_code == 303
        assert (await balance_of(ada), await balance_of(bob)) == (3500, 1500)
        assert "Transfer received A present" in await look(of(bob))
        received = re.search(rf"{of(bob)}/transactions/[0-9a-f-]+", (await client.get(of(bob))).text)[0]
        seen = await look(received)
        assert "Wallet of Ada Lovelace" in seen
        assert "Wallet of Bob" in seen
        assert "Transfer received, +€15.00" in seen

    @pytest.mark.parametrize("to", ["", "nobody@example.com", "ada", "x" * 300])
    async def test_nobody_gets_nothing(self, client, boss, ada, form, to):
        shown = await form(of(ada), f"{of(ada)}/transfers")
        answer = await shown.send(client, to=to, transfer_amount="15", transfer_reason="A present")
        assert answer.status_code == 422
        assert 'id="f-to-error"' in answer.text
        assert await balance_of(ada) == 5000

    async def test_not_to_itself_and_no_more_than_there_is(self, client, boss, ada, form):
        await make_account("bob@example.com", name="Bob")
        shown = await form(of(ada), f"{of(ada)}/transfers")
        answer = await shown.send(client, to=str(ada), transfer_amount="15", transfer_reason="Round")
        assert answer.status_code == 422
        answer = await shown.send(client, to="bob@example.com", transfer_amount="51", transfer_reason="Much")
        assert answer.status_code == 409
        assert await balance_of(ada) == 5000


class TestTransactions:
    async def test_its_entries_and_what_gave_it_back_are_shown(self, boss, ada, look):
        bought = await move(ada, "purchase", 2000, reason="Repair")
        await move(ada, "reversal", 500, parent_id=bought.id, reason="Too dear")
        seen = await look(at(ada, bought))
        assert "Purchase, −€20.00" in seen
        assert re.search(r"Wallet of Ada Lovelace .{0,40}−€20.00 Spent in the shop .{0,40}\+€20.00", seen)
        assert "Money back Too dear" in seen
        assert "all that is left of it: €15.00" in seen

    async def test_a_part_and_then_the_rest_are_given_back(self, client, boss, ada, form):
        bought = await move(ada, "purchase", 2000)
        action = f"{at(ada, bought)}/reversals"
        shown = await form(at(ada, bought), action)
        for _ in range(2):
            assert (await shown.send(client, amount="5", reason="A scratch")).status_code == 303
        assert await balance_of(ada) == 3500
        assert (await (await form(at(ada, bought), action)).send(client, reason="All of it")).status_code == 303
        assert await balance_of(ada) == 5000
        assert (await get_transaction(bought.id)).reversed.amount == 2000
        with pytest.raises(AssertionError, match="no form"):
            await form(at(ada, bought), action)
        await assert_books_balance()

    async def test_never_more_than_it_took(self, client, boss, ada, form):
        bought = await move(ada, "purchase", 2000)
        shown = await form(at(ada, bought), f"{at(ada, bought)}/reversals")
        answer = await shown.send(client, amount="20.01", reason="More")
        assert answer.status_code == 409
        assert "That is more than is left of this transaction" in words(answer.text)
        assert (await shown.send(client, amount="5", reason="")).status_code == 422
        assert await balance_of(ada) == 3000

    async def test_a_purchase_of_an_unpaid_order_is_cancelled(self, client, boss, ada, form):
        held = await hold(ada, 2000, order_id=None)
        shown = await form(at(ada, held), f"{at(ada, held)}/cancellation")
        for _ in range(2):
            assert (await shown.send(client, reason="The customer asked")).status_code == 303
        assert (await balance_of(ada), await whole_balance_of(ada)) == (5000, 5000)
        assert (await get_transaction(held.id)).status == "failed"
        await assert_books_balance()

    async def test_anothers_is_not_there(self, client, boss, ada):
        bob = await make_wallet(5000)
        bought = await move(bob, "purchase", 2000)
        assert (await client.get(at(ada, bought))).status_code == 404
        assert (await client.get(at(bob, bought))).status_code == 200

    async def test_looking_costs_few_statements(self, client, boss, ada, record_statements):
        bought = await move(ada, "purchase", 2000)
        for path in (of(ada), at(ada, bought)):
            await client.get(path)
            with record_statements() as sent:
                await client.get(path)
            assert len(sent) <= 8, sent


async def test_the_customers_page_leads_to_the_wallet(client, onlooker, ada):
    html = (await client.get(f"/admin/customers/{ada}")).text
    assert "Wallet Balance €50.00" in words(html)
    assert f'href="{of(ada)}"' in html
