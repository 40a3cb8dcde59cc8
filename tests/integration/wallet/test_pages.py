"""The wallet among the pages of an account, without JavaScript: what it tells, and what its forms do once and only once."""

import random
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from shop.contracts.payments import Payments
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.wallet.service import gift_cards
from shop.modules.wallet.service.overview import show_wallet
from shop.modules.wallet.service.pay_order import pay_order
from tests.factories import ledger
from tests.factories.catalog import make_product
from tests.factories.forms import Form, words
from tests.factories.identity import bearer, sign_in_browser
from tests.factories.orders import open_shop, place
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    hold,
    make_wallet,
    move,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db")
PAGE = "/account/wallet"
DEPOSITS, CARDS, WITHDRAWALS = f"{PAGE}/deposits", f"{PAGE}/gift-cards", f"{PAGE}/withdrawals"


@pytest.fixture
async def ada(client):
    account_id = await make_wallet()
    await sign_in_browser(client, account_id)
    return account_id


@pytest.fixture
async def page(client, ada):
    """`await page()`: what a reader sees of the wallet's page."""

    async def look(path=PAGE):
        answer = await client.get(path)
        assert answer.status_code == 200
        return words(answer.text)

    return look


async def form(client, action):
    return Form((await client.get(PAGE)).text, action)


async def new_card(amount=5000, **fields):
    _, code = await write(gift_cards.issue_card, new_id(), Money(amount, "EUR"), fields.get("expires_at"), new_id())
    return code


async def test_a_stranger_is_led_to_the_sign_in(client):
    answer = await client.get(PAGE)
    assert answer.status_code in {302, 303}
    assert answer.headers["location"].startswith("/signin")
    for action in (DEPOSITS, CARDS, WITHDRAWALS):
        assert (await client.post(action, data={"amount": "5"})).status_code in {302, 303, 401, 403}
    assert await count_transactions() == 0


async def test_an_empty_wallet_says_what_it_is_good_for(page):
    seen = await page()
    assert "Balance €0.00" in seen
    assert "What a wallet is good for" in seen
    assert "Nothing has happened yet" in seen
    assert "The last 90 days" not in seen


async def test_the_page_tells_what_is_held_and_for_what(ada, page):
    await move(ada, "deposit", 5000, reason="Sorry for the delay")
    await hold(ada, 1200)
    seen = await page()
    assert "You can spend €38.00 Balance €50.00 Held for orders €12.00" in seen
    assert "Sorry for the delay" in seen
    assert "−€12.00 Held" in seen
    assert "+€50.00" in seen


async def test_the_balance_is_drawn_with_words_for_who_cannot_see_it(client, ada):
    now = clock.now()
    await ledger.fill(
        ada,
        ledger.deposit(now - timedelta(days=200), 3000),
        ledger.deposit(now - timedelta(days=60), 9000),
        ledger.purchase(now - timedelta(days=20), 10_000),
    )
    html = (await client.get(PAGE)).text
    assert "Between €20.00 and €120.00, €20.00 now" in words(html)
    assert "€150.00 €75.00 €0.00" in words(html)
    # 150 is the upper edge, so 30 are 80 from above, 120 are 20 and 20 are 86.67: three levels.
    assert 'd="M0 80H' in html
    assert "V20H" in html
    assert "V86.67H" in html


async def test_a_transaction_names_its_order(client, ada, page):
    await open_shop()
    mug = await make_product(title="Mug", price=1999, stock=10)
    order = await place(client, (mug, 1), token="declined", headers=await bearer(ada))
    await move(ada, "deposit", 50_000)
    await pay_order(ada, UUID(order["id"]), "from the wallet")
    assert f"Purchase {order['number']}" in await page()
    assert f'<a href="/orders/{order["id"]}">{order["number"]}</a>' in (await client.get(PAGE)).text


async def test_money_from_a_card_is_there_at_once(client, ada, page):
    sent = await (await form(client, DEPOSITS)).send(client, payment__sandbox__token="ok", suggested="50")
    assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
    seen = await page()
    assert "€50.00 are in your wallet." in seen
    assert "Top-up" in seen
    assert await balance_of(ada) == 5000
    await assert_books_balance()


async def test_an_amount_of_ones_own_counts_more_than_a_suggested_one(client, ada):
    await (await form(client, DEPOSITS)).send(client, suggested="10", amount="12,50")
    assert await balance_of(ada) == 1250


async def test_the_same_form_sent_twice_fills_once(client, ada):
    shown = await form(client, DEPOSITS)
    for _ in range(2):
        assert (await shown.send(client, suggested="25")).status_code == 303
    assert await balance_of(ada) == 2500
    again = await shown.send(client, suggested="100")
    assert again.status_code == 409
    assert "This form was sent before" in words(again.text)
    assert await balance_of(ada) == 2500


async def test_forms_of_one_page_do_not_take_each_others_key(client, ada, withdrawals_on):
    code = await new_card(700)
    html = (await client.get(PAGE)).text
    assert (await Form(html, DEPOSITS).send(client, suggested="25")).status_code == 303
    assert (await Form(html, CARDS).send(client, code=code)).status_code == 303
    assert (await Form(html, WITHDRAWALS).send(client, withdraw="5")).status_code == 303
    assert (await balance_of(ada), await whole_balance_of(ada)) == (2700, 3200)


async def test_a_declined_card_is_told_and_changes_nothing(client, ada, page):
    sent = await (await form(client, DEPOSITS)).send(client, payment__sandbox__token="declined")
    assert sent.status_code == 303
    seen = await page()
    assert "Your wallet was not filled, and nothing was charged. Your card was declined." in seen
    assert "Not moved: +€25.00 Failed" in seen
    assert await whole_balance_of(ada) == 0
    await assert_books_balance()


async def test_a_card_that_wants_a_word_from_the_bank_waits_on_the_page(client, ada, page):
    sent = await (await form(client, DEPOSITS)).send(client, payment__sandbox__token="3ds_ok")
    bank = sent.headers["location"]
    assert bank.startswith("/sandbox/3ds/")
    seen = await page()
    assert "One more step Top-up of €25.00" in seen
    assert f'href="{bank}"' in (await client.get(PAGE)).text
    assert await balance_of(ada) == 0
    answered = await Form((await client.get(bank)).text, bank).send(client, action="approve")
    back = await client.get(answered.headers["location"])
    assert (back.status_code, back.headers["location"]) == (303, PAGE)
    seen = await page()
    assert "One more step" not in seen
    assert "Balance €25.00" in seen
    await assert_books_balance()


async def test_who_transfers_is_told_where_to_and_has_it_once_it_came(client, ada, page, monkeypatch):
    there = msgspec.structs.replace(settings(), bank_transfer_to="Shop, IBAN DE02 1203 0000 0000 2020 51")
    monkeypatch.setattr("shop.modules.payments.gateways.by_hand.settings", lambda: there)
    sent = await (await form(client, DEPOSITS)).send(client, payment__provider="bank_transfer")
    assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
    seen = await page()
    assert "One more step Top-up of €25.00" in seen
    for told in (
        "Transfer to Shop, IBAN DE02 1203 0000 0000 2020 51",
        "Amount €25.00",
        "Reference PAY-",
        "Copy amount",
    ):
        assert told in seen
    assert await balance_of(ada) == 0
    [deposit] = (await read(show_wallet, ada, "EUR", None, 9)).payments.values()
    await write(port(Payments).record_receipt, deposit.id)
    await port(Payments).process_payment(deposit.id)
    assert "Balance €25.00" in await page()
    assert "One more step" not in await page()
    await assert_books_balance()


async def test_cash_at_the_door_fills_no_wallet_as_nothing_comes(client, ada, monkeypatch):
    there = msgspec.structs.replace(settings(), cash_on_delivery=True)
    monkeypatch.setattr("shop.modules.payments.gateways.by_hand.settings", lambda: there)
    shown = await form(client, DEPOSITS)
    assert "Cash on delivery" not in (await client.get(PAGE)).text
    answer = await shown.send(client, payment__provider="cash_on_delivery")
    assert answer.status_code == 422
    assert "can't be filled in this way" in words(answer.text)
    assert await count_transactions() == 0


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0", "More than nothing"),
        ("-5", "More than nothing"),
        ("0.001", "An amount such as 25 or 12.50"),
        ("1e3", "An amount such as 25 or 12.50"),
        ("ten", "An amount such as 25 or 12.50"),
        ("10000.01", "At most €10,000.00 at a time"),
        ("9" * 19, "An amount such as 25 or 12.50"),
        ("9" * 21, "That is more than can be moved at once"),
    ],
)
async def test_an_amount_that_cannot_be_is_told_at_its_field(client, ada, amount, told):
    answer = await (await form(client, DEPOSITS)).send(client, amount=amount)
    assert answer.status_code == 422
    assert 'id="f-amount-error"' in answer.text
    assert told in words(answer.text)
    assert f'value="{amount}"' in answer.text
    assert await count_transactions() == 0


@pytest.mark.parametrize("provider", ["wallet", "cash_on_delivery", "nonsense", "sandbox/not-mine", ""])
async def test_what_is_not_offered_fills_nothing(client, ada, provider):
    answer = await (await form(client, DEPOSITS)).send(client, payment__provider=provider)
    assert answer.status_code == 422
    assert await count_transactions() == 0


async def test_a_gift_card_is_redeemed_once(client, ada, page):
    code = await new_card()
    shown = await form(client, CARDS)
    assert (await shown.send(client, code=code.lower().replace("-", " "))).status_code == 303
    seen = await page()
    assert "€50.00 from your gift card are in your wallet." in seen
    assert f"Gift card …{code[-4:]}" in seen
    assert (await shown.send(client, code=code)).status_code == 303  # the same form, sent twice
    answer = await (await form(client, CARDS)).send(client, code=code)
    assert answer.status_code == 409
    assert "This code is not valid, or its gift card has been used already" in words(answer.text)
    assert await balance_of(ada) == 5000
    await assert_books_balance()


@pytest.mark.parametrize("code", ["", "<script>", "x" * 41])
async def test_what_is_no_code_is_told_as_that(client, ada, code):
    answer = await (await form(client, CARDS)).send(client, code=code)
    assert answer.status_code == 422
    assert "A code is 16 letters and digits" in words(answer.text)


async def test_guesses_of_codes_are_counted(gateway, ada, rate_limits):
    address = f"198.{random.randint(20, 200)}.{random.randint(0, 255)}.7"
    transport = httpx.ASGITransport(app=gateway, client=(address, 4711))
    origin = {"origin": "http://testserver"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=origin) as client:
        await sign_in_browser(client, ada)
        shown = await form(client, CARDS)
        for _ in range(10):
            assert (await shown.send(client, code="AAAA-BBBB-CCCC-DDDD")).status_code == 409
        answer = await shown.send(client, code=await new_card())
    assert answer.status_code == 429
    assert await balance_of(ada) == 0


async def test_where_the_shop_pays_nothing_out_nothing_is_said_of_it(client, ada, page):
    assert "paid out" not in await page()
    answer = await client.post(WITHDRAWALS, data={"withdraw": "5", "csrf_token": "x"})
    assert answer.status_code == 403
    assert await count_transactions() == 0


async def test_a_withdrawal_is_held_until_it_is_decided(client, withdrawals_on, page, ada):
    await move(ada, "deposit", 5000)
    shown = await form(client, WITHDRAWALS)
    for _ in range(2):
        assert (await shown.send(client, withdraw="20.00")).status_code == 303
    seen = await page()
    assert "You can spend €30.00 Balance €50.00 To be paid out €20.00" in seen
    assert "Being checked" in seen
    await assert_books_balance()


async def test_more_than_there_is_cannot_be_had(client, withdrawals_on, ada):
    await move(ada, "deposit", 500)
    answer = await (await form(client, WITHDRAWALS)).send(client, withdraw="5.01")
    assert answer.status_code == 409
    assert "At most €5.00 can be paid out" in words(answer.text)
    assert await balance_of(ada) == 500


async def test_nobody_elses_is_shown(client, ada, page):
    bob = await make_wallet(7777)
    await move(bob, "purchase", 1111, reason="Bob's secret")
    seen = await page()
    assert "Bob's secret" not in seen
    assert "€77.77" not in seen


async def test_a_transfer_is_shown_from_ones_own_side(client, ada, page):
    bob = await make_wallet(7000)
    await move(bob, "transfer", 1500, counterparty_id=ada, reason="A present")
    seen = await page()
    assert "Transfer received" in seen
    assert "+€15.00 Balance after it: €15.00" in seen


async def test_older_transactions_are_on_further_pages(client, ada, page):
    for number in range(25):
        await move(ada, "deposit", 100, reason=f"Credit number {number:02}")
    first = (await client.get(PAGE)).text
    assert "Credit number 24" in first
    assert "Credit number 04" not in first
    link = first.split('href="/account/wallet?cursor=')[1].split('"')[0]
    second = await page(f"{PAGE}?cursor={link}")
    assert "Credit number 04" in second
    assert "Credit number 05" not in second
    assert (await client.get(f"{PAGE}?cursor=nonsense")).status_code == 422


async def test_the_account_shows_the_balance_and_leads_there(client, ada):
    await move(ada, "deposit", 4200)
    html = (await client.get("/account")).text
    assert "Your wallet Comes first at the checkout €42.00" in words(html)
    assert html.count('href="/account/wallet"') >= 2


async def test_looking_costs_few_statements(client, ada, record_statements):
    await move(ada, "deposit", 5000)
    await hold(ada, 700)
    await move(ada, "deposit", 900, by="customer", id=uuid4())
    await client.get(PAGE)
    with record_statements() as sent:
        await client.get(PAGE)
    assert len(sent) <= 12, sent
