"""A buyer who began to pay in one way and wants another: the first is over at its provider before the second begins."""

import asyncio

import msgspec
import pytest

from shop.contracts.payment_providers import PaymentProvider, ProviderRefused, StoredValue
from shop.contracts.payments import NotCapturable, Payer, PaymentInProgress, PaymentRequest, Payments
from shop.kernel import ports
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from tests.factories.payments import fall_due, get_intent, is_at_rest, make_processed
from tests.fakes.payment_provider import FakeProvider

pytestmark = pytest.mark.usefixtures("db")
TOTAL = Money(2000, "EUR")


class FakeWallet(FakeProvider):
    name = "wallet"
    balance = 500

    async def charge(self, intent):
        if intent.payment_id not in self.books and intent.amount.amount > self.left():
            raise ProviderRefused("There is not enough in your wallet.")
        return await super().charge(msgspec.structs.replace(intent, token="authorized"))

    async def spendable(self, _uow, _account_id, currency):
        return Money(self.left(), currency)

    def left(self):
        return self.balance - sum(
            answer.amount.amount for answer in self.books.values() if answer.status == "authorized"
        )


@pytest.fixture
def wallet(booted, monkeypatch) -> FakeWallet:
    made = FakeWallet()
    monkeypatch.setitem(ports._many[PaymentProvider], "wallet", made)
    monkeypatch.setitem(ports._many[StoredValue], "wallet", made)
    return made


@pytest.fixture
def by_transfer(booted, monkeypatch):
    there = msgspec.structs.replace(settings(), bank_transfer_to="Shop, DE02 1203 0000 0000 2020 51")
    monkeypatch.setattr("shop.modules.payments.gateways.by_hand.settings", lambda: there)


async def abandon(order_id):
    waited = await write(port(Payments).abandon_payments, order_id)
    await port(Payments).process_order(order_id)
    return waited


async def open_one(order_id, token="ok", provider="fake", payer=None):
    request = PaymentRequest(provider, token)
    return await write(port(Payments).open_payments, order_id, TOTAL, request, payer or Payer(None))


async def statuses(order_id):
    found = (await read(port(Payments).find_payments, [order_id]))[order_id]
    return [(payment.provider, payment.status) for payment in found]


async def test_what_waits_for_its_buyer_is_cancelled_at_its_provider_and_nobody_hears_of_a_failure(fake, told):
    payment = await make_processed("action", provider="fake")
    assert await abandon(payment.order_id)
    assert fake.books[payment.id].status == "cancelled"
    assert (await get_intent(payment.id)).status == "cancelled"
    assert told.failed == []
    assert await is_at_rest(payment.id)
    assert await open_one(payment.order_id)


async def test_nothing_else_is_opened_before_the_provider_has_cancelled(fake):
    payment = await make_processed("action", provider="fake")
    fake.away = True
    assert await abandon(payment.order_id)
    assert (await get_intent(payment.id)).status == "requires_action"
    with pytest.raises(PaymentInProgress):
        await open_one(payment.order_id)
    fake.away = False
    await fall_due(payment.id)
    await settle_open_payments()
    assert fake.books[payment.id].status == "cancelled"
    assert await open_one(payment.order_id)


async def test_money_that_came_meanwhile_stays_and_keeps_a_second_payment_out(fake, told):
    payment = await make_processed("action", provider="fake")
    fake.decide(payment.id, "captured")
    await abandon(payment.order_id)
    assert told.captured == [payment.id]
    assert (await get_intent(payment.id)).status == "captured"
    with pytest.raises(PaymentInProgress):
        await open_one(payment.order_id)
    assert fake.refunded(payment.id) == 0


async def test_money_that_comes_while_it_is_cancelled_stays_too(fake, told, monkeypatch):
    payment = await make_processed("action", provider="fake")

    async def too_late(intent):
        fake.decide(intent.payment_id, "captured")
        return fake.books[intent.payment_id]

    monkeypatch.setattr(fake, "cancel", too_late)
    await abandon(payment.order_id)
    assert told.captured == [payment.id]
    with pytest.raises(PaymentInProgress):
        await open_one(payment.order_id)


@pytest.mark.parametrize("token", ["ok", "declined", "authorized"])
async def test_what_does_not_wait_for_its_buyer_is_left_alone(fake, token):
    payment = await make_processed(token, provider="fake")
    before = (await get_intent(payment.id)).status
    assert not await write(port(Payments).abandon_payments, payment.order_id)
    assert (await get_intent(payment.id)).status == before


async def test_a_payment_whose_answer_is_out_is_not_given_up(fake):
    fake.loses_answers = True
    payment = await make_processed("ok", provider="fake")
    assert not await write(port(Payments).abandon_payments, payment.order_id)
    with pytest.raises(PaymentInProgress):
        await open_one(payment.order_id)


async def test_with_the_card_the_wallets_part_is_let_go(fake, wallet, told):
    order_id = new_id()
    payer = Payer(new_id(), use_wallet=True)
    await open_one(order_id, "action", payer=payer)
    await port(Payments).process_order(order_id)
    assert wallet.left() == 0
    await abandon(order_id)
    assert wallet.left() == 500
    assert await statuses(order_id) == [("wallet", "cancelled"), ("fake", "cancelled")]
    await open_one(order_id, payer=payer)
    await port(Payments).process_order(order_id)
    assert await statuses(order_id) == [
        ("wallet", "cancelled"),
        ("fake", "cancelled"),
        ("wallet", "captured"),
        ("fake", "captured"),
    ]
    assert told.failed == []


async def test_a_transfer_nobody_has_seen_yet_ends_at_once(by_transfer, fake, told):
    payment = await make_processed(None, provider="bank_transfer")
    assert await abandon(payment.order_id)
    assert (await get_intent(payment.id)).status == "cancelled"
    with pytest.raises(NotCapturable):
        await write(port(Payments).record_receipt, payment.id)
    assert told.failed == []


async def test_a_transfer_that_staff_have_seen_pays(by_transfer, fake, told):
    payment = await make_processed(None, provider="bank_transfer")
    await write(port(Payments).record_receipt, payment.id)
    await abandon(payment.order_id)
    assert told.captured == [payment.id]
    with pytest.raises(PaymentInProgress):
        await open_one(payment.order_id)


async def test_a_receipt_and_another_way_at_once_never_count_both(by_transfer, fake):
    for _ in range(10):
        payment = await make_processed(None, provider="bank_transfer")
        receipt, _ = await asyncio.gather(
            write(port(Payments).record_receipt, payment.id), abandon(payment.order_id), return_exceptions=True
        )
        await settle_open_payments()
        refused = isinstance(receipt, NotCapturable)
        assert (await get_intent(payment.id)).status == ("cancelled" if refused else "captured")
