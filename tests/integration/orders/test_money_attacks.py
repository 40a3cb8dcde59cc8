"""Ways to have goods for less than they cost: by parts that go back, by halves of a refund, by waiting for free."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shop.contracts.orders import Address, Addresses, LineNotRefundable, OrderId, Orders
from shop.contracts.payments import PaymentCaptured, PaymentRefunded, PaymentRequest, Payments
from shop.kernel.config import settings
from shop.kernel.db import read, sql, write
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.orders.repository.money import RefundedLine
from shop.modules.orders.service.check_out import check_out, pay_again
from shop.modules.orders.service.place_order import Checkout
from shop.modules.orders.service.refund_order import RefundOrder, refund_order
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.pages import SANDBOX
from shop.modules.payments.service.process_payment import look_up_payment
from tests.factories.identity import bearer, make_account
from tests.factories.orders import ADDRESS, STANDARD, cart_of, place
from tests.factories.wallet import assert_books_balance, balance_of, make_wallet, whole_balance_of

pytestmark = pytest.mark.usefixtures("shop")

TOTAL = 4488
IN_WALLET = 1000


async def order_of(client, account_id, token, *, use_wallet=True):
    """Of 44.88, by an account: first from its wallet, the rest by a test card."""
    cart = await cart_of(client)
    address = Address(**ADDRESS)
    return await check_out(
        Checkout(
            cart=cart["id"],
            idempotency_key=str(uuid4()),
            account_id=account_id,
            email="ada@example.com",
            addresses=Addresses(address, address),
            shipping_method="standard",
            payment=PaymentRequest("sandbox", token),
            expected_total=Money(cart["totals"]["items"]["amount"] + STANDARD, "EUR"),
            use_wallet=use_wallet,
        )
    )


async def find(order_id):
    known = OrderId(UUID(str(order_id)))
    return (await read(port(Orders).find_orders, [known]))[known]


async def tell(*events):
    async def emit(uow):
        for event in events:
            uow.emit(event)

    await write(emit)


def payment_of(order, provider):
    return next(each for each in order.payments if each.provider == provider)


@pytest.fixture
async def ada(db):
    return await make_wallet(IN_WALLET)


async def take_early(part, amount):
    """As if a fault had it taken before the rest: nobody can ask for that."""

    async def wish(uow):
        wished = "update payments.payment set capture_wish = :amount, next_check_at = now() where id = :id"
        await sql(uow).execute(text(wished), {"amount": amount, "id": part.id})

    await write(wish)
    await port(Payments).process_order(part.order_id)


async def settle_all():
    for _ in range(4):
        await write(_fall_due)
        await settle_open_payments()


async def _fall_due(uow):
    await sql(uow).execute(text("update payments.payment set next_check_at = now() where next_check_at is not null"))


async def test_a_wallets_part_that_was_taken_early_and_went_back_is_due_again(client, ada):
    order = await order_of(client, ada, "3ds_fail")
    await take_early(payment_of(order, "wallet"), IN_WALLET)
    assert (await find(order.id)).received == Money(IN_WALLET, "EUR")
    card = payment_of(order, "sandbox")
    await SANDBOX.answer_challenge(card.id, approved=False)
    await look_up_payment(card.id)
    await settle_all()
    assert await balance_of(ada) == IN_WALLET
    failed = await find(order.id)
    assert (failed.amount_due, failed.received) == (Money(TOTAL, "EUR"), Money(0, "EUR"))
    paid = await pay_again(order.id, "again", PaymentRequest("sandbox", "ok"), account_id=ada)
    assert paid.status == "paid"
    assert payment_of(paid, "sandbox").amount != paid.payments[-1].amount == Money(TOTAL, "EUR")
    await assert_books_balance()


async def test_what_was_released_of_a_part_that_went_back_is_due_again(client, ada):
    order = await order_of(client, ada, "3ds_fail")
    await take_early(payment_of(order, "wallet"), 1)
    card = payment_of(order, "sandbox")
    await SANDBOX.answer_challenge(card.id, approved=False)
    await look_up_payment(card.id)
    await settle_all()
    assert (await find(order.id)).amount_due == Money(TOTAL, "EUR")
    assert await balance_of(ada) == IN_WALLET


@pytest.mark.parametrize("back", [500, 2000])
async def test_money_that_staff_give_back_before_an_order_is_paid_is_due_again(client, back):
    placed = await place(client, token="3ds_ok")
    order_id, payment_id = UUID(placed["id"]), UUID(placed["payments"][0]["id"])
    await tell(PaymentCaptured(payment_id=payment_id, order_id=order_id, amount=2000, currency="EUR"))
    await tell(PaymentRefunded(payment_id=payment_id, order_id=order_id, amount=back, currency="EUR"))
    order = await find(order_id)
    assert (order.status, order.amount_due.amount) == ("pending_payment", TOTAL - 2000 + back)
    further = PaymentCaptured(payment_id=uuid4(), order_id=order_id, amount=TOTAL - 2000, currency="EUR")
    await tell(further)
    assert (await find(order_id)).status == "pending_payment"


async def _pass(uow, time):
    """As if so much time had passed."""
    for statement in (
        "update payments.payment set holds_until = holds_until - cast(:time as interval)",
        "update orders.sales_order set reserved_until = reserved_until - cast(:time as interval)",
    ):
        await sql(uow).execute(text(statement), {"time": time})


async def test_choosing_a_transfer_again_and_again_does_not_keep_goods_for_ever(client, ada, monkeypatch):
    monkeypatch.setenv("SHOP_BANK_TRANSFER_TO", "Shop, DE02 1203 0000 0000 2020 51")
    settings.cache_clear()
    try:
        order = await order_of(client, ada, "3ds_ok", use_wallet=False)
        transfer = PaymentRequest("bank_transfer")
        held = await pay_again(order.id, "first", transfer, account_id=ada, replace=True)
        for days, key in ((2, "second"), (4, "third")):
            await write(_pass, "2 days")
            again = await pay_again(order.id, key, transfer, account_id=ada, replace=True)
            assert again.payments[-1].status == "requires_action"
            assert again.reserved_until == held.reserved_until - timedelta(days=days)
    finally:
        monkeypatch.undo()
        settings.cache_clear()


async def test_one_wallet_pays_only_one_of_several_orders_at_once(client, ada):
    orders = await asyncio.gather(*(order_of(client, ada, "ok") for _ in range(4)))
    await settle_all()
    ended = [await find(order.id) for order in orders]
    from_wallet = [
        payment.captured.amount
        for order in ended
        for payment in order.payments
        if payment.provider == "wallet" and payment.status == "captured"
    ]
    assert sum(from_wallet) == IN_WALLET
    assert {order.status for order in ended} <= {"paid", "payment_failed"}
    assert await whole_balance_of(ada) == 0
    await assert_books_balance()


async def test_an_order_that_ends_while_the_wallets_part_is_held_gives_it_back(client, ada, drain_outbox):
    order = await order_of(client, ada, "3ds_ok")
    assert await balance_of(ada) == 0
    await write(port(Payments).cancel_payments, order.id)
    await settle_all()
    card = payment_of(order, "sandbox")
    await SANDBOX.answer_challenge(card.id, approved=True)
    await look_up_payment(card.id)
    assert (await balance_of(ada), await whole_balance_of(ada)) == (IN_WALLET, IN_WALLET)
    assert (await find(order.id)).received.amount == 0
    await assert_books_balance()


async def test_the_same_retry_with_another_purse_is_the_first_attempt_still(client, ada):
    order = await order_of(client, ada, "declined", use_wallet=False)
    card = PaymentRequest("sandbox", "3ds_ok")
    await pay_again(order.id, "key", card, account_id=ada)
    again = await pay_again(order.id, "key", PaymentRequest("wallet"), account_id=ada, use_wallet=True)
    assert [each.provider for each in again.payments] == ["sandbox", "sandbox"]
    assert await balance_of(ada) == IN_WALLET


def wish_of(order, **fields):
    values = {"id": uuid4(), "amount": None, "lines": (), "to": "original", "reason": "Broken", "by": uuid4(), **fields}
    return RefundOrder(order_id=OrderId(order.id), **values)


async def test_the_same_pieces_are_refunded_once_however_many_ask(client, ada):
    order = await order_of(client, ada, "ok", use_wallet=False)
    (line,) = order.lines
    wishes = [wish_of(order, lines=(RefundedLine(line.id, line.quantity),)) for _ in range(6)]
    outcomes = await asyncio.gather(*(refund_order(wish) for wish in wishes), return_exceptions=True)
    assert sum(isinstance(each, tuple) for each in outcomes) == 1
    assert all(isinstance(each, (tuple, LineNotRefundable, Invalid)) for each in outcomes), outcomes
    assert (await find(order.id)).refunded == line.total


async def test_pieces_one_by_one_at_once_cost_what_the_line_did(client, ada):
    order = await order_of(client, ada, "ok", use_wallet=False)
    (line,) = order.lines
    wishes = [wish_of(order, lines=(RefundedLine(line.id, 1),)) for _ in range(line.quantity)]
    made = await asyncio.gather(*(refund_order(wish) for wish in wishes))
    assert sum(refund.amount.amount for _, refunds in made for refund in refunds) == line.total.amount


async def test_all_that_is_left_is_given_back_once(client, ada):
    order = await order_of(client, ada, "ok")
    wishes = [wish_of(order, to=to) for to in ("original", "wallet") * 3]
    await asyncio.gather(*(refund_order(wish) for wish in wishes), return_exceptions=True)
    ended = await find(order.id)
    assert (ended.status, ended.refunded) == ("refunded", Money(TOTAL, "EUR"))
    assert await balance_of(ada) in {IN_WALLET, TOTAL}
    await assert_books_balance()


async def test_refunds_while_an_order_is_being_paid_are_due_again(client, ada):
    placed = await place(client, token="3ds_ok")
    order_id, payment_id = UUID(placed["id"]), UUID(placed["payments"][0]["id"])
    await tell(PaymentCaptured(payment_id=payment_id, order_id=order_id, amount=TOTAL - 100, currency="EUR"))
    back = PaymentRefunded(payment_id=payment_id, order_id=order_id, amount=TOTAL - 100, currency="EUR")
    rest = PaymentCaptured(payment_id=uuid4(), order_id=order_id, amount=100, currency="EUR")
    await asyncio.gather(tell(rest), tell(back))
    order = await find(order_id)
    kept = order.received.amount - order.refunded.amount
    assert kept == 100
    assert order.status == "paid" or order.amount_due.amount == TOTAL - 100


async def test_a_part_that_is_told_twice_is_counted_once_and_needs_nobody(client):
    placed = await place(client, token="3ds_ok")
    order_id, payment_id = UUID(placed["id"]), UUID(placed["payments"][0]["id"])
    part = PaymentCaptured(payment_id=payment_id, order_id=order_id, amount=100, currency="EUR")
    await tell(part)
    before = await find(order_id)
    await tell(part, part)
    assert await find(order_id) == before
    assert before.received == Money(100, "EUR")


async def test_a_key_that_two_of_staff_chose_names_two_wishes(client):
    order = await place(client)
    for name, amount in (("ida", 100), ("kay", 200)):
        headers = await bearer(await make_account(f"{name}@example.com", permissions=("orders.refund",)))
        answer = await client.post(
            f"/api/v1/admin/orders/{order['id']}/refunds",
            json={"amount": {"amount": amount, "currency": "EUR"}, "to": "original", "reason": "Broken"},
            headers=headers | {"Idempotency-Key": "refund-key-0001"},
        )
        assert answer.status_code == 201, answer.text
    assert (await find(order["id"])).refunded == Money(300, "EUR")


async def test_the_same_wish_from_many_sides_is_one_refund_and_no_error(client, ada):
    order = await order_of(client, ada, "ok", use_wallet=False)
    wish = wish_of(order, amount=Money(700, "EUR"))
    answers = await asyncio.gather(*(refund_order(wish) for _ in range(6)))
    assert {refund.id for _, refunds in answers for refund in refunds} == {answers[0][1][0].id}
    assert (await find(order.id)).refunded == Money(700, "EUR")
