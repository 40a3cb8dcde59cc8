"""An order that no longer wants money: open payments end, captured ones go back, once."""

import asyncio

import pytest

from shop.contracts.payments import Payments, ProviderRefused
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.service.call_off import finish_refund, promise_refund
from tests.factories.payments import (
    call_off,
    fall_due,
    get_intent,
    hear,
    is_at_rest,
    make_payment,
    make_processed,
    scalar,
    staff_note,
)

pytestmark = pytest.mark.usefixtures("db")


async def test_a_payment_that_was_never_asked_for_is_not_charged_any_more(fake, told):
    payment = await make_payment("ok", provider="fake")
    await call_off(payment.order_id)
    await port(Payments).process_payment(payment.id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "cancelled"
    assert fake.charges_begun == 0
    assert told.captured == told.failed == []


async def test_a_payment_that_waits_for_its_buyer_is_cancelled_at_the_provider(fake, told):
    payment = await make_processed("action", provider="fake")
    await call_off(payment.order_id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "cancelled"
    assert fake.books[payment.id].status == "cancelled"
    assert told.failed == []
    assert await is_at_rest(payment.id)


@pytest.mark.parametrize("provider", ["fake", "sandbox"])
async def test_a_captured_payment_goes_back_whole_and_once(fake, told, provider):
    payment = await make_processed("ok", provider=provider)
    await call_off(payment.order_id)
    await call_off(payment.order_id)
    await settle_open_payments()
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "refunded"
    assert told.refunded == [(payment.id, 1999)]
    assert await is_at_rest(payment.id)
    if provider == "fake":
        assert fake.refunded(payment.id) == 1999
    else:
        assert await scalar("select refunded from payments.sandbox_charge") == 1999


async def test_money_captured_just_before_the_cancellation_goes_back_untold(fake, told):
    payment = await make_processed("action", provider="fake")
    fake.decide(payment.id, "captured")
    await call_off(payment.order_id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "refunded"
    assert told.captured == []
    assert told.refunded == [(payment.id, 1999)]


async def test_a_charge_under_way_while_it_is_called_off_goes_back(fake, told):
    payment = await make_payment("ok", provider="fake")
    fake.pause = asyncio.Event()
    charging = asyncio.create_task(port(Payments).process_payment(payment.id))
    while payment.id not in fake.books:
        await asyncio.sleep(0.01)
    await call_off(payment.order_id)
    fake.pause.set()
    await charging
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "refunded"
    assert told.captured == []
    assert fake.refunded(payment.id) == 1999


async def test_a_failed_payment_stays_failed_and_its_late_capture_goes_back(fake, told):
    payment = await make_processed("declined", provider="fake")
    await call_off(payment.order_id)
    assert await is_at_rest(payment.id)
    fake.decide(payment.id, "captured")
    await hear(payment.id, fake.books[payment.id])
    await settle_open_payments()
    assert told.captured == []
    assert told.refunded == [(payment.id, 1999)]


async def test_a_refund_whose_answer_was_lost_is_asked_for_again_under_the_same_id(fake, told):
    payment = await make_processed("ok", provider="fake")
    await call_off(payment.order_id)
    fake.loses_answers = True
    await settle_open_payments()
    assert told.refunded == []
    fake.loses_answers = False
    await fall_due(payment.id)
    await settle_open_payments()
    assert told.refunded == [(payment.id, 1999)]
    assert len(fake.refunds) == 1
    assert await scalar("select count(*) from payments.refund where status = 'done'") == 1


async def test_a_refused_refund_is_left_to_staff(fake, told, monkeypatch):
    payment = await make_processed("ok", provider="fake")

    async def refuse(*_):
        raise ProviderRefused("The account is empty.")

    monkeypatch.setattr(fake, "refund", refuse)
    await call_off(payment.order_id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "captured"
    assert "The account is empty." in await staff_note(payment.id)
    assert told.refunded == []
    assert await is_at_rest(payment.id)


async def test_calling_off_touches_no_other_order():
    mine, other = await make_processed("ok"), await make_processed("ok")
    await call_off(mine.order_id)
    await settle_open_payments()
    assert (await get_intent(other.id)).status == "captured"


async def test_calling_off_an_order_without_payments_does_nothing():
    await call_off(new_id())
    assert await scalar("select count(*) from payments.payment") == 0


async def test_refunds_never_add_up_to_more_than_was_captured():
    payment = await make_processed("ok")
    intent = await get_intent(payment.id)
    promises = await asyncio.gather(*(write(promise_refund, intent, Money(500, "EUR")) for _ in range(6)))
    assert sum(promise is not None for promise in promises) == 3
    assert (await get_intent(payment.id)).refunded_amount == 1500
    assert await scalar("select sum(amount) from payments.refund") == 1500


async def test_nothing_is_promised_back_in_another_currency_or_of_what_was_not_captured():
    captured, failed = await make_processed("ok"), await make_processed("declined")
    assert await write(promise_refund, await get_intent(captured.id), Money(1, "USD")) is None
    assert await write(promise_refund, await get_intent(failed.id), Money(1, "EUR")) is None
    assert await scalar("select count(*) from payments.refund") == 0


async def test_a_part_given_back_is_a_part_and_the_rest_makes_it_whole(told):
    payment = await make_processed("ok")
    part = await write(promise_refund, await get_intent(payment.id), Money(500, "EUR"))
    assert (await write(finish_refund, payment.id, part)).status == "partially_refunded"
    assert (await write(finish_refund, payment.id, part)).status == "partially_refunded"
    rest = await write(promise_refund, await get_intent(payment.id), Money(1499, "EUR"))
    assert (await write(finish_refund, payment.id, rest)).status == "refunded"
    assert told.refunded == [(payment.id, 500), (payment.id, 1499)]
