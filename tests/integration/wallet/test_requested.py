"""Transactions that somebody asks for on the bus: the same rules, each id once, and a refusal is final."""

from uuid import UUID, uuid4

import pytest

from shop.contracts.wallet import TransactionRefused, TransactionRequested, TransactionSettled
from shop.kernel import bus
from shop.kernel.db import write
from shop.kernel.money import Money
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.wallet import payment_provider
from shop.modules.wallet.service import pay_from_wallet
from shop.modules.wallet.service.requested import pay_requested_order
from tests.factories.catalog import make_product
from tests.factories.identity import bearer
from tests.factories.orders import open_shop, place, status_of
from tests.factories.payments import fall_due
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


class Killed(BaseException):
    """No handler of errors sees it, as with a process that is gone."""


class TestOrders:
    @pytest.fixture
    async def ada(self):
        return await make_wallet(100_000)

    @pytest.fixture
    async def unpaid(self, client, ada):
        """An order whose card was declined, each time it is called."""
        await open_shop()
        mug = await make_product(title="Mug", price=1999, stock=10)

        async def placed():
            return await place(client, (mug, 1), token="declined", headers=await bearer(ada))

        return placed

    async def test_an_order_is_paid_by_event(self, ask, ada, unpaid):
        order = await unpaid()
        await ask(times=3, operation="purchase", account_id=ada, order_id=order["id"])
        assert await status_of(order["id"]) == "paid"
        assert await balance_of(ada) == 100_000 - order["amount_due"]["amount"]
        await assert_books_balance()

    async def test_what_died_with_the_money_in_hand_is_not_refused_for_want_of_it(
        self, told, drain_outbox, ada, unpaid, monkeypatch
    ):
        order = await unpaid()
        await move(ada, "purchase", 100_000 - order["amount_due"]["amount"])
        wish = TransactionRequested(id=uuid4(), operation="purchase", account_id=ada, order_id=UUID(order["id"]))
        hold_money, held = pay_from_wallet.hold, []

        async def and_die(uow, payment_id, *rest):
            held.append(payment_id)
            return await hold_money(uow, payment_id, *rest)

        def killed(_):
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(pay_from_wallet, "hold", and_die)
            patched.setattr(payment_provider, "_answer", killed)
            with pytest.raises(Killed):
                await pay_requested_order(wish, wish.order_id)
        assert await balance_of(ada) == 0
        told.clear()
        await pay_requested_order(wish, wish.order_id)
        [payment_id] = held
        await fall_due(payment_id)
        await settle_open_payments()
        await drain_outbox()
        assert await status_of(order["id"]) == "paid"
        assert [type(each) for each in told] == [TransactionSettled]
        await assert_books_balance()

    async def test_what_was_refused_stays_unpaid_although_the_money_came_before_it_was_delivered_again(
        self, told, ada, unpaid
    ):
        order = await unpaid()
        await move(ada, "purchase", 100_000)
        wish = TransactionRequested(id=uuid4(), operation="purchase", account_id=ada, order_id=UUID(order["id"]))
        for _ in range(2):
            told.clear()
            await pay_requested_order(wish, wish.order_id)
            assert [each.code for each in told] == ["insufficient_balance"]
            await move(ada, "deposit", 50_000)
        assert await status_of(order["id"]) == "payment_failed"
        assert await balance_of(ada) == 100_000

    async def test_an_id_that_paid_an_order_pays_no_other_and_moves_nothing_else(self, ask, ada, unpaid):
        first, second = await unpaid(), await unpaid()
        wish, _ = await ask(operation="purchase", account_id=ada, order_id=first["id"])
        left = await balance_of(ada)
        for other in ({"operation": "purchase", "order_id": second["id"]}, {"operation": "deposit", "amount": 500}):
            _, told = await ask(id=wish, account_id=ada, **other)
            assert [each.code for each in told] == ["transaction_id_reused"]
        assert await status_of(second["id"]) == "payment_failed"
        assert await balance_of(ada) == left

    async def test_an_id_that_moved_money_pays_no_order(self, ask, ada, unpaid):
        order = await unpaid()
        asked, _ = await ask(operation="deposit", account_id=ada, amount=500)
        made = await move(ada, "deposit", 500)
        for known in (asked, made.id):
            _, told = await ask(id=known, operation="purchase", account_id=ada, order_id=order["id"])
            assert [each.code for each in told] == ["transaction_id_reused"]
        assert await status_of(order["id"]) == "payment_failed"
        assert await balance_of(ada) == 101_000
