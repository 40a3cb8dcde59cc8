"""What customers want paid out, decided in the back office, and gift cards that it issues."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from shop.kernel import clock
from shop.kernel.db import write
from shop.modules.wallet.service.gift_cards import redeem
from tests.factories.forms import words
from tests.factories.identity import sign_in_browser
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    get_transaction,
    make_wallet,
    move,
    shops_own,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db")
WALLETS, CARDS = "/admin/wallets", "/admin/gift-cards"


@pytest.fixture
async def ada():
    return await make_wallet(5000)


@pytest.mark.usefixtures("withdrawals_on")
class TestWithdrawals:
    @pytest.fixture
    async def asked(self, ada):
        return await move(ada, "withdraw", 2000, by="customer")

    @pytest.fixture
    async def decide(self, client, boss, asked, form):
        shown = await form(WALLETS, f"/admin/withdrawals/{asked.id}/decision")
        shown.names |= {"decision"}

        async def send(**fields):
            return await shown.send(client, **fields)

        return send

    async def test_it_waits_in_the_queue_and_on_its_own_page(self, boss, ada, asked, look, form):
        seen = await look(WALLETS)
        assert "To be paid out 1 waiting for you" in seen
        assert "€20.00 Ada Lovelace" in seen
        await form(f"{WALLETS}/{ada}/transactions/{asked.id}", f"/admin/withdrawals/{asked.id}/decision")

    async def test_paid_by_hand_it_is_settled_once(self, decide, ada, look, asked):
        assert (await decide(decision="paid_by_hand")).status_code == 303
        again = await decide(decision="paid_by_hand")
        assert again.status_code == 409
        assert "This withdrawal has been decided already" in words(again.text)
        assert (await whole_balance_of(ada), await shops_own("payouts")) == (3000, 2000)
        assert (await get_transaction(asked.id)).status == "settled"
        await assert_books_balance()

    async def test_a_refusal_wants_a_reason_which_the_customer_reads(self, decide, ada, asked, client):
        answer = await decide(decision="refuse", reason="")
        assert answer.status_code == 422
        assert "Tell the customer why it is refused" in words(answer.text)
        assert (await decide(decision="refuse", reason="We can only pay out to your own account")).status_code == 303
        assert await balance_of(ada) == 5000
        await sign_in_browser(client, ada)
        assert "We can only pay out to your own account" in words((await client.get("/account/wallet")).text)

    async def test_what_came_by_no_card_can_only_be_paid_by_hand(self, decide, ada):
        answer = await decide(decision="refund")
        assert answer.status_code == 409
        assert "Only €0.00 of it ever came by means that can be refunded" in words(answer.text)
        assert await whole_balance_of(ada) == 5000

    @pytest.mark.parametrize("decision", ["", "nonsense"])
    async def test_what_is_no_decision_changes_nothing(self, decide, ada, decision):
        assert (await decide(decision=decision)).status_code == 422
        assert await whole_balance_of(ada) == 5000


class TestGiftCards:
    CODE = re.compile(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}")

    async def test_codes_are_shown_once_and_fill_wallets(self, client, boss, ada, form, look):
        until = clock.now().date() + timedelta(days=30)
        shown = await form(CARDS, CARDS)
        answer = await shown.send(client, amount="12.50", count="3", expires=str(until))
        assert answer.status_code == 200
        codes = self.CODE.findall(words(answer.text))
        assert len(set(codes)) == 3
        again = await shown.send(client, amount="12.50", count="3", expires=str(until))
        assert self.CODE.findall(words(again.text)) == []
        assert "nothing was issued again" in words(again.text)
        seen = await look(CARDS)
        assert seen.count("Valid") == 3
        assert not any(code in seen for code in codes)
        assert all(code[-4:] in seen for code in codes)
        await write(redeem, uuid4(), ada, codes[0])
        assert await balance_of(ada) == 6250
        assert "Redeemed €12.50 €0.00" in await look(CARDS)
        await assert_books_balance()

    async def test_a_form_that_was_sent_before_issues_no_other_cards(self, client, boss, form, look):
        shown = await form(CARDS, CARDS)
        await shown.send(client, amount="12.50", count="2")
        for other in ({"amount": "12.50", "count": "5"}, {"amount": "20", "count": "2"}):
            answer = await shown.send(client, **other)
            assert answer.status_code == 409
            assert "This form was sent before, for other cards" in words(answer.text)
        assert await count_transactions() == 2
        assert (await look(CARDS)).count("Valid") == 2

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("amount", "0"),
            ("amount", "12.345"),
            ("amount", ""),
            ("count", "0"),
            ("count", "51"),
            ("count", "many"),
            ("expires", "2020-01-01"),
            ("expires", "2999-01-01"),
            ("expires", "9999-12-31"),
            ("expires", "soon"),
        ],
    )
    async def test_what_cannot_be_is_told_at_its_field(self, client, boss, form, field, value):
        fields = {"amount": "5", "count": "1", "expires": "", field: value}
        answer = await (await form(CARDS, CARDS)).send(client, **fields)
        assert answer.status_code == 422
        assert f'id="f-{field}-error"' in answer.text
        assert await count_transactions() == 0

    async def test_a_lost_card_is_disabled(self, client, boss, ada, form, look):
        answer = await (await form(CARDS, CARDS)).send(client, amount="10")
        [code] = self.CODE.findall(words(answer.text))
        [action] = set(re.findall(rf"{CARDS}/[0-9a-f-]+/disable", (await client.get(CARDS)).text))
        assert (await (await form(CARDS, action)).send(client)).status_code == 303
        assert "Disabled €10.00 €0.00" in await look(CARDS)
        with pytest.raises(Exception, match="not valid"):
            await write(redeem, uuid4(), ada, code)
        assert (await client.post(f"{CARDS}/{uuid4()}/disable", data={})).status_code in {403, 404}
        await assert_books_balance()

    async def test_looking_costs_few_statements(self, client, boss, form, record_statements):
        await (await form(CARDS, CARDS)).send(client, amount="10", count="9")
        with record_statements() as sent:
            await client.get(CARDS)
        assert len(sent) <= 3, sent
