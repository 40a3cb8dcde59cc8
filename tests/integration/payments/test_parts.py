"""An order paid in two: the wallet holds its part first and is taken last, and what a failure leaves goes back."""

import asyncio

import msgspec
import pytest

from shop.contracts.payment_providers import PaymentProvider, ProviderRefused, StoredValue
from shop.contracts.payments import NotCapturable, Payer, PaymentInProgress, PaymentRequest, Payments
from shop.kernel import ports
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.rules import LAST_RETRY
from shop.modules.payments.service import ask_provider, back_office
from shop.modules.payments.service.apply_answer import apply_answer
from shop.modules.payments.service.process_payment import look_up_payment
from tests.factories.payments import (
    fall_due,
    get_intent,
    hear,
    hold_for_staff,
    is_at_rest,
    make_payment,
    scalar,
    staff_note,
)
from tests.fakes.payment_provider import FakeProvider

pytestmark = pytest.mark.usefixtures("db")
TOTAL = Money(2000, "EUR")


class FakeWallet(FakeProvider):
    """Holds what it is asked for, if there is enough."""

    name = "wallet"
    balance = 500

    async def charge(self, intent):
        if intent.payment_id not in self.books and intent.amount.amount > self.balance:
            raise ProviderRefused("There is not enough in your wallet.")
        return await super().charge(msgspec.structs.replace(intent, token="authorized"))

    async def spendable(self, _uow, _account_id, currency):
        return Money(self.balance, currency)


@pytest.fixture
def wallet(booted, monkeypatch) -> FakeWallet:
    made = FakeWallet()
    monkeypatch.setitem(ports._many[PaymentProvider], "wallet", made)
    monkeypatch.setitem(ports._many[StoredValue], "wallet", made)
    return made


async def open_both(token="ok", order_id=None):
    request = PaymentRequest("fake", token)
    opened = await write(
        port(Payments).open_payments, order_id or new_id(), TOTAL, request, Payer(new_id(), use_wallet=True)
    )
    return {payment.provider: payment for payment in opened}


async def statuses(order_id):
    found = (await read(port(Payments).find_payments, [order_id]))[order_id]
    return {payment.provider: payment.status for payment in found}


async def test_the_wallet_pays_first_and_the_card_the_rest(fake, wallet, told):
    opened = await open_both()
    assert (opened["wallet"].amount.amount, opened["fake"].amount.amount) == (500, 1500)
    order_id = opened["fake"].order_id
    await port(Payments).process_order(order_id)
    assert await statuses(order_id) == {"wallet": "captured", "fake": "captured"}
    assert told.captured == [opened["fake"].id, opened["wallet"].id]
    assert await is_at_rest(opened["wallet"].id)


async def test_if_the_card_fails_the_wallets_part_goes_back_and_one_failure_is_told(fake, wallet, told):
    opened = await open_both("declined")
    order_id = opened["fake"].order_id
    await port(Payments).process_order(order_id)
    assert await statuses(order_id) == {"wallet": "cancelled", "fake": "failed"}
    assert wallet.books[opened["wallet"].id].status == "cancelled"
    assert told.failed == [opened["fake"].id]
    assert told.captured == []


async def test_without_enough_in_the_wallet_the_card_is_never_asked(fake, wallet, told):
    opened = await open_both()
    wallet.balance = 100
    order_id = opened["fake"].order_id
    await port(Payments).process_order(order_id)
    assert await statuses(order_id) == {"wallet": "failed", "fake": "cancelled"}
    assert fake.charges_begun == 0
    assert told.failed == [opened["wallet"].id]


@pytest.mark.parametrize(("decided", "expected"), [("captured", "captured"), ("failed", "cancelled")])
async def test_while_the_buyer_confirms_the_wallets_part_is_only_held(fake, wallet, told, decided, expected):
    opened = await open_both("action")
    order_id = opened["fake"].order_id
    await port(Payments).process_order(order_id)
    assert await statuses(order_id) == {"wallet": "authorized", "fake": "requires_action"}
    fake.decide(opened["fake"].id, decided)
    await look_up_payment(opened["fake"].id)
    assert await statuses(order_id) == {"wallet": expected, "fake": decided}
    assert len(told.captured) == (2 if decided == "captured" else 0)


@pytest.mark.parametrize("token", ["ok", "declined"])
async def test_whatever_dies_in_between_is_finished_by_the_sweep(fake, wallet, told, token):
    opened = await open_both(token)
    for payment in opened.values():
        await fall_due(payment.id)
    for _ in range(4):
        await settle_open_payments()
        for payment in opened.values():
            await fall_due_if_open(payment.id)
    expected = ("captured", "captured") if token == "ok" else ("cancelled", "failed")
    found = await statuses(opened["fake"].order_id)
    assert (found["wallet"], found["fake"]) == expected
    assert fake.charges_begun == 1
    assert sorted(told.captured) == (sorted(payment.id for payment in opened.values()) if token == "ok" else [])


async def fall_due_if_open(payment_id):
    if not await is_at_rest(payment_id):
        await fall_due(payment_id)


async def test_ten_at_once_take_each_part_once(fake, wallet, told):
    opened = await open_both()
    order_id = opened["fake"].order_id
    await asyncio.gather(*(port(Payments).process_order(order_id) for _ in range(10)))
    for _ in range(3):
        await settle_open_payments()
    assert await statuses(order_id) == {"wallet": "captured", "fake": "captured"}
    assert sorted(told.captured) == sorted(payment.id for payment in opened.values())


async def test_a_lost_answer_of_the_card_leaves_the_wallets_part_held_until_it_is_known(fake, wallet, told):
    opened = await open_both()
    order_id = opened["fake"].order_id
    fake.loses_answers = True
    await port(Payments).process_order(order_id)
    assert await statuses(order_id) == {"wallet": "authorized", "fake": "pending"}
    fake.loses_answers = False
    await fall_due(opened["fake"].id)
    await settle_open_payments()
    await settle_open_payments()
    assert await statuses(order_id) == {"wallet": "captured", "fake": "captured"}
    assert fake.charges_begun == 1


async def test_a_part_that_is_alive_keeps_another_payment_out(fake, wallet):
    opened = await open_both("action")
    order_id = opened["fake"].order_id
    await port(Payments).process_order(order_id)
    with pytest.raises(PaymentInProgress):
        await write(port(Payments).open_payments, order_id, TOTAL, PaymentRequest("fake", "ok"))
    with pytest.raises(PaymentInProgress):
        await open_both("ok", order_id)


async def test_after_a_failure_both_parts_may_be_tried_again(fake, wallet, told):
    opened = await open_both("declined")
    order_id = opened["fake"].order_id
    await port(Payments).process_order(order_id)
    await open_both("ok", order_id)
    await port(Payments).process_order(order_id)
    found = (await read(port(Payments).find_payments, [order_id]))[order_id]
    assert sum(payment.captured.amount for payment in found if payment.captured) == TOTAL.amount


async def test_an_order_that_ends_gets_both_parts_back(fake, wallet):
    opened = await open_both()
    order_id = opened["fake"].order_id
    await port(Payments).process_order(order_id)
    await write(port(Payments).cancel_payments, order_id)
    await settle_open_payments()
    assert await statuses(order_id) == {"wallet": "refunded", "fake": "refunded"}
    assert (wallet.refunded(opened["wallet"].id), fake.refunded(opened["fake"].id)) == (500, 1500)


async def test_a_wallet_that_covers_all_pays_alone(fake, wallet, told):
    wallet.balance = 5000
    opened = await open_both()
    assert set(opened) == {"wallet"}
    await port(Payments).process_order(opened["wallet"].order_id)
    assert told.captured == [opened["wallet"].id]


async def test_an_empty_wallet_leaves_all_to_the_card(fake, wallet):
    wallet.balance = 0
    assert set(await open_both()) == {"fake"}


async def test_guests_have_no_wallet(fake, wallet):
    with pytest.raises(Invalid):
        await write(port(Payments).open_payments, new_id(), TOTAL, PaymentRequest("wallet"), Payer(None))


async def make_authorized(fake):
    payment = await make_payment("ok", provider="fake", amount=2000)
    await hold_for_staff(payment.id)
    await port(Payments).process_payment(payment.id)
    assert (await get_intent(payment.id)).status == "authorized"
    return payment


async def test_an_authorized_payment_waits_for_staff_and_is_taken_once(fake, told):
    payment = await make_authorized(fake)
    await settle_open_payments()
    assert told.captured == []
    outcomes = await asyncio.gather(
        *(write(port(Payments).request_capture, payment.id, None) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(outcome, NotCapturable) for outcome in outcomes) == 4
    await port(Payments).process_payment(payment.id)
    assert told.captured == [payment.id]
    assert (await get_intent(payment.id)).captured_amount == 2000


async def test_part_of_it_may_be_taken_and_only_that_can_go_back(fake, told):
    payment = await make_authorized(fake)
    await write(port(Payments).request_capture, payment.id, Money(1500, "EUR"))
    await port(Payments).process_payment(payment.id)
    intent = await get_intent(payment.id)
    assert (intent.status, intent.captured_amount, intent.refundable().amount) == ("captured", 1500, 1500)


@pytest.mark.parametrize("amount", [Money(2001, "EUR"), Money(0, "EUR"), Money(-1, "EUR"), Money(100, "USD")])
async def test_more_than_is_held_can_not_be_taken(fake, amount):
    payment = await make_authorized(fake)
    with pytest.raises(NotCapturable):
        await write(port(Payments).request_capture, payment.id, amount)
    assert await scalar("select capture_wish from payments.payment where id = :id", id=payment.id) is None


async def test_a_lost_answer_to_a_capture_is_looked_for_soon_as_nobody_is_waited_for_any_more(fake):
    payment = await make_authorized(fake)
    await write(port(Payments).request_capture, payment.id, Money(500, "EUR"))
    fake.loses_answers = True
    await port(Payments).process_payment(payment.id)
    assert (await get_intent(payment.id)).status == "authorized"
    assert (
        await scalar("select next_check_at - now() from payments.payment where id = :id", id=payment.id) <= LAST_RETRY
    )


async def test_what_is_taken_by_itself_is_not_for_staff_to_take_in_part(fake, told):
    payment = await make_payment("authorized", provider="fake", amount=2000)
    await hear(payment.id, await fake.charge(ask_provider.told(await get_intent(payment.id))))
    assert not (await read(back_office.find_details, payment.id)).payment.capturable
    with pytest.raises(NotCapturable):
        await write(port(Payments).request_capture, payment.id, Money(500, "EUR"))
    await port(Payments).process_payment(payment.id)
    assert told.captured == [payment.id]
    assert (await get_intent(payment.id)).captured_amount == 2000


async def test_the_wallets_part_is_not_for_staff_to_take_before_the_rest(fake, wallet):
    parts = await open_both("action")
    held = parts["wallet"]
    await port(Payments).process_order(held.order_id)
    assert await statuses(held.order_id) == {"wallet": "authorized", "fake": "requires_action"}
    with pytest.raises(NotCapturable):
        await write(port(Payments).request_capture, held.id, None)
    await port(Payments).process_order(held.order_id)
    assert await statuses(held.order_id) == {"wallet": "authorized", "fake": "requires_action"}


async def test_an_answer_is_held_against_what_staff_want_by_now(fake, told):
    payment = await make_authorized(fake)
    stale = await get_intent(payment.id)
    await write(port(Payments).request_capture, payment.id, Money(500, "EUR"))
    captured = await fake.capture(ask_provider.told(stale), Money(500, "EUR"))
    await write(apply_answer, stale, captured)
    intent = await get_intent(payment.id)
    assert (intent.status, intent.captured_amount) == ("captured", 500)
    assert await staff_note(payment.id) is None
    assert told.captured == [payment.id]


async def test_a_lost_answer_to_a_capture_is_found_and_not_taken_twice(fake, told):
    payment = await make_authorized(fake)
    fake.loses_answers = True
    await write(port(Payments).request_capture, payment.id, None)
    await port(Payments).process_payment(payment.id)
    assert told.captured == []
    fake.loses_answers = False
    await fall_due(payment.id)
    await settle_open_payments()
    assert told.captured == [payment.id]
