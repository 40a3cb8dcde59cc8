"""An order ends while its provider is being asked for money: whatever the call still brings is let go, also when the process
that asked dies before it has recorded the answer, and the provider hadn't heard of the call when it was looked up."""

import asyncio
from datetime import timedelta

import pytest

from shop.contracts.payments import Payer, PaymentRequest, Payments
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.rules import LAST_CALL
from shop.modules.wallet.payment_provider import WalletProvider
from shop.modules.wallet.service import pay_from_wallet
from tests.factories.payments import call_off, get_intent, is_at_rest, make_payment, pass_time, scalar
from tests.factories.wallet import assert_books_balance, balance_of, make_wallet, whole_balance_of
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("db")


class Dying:
    """The wallet's hold is on its way until `commits` is set; then the process that asked for it dies."""

    def __init__(self) -> None:
        self.asked, self.commits = asyncio.Event(), asyncio.Event()


@pytest.fixture
def dying(booted, monkeypatch):
    made = Dying()
    hold, charge = pay_from_wallet.hold, WalletProvider.charge

    async def hold_slowly(uow, *args):
        held = await hold(uow, *args)
        made.asked.set()
        await made.commits.wait()
        return held

    async def charge_and_die(provider, intent):
        await charge(provider, intent)
        raise asyncio.CancelledError

    monkeypatch.setattr(pay_from_wallet, "hold", hold_slowly)
    monkeypatch.setattr(WalletProvider, "charge", charge_and_die)
    return made


async def pay_from(account_id, amount=800):
    request, payer = PaymentRequest("wallet"), Payer(account_id, use_wallet=True)
    (opened,) = await write(port(Payments).open_payments, new_id(), Money(amount, "EUR"), request, payer)
    return opened


async def test_a_hold_of_the_wallet_whose_process_died_is_let_go(dying):
    ada = await make_wallet(1000)
    payment = await pay_from(ada)
    asking = asyncio.create_task(port(Payments).process_payment(payment.id))
    await dying.asked.wait()
    await call_off(payment.order_id)
    await port(Payments).process_order(payment.order_id)
    assert (await get_intent(payment.id)).status == "pending", "the wallet may hear of it yet"
    dying.commits.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await balance_of(ada), await whole_balance_of(ada)) == (200, 1000)
    await pass_time(payment.id, LAST_CALL)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "cancelled"
    assert (await balance_of(ada), await whole_balance_of(ada)) == (1000, 1000)
    assert await is_at_rest(payment.id)
    await assert_books_balance()


async def test_what_no_provider_heard_of_ends_once_no_call_can_be_on_its_way(fake, told):
    payment = await make_payment("ok", provider="fake")
    fake.away = True
    await port(Payments).process_payment(payment.id)
    fake.away = False
    await call_off(payment.order_id)
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "pending"
    await pass_time(payment.id, LAST_CALL - timedelta(seconds=5))
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "pending"
    await pass_time(payment.id, timedelta(seconds=5))
    await settle_open_payments()
    assert (await get_intent(payment.id)).status == "cancelled"
    assert await is_at_rest(payment.id)
    assert fake.charges_begun == 0
    assert told.failed == []


async def test_what_nobody_ever_asked_for_ends_at_once(fake):
    payment = await make_payment("ok", provider="fake")
    await call_off(payment.order_id)
    await port(Payments).process_order(payment.order_id)
    assert (await get_intent(payment.id)).status == "cancelled"


@pytest.mark.parametrize("token", ["ok", "authorized", "action"])
async def test_what_was_on_its_way_goes_back_as_soon_as_its_answer_is_there(fake, told, token):
    payment = await make_payment(token, provider="fake")
    fake.pause = asyncio.Event()
    asking = asyncio.create_task(port(Payments).process_payment(payment.id))
    await until(lambda: payment.id in fake.books)
    entered = fake.books.pop(payment.id)
    await call_off(payment.order_id)
    await port(Payments).process_order(payment.order_id)
    fake.books[payment.id] = entered
    fake.pause.set()
    await asking
    await settle_open_payments()
    intent = await get_intent(payment.id)
    assert (intent.status, fake.refunded(payment.id)) == (("refunded", 1999) if token == "ok" else ("cancelled", 0))
    assert fake.books[payment.id].status == ("captured" if token == "ok" else "cancelled")
    assert told.captured == told.failed == []
    assert await scalar("select count(*) from payments.payment where next_check_at is not null") == 0
