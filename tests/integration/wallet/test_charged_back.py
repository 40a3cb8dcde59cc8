"""A bank takes back what filled a wallet: the wallet gives what it still has, the shop bears the rest, and both are told."""

import asyncio
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.contracts.payment_providers import ProviderDispute
from shop.contracts.payments import DepositChargedBack, PaymentRequest, Payments
from shop.contracts.wallet import NotReversible, TransactionNotFound
from shop.kernel.db import read, snapshot, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.service.disputes import record_dispute
from shop.modules.wallet.rules import taking_back
from shop.modules.wallet.service import charge_back as use_case
from shop.modules.wallet.service import withdrawals
from shop.modules.wallet.service.charge_back import charge_back
from shop.modules.wallet.service.check_books import check_books
from shop.modules.wallet.service.deposit import fill_wallet
from tests.factories.identity import bearer
from tests.factories.payments import get_intent
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    entries_of,
    get_transaction,
    hold,
    make_wallet,
    move,
    shops_own,
)
from tests.integration.wallet.statement_desk import today

pytestmark = pytest.mark.usefixtures("db")
FILLED = 2000
WHY = "Taken back by your bank: the payment that filled your wallet was disputed"


@pytest.fixture
async def ada():
    return await make_wallet()


@pytest.fixture
async def payment(ada):
    return await fill(ada)


async def fill(account_id, key="once"):
    """The payment of a card that put 20.00 into the wallet."""
    filled = await fill_wallet(account_id, key, Money(FILLED, "EUR"), PaymentRequest("sandbox", "ok"))
    return (await read(port(Payments).find_deposits, [filled.id]))[filled.id]


def told_of(payment, amount=FILLED, ref="dp_1", currency="EUR"):
    return DepositChargedBack(payment.id, payment.deposit_id, ref, "sandbox", amount, currency)


async def lose(payment, amount=FILLED, ref="dp_1"):
    """The dispute is lost, and payments tell of it; the wallet hears of it by the outbox."""
    dispute = ProviderDispute(ref, "ch_1", Money(amount, "EUR"), "fraudulent", "lost")
    await write(record_dispute, "sandbox", dispute, await get_intent(payment.id))


def taken_back(ref="dp_1"):
    return taking_back("sandbox", ref)


async def test_what_is_there_goes_back(ada, payment, drain_outbox):
    await lose(payment)
    await drain_outbox()
    assert await entries_of(taken_back()) == [("customer", -2000), ("clearing:sandbox", 2000)]
    assert await balance_of(ada) == 0
    made = await get_transaction(taken_back())
    assert (made.operation, made.status, made.incoming, made.amount) == (
        "withdraw",
        "settled",
        False,
        Money(2000, "EUR"),
    )
    assert (made.reason, made.payment_id, made.disputed) == (WHY, payment.id, True)
    assert made.balance_after == Money(0, "EUR")
    await assert_books_balance()


async def test_a_part_that_a_bank_takes_leaves_the_rest(ada, payment, drain_outbox):
    await lose(payment, 700)
    await drain_outbox()
    assert await balance_of(ada) == 1300
    assert await shops_own("losses") == 0
    await assert_books_balance()


async def test_what_was_spent_is_the_shops_loss(ada, payment, drain_outbox):
    await move(ada, "purchase", 1500)
    await lose(payment)
    await drain_outbox()
    assert await entries_of(taken_back()) == [("customer", -500), ("clearing:sandbox", 2000), ("losses", -1500)]
    assert await balance_of(ada) == 0
    assert (await get_transaction(taken_back())).amount == Money(500, "EUR")
    await assert_books_balance()


async def test_where_nothing_is_left_the_loss_is_booked_all_the_same(ada, payment, drain_outbox):
    await move(ada, "purchase", 2000)
    await lose(payment)
    await drain_outbox()
    assert await entries_of(taken_back()) == [("clearing:sandbox", 2000), ("losses", -2000)]
    made = await get_transaction(taken_back())
    assert (made.amount, made.balance_after, made.status) == (Money(0, "EUR"), None, "settled")
    assert await balance_of(ada) == 0
    await assert_books_balance()


async def test_what_is_held_for_an_order_is_not_there_to_take(ada, payment, drain_outbox):
    held = await hold(ada, 1800)
    await lose(payment)
    await drain_outbox()
    assert await shops_own("losses") == -1800
    await move(ada, "cancellation", parent_id=held.id, by="payments")
    assert await balance_of(ada) == 1800
    await assert_books_balance()


@pytest.mark.usefixtures("withdrawals_on")
class TestWithdrawals:
    async def test_what_waits_to_be_paid_out_is_there_to_take(self, ada, payment, drain_outbox):
        await move(ada, "deposit", 100)
        kept, newest = [await move(ada, "withdraw", amount, by="customer") for amount in (500, 1600)]
        await lose(payment, 1000)
        await drain_outbox()
        assert await shops_own("losses") == 0
        assert ((await get_transaction(kept.id)).status, await balance_of(ada)) == ("pending", 600)
        ended = await get_transaction(newest.id)
        assert (ended.status, ended.failure) == ("failed", "Your bank has taken back what had filled your wallet")
        await assert_books_balance()

    async def test_told_again_it_ends_no_further_withdrawal(self, ada, payment, drain_outbox):
        await lose(payment)
        await drain_outbox()
        await move(ada, "deposit", 500)
        asked = await move(ada, "withdraw", 500, by="customer")
        await write(charge_back, told_of(payment))
        assert (await get_transaction(asked.id)).status == "pending"

    async def test_what_is_being_paid_out_at_this_moment_goes_its_way(self, ada, payment, drain_outbox):
        other = await fill(ada, "other")
        asked = await move(ada, "withdraw", 4000, by="customer")
        await write(withdrawals.refund_to_means, asked.id, new_id())
        await write(charge_back, told_of(payment, 100, "dp_2"))
        assert await shops_own("losses") == -100
        assert (await get_transaction(asked.id)).status == "pending"
        assert other.id != payment.id


async def test_told_twice_it_is_taken_once_whatever_came_meanwhile(ada, payment, drain_outbox):
    await move(ada, "purchase", 1500)
    await lose(payment)
    await drain_outbox()
    await move(ada, "deposit", 5000)
    before = await count_transactions()
    for _ in range(2):
        await write(charge_back, told_of(payment))
    assert (await balance_of(ada), await count_transactions()) == (5000, before)
    assert await shops_own("losses") == -1500
    await assert_books_balance()


async def test_two_disputes_of_one_deposit_are_two(ada, payment, drain_outbox):
    await lose(payment, 700, "dp_1")
    await lose(payment, 900, "dp_2")
    await drain_outbox()
    assert await balance_of(ada) == 400
    await assert_books_balance()


@pytest.mark.parametrize(("card", "status"), [("3ds_ok", "pending"), ("declined", "failed")])
async def test_a_deposit_that_never_came_takes_nothing(card, status):
    ada = await make_wallet(1000)
    filled = await fill_wallet(ada, "once", Money(FILLED, "EUR"), PaymentRequest("sandbox", card))
    assert filled.status == status
    before = await count_transactions()
    await write(charge_back, DepositChargedBack(filled.payment.id, filled.id, "dp_1", "sandbox", FILLED, "EUR"))
    assert (await balance_of(ada), await count_transactions()) == (1000, before)
    await assert_books_balance()


async def test_an_unknown_deposit_and_another_currency_are_left_to_staff(ada, payment):
    with pytest.raises(TransactionNotFound):
        await write(charge_back, DepositChargedBack(payment.id, new_id(), "dp_1", "sandbox", FILLED, "EUR"))
    with pytest.raises(ValueError, match="USD"):
        await write(charge_back, told_of(payment, currency="USD"))
    assert await balance_of(ada) == FILLED


async def test_among_fifty_spends_at_once_what_is_taken_and_lost_is_what_the_bank_took(ada, payment, drain_outbox):
    await lose(payment)
    calls = [move(ada, "purchase", 100) for _ in range(50)]
    calls[10:10] = [write(charge_back, told_of(payment)) for _ in range(3)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    seen = Counter(type(each).__name__ for each in results)
    assert set(seen) <= {"Transaction", "NoneType", "InsufficientBalance"}
    assert seen["NoneType"] == 3
    await drain_outbox()
    taken = (await get_transaction(taken_back())).amount.amount
    assert taken + 100 * seen["Transaction"] + await balance_of(ada) == FILLED
    assert taken - await shops_own("losses") == FILLED
    assert await balance_of(ada) == 0
    await assert_books_balance()


async def test_no_spend_comes_between_the_look_at_the_balance_and_the_taking(ada, payment, monkeypatch):
    looked, record = asyncio.Event(), use_case.record

    async def slowly(uow, draft):
        looked.set()
        await asyncio.sleep(0.2)
        return await record(uow, draft)

    monkeypatch.setattr(use_case, "record", slowly)

    async def spend():
        await looked.wait()
        return await move(ada, "purchase", 100)

    back, spent = await asyncio.gather(write(charge_back, told_of(payment)), spend(), return_exceptions=True)
    assert (back, type(spent).__name__) == (None, "InsufficientBalance")
    assert await shops_own("losses") == 0


@given(st.lists(st.tuples(st.sampled_from(["spend", "credit", "lose"]), st.integers(1, 2500)), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_is_spent_and_taken_back_every_cent_is_accounted_for(drain_outbox, plan):
    account_id = await make_wallet()
    payment = await fill(account_id)
    balance, left, lost_before = FILLED, FILLED, await shops_own("losses")
    lost = 0
    for number, (what, much) in enumerate(plan):
        if what == "spend" and much <= balance:
            await move(account_id, "purchase", much)
            balance -= much
        elif what == "credit":
            await move(account_id, "deposit", much)
            balance += much
        elif what == "lose" and left:
            await lose(payment, much, f"{payment.id}:{number}")
            await drain_outbox()
            gone = min(much, left)
            left, lost, balance = left - gone, lost + max(0, gone - balance), max(0, balance - gone)
    assert await balance_of(account_id) == balance
    assert await shops_own("losses") == lost_before - lost
    await assert_books_balance()


async def test_until_the_wallet_has_heard_of_it_the_books_say_so(payment, drain_outbox):
    await lose(payment)
    [difference] = (await snapshot(check_books)).differences
    assert (difference.account, difference.stored, difference.rebuilt) == ("clearing:sandbox", -2000, 0)
    await drain_outbox()
    await assert_books_balance()


async def test_it_is_not_the_shops_to_give_back(ada, payment, drain_outbox):
    await lose(payment)
    await drain_outbox()
    with pytest.raises(NotReversible, match="credit"):
        await move(ada, "reversal", 100, parent_id=taken_back())
    assert await balance_of(ada) == 0


async def test_its_owner_reads_of_it_in_the_wallet_and_on_the_statement(ada, payment, drain_outbox, client):
    await move(ada, "purchase", 1500)
    await lose(payment)
    await drain_outbox()
    headers = await bearer(ada)
    (newest, *_) = (await client.get("/api/v1/wallet/transactions", headers=headers)).json()["items"]
    assert (newest["operation"], newest["amount"]["amount"], newest["reason"]) == ("withdraw", 500, WHY)
    statement = (await client.get(f"/api/v1/wallet/statement?from={today()}&to={today()}", headers=headers)).json()
    last = statement["items"][-1]
    assert (last["entry_amount"]["amount"], last["balance_after"]["amount"], last["reason"]) == (-500, 0, WHY)
