"""Ways to make money in a wallet: deposits that nobody wants any more, refunds of what never came, ids used twice."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from shop.contracts.payments import DepositRefunded, PaymentRequest, Payments
from shop.contracts.wallet import (
    InsufficientBalance,
    NotReversible,
    OperationNotAllowed,
    ParentNotFound,
    TransactionId,
    TransactionIdReused,
    TransactionRequested,
)
from shop.kernel.config import settings
from shop.kernel.db import read, sql, write
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments, settle_open_refunds
from shop.modules.payments.service import staff_deeds
from shop.modules.payments.service.captures import record_receipt
from shop.modules.payments.service.releases import request_release
from shop.modules.wallet.rules import customers_transaction
from shop.modules.wallet.service.deposit import fill_wallet
from tests.factories.payments import get_intent, scalar
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    get_transaction,
    hold,
    make_wallet,
    move,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def transfers(monkeypatch):
    monkeypatch.setenv("SHOP_BANK_TRANSFER_TO", "Shop, DE02 1203 0000 0000 2020 51")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def settle_all():
    async def fall_due(uow):
        for table in ("payment", "refund"):
            await sql(uow).execute(
                text(f"update payments.{table} set next_check_at = now() where next_check_at is not null")
            )

    for _ in range(4):
        await write(fall_due)
        await settle_open_payments()
        await settle_open_refunds()


async def test_a_deposit_that_staff_released_fills_no_wallet_and_takes_nothing_from_it(transfers, drain_outbox):
    ada = await make_wallet(700)
    deposit = await fill_wallet(ada, "a", Money(3000, "EUR"), PaymentRequest("bank_transfer"))
    await write(record_receipt, deposit.payment.id, None)
    await write(request_release, deposit.payment.id)
    await settle_all()
    refund_id = await scalar("select id from payments.refund where payment_id = :id", id=deposit.payment.id)
    assert await balance_of(ada) == 700
    await staff_deeds.pay_out(refund_id, None)
    await settle_all()
    await drain_outbox()
    assert (await get_intent(deposit.payment.id)).status == "refunded"
    assert (await get_transaction(deposit.id)).status == "failed"
    assert await balance_of(ada) == 700
    await assert_books_balance()


async def test_a_refund_of_a_settled_deposit_is_taken_once(drain_outbox):
    ada = await make_wallet(700)
    deposit = await fill_wallet(ada, "a", Money(3000, "EUR"), PaymentRequest("sandbox", "ok"))
    fact = DepositRefunded(
        payment_id=deposit.payment.id, deposit_id=deposit.id, refund_id=new_id(), amount=3000, currency="EUR"
    )

    async def tell(uow):
        uow.emit(fact)

    for _ in range(3):
        await write(tell)
        await drain_outbox()
    assert await balance_of(ada) == 700


async def test_one_key_names_one_deposit_however_often_and_whatever_is_wished():
    ada = await make_wallet()
    card = PaymentRequest("sandbox", "ok")
    await asyncio.gather(*(fill_wallet(ada, "a", Money(3000, "EUR"), card) for _ in range(8)))
    with pytest.raises(TransactionIdReused):
        await fill_wallet(ada, "a", Money(3001, "EUR"), card)
    assert await balance_of(ada) == 3000
    assert await scalar("select count(*) from payments.payment") == 1


@pytest.mark.parametrize(
    ("amount", "currency"), [(0, "EUR"), (-1, "EUR"), (2**63, "EUR"), (100, "JPY"), (100, "KWD"), (100, "???")]
)
async def test_amounts_that_can_not_be_move_nothing(amount, currency):
    ada = await make_wallet(700)
    for operation in ("deposit", "withdraw", "purchase"):
        with pytest.raises((Invalid, InsufficientBalance)):
            await move(ada, operation, amount, currency=currency)
    assert await balance_of(ada) == 700


async def test_others_parents_are_as_if_they_were_not_there():
    ada, eve = await make_wallet(700), await make_wallet(700)
    bought = await move(ada, "purchase", 500)
    held = await hold(ada, 100)
    for operation, parent in (("reversal", bought.id), ("cancellation", held.id), ("reversal", new_id())):
        with pytest.raises(ParentNotFound):
            await move(eve, operation, parent_id=parent)
    assert (await balance_of(ada), await balance_of(eve)) == (100, 700)


@pytest.mark.parametrize("operation", ["reversal", "cancellation", "transfer", "purchase", "gift_card"])
async def test_customers_give_themselves_nothing(operation):
    ada = await make_wallet(700)
    bought = await move(ada, "purchase", 500)
    with pytest.raises(OperationNotAllowed):
        await move(ada, operation, 500, by="customer", parent_id=bought.id)
    assert await balance_of(ada) == 200


async def test_reversals_of_any_kind_at_once_give_back_at_most_the_parent():
    ada = await make_wallet(1000)
    bought = await move(ada, "purchase", 1000)
    outcomes = await asyncio.gather(
        *(move(ada, "reversal", 300, parent_id=bought.id, by=by) for by in ("staff", "program", "orders") * 4),
        return_exceptions=True,
    )
    assert sum(isinstance(each, NotReversible) for each in outcomes) == 9
    assert await balance_of(ada) == 900
    with pytest.raises(NotReversible):
        await move(ada, "cancellation", parent_id=bought.id)


async def test_a_cancellation_and_its_reversal_do_not_both_give_back():
    ada = await make_wallet(1000)
    held = await hold(ada, 1000)
    await asyncio.gather(
        *(move(ada, operation, parent_id=held.id, by="staff") for operation in ("cancellation", "reversal") * 4),
        return_exceptions=True,
    )
    assert (await balance_of(ada), await whole_balance_of(ada)) == (1000, 1000)
    await assert_books_balance()


async def test_a_program_can_not_take_the_place_of_a_payment_to_come(drain_outbox):
    ada = await make_wallet(700)
    payment_id = new_id()
    await write(
        _ask, TransactionRequested(id=payment_id, operation="deposit", account_id=ada, amount=500, currency="EUR")
    )
    await drain_outbox()
    with pytest.raises(TransactionIdReused):
        await hold(ada, 500, id=TransactionId(payment_id), payment_id=payment_id)
    assert await balance_of(ada) == 1200


async def _ask(uow, event):
    uow.emit(event)


async def test_a_customers_key_reaches_no_other_wallet():
    ada, eve = await make_wallet(), await make_wallet()
    key = str(uuid4())
    assert customers_transaction(ada, key) != customers_transaction(eve, key)
    await fill_wallet(ada, key, Money(3000, "EUR"), PaymentRequest("sandbox", "ok"))
    await fill_wallet(eve, key, Money(100, "EUR"), PaymentRequest("sandbox", "ok"))
    assert (await balance_of(ada), await balance_of(eve)) == (3000, 100)


async def test_withdrawals_and_refunds_of_deposits_together_give_no_more_than_came_in():
    ada = await make_wallet()
    deposits = [
        (await fill_wallet(ada, key, Money(1000, "EUR"), PaymentRequest("sandbox", "ok"))).id for key in ("a", "b")
    ]
    refund = port(Payments).refund_deposits
    outcomes = await asyncio.gather(
        *(write(refund, deposits, Money(600, "EUR"), "Withdrawal", by=None) for _ in range(6)), return_exceptions=True
    )
    given = sum(each.amount.amount for made in outcomes if isinstance(made, list) for each in made)
    assert given == 1800
    clearing = await read(port(Payments).clearing)
    assert [(each.captured.amount, each.refunded.amount <= 2000) for each in clearing] == [(2000, True)]
