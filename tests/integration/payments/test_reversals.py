"""What a bank took, at a provider that counts it among the refunds: whichever is heard of first, it is gone once."""

import pytest

from shop.contracts.payments import PaymentRequest, Payments
from shop.kernel.db import read
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.wallet.service.deposit import fill_wallet
from tests.factories.payments import dispute, get_intent, make_processed
from tests.factories.reconciliation import open_discrepancies, reconciled
from tests.factories.wallet import balance_of, make_wallet

pytestmark = pytest.mark.usefixtures("db")
UNDER_REVIEW = ["under_review"]
UNHEARD_OF: list[str] = []


@pytest.fixture
async def ada():
    return await make_wallet()


@pytest.fixture
async def deposit(ada, records):
    """The payment of 20.00 that filled her wallet."""
    filled = await fill_wallet(ada, "once", Money(2000, "EUR"), PaymentRequest("fake", "ok"))
    return (await read(port(Payments).find_deposits, [filled.id]))[filled.id]


async def say(payment, status, amount=400, **fields):
    await dispute(payment.id, status, amount, **{"counts_reversals": True, **fields})


@pytest.mark.parametrize("before", [UNDER_REVIEW, UNHEARD_OF])
async def test_a_reversal_leaves_the_wallet_once(ada, deposit, records, told, drain_outbox, before):
    for status in before:
        await say(deposit, status)
    records.given_back[deposit.id] = 400
    await reconciled()
    for _ in range(2):
        await say(deposit, "lost")
        await reconciled()
    await drain_outbox()
    assert await balance_of(ada) == 1600
    assert (await get_intent(deposit.id)).refundable().amount == 1600
    assert await open_discrepancies() == []


@pytest.mark.parametrize("before", [UNDER_REVIEW, UNHEARD_OF])
async def test_a_reversal_of_an_order_leaves_the_rest_to_be_given_back(records, told, before):
    payment = await make_processed("ok", provider="fake")
    for status in before:
        await say(payment, status)
    records.given_back[payment.id] = 400
    await reconciled()
    await say(payment, "lost")
    await reconciled()
    assert (await get_intent(payment.id)).refundable().amount == 1599
    assert await open_discrepancies() == []


async def test_what_is_contested_is_put_before_staff_until_it_is_decided(records, told):
    payment = await make_processed("ok", provider="fake")
    await say(payment, "under_review")
    records.given_back[payment.id] = 400
    await reconciled()
    assert [each.kind for each in await open_discrepancies()] == ["wrong_refund"]
    assert told.refunded == []
    await say(payment, "won")
    await reconciled()
    assert await open_discrepancies() == []
    assert told.refunded == [(payment.id, 400)], "it was no bank's"


async def test_a_refund_in_the_dashboard_after_the_loss_is_another(ada, deposit, records, told, drain_outbox):
    await say(deposit, "lost")
    records.given_back[deposit.id] = 400 + 300
    await reconciled()
    await say(deposit, "lost", 200, ref="dp_2")
    records.given_back[deposit.id] += 200
    await reconciled()
    await drain_outbox()
    assert await balance_of(ada) == 2000 - 400 - 300 - 200


async def test_one_before_the_loss_is_not_lost_sight_of(ada, deposit, records, told, drain_outbox):
    records.given_back[deposit.id] = 300
    await reconciled()
    await say(deposit, "lost")
    records.given_back[deposit.id] += 400
    await reconciled()
    await say(deposit, "lost", 200, ref="dp_2")
    records.given_back[deposit.id] += 200
    await reconciled()
    await drain_outbox()
    assert await balance_of(ada) == 2000 - 300 - 400 - 200
    assert (await get_intent(deposit.id)).refundable().amount == 1100


async def test_where_banks_are_no_refunds_both_are_gone(ada, deposit, records, told, drain_outbox):
    records.given_back[deposit.id] = 400
    await reconciled()
    await say(deposit, "lost", counts_reversals=False)
    await reconciled()
    await drain_outbox()
    assert await balance_of(ada) == 1200
    assert (await get_intent(deposit.id)).refundable().amount == 1200
