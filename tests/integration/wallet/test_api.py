"""The customer's wallet over HTTP: filled, spent on an own order, looked at; what is not for customers, and what is malformed."""

from uuid import uuid4

import pytest

from shop.contracts.orders import OrderId, Orders
from shop.kernel.db import read
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.wallet.service import deposit
from tests.factories.catalog import make_product
from tests.factories.identity import bearer
from tests.factories.orders import open_shop, place, status_of
from tests.factories.payments import fall_due
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    make_wallet,
    move,
    shops_own,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db")
WALLET = "/api/v1/wallet"
TRANSACTIONS = f"{WALLET}/transactions"
CARD = {"provider": "sandbox", "token": "ok"}


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
async def ada():
    return await make_wallet()


@pytest.fixture
async def send(client, ada):
    headers = await bearer(ada)

    async def sent(key=None, **body):
        named = {"Idempotency-Key": key or str(uuid4())}
        return await client.post(TRANSACTIONS, json=body, headers=headers | named)

    return sent


async def test_an_empty_wallet_is_one_of_zeros(client, ada):
    answer = await client.get(WALLET, headers=await bearer(ada))
    assert answer.json() == {"balance": eur(0), "available": eur(0), "currency": "EUR"}
    answer = await client.get(f"{WALLET}?currency=USD", headers=await bearer(ada))
    assert answer.json()["currency"] == "USD"
    assert (await client.get(f"{WALLET}?currency=EURO", headers=await bearer(ada))).status_code == 422
    assert (await client.get(f"{WALLET}?currency=XXQ", headers=await bearer(ada))).status_code == 422


async def test_a_stranger_has_no_wallet(client):
    assert (await client.get(WALLET)).status_code == 401
    assert (await client.post(TRANSACTIONS, json={"operation": "deposit"})).status_code == 401


async def test_money_is_there_once_its_payment_is_captured(send, ada):
    answer = await send(operation="deposit", amount=eur(5000), payment=CARD)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["operation"], body["status"], body["amount"]) == ("deposit", "settled", eur(5000))
    assert body["balance_after"] == eur(5000)
    assert (body["payment"]["status"], body["payment"]["provider"]) == ("captured", "sandbox")
    assert await balance_of(ada) == 5000
    assert await shops_own("clearing:sandbox") == -5000
    await assert_books_balance()


async def test_a_declined_card_fills_nothing(client, send, ada):
    body = (
        await send(operation="deposit", amount=eur(5000), payment={"provider": "sandbox", "token": "declined"})
    ).json()
    assert (body["status"], body["payment"]["status"]) == ("failed", "failed")
    assert body["failure"] == body["payment"]["failure"]
    assert body["balance_after"] is None
    assert await whole_balance_of(ada) == 0
    shown = await client.get(f"{TRANSACTIONS}/{body['id']}", headers=await bearer(ada))
    assert shown.json()["status"] == "failed"
    await assert_books_balance()


async def test_a_deposit_that_waits_for_its_buyer_says_where_to_go(client, send, ada):
    body = (
        await send(operation="deposit", amount=eur(5000), payment={"provider": "sandbox", "token": "3ds_ok"})
    ).json()
    assert (body["status"], body["payment"]["status"]) == ("pending", "requires_action")
    assert body["payment"]["redirect_url"]
    assert await whole_balance_of(ada) == 0
    shown = (await client.get(f"{TRANSACTIONS}/{body['id']}", headers=await bearer(ada))).json()
    assert shown["payment"]["redirect_url"] == body["payment"]["redirect_url"]


async def test_a_deposit_whose_answer_was_lost_is_settled_by_the_sweep(send, ada):
    lost = {"provider": "sandbox", "token": "lost_answer"}
    body = (await send(operation="deposit", amount=eur(5000), payment=lost)).json()
    assert (body["status"], await balance_of(ada)) == ("pending", 0)
    await fall_due(body["payment"]["id"])
    await settle_open_payments()
    assert await balance_of(ada) == 5000
    await assert_books_balance()


async def test_the_same_key_again_fills_once(send, ada):
    wish = {"operation": "deposit", "amount": eur(5000), "payment": CARD}
    first, again = await send(key="once", **wish), await send(key="once", **wish)
    assert first.json() == again.json()
    assert await balance_of(ada) == 5000
    assert (await send(key="once", **{**wish, "amount": eur(1)})).json()["code"] == "key_reused"
    assert (await send(key="twice", **wish)).status_code == 201
    assert await balance_of(ada) == 10_000


async def test_a_death_between_commit_and_answer_fills_once(send, ada, monkeypatch):
    """The key's lease is over, and the call comes again."""

    async def die(*_):
        raise RuntimeError("died")

    monkeypatch.setattr(deposit, "read", die)
    with pytest.raises(RuntimeError, match="died"):
        await deposit.fill_wallet(ada, "once", Money(5000, "EUR"), deposit.PaymentRequest("sandbox", "ok"))
    monkeypatch.undo()
    answer = await send(key="once", operation="deposit", amount=eur(5000), payment=CARD)
    assert (answer.status_code, answer.json()["status"]) == (201, "settled")
    assert (await balance_of(ada), await count_transactions()) == (5000, 1)


@pytest.mark.parametrize(
    ("amount", "field"),
    [
        (eur(0), "amount.amount"),
        (eur(-5), "amount.amount"),
        (eur(10_000_01), "amount.amount"),
        (eur(10**16), "amount.amount"),
        (eur(19.999), "amount.amount"),
        (eur("5000"), "amount.amount"),
        (eur(None), "amount.amount"),
        ({"amount": 100, "currency": "USD"}, "amount.currency"),
        ({"amount": 100, "currency": "euro"}, "amount.currency"),
        ({"amount": 100}, "amount.currency"),
        (None, "amount"),
        (5000, "amount"),
    ],
)
async def test_amounts_that_are_none_are_refused_by_name(send, ada, amount, field):
    answer = await send(operation="deposit", amount=amount, payment=CARD)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await whole_balance_of(ada), await count_transactions()) == (0, 0)


@pytest.mark.parametrize("payment", [None, {"provider": "wallet"}, {"provider": "nobody"}, {"provider": "sandbox"}])
async def test_a_deposit_needs_a_way_to_pay_it(send, ada, payment):
    assert (await send(operation="deposit", amount=eur(100), payment=payment)).status_code == 422
    assert await count_transactions() == 0


async def test_a_key_is_needed(client, ada):
    answer = await client.post(
        TRANSACTIONS, json={"operation": "deposit", "amount": eur(1), "payment": CARD}, headers=await bearer(ada)
    )
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("operation", ["reversal", "cancellation", "transfer", "withdraw", "gift_card"])
async def test_what_is_not_for_customers_is_forbidden(send, ada, operation):
    bought = await _spent(ada)
    answer = await send(operation=operation, amount=eur(100), parent_id=str(bought.id), counterparty_id=str(ada))
    assert (answer.status_code, answer.json()["code"]) == (403, "operation_not_allowed")
    assert await balance_of(ada) == 900


async def _spent(account_id):
    await move(account_id, "deposit", 1000)
    return await move(account_id, "purchase", 100)


async def test_a_withdrawal_is_held_where_the_shop_pays_out(send, ada, withdrawals_on):
    await move(ada, "deposit", 1000)
    answer = await send(operation="withdraw", amount=eur(400))
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    assert (await balance_of(ada), await whole_balance_of(ada)) == (600, 1000)
    assert (await send(operation="withdraw", amount=eur(601))).json()["code"] == "insufficient_balance"
    await assert_books_balance()


async def test_the_list_is_newest_first_page_by_page(client, ada):
    made = [await move(ada, "deposit", amount) for amount in (10, 20, 30)]
    headers = await bearer(ada)
    first = (await client.get(f"{TRANSACTIONS}?limit=2", headers=headers)).json()
    rest = (await client.get(f"{TRANSACTIONS}?limit=2&cursor={first['next_cursor']}", headers=headers)).json()
    assert [each["id"] for each in first["items"] + rest["items"]] == [str(each.id) for each in reversed(made)]
    assert rest["next_cursor"] is None
    assert [each["balance_after"]["amount"] for each in first["items"]] == [60, 30]


async def test_what_others_transferred_is_in_the_list_from_ones_own_side(client, ada):
    bob = await make_wallet(1000)
    sent = await move(bob, "transfer", 300, counterparty_id=ada)
    [received] = (await client.get(TRANSACTIONS, headers=await bearer(ada))).json()["items"]
    assert (received["id"], received["incoming"], received["balance_after"]) == (str(sent.id), True, eur(300))
    sent_away = (await client.get(TRANSACTIONS, headers=await bearer(bob))).json()["items"][0]
    assert (sent_away["incoming"], sent_away["balance_after"]) == (False, eur(700))
    for account_id, listed in ((ada, received), (bob, sent_away)):
        alone = await client.get(f"{TRANSACTIONS}/{sent.id}", headers=await bearer(account_id))
        assert (alone.status_code, alone.json()) == (200, listed | {"payment": None})


async def test_anothers_transaction_is_not_found(client, ada):
    bob = await make_wallet(1000)
    bought = await move(bob, "purchase", 300)
    for transaction_id in (bought.id, uuid4()):
        answer = await client.get(f"{TRANSACTIONS}/{transaction_id}", headers=await bearer(ada))
        assert (answer.status_code, answer.json()["code"]) == (404, "transaction_not_found")


async def test_looking_costs_few_statements(client, ada, record_statements):
    for amount in range(1, 6):
        await move(ada, "deposit", amount)
    headers = await bearer(ada)
    await client.get(WALLET, headers=headers)
    for path in (WALLET, TRANSACTIONS):
        with record_statements() as sent:
            await client.get(path, headers=headers)
        assert len(sent) <= 2, sent  # one of them for the token


class TestOrders:
    @pytest.fixture
    async def order(self, client, ada):
        """Of Ada's, not paid yet: its card was declined."""
        await open_shop()
        mug = await make_product(title="Mug", price=1999, stock=10)
        return await place(client, (mug, 1), token="declined", headers=await bearer(ada))

    async def test_an_own_order_is_paid_from_the_wallet(self, send, ada, order):
        due = order["amount_due"]["amount"]
        await move(ada, "deposit", due + 100)
        answer = await send(operation="purchase", order_id=order["id"])
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert (body["operation"], body["status"], body["amount"]) == ("purchase", "settled", eur(due))
        assert body["order_id"] == order["id"]
        assert await balance_of(ada) == 100
        assert await status_of(order["id"]) == "paid"
        await assert_books_balance()

    async def test_the_same_key_again_pays_once(self, send, ada, order):
        due = order["amount_due"]["amount"]
        await move(ada, "deposit", 2 * due)
        first = await send(key="once", operation="purchase", order_id=order["id"])
        again = await send(key="once", operation="purchase", order_id=order["id"])
        assert first.json() == again.json()
        other = await send(key="twice", operation="purchase", order_id=order["id"])
        assert (other.status_code, other.json()["code"]) == (409, "order_not_payable")
        assert await balance_of(ada) == due

    async def test_what_is_not_covered_is_not_begun(self, send, ada, order):
        await move(ada, "deposit", 100)
        answer = await send(operation="purchase", order_id=order["id"])
        assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_balance")
        assert answer.json()["available"] == eur(100)
        shown = (await read(port(Orders).find_orders, [OrderId(order["id"])])) or {}
        assert all(payment.provider != "wallet" for each in shown.values() for payment in each.payments)
        assert await balance_of(ada) == 100

    async def test_anothers_order_is_not_found(self, client, ada, order):
        bob = await make_wallet(100_000)
        headers = await bearer(bob) | {"Idempotency-Key": "x"}
        for order_id in (order["id"], str(new_id())):
            answer = await client.post(
                TRANSACTIONS, json={"operation": "purchase", "order_id": order_id}, headers=headers
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found"), answer.text
            headers = await bearer(bob) | {"Idempotency-Key": "y"}
        assert await balance_of(bob) == 100_000

    async def test_another_amount_than_is_due_is_refused(self, send, ada, order):
        due = order["amount_due"]["amount"]
        await move(ada, "deposit", due)
        answer = await send(operation="purchase", order_id=order["id"], amount=eur(due - 1))
        assert [error["field"] for error in answer.json()["errors"]] == ["amount"]
        assert await balance_of(ada) == due

    async def test_a_purchase_names_its_order(self, send):
        assert (await send(operation="purchase", amount=eur(5))).json()["errors"][0]["field"] == "order_id"
