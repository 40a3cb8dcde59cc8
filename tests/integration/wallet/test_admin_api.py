"""Wallets over HTTP for staff and for programs in their place: adjusted, reversed, cancelled, transferred, checked."""

from typing import get_args
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shop.contracts.orders import OrderStatus
from shop.kernel.db import sql, write
from shop.modules.payments.jobs import settle_open_payments
from tests.factories.catalog import make_product
from tests.factories.identity import bearer, make_account
from tests.factories.orders import get_order, open_shop, place, status_of
from tests.factories.payments import scalar
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    get_transaction,
    hold,
    make_wallet,
    move,
    whole_balance_of,
)
from tests.fakes.staff import BEARER, signed_in

pytestmark = pytest.mark.usefixtures("db")
ADMIN = "/api/v1/admin"


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
async def ada():
    return await make_wallet(1000)


@pytest.fixture
async def adjust(client):
    headers = await bearer(await make_account("ida@example.com", permissions=("wallet.adjust",)))

    async def sent(account_id, key=None, **body):
        return await client.post(
            f"{ADMIN}/wallets/{account_id}/transactions",
            json={"reason": "Asked by phone", **body},
            headers=headers | {"Idempotency-Key": key or str(uuid4())},
        )

    return sent


async def test_staff_do_all_five(adjust, ada):
    deposit = await adjust(ada, operation="deposit", amount=eur(500))
    assert (deposit.status_code, deposit.json()["balance_after"]) == (201, eur(1500)), deposit.text
    assert deposit.json()["reason"] == "Asked by phone"
    assert (await adjust(ada, operation="withdraw", amount=eur(300))).json()["balance_after"] == eur(1200)
    bought = await adjust(ada, operation="purchase", amount=eur(200))
    assert (bought.json()["status"], bought.json()["balance_after"]) == ("settled", eur(1000))
    back = await adjust(ada, operation="reversal", parent_id=bought.json()["id"], amount=eur(50))
    assert back.json()["parent_id"] == bought.json()["id"]
    rest = await adjust(ada, operation="reversal", parent_id=bought.json()["id"])
    assert rest.json()["amount"] == eur(150)
    held = await hold(ada, 100)
    cancelled = await adjust(ada, operation="cancellation", parent_id=str(held.id))
    assert cancelled.json()["balance_after"] == eur(1200)
    await assert_books_balance()


async def test_nobody_moves_money_in_a_wallet_of_his_own(client, ada):
    me = await make_account("me@example.com", permissions=("wallet.adjust",))
    await move(me, "deposit", 1000)
    bought = await move(me, "purchase", 400)
    headers = await bearer(me)
    for account_id, body in (
        (me, {"operation": "deposit", "amount": eur(500)}),
        (me, {"operation": "reversal", "parent_id": str(bought.id)}),
        (ada, {"operation": "transfer", "amount": eur(500), "counterparty_id": str(me)}),
    ):
        answer = await client.post(
            f"{ADMIN}/wallets/{account_id}/transactions",
            json={"reason": "For me", **body},
            headers=headers | {"Idempotency-Key": str(uuid4())},
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "own_wallet"), answer.text
    assert (await balance_of(me), await balance_of(ada)) == (600, 1000)


async def test_the_same_key_again_has_no_second_effect(adjust, ada):
    first = await adjust(ada, key="once", operation="deposit", amount=eur(500))
    again = await adjust(ada, key="once", operation="deposit", amount=eur(500))
    assert first.json() == again.json()
    assert await balance_of(ada) == 1500
    assert (await adjust(ada, key="once", operation="deposit", amount=eur(501))).json()["code"] == "key_reused"


async def test_an_id_of_ones_own_names_a_transaction_once(adjust, ada):
    wish = {"id": str(uuid4()), "operation": "purchase", "amount": eur(600)}
    first, again = await adjust(ada, **wish), await adjust(ada, **wish)
    assert first.json() == again.json()
    assert first.json()["id"] == wish["id"]
    assert await balance_of(ada) == 400
    other = await adjust(ada, **{**wish, "amount": eur(1)})
    assert (other.status_code, other.json()["code"]) == (409, "transaction_id_reused")


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"operation": "purchase", "amount": eur(1001)}, 409, "insufficient_balance"),
        ({"operation": "withdraw", "amount": eur(1001)}, 409, "insufficient_balance"),
        ({"operation": "purchase", "amount": eur(0)}, 422, "amount.amount"),
        ({"operation": "deposit", "amount": eur(-1)}, 422, "amount.amount"),
        ({"operation": "deposit", "amount": eur(10**15 + 1)}, 422, "amount.amount"),
        ({"operation": "deposit", "amount": eur(1.999)}, 422, "amount.amount"),
        ({"operation": "deposit", "amount": {"amount": 1, "currency": "USD"}}, 422, "amount.currency"),
        ({"operation": "purchase"}, 422, "amount"),
        ({"operation": "reversal"}, 422, "parent_id"),
        ({"operation": "reversal", "parent_id": str(uuid4())}, 422, "parent_not_found"),
        ({"operation": "cancellation", "parent_id": str(uuid4())}, 422, "parent_not_found"),
        ({"operation": "transfer", "amount": eur(1)}, 422, "counterparty_id"),
        ({"operation": "transfer", "amount": eur(1), "counterparty_id": str(uuid4())}, 422, "counterparty_id"),
        ({"operation": "gift_card", "amount": eur(1)}, 403, "operation_not_allowed"),
        ({"operation": "gamble", "amount": eur(1)}, 422, "operation"),
        ({"operation": "deposit", "amount": eur(1), "reason": ""}, 422, "reason"),
        ({"operation": "purchase", "amount": eur(1), "order_id": str(uuid4())}, 404, "order_not_found"),
    ],
)
async def test_what_cant_be_is_refused_and_moves_nothing(adjust, ada, body, status, told):
    before = await count_transactions()
    answer = await adjust(ada, **body)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert told in {problem["code"], *(error["field"] for error in problem.get("errors", []))}
    assert (await whole_balance_of(ada), await count_transactions()) == (1000, before)


async def test_anothers_parent_is_no_parent(adjust, ada):
    bob = await make_wallet(1000)
    bought, held = await move(bob, "purchase", 100), await hold(bob, 100)
    for operation, parent in (("reversal", bought), ("cancellation", held)):
        answer = await adjust(ada, operation=operation, parent_id=str(parent.id))
        assert (answer.status_code, answer.json()["code"]) == (422, "parent_not_found")
    assert (await balance_of(ada), await balance_of(bob)) == (1000, 800)


async def test_a_transfer_moves_from_one_wallet_to_another(adjust, ada):
    bob = await make_wallet()
    answer = await adjust(ada, operation="transfer", amount=eur(400), counterparty_id=str(bob))
    assert answer.status_code == 201
    assert (await balance_of(ada), await balance_of(bob)) == (600, 400)


async def test_nobodys_wallet_is_not_found(adjust, client):
    assert (await adjust(uuid4(), operation="deposit", amount=eur(1))).status_code == 404
    with signed_in(client, "wallet.view"):
        for path in ("", "/transactions"):
            answer = await client.get(f"{ADMIN}/wallets/{uuid4()}{path}", headers=BEARER)
            assert (answer.status_code, answer.json()["code"]) == (404, "wallet_owner_not_found")


async def test_staff_see_a_customers_wallet(client, ada):
    await hold(ada, 300)
    with signed_in(client, "wallet.view"):
        shown = (await client.get(f"{ADMIN}/wallets/{ada}", headers=BEARER)).json()
        listed = (await client.get(f"{ADMIN}/wallets/{ada}/transactions", headers=BEARER)).json()
    assert shown == {"balance": eur(1000), "available": eur(700), "currency": "EUR"}
    assert [each["operation"] for each in listed["items"]] == ["purchase", "deposit"]


async def test_who_may_only_look_moves_nothing(client, ada):
    headers = BEARER | {"Idempotency-Key": "x"}
    body = {"operation": "deposit", "amount": eur(5), "reason": "x"}
    with signed_in(client, "wallet.view"):
        answer = await client.post(f"{ADMIN}/wallets/{ada}/transactions", json=body, headers=headers)
    assert answer.status_code == 403
    customer = await bearer(ada) | {"Idempotency-Key": "x"}
    answer = await client.post(f"{ADMIN}/wallets/{ada}/transactions", json=body, headers=customer)
    assert answer.status_code == 403
    assert await balance_of(ada) == 1000


async def test_the_books_are_checked(client, ada):
    await move(ada, "purchase", 400)
    with signed_in(client, "wallet.view"):
        books = (await client.get(f"{ADMIN}/ledger/check", headers=BEARER)).json()
    assert (books["balanced"], books["differences"]) == (True, [])
    assert books["currencies"] == {"EUR": {"sum": 0, "accounts": 3, "entries": 4, "owed": 600}}
    assert books["system"] == {"EUR": {"promotions": -1000, "sales": 400}}


class TestOrders:
    """Orders that wait for the rest of their money, a part of them held in the wallet."""

    @pytest.fixture
    async def order(self, client, ada):
        await open_shop()
        mug = await make_product(title="Mug", price=1999, stock=10)
        return await place(client, (mug, 1), token="3ds_ok", use_wallet=True, headers=await bearer(ada))

    @pytest.fixture
    async def held(self, order):
        [wallet] = [each for each in order["payments"] if each["provider"] == "wallet"]
        return await get_transaction(UUID(wallet["id"]))

    async def test_the_wallets_part_is_held_until_the_rest_is_there(self, ada, order, held):
        assert (held.status, held.amount.amount, str(held.order_id)) == ("pending", 1000, order["id"])
        assert (await balance_of(ada), await whole_balance_of(ada)) == (0, 1000)
        await assert_books_balance()

    async def test_staff_cancel_it_and_the_order_is_to_be_paid_anew(self, adjust, client, ada, order, held):
        answer = await adjust(ada, operation="cancellation", parent_id=str(held.id))
        assert (answer.status_code, answer.json()["balance_after"]) == (201, eur(1000)), answer.text
        again = await adjust(ada, operation="cancellation", parent_id=str(held.id))
        assert (again.status_code, again.json()["code"]) == (409, "not_reversible")
        await settle_open_payments()
        shown = await get_order(client, order)
        assert {each["status"] for each in shown["payments"]} <= {"cancelled", "failed"}
        assert await balance_of(ada) == 1000
        await assert_books_balance()

    async def test_of_a_paid_order_nothing_is_cancelled(self, adjust, client, ada):
        await move(ada, "deposit", 100_000)
        await open_shop()
        mug = await make_product(title="Mug", price=1999, stock=10)
        paid = await place(client, (mug, 1), use_wallet=True, headers=await bearer(ada))
        assert await status_of(paid["id"]) == "paid"
        [wallet] = [each for each in paid["payments"] if each["provider"] == "wallet"]
        answer = await adjust(ada, operation="cancellation", parent_id=wallet["id"])
        assert (answer.status_code, answer.json()["code"]) == (409, "not_reversible")
        await assert_books_balance()

    @pytest.mark.parametrize("status", sorted({*get_args(OrderStatus)} - {"pending_payment"}))
    async def test_of_an_order_in_any_other_state_nothing_is_cancelled(self, adjust, ada, order, held, status):
        await write(_set_status, order["id"], status)
        answer = await adjust(ada, operation="cancellation", parent_id=str(held.id))
        assert (answer.status_code, answer.json()["code"]) == (409, "not_reversible"), answer.text
        assert (await get_transaction(held.id)).status == "pending"
        assert (await balance_of(ada), await whole_balance_of(ada)) == (0, 1000)
        assert not await scalar("select count(*) from payments.payment where called_off_at is not null")
        await assert_books_balance()

    async def test_staff_pay_an_order_for_its_owner(self, adjust, client, ada):
        await open_shop()
        mug = await make_product(title="Mug", price=1999, stock=10)
        order = await place(client, (mug, 1), token="declined", headers=await bearer(ada))
        await move(ada, "deposit", 100_000)
        answer = await adjust(ada, operation="purchase", order_id=order["id"])
        assert (answer.status_code, answer.json()["status"]) == (201, "settled"), answer.text
        assert await status_of(order["id"]) == "paid"


async def _set_status(uow, order_id, status):
    """However it came there."""
    await sql(uow).execute(
        text("update orders.sales_order set status = :status where id = :id"), {"id": order_id, "status": status}
    )
