"""What the owner of a wallet is told by mail: money that came in, and what becomes of a withdrawal. Purchases are not."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from shop.contracts.payments import DepositChargedBack
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.modules.wallet.service import gift_cards, withdrawals
from shop.modules.wallet.service.charge_back import charge_back
from shop.modules.wallet.service.settle import settle_deposit
from tests.factories.wallet import hold, make_wallet, move

pytestmark = pytest.mark.usefixtures("shop")


@pytest.fixture(autouse=True)
def withdrawals_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SHOP_WALLET_WITHDRAWALS", "on")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def assert_tells(mail, *expected):
    for each in expected:
        assert each in mail.text, each
        assert each in mail.html, each
    assert "€" not in mail.subject
    assert "/account/wallet" in mail.text


async def test_credit_is_told_with_its_reason_and_what_can_be_spent(drain_outbox, messages):
    await make_wallet()
    ada = await make_wallet()
    await move(ada, "deposit", 2500, reason="Sorry for the delay")
    await move(ada, "deposit", 1000, reason="And once more")
    await drain_outbox()
    first, _ = await messages("wallet_credited")
    assert_tells(first, "€25.00 have come", "Sorry for the delay", "€35.00", "Credit")
    assert first.account_id == ada


async def test_a_transfer_is_told_to_whom_it_came_alone(drain_outbox, messages):
    ada, bob = await make_wallet(5000), await make_wallet()
    await drain_outbox()
    before = len(await messages())
    await move(ada, "transfer", 1500, counterparty_id=bob, reason="A present")
    await drain_outbox()
    (mail,) = (await messages())[before:]
    assert (mail.template, mail.account_id) == ("wallet_credited", bob)
    assert_tells(mail, "€15.00 have come", "Transfer", "A present")


async def test_a_gift_card_is_told(drain_outbox, messages):
    ada = await make_wallet()
    _, code = await write(gift_cards.issue_card, new_id(), Money(5000, "EUR"), None, ada)
    await write(gift_cards.redeem, new_id(), ada, code)
    await drain_outbox()
    (mail,) = await messages("wallet_credited")
    assert_tells(mail, "€50.00", "Gift card")
    assert code not in mail.text + mail.html


async def test_purchases_and_what_comes_back_for_an_order_are_told_by_the_order(drain_outbox, messages):
    ada = await make_wallet(5000)
    await drain_outbox()
    before = len(await messages())
    await move(ada, "purchase", 1000)
    held = await hold(ada, 1000)
    await move(ada, "cancellation", parent_id=held.id, by="payments")
    await move(ada, "deposit", 700, by="payments", order_id=uuid4())
    await drain_outbox()
    assert len(await messages()) == before


async def test_a_withdrawal_is_told_when_it_is_asked_for_and_when_it_is_paid(drain_outbox, messages):
    ada = await make_wallet(5000)
    asked = await move(ada, "withdraw", 2000, by="customer")
    await drain_outbox()
    (mail,) = await messages("wallet_withdrawal_requested")
    assert_tells(mail, "€20.00")
    assert await messages("wallet_withdrawal_paid") == []
    await write(withdrawals.pay_out_by_hand, asked.id, new_id())
    await drain_outbox()
    (mail,) = await messages("wallet_withdrawal_paid")
    assert_tells(mail, "€20.00", "€30.00")
    assert await messages("wallet_withdrawal_refused") == []


async def test_a_refusal_is_told_with_its_reason(drain_outbox, messages):
    ada = await make_wallet(5000)
    asked = await move(ada, "withdraw", 2000, by="customer")
    await write(withdrawals.refuse, asked.id, new_id(), "We need your bank account first")
    await drain_outbox()
    (mail,) = await messages("wallet_withdrawal_refused")
    assert_tells(mail, "€20.00", "We need your bank account first", "€50.00")


async def test_a_top_up_that_fails_is_not_written_about(drain_outbox, messages):
    ada = await make_wallet()
    await move(ada, "deposit", 2000, by="customer")
    await drain_outbox()
    assert await messages() == []


@pytest.mark.parametrize(("spent", "told"), [(0, ["€20.00", "€0.00"]), (1500, ["€5.00", "€0.00"]), (2000, [])])
async def test_what_a_bank_takes_back_is_told_as_that_and_nothing_taken_is_no_news(drain_outbox, messages, spent, told):
    ada = await make_wallet()
    filled = await move(ada, "deposit", 2000, by="customer")
    await write(settle_deposit, filled.id, "sandbox", Money(2000, "EUR"))
    if spent:
        await move(ada, "purchase", spent)
    await write(charge_back, DepositChargedBack(new_id(), filled.id, "dp_1", "sandbox", 2000, "EUR"))
    await drain_outbox()
    for mail in await messages("wallet_taken_back"):
        assert_tells(mail, "disputed", *told)
    assert len(await messages("wallet_taken_back")) == bool(told)
    assert await messages("wallet_withdrawal_paid") == []
