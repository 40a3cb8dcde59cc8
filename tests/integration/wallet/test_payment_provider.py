"""The wallet as a means of payment: held, captured, let go and refunded, each once however often it is asked for."""

from uuid import uuid4

import msgspec
import pytest

from shop.contracts.payment_providers import (
    PaymentProvider,
    ProviderAnswer,
    ProviderRefused,
    RefundDestination,
    StoredValue,
)
from shop.contracts.payments import PaymentRequest
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import ports
from tests.factories.wallet import (
    assert_books_balance,
    balance_of,
    count_transactions,
    entries_of,
    get_transaction,
    intent_for,
    make_wallet,
    move,
    whole_balance_of,
)

pytestmark = pytest.mark.usefixtures("db")
PAID = Money(1999, "EUR")


def wallet():
    return ports(PaymentProvider)["wallet"]


async def test_a_charge_holds_the_money():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 1999)
    assert await wallet().prepare(intent) is None
    answer = await wallet().charge(intent)
    assert answer == ProviderAnswer(
        provider_ref=str(intent.payment_id),
        status="authorized",
        amount=PAID,
        payment_id=intent.payment_id,
        order_id=intent.order_id,
    )
    assert await wallet().look_up(intent) == await wallet().charge(intent) == answer
    assert (await balance_of(ada), await whole_balance_of(ada)) == (3001, 5000)


async def test_a_charge_that_is_not_covered_is_refused():
    ada = await make_wallet(1998)
    intent = intent_for(ada, 1999)
    with pytest.raises(ProviderRefused, match="not enough"):
        await wallet().charge(intent)
    assert await wallet().look_up(intent) is None
    assert await balance_of(ada) == 1998


async def test_guests_and_deposits_have_no_wallet_to_pay_from():
    ada = await make_wallet(5000)
    for change in ({"account_id": None}, {"order_id": None, "deposit_id": uuid4()}):
        with pytest.raises(ProviderRefused):
            await wallet().charge(msgspec.structs.replace(intent_for(ada, 100), **change))
    assert await balance_of(ada) == 5000


async def test_a_capture_sells_what_was_held():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 1999)
    await wallet().charge(intent)
    answer = await wallet().capture(intent, PAID)
    assert (answer.status, answer.amount, answer.captured) == ("captured", PAID, PAID)
    assert await wallet().capture(intent, PAID) == await wallet().look_up(intent) == answer
    assert await entries_of(intent.payment_id) == [
        ("customer", -1999),
        ("held", 1999),
        ("held", -1999),
        ("sales", 1999),
    ]
    await assert_books_balance()


async def test_what_a_capture_leaves_is_back_in_the_wallet():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 2000)
    await wallet().charge(intent)
    answer = await wallet().capture(intent, Money(1500, "EUR"))
    assert (answer.amount, answer.captured) == (Money(2000, "EUR"), Money(1500, "EUR"))
    assert (await balance_of(ada), await whole_balance_of(ada)) == (3500, 3500)
    purchase = await get_transaction(intent.payment_id)
    assert (purchase.amount, purchase.balance_after) == (Money(1500, "EUR"), Money(3500, "EUR"))
    with pytest.raises(ProviderRefused):
        await wallet().refund(intent, Money(1501, "EUR"), new_id())
    await wallet().refund(intent, Money(1500, "EUR"), new_id())
    assert await balance_of(ada) == 5000
    await assert_books_balance()


@pytest.mark.parametrize("amount", [2001, 0, -1])
async def test_no_more_is_captured_than_is_held(amount):
    ada = await make_wallet(5000)
    intent = intent_for(ada, 2000)
    await wallet().charge(intent)
    with pytest.raises(ProviderRefused):
        await wallet().capture(intent, Money(amount, "EUR"))
    assert await whole_balance_of(ada) == 5000


async def test_a_cancellation_lets_go_of_what_was_held():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 1999)
    await wallet().charge(intent)
    answer = await wallet().cancel(intent)
    assert answer.status == "cancelled"
    assert await wallet().cancel(intent) == await wallet().look_up(intent) == answer
    assert (await wallet().capture(intent, PAID)).status == "cancelled"
    assert await balance_of(ada) == 5000
    await assert_books_balance()


async def test_it_is_too_late_to_cancel_what_was_captured():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 1999)
    await wallet().charge(intent)
    captured = await wallet().capture(intent, PAID)
    assert await wallet().cancel(intent) == captured
    assert await balance_of(ada) == 3001


async def test_a_charge_that_comes_after_its_cancellation_takes_nothing():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 1999)
    assert (await wallet().cancel(intent)).status == "cancelled"
    assert (await wallet().charge(intent)).status == "cancelled"
    assert await balance_of(ada) == 5000
    await assert_books_balance()


async def test_a_refund_reverses_the_purchase_in_parts():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 1999)
    await wallet().charge(intent)
    await wallet().capture(intent, PAID)
    refund_id = new_id()
    assert await wallet().look_up_refund(intent, refund_id, None) is None
    refund = await wallet().refund(intent, Money(1000, "EUR"), refund_id)
    assert (refund.status, refund.amount) == ("done", Money(1000, "EUR"))
    assert await wallet().refund(intent, Money(1000, "EUR"), refund_id) == refund
    assert await wallet().look_up_refund(intent, refund_id, None) == refund
    assert (await wallet().look_up(intent)).refunded == Money(1000, "EUR")
    with pytest.raises(ProviderRefused):
        await wallet().refund(intent, Money(1000, "EUR"), new_id())
    assert await balance_of(ada) == 4001
    await assert_books_balance()


async def test_what_is_only_held_is_not_refunded():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 1999)
    await wallet().charge(intent)
    for unknown in (intent, intent_for(ada, 1999)):
        with pytest.raises(ProviderRefused):
            await wallet().refund(unknown, PAID, new_id())


async def test_it_is_no_choice_among_others_and_takes_no_token():
    assert wallet().offer() is None
    wallet().check(PaymentRequest("wallet"))
    for request in (PaymentRequest("wallet", "ok"), PaymentRequest("wallet", method_id="x")):
        with pytest.raises(Invalid):
            wallet().check(request)


async def test_it_is_not_called_within_a_transaction():
    ada = await make_wallet(5000)
    intent = intent_for(ada, 1999)
    calls = [
        lambda: wallet().charge(intent),
        lambda: wallet().look_up(intent),
        lambda: wallet().capture(intent, PAID),
        lambda: wallet().cancel(intent),
        lambda: wallet().refund(intent, PAID, new_id()),
        lambda: wallet().look_up_refund(intent, new_id(), None),
    ]

    async def inside(uow):
        for call in calls:
            with pytest.raises(RuntimeError):
                await call()

    await write(inside)


async def test_what_can_be_paid_from_it_is_what_is_not_held():
    ada = await make_wallet(5000)
    await wallet().charge(intent_for(ada, 1999))
    assert await read(ports(StoredValue)["wallet"].spendable, ada, "EUR") == Money(3001, "EUR")
    assert await read(ports(StoredValue)["wallet"].spendable, ada, "USD") == Money(0, "USD")


async def test_a_refund_is_given_to_the_wallet_once():
    ada, refund_id, order_id = await make_wallet(), new_id(), new_id()
    for _ in range(2):
        await write(ports(RefundDestination)["wallet"].give, refund_id, ada, order_id, Money(700, "USD"))
    assert (await balance_of(ada, "USD"), await count_transactions()) == (700, 1)
    assert (await get_transaction(refund_id)).order_id == order_id
    await move(ada, "purchase", 100, currency="USD")
    assert await balance_of(ada, "USD") == 600
