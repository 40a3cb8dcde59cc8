"""A transfer that is given up by time, and staff who say at the same moment that its money has come: one of both wins, and money
that was received is never lost."""

import asyncio

import msgspec
import pytest

from shop.contracts.payment_providers import PaymentProvider, ProviderAway
from shop.contracts.payments import NotCapturable, Payments
from shop.kernel import ports
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from shop.modules.payments.gateways.by_hand import ByHand
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.service.apply_answer import apply_end
from shop.modules.payments.service.captures import NOT_AWAITED, record_receipt
from tests.factories.payments import call_off, get_intent, is_at_rest, make_processed, scalar
from tests.factories.reconciliation import change_payment
from tests.waiting import until_locked_out

pytestmark = pytest.mark.usefixtures("db")
RECEIPTS = "select count(*) from payments.receipt"


@pytest.fixture(autouse=True)
def by_transfer(booted, monkeypatch):
    there = msgspec.structs.replace(settings(), bank_transfer_to="Shop, DE02 1203 0000 0000 2020 51")
    monkeypatch.setattr("shop.modules.payments.gateways.by_hand.settings", lambda: there)


async def make_overdue():
    """A transfer that nobody waits for any longer; the sweep has not come by yet."""
    payment = await make_processed(None, provider="bank_transfer")
    await change_payment(payment.id, "holds_until = now() - interval '1 minute', next_check_at = now()")
    return payment


async def receive(payment):
    await write(record_receipt, payment.id, new_id())


def patch(monkeypatch, name, changed):
    """What the shop's own provider of transfers does."""
    original = getattr(ByHand, name)

    async def call(self, intent):
        return await changed(original, self, intent)

    monkeypatch.setattr(ByHand, name, call)


async def test_a_transfer_that_is_overdue_fails_its_payment(told):
    payment = await make_overdue()
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "cancelled"
    assert told.failed == [payment.id]
    with pytest.raises(NotCapturable) as refusal:
        await receive(payment)
    assert refusal.value.detail == NOT_AWAITED
    assert await scalar(RECEIPTS) == 0


async def test_a_receipt_between_the_last_look_and_its_recording_pays(told, monkeypatch):
    payment = await make_overdue()

    async def received_meanwhile(cancel, provider, intent):
        answer = await cancel(provider, intent)
        await receive(payment)
        return answer

    patch(monkeypatch, "cancel", received_meanwhile)
    await settle_open_payments()
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]
    assert told.failed == []
    assert await is_at_rest(payment.id)


async def test_a_receipt_before_a_failed_look_gives_the_payment_up_pays(told, monkeypatch):
    payment = await make_overdue()

    async def fail_meanwhile(_, __, ___):
        await receive(payment)
        raise ProviderAway("no connection")

    with monkeypatch.context() as patched:
        patch(patched, "look_up", fail_meanwhile)
        await port(Payments).process_payment(payment.id)
    assert (await get_intent(payment.id)).status == "requires_action"
    await change_payment(payment.id, "next_check_at = now()")
    await settle_open_payments()
    assert told.captured == [payment.id]
    assert told.failed == []


async def test_a_receipt_waits_for_the_end_that_is_being_recorded_and_is_refused():
    payment = await make_overdue()
    intent = await get_intent(payment.id)
    ended, commits = asyncio.Event(), asyncio.Event()

    async def end(uow):
        await apply_end(uow, intent, "cancelled", None)
        ended.set()
        await commits.wait()

    ending = asyncio.create_task(write(end))
    await ended.wait()
    receiving = asyncio.create_task(receive(payment))
    await until_locked_out()
    assert not receiving.done(), "it waits for the row"
    commits.set()
    await ending
    with pytest.raises(NotCapturable):
        await receiving
    assert await scalar(RECEIPTS) == 0


async def test_the_end_waits_for_the_receipt_that_is_being_recorded_and_does_not_come(told):
    payment = await make_overdue()
    recorded, commits = asyncio.Event(), asyncio.Event()

    async def take(uow):
        await record_receipt(uow, payment.id, new_id())
        recorded.set()
        await commits.wait()

    receiving = asyncio.create_task(write(take))
    await recorded.wait()
    intent = await get_intent(payment.id)
    ending = asyncio.create_task(write(apply_end, intent, "cancelled", None))
    await until_locked_out()
    assert not ending.done(), "it waits for the row"
    commits.set()
    await receiving
    assert (await ending).status == "requires_action"
    await settle_open_payments()
    assert told.captured == [payment.id]


async def test_receipts_and_the_sweep_at_once_never_lose_money(told):
    for _ in range(8):
        payment = await make_overdue()
        receipt, *_ = await asyncio.gather(
            receive(payment), port(Payments).process_payment(payment.id), settle_open_payments(), return_exceptions=True
        )
        await settle_open_payments()
        refused = isinstance(receipt, NotCapturable)
        assert (await get_intent(payment.id)).status == ("cancelled" if refused else "captured")
        assert await scalar(f"{RECEIPTS} where payment_id = :id", id=payment.id) == (not refused)


async def test_receipts_and_an_order_that_ends_at_once_never_lose_money(told):
    """What came for an ended order is to be paid out."""
    for _ in range(8):
        payment = await make_processed(None, provider="bank_transfer")
        receipt, *_ = await asyncio.gather(receive(payment), call_off(payment.order_id), return_exceptions=True)
        await settle_open_payments()
        intent = await get_intent(payment.id)
        if isinstance(receipt, NotCapturable):
            assert intent.status == "cancelled"
        else:
            assert (intent.status, intent.refunded_amount) == ("captured", 1999)
            waiting = "select status from payments.refund where payment_id = :id"
            assert await scalar(waiting, id=payment.id) == "pending"
    assert told.captured == []


async def test_what_is_recorded_already_is_told_so():
    payment = await make_processed(None, provider="bank_transfer")
    await receive(payment)
    await port(Payments).process_payment(payment.id)
    with pytest.raises(NotCapturable) as refusal:
        await receive(payment)
    assert "already" in refusal.value.detail


async def test_no_other_provider_is_received_by_hand():
    payment = await make_processed("3ds_ok")
    with pytest.raises(NotCapturable):
        await receive(payment)
    assert isinstance(ports.ports(PaymentProvider)["bank_transfer"], ByHand)
    assert await scalar(RECEIPTS) == 0
