"""Transactions that somebody asks for on the bus: the same rules, each id once, and a refusal is final."""

from uuid import uuid4

import pytest

from shop.contracts.wallet import TransactionRefused, TransactionRequested, TransactionSettled
from shop.kernel import bus
from shop.kernel.db import write
from shop.kernel.money import Money
from tests.factories.catalog import make_product
from tests.factories.identity import bearer
from tests.factories.orders import open_shop, place, status_of
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    get_transaction,
    hold,
    make_wallet,
    move,
)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def told(monkeypatch):
    """What the wallet told, in order."""
    heard = []
    publish = bus.publish_in_transaction

    async def listen(uow, event):
        if isinstance(event, TransactionSettled | TransactionRefused):
            heard.append(event)
        await publish(uow, event)

    monkeypatch.setattr(bus, "publish_in_transaction", listen)
    return heard


@pytest.fixture
def ask(drain_outbox, told):
    async def asked(times=1, **fields):
        event = TransactionRequested(**{"id": uuid4(), **fields})
        told.clear()
        for _ in range(times):
            await write(_emit, event)
        await drain_outbox()
        return event.id, list(told)

    return asked


async def _emit(uow, event):
    uow.emit(event)


async def test_what_is_asked_for_happens_under_the_id_of_the_wish(ask):
    ada = await make_wallet(1000)
    wish, _ = await ask(operation="purchase", account_id=ada, amount=300, currency="EUR", reason="Lunch")
    made = await get_transaction(wish)
    assert (made.operation, made.amount, made.status, made.reason) == (
        "purchase",
        Money(300, "EUR"),
        "settled",
        "Lunch",
    )
    assert await balance_of(ada) == 700
    await assert_books_balance()


async def test_the_same_wish_again_happens_once(ask):
    ada = await make_wallet(1000)
    _, told = await ask(times=5, operation="purchase", account_id=ada, amount=300)
    assert [type(each) for each in told] == [TransactionSettled]
    assert (await balance_of(ada), await count_transactions()) == (700, 2)


async def test_a_refusal_is_told_and_final(ask, drain_outbox):
    ada = await make_wallet(100)
    wish, told = await ask(operation="purchase", account_id=ada, amount=300)
    assert told == [TransactionRefused(id=wish, account_id=ada, operation="purchase", code="insufficient_balance")]
    await move(ada, "deposit", 1000)
    await drain_outbox()
    assert await balance_of(ada) == 1100


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"operation": "purchase", "amount": 0}, "invalid"),
        ({"operation": "purchase", "amount": -5}, "invalid"),
        ({"operation": "deposit", "amount": 10**15 + 1}, "invalid"),
        ({"operation": "deposit", "amount": 10**30}, "invalid"),
        ({"operation": "deposit", "amount": 5, "currency": "USD"}, "invalid"),
        ({"operation": "deposit", "amount": 5, "currency": "euro\x01"}, "invalid"),
        ({"operation": "deposit", "amount": 5, "reason": "a\x01b"}, "invalid"),
        ({"operation": "deposit", "amount": 5, "reason": "x" * 201}, "invalid"),
        ({"operation": "deposit"}, "invalid"),
        ({"operation": "transfer", "amount": 5}, "operation_not_allowed"),
        ({"operation": "gift_card", "amount": 5}, "operation_not_allowed"),
        ({"operation": "gamble", "amount": 5}, "operation_not_allowed"),
        ({"operation": "reversal", "parent_id": uuid4()}, "parent_not_found"),
        ({"operation": "cancellation", "parent_id": uuid4()}, "parent_not_found"),
        ({"operation": "purchase", "amount": 5, "order_id": uuid4()}, "order_not_found"),
    ],
)
async def test_what_cant_be_moves_nothing(ask, fields, code):
    ada = await make_wallet(1000)
    before = await count_transactions()
    _, told = await ask(account_id=ada, **fields)
    assert [each.code for each in told] == [code]
    assert (await balance_of(ada), await count_transactions()) == (1000, before)


async def test_anothers_parent_is_refused_by_event_too(ask):
    ada, bob = await make_wallet(1000), await make_wallet(1000)
    bought, held = await move(bob, "purchase", 100), await hold(bob, 100)
    for operation, parent in (("reversal", bought), ("cancellation", held)):
        _, told = await ask(operation=operation, account_id=ada, parent_id=parent.id)
        assert [each.code for each in told] == ["parent_not_found"]
    assert (await balance_of(ada), await balance_of(bob)) == (1000, 800)


async def test_nobodys_wallet_is_refused(ask):
    _, told = await ask(operation="deposit", account_id=uuid4(), amount=5)
    assert [each.code for each in told] == ["wallet_owner_not_found"]
    assert await count_transactions() == 0


async def test_a_reversal_and_a_cancellation_are_asked_for(ask):
    ada = await make_wallet(1000)
    bought, held = await move(ada, "purchase", 400), await hold(ada, 600)
    await ask(operation="reversal", account_id=ada, parent_id=bought.id, amount=100)
    await ask(operation="cancellation", account_id=ada, parent_id=held.id)
    assert await balance_of(ada) == 700
    await assert_books_balance()


async def test_an_order_is_paid_by_event(ask, client):
    ada = await make_wallet(100_000)
    await open_shop()
    mug = await make_product(title="Mug", price=1999, stock=10)
    order = await place(client, (mug, 1), token="declined", headers=await bearer(ada))
    due = order["amount_due"]["amount"]
    await ask(times=3, operation="purchase", account_id=ada, order_id=order["id"])
    assert await status_of(order["id"]) == "paid"
    assert await balance_of(ada) == 100_000 - due
    await assert_books_balance()
