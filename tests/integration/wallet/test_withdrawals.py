"""Withdrawals: held until staff decide, paid by hand or refunded to what filled the wallet, refused; each once."""

import asyncio
from uuid import uuid4

import pytest

from shop.contracts.payments import DepositRefunded, PaymentRequest, Payments, RefundFailed
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_refunds
from shop.modules.wallet.repository.payouts import list_payouts
from shop.modules.wallet.rules import customers_transaction
from shop.modules.wallet.service.deposit import fill_wallet
from tests.factories.identity import bearer, make_account
from tests.factories.payments import refunds_fall_due
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    entries_of,
    get_transaction,
    make_wallet,
    move,
    shops_own,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db", "withdrawals_on")
WITHDRAWALS = "/api/v1/admin/withdrawals"


@pytest.fixture
async def staff():
    return await bearer(await make_account("ida@example.com", permissions=("wallet.adjust", "wallet.view")))


@pytest.fixture
async def ada():
    """Her wallet was filled by card, twice 30.00, and by 10.00 of the shop's."""
    account_id = await make_wallet(1000)
    for key in ("a", "b"):
        await fill_wallet(account_id, key, Money(3000, "EUR"), PaymentRequest("sandbox", "ok"))
    return account_id


@pytest.fixture
def decide(client, staff):
    async def decided(withdrawal_id, decision):
        headers = staff | {"Idempotency-Key": str(uuid4())}
        url = f"{WITHDRAWALS}/{withdrawal_id}/decision"
        return await client.post(url, json={"decision": decision}, headers=headers)

    return decided


async def wanted(account_id, amount):
    return await move(account_id, "withdraw", amount, by="customer")


async def test_what_waits_is_listed(client, staff, ada):
    first, second = await wanted(ada, 100), await wanted(ada, 200)
    listed = (await client.get(f"{WITHDRAWALS}?limit=1", headers=staff)).json()
    assert [each["id"] for each in listed["items"]] == [str(second.id)]
    rest = (await client.get(f"{WITHDRAWALS}?limit=1&cursor={listed['next_cursor']}", headers=staff)).json()
    [shown] = rest["items"]
    assert (shown["id"], shown["customer_id"], shown["rest"]["amount"]) == (str(first.id), str(ada), 100)
    assert (await client.get(f"{WITHDRAWALS}?status=settled", headers=staff)).json()["items"] == []


@pytest.mark.parametrize("decision", ["paid_by_hand", "refund", "refuse"])
async def test_nobody_decides_a_withdrawal_of_his_own(client, decide, decision):
    me = await make_account("me@example.com", permissions=("wallet.adjust",))
    await fill_wallet(me, "once", Money(3000, "EUR"), PaymentRequest("sandbox", "ok"))
    withdrawal = await wanted(me, 100)
    headers = await bearer(me) | {"Idempotency-Key": "mine"}
    url = f"{WITHDRAWALS}/{withdrawal.id}/decision"
    answer = await client.post(url, json={"decision": decision}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "own_wallet"), answer.text
    assert (await get_transaction(withdrawal.id)).status == "pending"
    assert (await decide(withdrawal.id, decision)).status_code == 201


async def test_paid_by_hand(decide, ada):
    withdrawal = await wanted(ada, 4000)
    assert (await balance_of(ada), await whole_balance_of(ada)) == (3000, 7000)
    answer = await decide(withdrawal.id, "paid_by_hand")
    assert (answer.status_code, answer.json()["status"]) == (201, "settled"), answer.text
    assert await entries_of(withdrawal.id) == [("customer", -4000), ("held", 4000), ("held", -4000), ("payouts", 4000)]
    assert await whole_balance_of(ada) == 3000
    await assert_books_balance()


async def test_refused(decide, ada):
    withdrawal = await wanted(ada, 4000)
    answer = await decide(withdrawal.id, "refuse")
    assert (answer.json()["status"], answer.json()["paid_out"]["amount"]) == ("failed", 0)
    assert (await balance_of(ada), (await get_transaction(withdrawal.id)).status) == (7000, "failed")
    await assert_books_balance()


async def test_decided_is_decided(decide, ada):
    withdrawal = await wanted(ada, 4000)
    await decide(withdrawal.id, "refuse")
    for decision in ("refuse", "paid_by_hand", "refund"):
        answer = await decide(withdrawal.id, decision)
        assert (answer.status_code, answer.json()["code"]) == (409, "withdrawal_decided")
    assert (await decide(uuid4(), "refuse")).json()["code"] == "transaction_not_found"
    assert await balance_of(ada) == 7000


async def test_of_many_decisions_at_once_one_counts(decide, ada):
    withdrawal = await wanted(ada, 4000)
    decisions = ["refuse", "paid_by_hand"] * 5
    answers = await asyncio.gather(*(decide(withdrawal.id, each) for each in decisions))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    await assert_books_balance()


async def test_refunded_to_the_cards_that_filled_it(decide, drain_outbox, ada):
    withdrawal = await wanted(ada, 4000)
    answer = await decide(withdrawal.id, "refund")
    assert answer.status_code == 201, answer.text
    assert (answer.json()["status"], answer.json()["rest"]["amount"]) == ("pending", 0)
    assert (await decide(withdrawal.id, "refuse")).json()["code"] == "withdrawal_decided"
    await settle_refunds()
    await drain_outbox()
    assert (await get_transaction(withdrawal.id)).status == "settled"
    assert await shops_own("clearing:sandbox") == -2000
    assert (await shops_own("held"), await whole_balance_of(ada)) == (0, 3000)
    await assert_books_balance()


async def test_the_newest_card_is_refunded_first(decide, ada):
    """Providers give nothing back of payments that are too old."""
    withdrawal = await wanted(ada, 3500)
    assert (await decide(withdrawal.id, "refund")).status_code == 201
    old, new = (customers_transaction(ada, key) for key in ("a", "b"))
    paid = await read(port(Payments).find_deposits, [old, new])
    assert (paid[old].refunded, paid[new].refunded) == (Money(500, "EUR"), Money(3000, "EUR"))


async def settle_refunds():
    """As the sweep does, once they are due."""
    await refunds_fall_due()
    await settle_open_refunds()


async def test_more_than_came_by_card_is_not_refunded(decide, ada):
    withdrawal = await wanted(ada, 6001)
    answer = await decide(withdrawal.id, "refund")
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_too_large")
    assert (await decide(withdrawal.id, "paid_by_hand")).status_code == 201
    await assert_books_balance()


async def test_a_refund_that_fails_is_decided_again(client, staff, decide, drain_outbox, ada):
    withdrawal = await wanted(ada, 4000)
    await decide(withdrawal.id, "refund")
    first, second = await payouts_of(withdrawal.id)
    await tell(drain_outbox, refunded(first), failed(second))
    await tell(drain_outbox, refunded(first), failed(second))
    [shown] = (await client.get(WITHDRAWALS, headers=staff)).json()["items"]
    assert (shown["paid_out"]["amount"], shown["on_its_way"]["amount"]) == (first.amount, 0)
    assert shown["rest"]["amount"] == second.amount
    assert await whole_balance_of(ada) == 3000 + second.amount
    answer = await decide(withdrawal.id, "refuse")
    assert (answer.json()["status"], answer.json()["paid_out"]["amount"]) == ("settled", first.amount)
    assert await balance_of(ada) == 3000 + second.amount
    assert (await get_transaction(withdrawal.id)).amount.amount == first.amount


async def payouts_of(withdrawal_id):
    return await read(list_payouts, withdrawal_id)


def refunded(payout):
    return DepositRefunded(
        payment_id=new_id(), deposit_id=new_id(), refund_id=payout.refund_id, amount=payout.amount, currency="EUR"
    )


def failed(payout):
    return RefundFailed(
        payment_id=new_id(),
        refund_id=payout.refund_id,
        request_id=None,
        order_id=None,
        deposit_id=new_id(),
        amount=payout.amount,
        currency="EUR",
    )


async def tell(drain_outbox, *events):
    async def emit(uow):
        for event in events:
            uow.emit(event)

    await write(emit)
    await drain_outbox()


async def test_a_deposit_that_went_back_by_itself_leaves_the_wallet(drain_outbox, ada):
    deposit_id = customers_transaction(ada, "a")
    refund_id = new_id()
    event = DepositRefunded(payment_id=new_id(), deposit_id=deposit_id, refund_id=refund_id, amount=500, currency="EUR")
    await tell(drain_outbox, event)
    await tell(drain_outbox, event)
    assert await balance_of(ada) == 6500
    assert await entries_of(refund_id) == [("customer", -500), ("clearing:sandbox", 500)]


async def test_only_staff_with_the_right_decide(client, ada):
    withdrawal = await wanted(ada, 100)
    looking = await bearer(await make_account("eve@example.com", permissions=("wallet.view",)))
    for headers in (looking, await bearer(ada)):
        answer = await client.post(
            f"{WITHDRAWALS}/{withdrawal.id}/decision",
            json={"decision": "refuse"},
            headers=headers | {"Idempotency-Key": "x"},
        )
        assert answer.status_code == 403
    assert (await get_transaction(withdrawal.id)).status == "pending"
