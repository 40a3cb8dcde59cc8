"""Money that goes back: never more than was captured, once, to where it shall go, and above a limit by two persons."""

import asyncio
from collections import Counter

import pytest

from shop.contracts.payment_providers import ProviderRefused
from shop.contracts.payments import Payments, RefundDecided, RefundNotFound, RefundTooLarge, SamePerson
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_refunds
from shop.modules.payments.repository import refunds
from shop.modules.payments.service.process_refund import look_up_refunds
from tests.factories.payments import get_intent, make_processed, refunds_fall_due, scalar, staff_note, wish_refund

pytestmark = pytest.mark.usefixtures("db")


async def refund(order_id, amount, **fields):
    return await write(port(Payments).request_refunds, order_id, wish_refund(amount, **fields))


@pytest.fixture
def limit(monkeypatch):
    monkeypatch.setenv("SHOP_REFUND_APPROVAL_ABOVE", "10.00")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def test_parts_add_up_to_a_whole(told):
    payment = await make_processed("ok")
    await refund(payment.order_id, 500)
    await port(Payments).process_refunds(payment.order_id)
    assert (await get_intent(payment.id)).status == "partially_refunded"
    await refund(payment.order_id, 1499)
    await port(Payments).process_refunds(payment.order_id)
    await port(Payments).process_refunds(payment.order_id)
    assert (await get_intent(payment.id)).status == "refunded"
    assert told.refunded == [(payment.id, 500), (payment.id, 1499)]


async def test_a_hundred_requests_at_once_never_give_back_more_than_was_captured(fake):
    payment = await make_processed("ok", provider="fake")
    outcomes = await asyncio.gather(*(refund(payment.order_id, 100) for _ in range(100)), return_exceptions=True)
    assert Counter(type(outcome) for outcome in outcomes) == {list: 19, RefundTooLarge: 81}
    await port(Payments).process_refunds(payment.order_id)
    assert fake.refunded(payment.id) == 1900
    assert (await get_intent(payment.id)).refunded_amount == 1900


async def test_the_same_wish_again_gives_the_same_refund():
    payment = await make_processed("ok")
    wish = wish_refund(500)
    first = await write(port(Payments).request_refunds, payment.order_id, wish)
    assert await write(port(Payments).request_refunds, payment.order_id, wish) == first
    assert await scalar("select sum(amount) from payments.refund") == 500


async def test_too_much_is_refused_and_says_what_is_left():
    payment = await make_processed("ok")
    with pytest.raises(RefundTooLarge) as refusal:
        await refund(payment.order_id, 2000)
    assert refusal.value.extra["refundable"] == Money(1999, "EUR")
    assert await scalar("select count(*) from payments.refund") == 0


async def test_nothing_goes_back_in_another_currency_or_of_what_was_not_captured():
    captured, failed = await make_processed("ok"), await make_processed("declined")
    for order_id, currency in ((captured.order_id, "USD"), (failed.order_id, "EUR"), (new_id(), "EUR")):
        with pytest.raises(RefundTooLarge):
            await refund(order_id, 1, currency=currency)
    assert await scalar("select count(*) from payments.refund") == 0


async def test_a_refund_that_its_provider_decides_later_is_told_by_its_webhook(fake, told):
    payment = await make_processed("ok", provider="fake")
    fake.refund_status = "pending"
    await refund(payment.order_id, 500)
    await port(Payments).process_refunds(payment.order_id)
    assert told.refunded == []
    fake.refund_status = "done"
    intent = await get_intent(payment.id)
    await asyncio.gather(*(look_up_refunds(intent) for _ in range(5)))
    assert told.refunded == [(payment.id, 500)]


async def test_a_webhook_before_the_answer_tells_it_once(fake, told):
    payment = await make_processed("ok", provider="fake")
    (made,) = await refund(payment.order_id, 500)
    fake.loses_answers = True
    await port(Payments).process_refunds(payment.order_id)
    fake.loses_answers = False
    await look_up_refunds(await get_intent(payment.id))
    await refunds_fall_due()
    await settle_open_refunds()
    assert told.refunded == [(payment.id, 500)]
    assert list(fake.refunds) == [made.id]


async def test_what_fails_may_be_promised_again_and_is_told_to_staff(fake, told):
    payment = await make_processed("ok", provider="fake")
    fake.refund_status = "failed"
    await refund(payment.order_id, 1999)
    await port(Payments).process_refunds(payment.order_id)
    assert told.refunded == []
    assert "did not give 1999 EUR back" in await staff_note(payment.id)
    fake.refund_status = "done"
    await refund(payment.order_id, 1999)
    await port(Payments).process_refunds(payment.order_id)
    assert told.refunded == [(payment.id, 1999)]


async def test_a_refusal_is_final(fake, monkeypatch):
    payment = await make_processed("ok", provider="fake")

    async def refuse(*_):
        raise ProviderRefused("The account is empty.")

    monkeypatch.setattr(fake, "refund", refuse)
    (made,) = await refund(payment.order_id, 500)
    await port(Payments).process_refunds(payment.order_id)
    assert (await read(refunds.find, made.id)).status == "failed"
    assert (await get_intent(payment.id)).refunded_amount == 0


async def test_above_the_limit_a_second_person_has_to_say_yes(limit, told):
    payment = await make_processed("ok")
    asker, other = new_id(), new_id()
    (made,) = await refund(payment.order_id, 1500, by=asker)
    assert made.status == "awaiting_approval"
    await port(Payments).process_refunds(payment.order_id)
    assert told.refunded == []
    with pytest.raises(SamePerson):
        await write(port(Payments).decide_refund, made.id, approve=True, by=asker)
    await write(port(Payments).decide_refund, made.id, approve=True, by=other)
    await port(Payments).process_refunds(payment.order_id)
    assert told.refunded == [(payment.id, 1500)]
    with pytest.raises(RefundDecided):
        await write(port(Payments).decide_refund, made.id, approve=False, by=other)


async def test_what_waits_for_approval_is_promised_to_nobody_else_and_a_no_frees_it(limit):
    payment = await make_processed("ok")
    (made,) = await refund(payment.order_id, 1500)
    with pytest.raises(RefundTooLarge):
        await refund(payment.order_id, 600)
    rejected = await write(port(Payments).decide_refund, made.id, approve=False, by=new_id())
    assert rejected.status == "rejected"
    assert (await refund(payment.order_id, 600))[0].status == "pending"


async def test_ten_decisions_at_once_are_one(limit):
    payment = await make_processed("ok")
    (made,) = await refund(payment.order_id, 1500)
    decide = port(Payments).decide_refund
    outcomes = await asyncio.gather(
        *(write(decide, made.id, approve=index % 2 == 0, by=new_id()) for index in range(10)), return_exceptions=True
    )
    assert sum(isinstance(outcome, RefundDecided) for outcome in outcomes) == 9


async def test_up_to_the_limit_nobody_is_asked(limit):
    payment = await make_processed("ok")
    assert (await refund(payment.order_id, 1000))[0].status == "pending"


async def test_a_guest_has_no_wallet_to_refund_to():
    payment = await make_processed("ok")
    with pytest.raises(Invalid) as refusal:
        await refund(payment.order_id, 500, to="wallet")
    assert refusal.value.errors[0].field == "to"


async def test_an_unknown_refund_can_not_be_decided():
    with pytest.raises(RefundNotFound):
        await write(port(Payments).decide_refund, new_id(), approve=True, by=new_id())
