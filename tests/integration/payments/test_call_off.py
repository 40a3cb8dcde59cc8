"""An order that no longer wants money: open payments end, captured ones go back, once."""

import asyncio

import pytest

from shop.contracts.payment_providers import ProviderRefused
from shop.contracts.payments import Payments
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments, settle_open_refunds
from tests.factories.payments import (
    call_off,
    get_intent,
    hear,
    is_at_rest,
    make_payment,
    make_processed,
    refunds_fall_due,
    scalar,
    staff_note,
    wish_refund,
)
from tests.waiting import until

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
    await until(lambda: payment.id in fake.books)
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
    await refunds_fall_due()
    await settle_open_refunds()
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


@pytest.fixture
def limit(monkeypatch):
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "10.00")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def promise(payment, amount):
    """By staff, before the order ends."""
    (refund,) = await write(port(Payments).request_refunds, payment.order_id, wish_refund(amount))
    await call_off(payment.order_id)
    await settle_open_payments()
    return refund


async def test_what_a_second_person_rejects_goes_back_as_the_order_has_ended(fake, told, limit):
    payment = await make_processed("ok", provider="fake")
    waiting = await promise(payment, 1500)
    assert fake.refunded(payment.id) == 499
    assert await is_at_rest(payment.id)
    await write(port(Payments).decide_refund, waiting.id, approve=False, by=new_id())
    await settle_open_payments()
    assert fake.refunded(payment.id) == 1999
    assert (await get_intent(payment.id)).status == "refunded"
    assert told.refunded == [(payment.id, 499), (payment.id, 1500)]
    assert await is_at_rest(payment.id)


async def test_what_a_second_person_approves_goes_back_once(fake, told, limit):
    payment = await make_processed("ok", provider="fake")
    waiting = await promise(payment, 1500)
    await write(port(Payments).decide_refund, waiting.id, approve=True, by=new_id())
    await settle_open_refunds()
    await settle_open_payments()
    assert told.refunded == [(payment.id, 499), (payment.id, 1500)]
    assert fake.refunded(payment.id) == 1999


async def test_a_refund_of_staff_that_failed_is_tried_once_more_as_the_order_has_ended(fake, told, monkeypatch):
    payment = await make_processed("ok", provider="fake")
    asked, give_back = [], fake.refund

    async def refuse(intent, amount, refund_id):
        asked.append(amount.amount)
        if amount.amount == 500:
            raise ProviderRefused("The account is empty.")
        return await give_back(intent, amount, refund_id)

    monkeypatch.setattr(fake, "refund", refuse)
    await promise(payment, 500)
    for _ in range(3):
        await refunds_fall_due()
        await settle_open_refunds()
        await settle_open_payments()
    assert asked == [1499, 500, 500]
    assert told.refunded == [(payment.id, 1499)]
    assert "The account is empty." in await staff_note(payment.id)
    assert await is_at_rest(payment.id)


async def test_what_is_rejected_of_an_order_that_goes_on_stays_with_the_shop(fake, told, limit):
    payment = await make_processed("ok", provider="fake")
    (waiting,) = await write(port(Payments).request_refunds, payment.order_id, wish_refund(1500))
    await write(port(Payments).decide_refund, waiting.id, approve=False, by=new_id())
    await settle_open_payments()
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
