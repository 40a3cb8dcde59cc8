"""Provider answers that come twice, late, out of order, never, or about something else: one charge, and never called paid
unless status, amount, currency and order agree."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from shop.contracts.payments import Payments
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.service.apply_answer import apply_answer
from tests.factories.payments import (
    fall_due,
    get_intent,
    hear,
    is_at_rest,
    make_payment,
    make_processed,
    scalar,
    staff_note,
)
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("db")
replace = msgspec.structs.replace


async def waiting_payment(fake):
    payment = await make_processed("action", provider="fake")
    return payment, fake.books[payment.id]


async def test_the_same_answer_twice_is_told_once(fake, told):
    payment, answer = await waiting_payment(fake)
    captured = replace(answer, status="captured")
    await hear(payment.id, captured)
    await hear(payment.id, captured)
    assert told.captured == [payment.id]


async def test_the_same_answer_from_many_sides_at_once_is_told_once(fake, told):
    payment, answer = await waiting_payment(fake)
    stale = await get_intent(payment.id)
    captured = replace(answer, status="captured")
    await asyncio.gather(*(write(apply_answer, stale, captured) for _ in range(8)))
    assert told.captured == [payment.id]


@pytest.mark.parametrize("late", ["pending", "requires_action", "authorized", "failed", "cancelled"])
async def test_what_is_captured_never_goes_back(fake, told, late):
    payment, answer = await waiting_payment(fake)
    await hear(payment.id, replace(answer, status="captured"))
    await hear(payment.id, replace(answer, status=late))
    assert (await get_intent(payment.id)).status == "captured"
    assert told.failed == []


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
async def test_a_capture_that_comes_late_still_counts(fake, told, ended):
    payment, answer = await waiting_payment(fake)
    await hear(payment.id, replace(answer, status=ended))
    await hear(payment.id, replace(answer, status="captured"))
    assert (await get_intent(payment.id)).status == "captured"
    assert told.failed == [payment.id]
    assert told.captured == [payment.id]


async def test_a_late_capture_beside_a_newer_payment_goes_back(fake, told):
    first, answer = await waiting_payment(fake)
    await hear(first.id, replace(answer, status="failed"))
    second = await make_processed("ok", provider="fake", order_id=first.order_id)
    fake.decide(first.id, "captured")
    await hear(first.id, fake.books[first.id])
    await settle_open_payments()
    assert (await get_intent(first.id)).status == "refunded"
    assert (await get_intent(second.id)).status == "captured"
    assert told.captured == [second.id]
    assert fake.refunded(first.id) == 1999
    assert fake.refunded(second.id) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(1998, "EUR")},
        {"amount": Money(1999, "USD")},
        {"amount": Money(0, "EUR")},
        {"order_id": new_id()},
        {"order_id": None},
        {"payment_id": new_id()},
        {"payment_id": None},
        {"provider_ref": "somebody-elses"},
    ],
    ids=lambda change: f"{next(iter(change))}",
)
async def test_an_answer_about_something_else_is_never_believed(fake, told, change):
    payment, answer = await waiting_payment(fake)
    await hear(payment.id, replace(answer, status="captured", **change))
    intent = await get_intent(payment.id)
    assert intent.status == "requires_action"
    assert told.captured == told.failed == []
    assert "captured" in await staff_note(payment.id)
    assert await is_at_rest(payment.id)


async def test_a_first_answer_with_another_amount_is_never_believed(fake, told):
    fake.forge = lambda answer: replace(answer, amount=Money(1, "EUR"))
    payment = await make_processed("ok", provider="fake")
    assert payment.status == "pending"
    assert told.captured == []
    assert await staff_note(payment.id)


async def test_a_failure_about_something_else_does_not_fail_this_payment(fake, told):
    payment, answer = await waiting_payment(fake)
    await hear(payment.id, replace(answer, status="failed", order_id=new_id()))
    assert (await get_intent(payment.id)).status == "requires_action"
    assert told.failed == []


async def test_an_answer_that_got_lost_is_found_by_the_sweep(told):
    payment = await make_processed("lost_answer")
    assert payment.status == "pending"
    assert told.captured == []
    await fall_due(payment.id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]
    assert await scalar("select count(*) from payments.sandbox_charge") == 1


async def test_a_checkout_that_died_before_asking_is_finished_by_the_sweep(told):
    payment = await make_payment("ok")
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "pending", "the checkout gets its moment first"
    await fall_due(payment.id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]


async def test_a_checkout_that_died_after_charging_is_not_charged_again(fake, told):
    payment = await make_payment("ok", provider="fake")
    fake.pause = asyncio.Event()
    dying = asyncio.create_task(port(Payments).process_payment(payment.id))
    await until(lambda: payment.id in fake.books)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    fake.pause = None
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "pending", "its lease has not run out"
    await fall_due(payment.id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "captured"
    assert fake.charges_begun == 1
    assert told.captured == [payment.id]


async def test_a_slow_answer_and_the_sweep_agree(fake, told):
    payment = await make_payment("ok", provider="fake")
    fake.pause = asyncio.Event()
    slow = asyncio.create_task(port(Payments).process_payment(payment.id))
    await until(lambda: payment.id in fake.books)
    await fall_due(payment.id)
    await settle_open_payments()
    fake.pause.set()
    assert (await slow).status == "captured"
    assert fake.charges_begun == 1
    assert told.captured == [payment.id]


async def test_while_one_asks_the_provider_nobody_else_does(fake):
    payment = await make_payment("ok", provider="fake")
    fake.pause = asyncio.Event()
    first = asyncio.create_task(port(Payments).process_payment(payment.id))
    await until(lambda: payment.id in fake.books)
    assert (await port(Payments).process_payment(payment.id)).status == "pending"
    fake.pause.set()
    assert (await first).status == "captured"
    assert fake.times_asked == 1


async def test_a_provider_that_is_away_is_asked_again_later_and_later(fake, told):
    fake.away = True
    payment = await make_processed("ok", provider="fake")
    assert payment.status == "pending"
    waits = []
    for _ in range(3):
        await fall_due(payment.id)
        await settle_open_payments()
        waits.append(
            await scalar(
                "select extract(epoch from next_check_at - now()) from payments.payment where id = :id", id=payment.id
            )
        )
    assert waits == sorted(waits)
    assert waits[-1] > waits[0] + 5
    fake.away = False
    await fall_due(payment.id)
    await settle_open_payments()
    assert told.captured == [payment.id]
    assert fake.charges_begun == 1


async def test_a_provider_that_never_answers_is_given_up_after_a_day(fake, told):
    fake.away = True
    payment = await make_processed("ok", provider="fake")
    await fall_due(payment.id, age=timedelta(hours=25))
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "failed"
    assert told.failed == [payment.id]
    assert await is_at_rest(payment.id)


async def test_no_charge_is_begun_after_a_day(fake, told):
    payment = await make_payment("ok", provider="fake")
    await fall_due(payment.id, age=timedelta(hours=25))
    await settle_open_payments()
    # The first check of a payment nobody ever asked for: it is as old as any.
    assert fake.charges_begun == 0
    assert (await get_intent(payment.id)).status == "failed"


async def test_a_buyer_who_never_comes_back_is_found_out_about(fake, told):
    payment, _ = await waiting_payment(fake)
    fake.decide(payment.id, "captured")
    await fall_due(payment.id)
    await settle_open_payments()
    assert told.captured == [payment.id]


async def test_a_confirmation_that_nobody_gave_for_a_day_is_cancelled(fake, told):
    payment, _ = await waiting_payment(fake)
    await fall_due(payment.id, age=timedelta(hours=25))
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "cancelled"
    assert fake.books[payment.id].status == "cancelled"
    assert told.failed == [payment.id]


async def test_what_a_provider_takes_days_to_decide_outlasts_its_being_away(fake, told):
    payment, _ = await waiting_payment(fake)
    fake.decide(payment.id, "pending")
    await hear(payment.id, fake.books[payment.id])
    fake.away = True
    await fall_due(payment.id, age=timedelta(hours=25))
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "pending"
    assert not await is_at_rest(payment.id)
    assert told.failed == []
    fake.decide(payment.id, "captured")
    fake.away = False
    await fall_due(payment.id)
    await settle_open_payments()
    assert told.captured == [payment.id]


async def test_a_confirmation_that_nobody_gave_is_not_ended_before_its_provider_is_back_to_cancel_it(fake, told):
    payment, _ = await waiting_payment(fake)
    fake.away = True
    await fall_due(payment.id, age=timedelta(hours=25))
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "requires_action"
    assert told.failed == []
    fake.away = False
    await fall_due(payment.id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == fake.books[payment.id].status == "cancelled"
    assert told.failed == [payment.id]


@pytest.mark.parametrize(("status", "ends_as"), [("requires_action", "failed"), ("pending", "pending")])
async def test_only_a_confirmation_may_be_forgotten_by_its_provider(fake, told, status, ends_as):
    payment, answer = await waiting_payment(fake)
    await hear(payment.id, replace(answer, status=status))
    del fake.books[payment.id]
    await fall_due(payment.id, age=timedelta(hours=25))
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == ends_as
    assert await is_at_rest(payment.id) == (ends_as == "failed")


async def test_a_card_that_is_refused_outright_fails(fake, told):
    payment = await make_processed("broken", provider="fake")
    assert payment.status == "failed"
    assert payment.failure == "This card can't be charged."
    assert told.failed == [payment.id]


async def test_a_fault_in_a_provider_does_not_stop_the_others(fake, told, monkeypatch):
    broken, healthy = await make_payment("ok", provider="fake"), await make_payment("ok")

    async def fail(_intent):
        raise ZeroDivisionError

    monkeypatch.setattr(fake, "charge", fail)
    await fall_due(broken.id)
    await fall_due(healthy.id)
    await settle_open_payments()
    assert told.captured == [healthy.id]
    assert (await get_intent(broken.id)).status == "pending"


async def test_two_sweeps_at_once_settle_each_payment_once(fake, told):
    made = [await make_payment("ok", provider="fake") for _ in range(12)]
    for payment in made:
        await fall_due(payment.id)
    await asyncio.gather(settle_open_payments(), settle_open_payments())
    assert sorted(told.captured) == sorted(payment.id for payment in made)
    assert fake.charges_begun == 12
