"""A payment from its opening to the provider's answer."""

import asyncio

import pytest

from shop.contracts.payments import PaymentInProgress, PaymentNotFound, Payments, UnknownProvider
from shop.kernel.db import read
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from tests.factories.payments import get_intent, is_at_rest, make_payment, make_processed, scalar

pytestmark = pytest.mark.usefixtures("db")


async def test_a_working_card_is_charged_once_and_told_once(told):
    payment = await make_processed("ok")
    again = await port(Payments).process_payment(payment.id)
    assert payment.status == again.status == "captured"
    assert told.captured == [payment.id]
    assert await scalar("select count(*) from payments.sandbox_charge") == 1
    assert await is_at_rest(payment.id)


async def test_the_token_is_forgotten_once_it_was_used():
    payment = await make_payment("ok")
    assert (await get_intent(payment.id)).token == "ok"
    await port(Payments).process_payment(payment.id)
    assert (await get_intent(payment.id)).token is None


async def test_processing_stays_within_its_statements(record_statements):
    payment = await make_payment("ok")
    with record_statements() as sent:
        await port(Payments).process_payment(payment.id)
    own = [statement for statement in sent if "payments." in statement]
    assert len(own) <= 3, own


@pytest.mark.parametrize(("token", "words"), [("declined", "declined"), ("insufficient_funds", "insufficient funds")])
async def test_a_refused_card_says_why(token, words, told):
    payment = await make_processed(token)
    assert payment.status == "failed"
    assert words in payment.failure
    assert told.failed == [payment.id]
    assert told.captured == []


async def test_a_slow_bank_is_waited_for():
    assert (await make_processed("slow")).status == "captured"


@pytest.mark.parametrize("token", ["3ds_ok", "3ds_fail"])
async def test_a_card_that_wants_confirmation_leads_to_its_bank(token, told):
    payment = await make_processed(token)
    assert payment.status == "requires_action"
    assert payment.redirect_url.endswith(f"/sandbox/3ds/{payment.id}")
    assert told.captured == told.failed == []


async def test_only_one_payment_of_an_order_is_alive():
    first = await make_payment("ok")
    with pytest.raises(PaymentInProgress):
        await make_payment("ok", order_id=first.order_id)
    await port(Payments).process_payment(first.id)
    with pytest.raises(PaymentInProgress):
        await make_payment("ok", order_id=first.order_id)
    assert await scalar("select count(*) from payments.payment") == 1


async def test_after_a_failure_another_payment_may_be_opened():
    failed = await make_processed("declined")
    second = await make_processed("ok", order_id=failed.order_id)
    assert second.status == "captured"


async def test_of_many_payments_opened_at_once_one_is():
    order_id = new_id()
    results = await asyncio.gather(*(make_payment("ok", order_id=order_id) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(each, PaymentInProgress) for each in results) == 7
    assert await scalar("select count(*) from payments.payment") == 1


async def test_processed_by_many_at_once_it_is_charged_once(told):
    payment = await make_payment("ok")
    await asyncio.gather(*(port(Payments).process_payment(payment.id) for _ in range(6)))
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]


async def test_an_unknown_provider_is_refused():
    with pytest.raises(UnknownProvider):
        await make_payment("ok", provider="cheque")
    assert await scalar("select count(*) from payments.payment") == 0


@pytest.mark.parametrize("token", [None, "free", "OK", ""])
async def test_an_unknown_test_card_is_refused_by_its_field(token):
    with pytest.raises(Invalid) as refusal:
        await make_payment(token)
    assert [each.field for each in refusal.value.errors] == ["payment.token"]
    assert await scalar("select count(*) from payments.payment") == 0


async def test_an_unknown_payment_is_not_found():
    with pytest.raises(PaymentNotFound):
        await port(Payments).process_payment(new_id())


async def test_payments_of_orders_come_oldest_first_in_one_query(record_statements):
    first = await make_processed("declined")
    second = await make_payment("3ds_ok", order_id=first.order_id)
    stranger = await make_payment("ok")
    with record_statements() as sent:
        found = await read(port(Payments).find_payments, [first.order_id, stranger.order_id])
    assert [each.id for each in found[first.order_id]] == [first.id, second.id]
    assert [each.id for each in found[stranger.order_id]] == [stranger.id]
    assert len(sent) == 1


async def test_the_way_to_the_bank_is_shown_only_while_it_is_wanted(client):
    payment = await make_processed("3ds_ok")
    await client.post(f"/sandbox/3ds/{payment.id}", data={"action": "approve"})
    await client.get(f"/payments/{payment.id}/return")
    (shown,) = (await read(port(Payments).find_payments, [payment.order_id]))[payment.order_id]
    assert shown.status == "captured"
    assert shown.redirect_url is None
    assert shown.client_secret is None


async def test_demo_shops_offer_the_test_card():
    assert [method.provider for method in await port(Payments).offered()] == ["sandbox"]
