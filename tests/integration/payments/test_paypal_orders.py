"""Orders paid by PayPal through the shop: prepared, approved, told by webhook or by the buyer's return, taken once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from aiohttp import web

from shop.contracts.payments import Payer, Payment, PaymentRequest, Payments
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.payments.jobs import settle_open_payments
from shop.modules.payments.ports import PAYPAL
from shop.modules.payments.service import ask_provider
from shop.modules.payments.service.process_payment import look_up_payment, take_up
from shop.modules.payments.service.stored_methods import remove_method
from tests.factories.identity import make_account
from tests.factories.payments import (
    call_off,
    fall_due,
    get_intent,
    hold_for_staff,
    make_payment,
    make_processed,
    scalar,
)
from tests.fakes.paypal_api.process import PayPalFake


@pytest.fixture(autouse=True)
async def connections(db: None, paypal: PayPalFake) -> AsyncIterator[None]:
    yield
    await PAYPAL.aclose()


@pytest.fixture
async def listening(client: httpx.AsyncClient, paypal: PayPalFake) -> AsyncIterator[list[int]]:
    """PayPal's webhooks reach the shop; what it answered to each."""
    answers: list[int] = []

    async def hand_on(request: web.Request) -> web.Response:
        body = await request.read()
        headers = {
            name: value for name, value in request.headers.items() if name.lower().startswith(("paypal-", "content-t"))
        }
        answer = await client.post("/webhooks/paypal", content=body, headers=headers)
        answers.append(answer.status_code)
        return web.Response(status=answer.status_code)

    app = web.Application()
    app.router.add_post("/webhooks/paypal", hand_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port_of_site = site._server.sockets[0].getsockname()[1]
    await paypal.register_webhook(f"http://127.0.0.1:{port_of_site}/webhooks/paypal")
    yield answers
    await runner.cleanup()


async def waiting(**fields: Any) -> Payment:
    payment = await make_processed(None, provider="paypal", **fields)
    assert payment.status == "requires_action"
    return payment


async def order_of(payment: Payment) -> str:
    ref = (await get_intent(payment.id)).provider_ref
    assert ref is not None
    return ref


async def test_a_buyer_is_sent_to_paypal_and_the_order_stored_before(paypal: PayPalFake):
    payment = await waiting()
    assert payment.redirect_url == f"{paypal.base}/checkoutnow?token={await order_of(payment)}"
    (order,) = (await paypal.state(payment.id))["orders"]
    assert (order["id"], order["value"]) == (await order_of(payment), "19.99")


async def test_an_approval_told_by_webhook_is_taken(paypal: PayPalFake, listening: list[int], drain_outbox, told):
    payment = await waiting()
    await paypal.approve(await order_of(payment))
    await paypal.delivered()
    assert (await get_intent(payment.id)).status == "requires_action", "applied after the answer, by a worker"
    await drain_outbox()
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]
    assert await paypal.taken(payment.id) == Decimal("19.99")
    assert set(listening) == {200}


async def test_an_account_that_paypal_stores_after_the_money_came_is_kept_once_and_not_again_when_removed(
    paypal: PayPalFake, listening: list[int], drain_outbox, told
):
    ada = await make_account("ada@example.com")
    await paypal.control(vaults_later=True, webhooks={"paused": True})
    request, payer = PaymentRequest("paypal", save=True), Payer(ada)
    (payment,) = await write(port(Payments).open_payments, new_id(), Money(1999, "EUR"), request, payer)
    await port(Payments).process_payment(payment.id)
    await paypal.approve(await order_of(payment))
    assert (await look_up_payment(payment.id)).status == "captured"
    assert await read(port(Payments).stored_methods, ada) == []
    await paypal.control(vaults_later=False, webhooks={"paused": False})
    await paypal.delivered()
    await drain_outbox()
    [kept] = await read(port(Payments).stored_methods, ada)
    assert (kept.provider, kept.method.kind) == ("paypal", "paypal")
    await write(remove_method, ada, kept.id)
    intent = await get_intent(payment.id)
    await take_up(intent, await PAYPAL.look_up(ask_provider.told(intent)))
    assert await read(port(Payments).stored_methods, ada) == []
    assert told.captured == [payment.id]


async def test_a_buyer_who_comes_back_is_charged(paypal: PayPalFake, told):
    payment = await waiting()
    assert (await look_up_payment(payment.id)).status == "requires_action"
    await paypal.approve(await order_of(payment))
    assert (await look_up_payment(payment.id)).status == "captured"
    assert told.captured == [payment.id]


async def test_webhook_return_and_sweep_together_take_the_money_once(
    paypal: PayPalFake, listening: list[int], drain_outbox, told
):
    await paypal.control(webhooks={"doubled": 1.0, "shuffle": 0.2})
    payment = await waiting()
    await paypal.approve(await order_of(payment))
    await fall_due(payment.id)
    await asyncio.gather(
        look_up_payment(payment.id),
        look_up_payment(payment.id),
        port(Payments).process_payment(payment.id),
        paypal.delivered(),
    )
    await drain_outbox()
    await paypal.delivered()
    await drain_outbox()
    await fall_due(payment.id)
    await port(Payments).process_payment(payment.id)
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]
    assert len((await paypal.state(payment.id))["captures"]) == 1


async def test_the_sweep_takes_what_nobody_told_of(paypal: PayPalFake, told):
    payment = await waiting()
    await paypal.approve(await order_of(payment))
    await fall_due(payment.id)
    assert (await port(Payments).process_payment(payment.id)).status == "captured"
    assert told.captured == [payment.id]


@pytest.mark.parametrize("path", ["/v2/checkout/orders", "/capture"])
@pytest.mark.parametrize("fault", ["lost_answer", "error_after", "error_before"])
async def test_lost_answers_end_in_one_capture(paypal: PayPalFake, told, path: str, fault: str):
    await paypal.plan(fault, fault, path=path, method="POST")
    payment = await make_processed(None, provider="paypal")
    for _ in range(6):
        intent = await get_intent(payment.id)
        if intent.status == "requires_action":
            await paypal.approve(str(intent.provider_ref))
        await fall_due(payment.id)
        await port(Payments).process_payment(payment.id)
    assert (await get_intent(payment.id)).status == "captured"
    assert told.captured == [payment.id]
    assert await paypal.taken(payment.id) == Decimal("19.99")


async def test_an_order_changed_at_paypal_is_never_marked_paid(paypal: PayPalFake, told):
    payment = await waiting()
    ref = await order_of(payment)
    change = {"op": "replace", "path": "/purchase_units/@reference_id=='default'/amount"}
    wrong = change | {"value": {"currency_code": "EUR", "value": "0.01"}}
    await PAYPAL._faces.client.patch(f"/v2/checkout/orders/{ref}", [wrong])
    await paypal.approve(ref)
    for _ in range(2):
        await fall_due(payment.id)
        await port(Payments).process_payment(payment.id)
    assert told.captured == []
    assert await paypal.taken(payment.id) == 0
    assert "amount" in await scalar("select staff_note from payments.payment where id = :id", id=payment.id)


async def test_a_declined_buyer_may_pay_again(paypal: PayPalFake, told):
    order_id = new_id()
    payment = await waiting(order_id=order_id)
    await paypal.control(capture_outcomes=["INSTRUMENT_DECLINED"])
    await paypal.approve(await order_of(payment))
    declined = await look_up_payment(payment.id)
    assert declined.status == "failed"
    assert "declined" in declined.failure
    assert told.failed == [payment.id]
    again = await waiting(order_id=order_id)
    await paypal.approve(await order_of(again))
    assert (await look_up_payment(again.id)).status == "captured"


async def test_an_order_called_off_is_not_taken_whatever_the_buyer_says_later(paypal: PayPalFake, told):
    order_id = new_id()
    payment = await waiting(order_id=order_id)
    ref = await order_of(payment)
    await call_off(order_id)
    await fall_due(payment.id)
    await port(Payments).process_payment(payment.id)
    assert (await get_intent(payment.id)).status == "cancelled"
    await paypal.approve(ref)
    await look_up_payment(payment.id)
    assert await paypal.taken(payment.id) == 0
    assert told.captured == []


async def test_what_was_taken_of_an_order_called_off_goes_back(paypal: PayPalFake, told):
    order_id = new_id()
    payment = await waiting(order_id=order_id)
    await paypal.approve(await order_of(payment))
    await paypal.plan("lost_answer", "lost_answer", path="/capture")
    await look_up_payment(payment.id)
    await call_off(order_id)
    for _ in range(3):
        await fall_due(payment.id)
        await port(Payments).process_payment(payment.id)
    assert await paypal.taken(payment.id) == await paypal.given_back(payment.id) == Decimal("19.99")
    assert told.captured == []


async def test_no_forged_event_is_stored(paypal: PayPalFake, listening: list[int], drain_outbox):
    await paypal.control(webhooks={"forged": 1.0, "doubled": 0.5, "early": 0.5}, seed=3)
    payments = [await waiting() for _ in range(5)]
    for payment in payments:
        await paypal.approve(await order_of(payment))
        await look_up_payment(payment.id)
    await paypal.delivered()
    await drain_outbox()
    assert (await paypal.deliveries())["refused"] == 10
    assert listening.count(400) == 10
    assert await scalar("select count(*) from payments.provider_event") == 10
    assert await scalar("select count(*) from payments.provider_event where event_id like 'WH-FORGED%'") == 0
    for payment in payments:
        assert (await get_intent(payment.id)).status == "captured"


async def test_money_held_waits_for_staff(paypal: PayPalFake, monkeypatch: pytest.MonkeyPatch, told):
    monkeypatch.setenv("SHOP_CAPTURE", "manual")
    settings.cache_clear()
    payment = await waiting()
    await paypal.approve(await order_of(payment))
    await look_up_payment(payment.id)
    await fall_due(payment.id)
    await port(Payments).process_payment(payment.id)
    assert (await get_intent(payment.id)).status == "authorized"
    assert told.captured == []
    await _capture(payment.id)
    assert (await get_intent(payment.id)).status == "captured"
    assert await paypal.taken(payment.id) == Decimal("19.99")


async def _capture(payment_id: UUID) -> None:
    from shop.kernel.db import write

    await write(port(Payments).request_capture, payment_id, None)
    await port(Payments).process_payment(payment_id)


async def test_a_capture_that_paypal_reviews_is_waited_for_for_days(paypal: PayPalFake, told):
    payment = await waiting()
    await paypal.control(capture_outcomes=["PENDING"])
    await paypal.approve((await get_intent(payment.id)).provider_ref)
    for _ in range(2):
        await look_up_payment(payment.id)
    assert [each for each, _ in told.held] == [payment.id]
    until = told.held[0][1]
    assert timedelta(days=13) < until - clock.now() < timedelta(days=15)
    assert (await get_intent(payment.id)).holds_until == until
    (capture,) = (await paypal.state(payment.id))["captures"]
    await paypal.do("settle", capture_id=capture["id"], status="COMPLETED")
    await look_up_payment(payment.id)
    assert told.captured == [payment.id]


async def test_what_paypal_holds_is_not_called_off_because_it_answers_that_there_is_no_such_order(
    paypal: PayPalFake, told
):
    """So it does where a deploy came with another account's credentials."""
    payment = await make_payment(None, provider="paypal")
    await hold_for_staff(payment.id)
    await port(Payments).process_payment(payment.id)
    await paypal.approve(await order_of(payment))
    assert (await look_up_payment(payment.id)).status == "authorized"
    await paypal.reset()
    with clock.shifted(timedelta(hours=74)):
        await fall_due(payment.id)
        await settle_open_payments()
    assert (await get_intent(payment.id)).status == "authorized"
    assert told.failed == []
    with clock.shifted(timedelta(days=30)):
        await fall_due(payment.id)
        await settle_open_payments()
    assert (await get_intent(payment.id)).status == "cancelled", "the hold is over by what PayPal said itself"


async def test_what_nobody_approved_ends_when_paypal_has_forgotten_it(paypal: PayPalFake, told):
    payment = await make_payment(None, provider="paypal")
    await hold_for_staff(payment.id)
    await port(Payments).process_payment(payment.id)
    await paypal.reset()
    with clock.shifted(timedelta(hours=74)):
        await fall_due(payment.id)
        await settle_open_payments()
    assert (await get_intent(payment.id)).status == "cancelled"
    assert told.failed == [payment.id]
