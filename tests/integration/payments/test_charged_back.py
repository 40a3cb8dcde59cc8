"""A deposit whose dispute is lost: the wallet is told once what left it, and the books of what wallets hold count it."""

import asyncio

import pytest

from shop.contracts.payment_providers import ProviderDispute
from shop.contracts.payments import DepositChargedBack, PaymentRequest, Payments
from shop.kernel.db import read, write
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.service.disputes import record_dispute
from shop.modules.payments.service.process_refund import process_refund
from shop.modules.wallet.service.deposit import fill_wallet
from tests.factories.payments import get_intent, make_processed, scalar
from tests.factories.wallet import make_wallet

pytestmark = pytest.mark.usefixtures("db")
FILLED = Money(2000, "EUR")


@pytest.fixture
async def deposit(db):
    """The payment of 20.00 that filled a wallet."""
    filled = await fill_wallet(await make_wallet(), "once", FILLED, PaymentRequest("sandbox", "ok"))
    return (await read(port(Payments).find_deposits, [filled.id]))[filled.id]


async def hear(payment, status, amount=2000, *, ref="dp_1", currency="EUR", attached=True):
    dispute = ProviderDispute(ref, "ch_1", Money(amount, currency), "fraudulent", status)
    await write(record_dispute, "sandbox", dispute, await get_intent(payment.id) if attached else None)


async def give_back(payment, amount):
    """Paid out to the card it came from."""
    ids, why = [payment.deposit_id], "Withdrawal"
    (refund,) = await write(port(Payments).refund_deposits, ids, Money(amount, "EUR"), why, by=None)
    return refund


async def cleared():
    """What came in for wallets, and what of it left them."""
    ((captured, refunded),) = [(each.captured, each.refunded) for each in await read(port(Payments).clearing)]
    return captured.amount, refunded.amount


def test_the_event_names_the_fact_by_the_providers_own_id():
    assert {"provider", "dispute_ref", "deposit_id"} <= set(DepositChargedBack.__struct_fields__)


@pytest.mark.parametrize("before", [[], ["needs_response"], ["needs_response", "under_review"]])
async def test_a_lost_dispute_is_told_once_and_leaves_the_books_of_the_provider(told, deposit, before):
    for status in before:
        await hear(deposit, status)
    assert told.charged_back == []
    assert await cleared() == (2000, 0)
    for _ in range(2):
        await hear(deposit, "lost", 1500)
    assert told.charged_back == [DepositChargedBack(deposit.id, deposit.deposit_id, "dp_1", "sandbox", 1500, "EUR")]
    assert await cleared() == (2000, 1500)


@pytest.mark.parametrize("status", ["won", "closed", "needs_response", "under_review"])
async def test_nothing_is_taken_from_a_wallet_before_a_dispute_is_lost(told, deposit, status):
    await hear(deposit, status)
    assert told.charged_back == []
    assert await cleared() == (2000, 0)


async def test_what_is_won_stays_won(told, deposit):
    await hear(deposit, "won")
    await hear(deposit, "lost")
    assert told.charged_back == []


async def test_a_dispute_whose_payment_was_found_later_is_told_then(told, deposit):
    for attached in (False, False, True, True):
        await hear(deposit, "lost", attached=attached)
    assert [each.amount for each in told.charged_back] == [2000]
    assert await cleared() == (2000, 2000)


async def test_an_open_dispute_whose_payment_was_found_later_leads_to_it(told, deposit):
    await hear(deposit, "needs_response", attached=False)
    await hear(deposit, "needs_response")
    assert await scalar("select payment_id from payments.dispute") == deposit.id


async def test_the_end_of_a_dispute_stays_when_its_payment_is_found_later(told, deposit):
    await hear(deposit, "lost", attached=False)
    await hear(deposit, "needs_response", 100)
    assert await scalar("select status || ' ' || amount from payments.dispute") == "lost 2000"
    assert [each.amount for each in told.charged_back] == [2000]


async def test_no_more_is_taken_than_refunds_have_left(told, deposit):
    await process_refund((await give_back(deposit, 700)).id)
    await hear(deposit, "lost", 2500)
    assert [each.amount for each in told.charged_back] == [1300]
    assert await cleared() == (2000, 2000)


async def test_several_disputes_take_no_more_together(told, deposit):
    for ref, amount in (("dp_1", 1200), ("dp_2", 1200), ("dp_3", 1200)):
        await hear(deposit, "lost", amount, ref=ref)
    assert [(each.dispute_ref, each.amount) for each in told.charged_back] == [("dp_1", 1200), ("dp_2", 800)]
    assert await cleared() == (2000, 2000)


async def test_disputes_lost_at_the_same_moment_take_no_more_together(told, deposit):
    await asyncio.gather(*(hear(deposit, "lost", 1200, ref=f"dp_{number}") for number in range(6)))
    assert sum(each.amount for each in told.charged_back) == 2000
    assert await cleared() == (2000, 2000)


async def test_the_same_dispute_told_by_many_at_once_is_told_on_once(told, deposit):
    await asyncio.gather(*(hear(deposit, "lost", 900, attached=number % 2 == 0) for number in range(8)))
    assert [each.amount for each in told.charged_back] == [900]


async def test_money_of_another_currency_is_no_wallets_loss(told, deposit):
    await hear(deposit, "lost", 1500, currency="USD")
    assert told.charged_back == []
    assert await cleared() == (2000, 0)


async def test_a_lost_dispute_over_an_order_is_no_wallets_loss(told):
    payment = await make_processed("ok")
    await hear(payment, "lost", 1500)
    assert told.charged_back == []
    assert await read(port(Payments).clearing) == []
