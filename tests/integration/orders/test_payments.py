"""What orders make of what payments say: tried again, late, twice, in the wrong order, with the wrong amount."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shop.contracts.inventory import ReservationExpired, Stock, StockLine
from shop.contracts.orders import OrderExpired, OrderId, OrderPaid, Orders
from shop.contracts.payments import PaymentCaptured, PaymentFailed
from shop.kernel import bus, clock
from shop.kernel.db import read, sql, write
from shop.kernel.manifest import same_transaction
from shop.kernel.ports import port
from shop.modules.inventory.service import expire_batch
from shop.modules.payments.jobs import settle_open_payments
from tests.factories.catalog import make_product
from tests.factories.inventory import counts_of
from tests.factories.orders import cart_of, check_out, count_orders, get_order, pay_again, place, status_of

pytestmark = pytest.mark.usefixtures("shop")

TOTAL = 4488


async def tell(*events):
    async def emit(uow):
        for event in events:
            uow.emit(event)

    await write(emit)


def captured(order, amount=TOTAL, currency="EUR", payment_id=None):
    payment = payment_id or UUID(order["payments"][0]["id"])
    return PaymentCaptured(payment_id=payment, order_id=UUID(order["id"]), amount=amount, currency=currency)


def failed(order, reason="The card was declined"):
    return PaymentFailed(payment_id=UUID(order["payments"][0]["id"]), order_id=UUID(order["id"]), reason=reason)


async def let_reservations_expire(drain_outbox, minutes=31):
    with clock.shifted(timedelta(minutes=minutes)):
        await write(expire_batch, clock.now())
    await drain_outbox()


HEARD = []


async def when_order_paid_hear(_uow, event):
    HEARD.append(event)


async def when_order_expired_hear(_uow, event):
    HEARD.append(event)


@pytest.fixture
def told(booted):
    """The facts that orders told, in their order."""
    for event, hear in ((OrderPaid, when_order_paid_hear), (OrderExpired, when_order_expired_hear)):
        subscription = same_transaction(event, hear)
        if bus.find_subscription(subscription.name) is None:
            bus.subscribe(subscription)
    HEARD.clear()
    return HEARD


async def let_payments_be_due():
    async def pull(uow):
        await sql(uow).execute(
            text("update payments.payment set next_check_at = now() where next_check_at is not null")
        )

    await write(pull)


async def histories(order):
    return [entry.status for entry in (await _find(order)).history]


async def _find(order):
    order_id = OrderId(UUID(order["id"]))
    return (await read(port(Orders).find_orders, [order_id]))[order_id]


async def test_a_capture_that_comes_later_pays_the_order(client):
    order = await place(client, token="3ds_ok")
    await tell(captured(order))
    now = await get_order(client, order)
    assert (now["status"], now["amount_due"]["amount"]) == ("paid", 0)


async def test_a_cart_is_what_it_was_from_the_first_call_to_a_provider_to_the_last(client):
    mug, tent = await make_product(price=1999, stock=10), await make_product(price=9900, stock=10)
    cart = await cart_of(client, (mug, 2))
    order = (await check_out(client, cart, token="3ds_ok")).json()
    lines = f"/api/v1/carts/{cart['id']}/lines"
    for answer in (
        await client.post(lines, json={"variant_id": str(tent.variant_id), "quantity": 1}),
        await client.patch(f"{lines}/{cart['lines'][0]['id']}", json={"quantity": 1}),
        await client.delete(f"{lines}/{cart['lines'][0]['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "cart_closed")
    assert (await get_order(client, order))["totals"] == order["totals"]
    await tell(captured(order))
    now = await get_order(client, order)
    assert (now["status"], now["received"]["amount"]) == ("paid", TOTAL)


@pytest.mark.parametrize("first", ["checkout", "goods"])
async def test_goods_put_in_while_the_buyer_pays_are_paid_for_or_not_sold(client, first):
    """Whoever has the cart's lock first: the order is of the goods that its total was agreed for, or there is none."""
    mug, tent = await make_product(price=1999, stock=10), await make_product(price=9900, stock=50)
    cart = await cart_of(client, (mug, 2))
    goods = {"variant_id": str(tent.variant_id), "quantity": 1}
    adding = [client.post(f"/api/v1/carts/{cart['id']}/lines", json=goods) for _ in range(8)]
    calls = [check_out(client, cart), *adding] if first == "checkout" else [*adding, check_out(client, cart)]
    answers = await asyncio.gather(*calls)
    placed = answers.pop(0 if first == "checkout" else -1)
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} <= {"cart_closed"}
    if placed.status_code == 201:
        order = placed.json()
        assert all(answer.status_code == 409 for answer in answers)
        assert [line["quantity"] for line in order["lines"]] == [2]
        assert (order["status"], order["payments"][0]["captured"]["amount"]) == ("paid", TOTAL)
    else:
        assert placed.json()["code"] == "total_changed"
        assert await count_orders() == 0


async def test_a_capture_told_twice_changes_nothing(client):
    order = await place(client)
    before = await _find(order)
    await tell(captured(order))
    assert await _find(order) == before


async def test_a_part_of_the_money_is_counted_and_does_not_pay_the_order(client):
    order = await place(client, token="3ds_ok")
    await tell(captured(order, TOTAL - 1))
    await tell(captured(order, TOTAL - 1))
    now = await get_order(client, order)
    assert (now["status"], now["amount_due"]["amount"]) == ("pending_payment", 1)
    assert now["received"]["amount"] == TOTAL - 1


@pytest.mark.parametrize(("amount", "currency"), [(TOTAL + 1, "EUR"), (0, "EUR"), (TOTAL, "USD")])
async def test_another_amount_or_currency_never_pays_the_order(client, amount, currency):
    order = await place(client, token="3ds_ok")
    await tell(captured(order, amount, currency))
    now = await get_order(client, order)
    assert (now["status"], now["amount_due"]["amount"]) == ("pending_payment", TOTAL)
    assert "mismatch" in now["history"][-1]["note"]


async def test_money_for_an_order_that_is_not_there_is_no_error(client):
    await tell(PaymentCaptured(payment_id=uuid4(), order_id=uuid4(), amount=1, currency="EUR"))


async def test_a_second_payment_of_a_paid_order_is_left_to_staff(client):
    order = await place(client)
    await tell(captured(order, payment_id=uuid4()))
    now = await get_order(client, order)
    assert now["status"] == "paid"
    assert "further payment" in now["history"][-1]["note"]


async def test_a_failure_after_the_capture_changes_nothing(client):
    order = await place(client)
    await tell(failed(order))
    assert await histories(order) == ["pending_payment", "paid"]


async def test_a_failure_told_twice_is_noted_once(client):
    order = await place(client, token="declined")
    await tell(failed(order))
    assert await histories(order) == ["pending_payment", "payment_failed"]


async def test_a_capture_after_the_failure_pays_the_order(client):
    order = await place(client, token="declined")
    await tell(captured(order))
    assert await histories(order) == ["pending_payment", "payment_failed", "paid"]


async def test_a_declined_card_is_tried_again(client):
    order = await place(client, token="declined")
    answer = await pay_again(client, order)
    assert answer.status_code == 201, answer.text
    now = answer.json()
    assert now["status"] == "paid"
    assert "access_token" not in now
    assert [payment["status"] for payment in now["payments"]] == ["failed", "captured"]
    assert [entry["status"] for entry in now["history"]] == [
        "pending_payment",
        "payment_failed",
        "pending_payment",
        "paid",
    ]


async def test_it_may_fail_again_and_again(client):
    order = await place(client, token="declined")
    for _ in range(2):
        assert (await pay_again(client, order, "declined")).json()["status"] == "payment_failed"
    assert (await pay_again(client, order)).json()["status"] == "paid"


async def test_the_same_key_pays_once(client):
    order = await place(client, token="declined")
    first = await pay_again(client, order, key="again")
    second = await pay_again(client, order, key="again")
    assert (second.status_code, second.content) == (201, first.content)
    assert len((await get_order(client, order))["payments"]) == 2


async def test_a_paid_order_takes_no_further_payment(client):
    order = await place(client)
    answer = await pay_again(client, order)
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_payable")
    assert len((await get_order(client, order))["payments"]) == 1


async def test_a_payment_under_way_is_not_doubled(client):
    order = await place(client, token="3ds_ok")
    answer = await pay_again(client, order)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_in_progress")
    assert len((await get_order(client, order))["payments"]) == 1


async def test_a_lapsed_reservation_takes_no_further_payment(client):
    order = await place(client, token="declined")
    with clock.shifted(timedelta(minutes=31)):
        answer = await pay_again(client, order)
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_payable")
    assert await status_of(order["id"]) == "payment_failed"


@pytest.mark.parametrize(
    ("token", "payment"), [("declined", "failed"), ("3ds_ok", "cancelled"), ("lost_answer", "refunded")]
)
async def test_an_order_that_is_not_paid_in_time_expires_and_money_goes_back(client, drain_outbox, token, payment):
    mug = await make_product(price=1999, stock=5)
    order = await place(client, (mug, 2), token=token)
    await let_reservations_expire(drain_outbox)
    await settle_open_payments()
    now = await get_order(client, order)
    assert (now["status"], now["amount_due"]["amount"]) == ("expired", 0)
    assert now["payments"][0]["status"] == payment
    assert await counts_of(mug.variant_id) == (5, 0)


async def test_a_paid_order_never_expires(client, drain_outbox):
    order = await place(client)
    await let_reservations_expire(drain_outbox)
    await tell(ReservationExpired(order_id=UUID(order["id"])))
    await drain_outbox()
    assert await status_of(order["id"]) == "paid"


async def test_expiry_told_twice_is_noted_once(client, drain_outbox, told):
    order = await place(client, token="declined")
    await let_reservations_expire(drain_outbox)
    await tell(ReservationExpired(order_id=UUID(order["id"])))
    await drain_outbox()
    assert await histories(order) == ["pending_payment", "payment_failed", "expired"]
    assert [type(event) for event in told] == [OrderExpired]


async def test_late_money_revives_an_order_whose_goods_are_still_there(client, drain_outbox, told):
    mug = await make_product(price=1999, stock=5)
    order = await place(client, (mug, 2), token="declined")
    await let_reservations_expire(drain_outbox)
    await tell(captured(order))
    await drain_outbox()
    assert await status_of(order["id"]) == "paid"
    assert await counts_of(mug.variant_id) == (3, 0)
    assert [type(event) for event in told] == [OrderExpired, OrderPaid]


async def test_late_money_for_goods_that_are_gone_ends_the_order(client, drain_outbox, told):
    mug = await make_product(price=1999, stock=5)
    order = await place(client, (mug, 2), token="declined")
    await let_reservations_expire(drain_outbox)
    await write(port(Stock).set_on_hand, [StockLine(mug.variant_id, 1)], "sold on the market")
    await tell(captured(order))
    await drain_outbox()
    assert await status_of(order["id"]) == "expired"
    assert await counts_of(mug.variant_id) == (1, 0)
    assert OrderPaid not in [type(event) for event in told]
    assert (await _find(order)).history[-1].note.endswith("it is given back")


async def test_an_order_revived_in_time_keeps_its_payment(client, drain_outbox):
    """The expiry is told, but before its handler calls the payments off, the money arrives."""
    order = await place(client, token="declined")
    with clock.shifted(timedelta(minutes=31)):
        await write(expire_batch, clock.now())
    await tell(ReservationExpired(order_id=UUID(order["id"])), captured(order))
    await drain_outbox()
    now = await get_order(client, order)
    assert now["status"] == "paid"
    assert now["payments"][0]["status"] != "refunded"


async def test_goods_gone_when_the_money_came_means_a_refund(client, drain_outbox):
    """Held payments are captured late, by the sweep, when the goods went to somebody else."""
    mug = await make_product(price=1999, stock=2)
    order = await place(client, (mug, 2), token="lost_answer")
    with clock.shifted(timedelta(minutes=31)):
        await write(expire_batch, clock.now())
    await place(client, (mug, 2))
    await let_payments_be_due()
    await settle_open_payments()
    assert await status_of(order["id"]) == "expired"
    await drain_outbox()
    await settle_open_payments()
    now = await get_order(client, order)
    assert (now["status"], now["payments"][0]["status"]) == ("expired", "refunded")
    assert await counts_of(mug.variant_id) == (0, 0)


async def test_a_lost_answer_is_found_by_the_sweep(client):
    order = await place(client, token="lost_answer")
    await let_payments_be_due()
    await settle_open_payments()
    now = await get_order(client, order)
    assert (now["status"], [payment["status"] for payment in now["payments"]]) == ("paid", ["captured"])
