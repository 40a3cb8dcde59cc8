"""Money that goes back at the provider without us, told by a webhook: noticed however old its payment is."""

from datetime import timedelta

import pytest

from shop.contracts.payment_providers import ProviderNews
from shop.contracts.payments import Payments, RefundTooLarge
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.service.receive_event import look_into_event, receive_event
from tests.factories.payments import fall_due, get_intent, make_processed, staff_note, wish_refund
from tests.factories.wallet import make_wallet

pytestmark = pytest.mark.usefixtures("db")


async def old_payment():
    payment = await make_processed("ok", provider="fake")
    await fall_due(payment.id, age=timedelta(days=10))
    return payment


async def webhook(payment):
    """Of whatever happened to it."""
    news = ProviderNews("fake", f"evt_{new_id().hex}", "charge.refunded", b"{}", payment.id, None)
    assert await write(receive_event, news)
    await look_into_event("fake", news.event_id)


async def give_back(payment, amount, **fields):
    await write(port(Payments).request_refunds, payment.order_id, wish_refund(amount, **fields))
    await port(Payments).process_refunds(payment.order_id)


async def test_what_went_back_in_the_dashboard_cannot_go_back_again(fake, told):
    payment = await old_payment()
    fake.refunds[new_id()] = (payment.id, Money(500, "EUR"))
    for _ in range(2):
        await webhook(payment)
    intent = await get_intent(payment.id)
    assert (intent.status, intent.refunded_amount) == ("partially_refunded", 500)
    assert told.refunded == [(payment.id, 500)]
    assert await staff_note(payment.id) is None
    with pytest.raises(RefundTooLarge):
        await give_back(payment, 1999, to="wallet", account_id=await make_wallet())


async def test_a_refund_of_our_own_is_no_strangers(fake, told):
    payment = await old_payment()
    await give_back(payment, 500)
    await webhook(payment)
    assert (await get_intent(payment.id)).refunded_amount == 500
    assert told.refunded == [(payment.id, 500)]
    assert await staff_note(payment.id) is None


async def test_one_that_comes_while_ours_is_under_way_is_entered_beside_it(fake, told):
    payment = await old_payment()
    fake.refund_status = "pending"
    await give_back(payment, 300)
    fake.refunds[new_id()] = (payment.id, Money(500, "EUR"))
    await webhook(payment)
    assert told.refunded == []
    assert await staff_note(payment.id) is None, "it is told of again when ours is done"
    fake.refund_status = "done"
    await webhook(payment)
    assert told.refunded == [(payment.id, 300), (payment.id, 500)]


async def test_a_refund_that_came_back_is_put_before_staff(fake):
    payment = await old_payment()
    await give_back(payment, 500)
    fake.refunds.clear()
    await webhook(payment)
    assert "bounced" in await staff_note(payment.id)
    assert (await get_intent(payment.id)).refunded_amount == 500, "who has the money is for staff to say"


async def test_more_than_was_left_is_put_before_staff(fake, told):
    payment = await old_payment()
    await give_back(payment, 1500, to="wallet", account_id=await make_wallet())
    fake.refunds[new_id()] = (payment.id, Money(600, "EUR"))
    await webhook(payment)
    assert "know nothing of" in await staff_note(payment.id)
    assert told.refunded == [(payment.id, 1500)]
