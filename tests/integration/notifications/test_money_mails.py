"""What buyers are told of their money: how to pay, what went back, and what was stored to pay with."""

from uuid import UUID

import msgspec
import pytest

from shop.contracts.payment_providers import VaultedMethod
from shop.contracts.payments import MethodShown, Payments
from shop.kernel.config import settings
from shop.kernel.db import read, write
from shop.kernel.ports import port
from shop.modules.payments.service import stored_methods
from tests.factories.identity import make_account
from tests.factories.orders import pay_again, place
from tests.factories.payments import wish_refund

pytestmark = pytest.mark.usefixtures("shop")
VISA = VaultedMethod("pm_visa", None, MethodShown("card", "Visa", last4="4242", expires="12/2030"))


@pytest.fixture
def by_hand(booted, monkeypatch):
    there = msgspec.structs.replace(
        settings(), bank_transfer_to="Shop, IBAN DE02 1203 0000 0000 2020 51", cash_on_delivery=True
    )
    monkeypatch.setattr("shop.modules.payments.gateways.by_hand.settings", lambda: there)


async def test_who_transfers_is_told_where_to_how_much_and_until_when(client, by_hand, drain_outbox, messages):
    order = await place(client, payment={"provider": "bank_transfer"})
    await drain_outbox()
    (mail,) = await messages("order_held")
    reference = order["payments"][0]["instructions"]["Reference"]
    for expected in ("DE02 1203 0000 0000 2020 51", "€44.88", reference, f"/orders/{order['id']}?token="):
        assert expected in mail.text, expected
        assert expected in mail.html, expected
    assert mail.subject == f"We have your order {order['number']}"


async def test_who_pays_at_the_door_is_thanked(client, by_hand, drain_outbox, messages):
    await place(client, payment={"provider": "cash_on_delivery"})
    await drain_outbox()
    (mail,) = await messages("order_held")
    assert "You pay €44.88\nin cash" in mail.text


async def test_an_order_that_was_paid_otherwise_meanwhile_is_only_confirmed(client, by_hand, drain_outbox, messages):
    order = await place(client, payment={"provider": "bank_transfer"})
    await client.post(
        f"/api/v1/orders/{order['id']}/payments",
        json={"provider": "sandbox", "token": "ok", "replace": True},
        headers={"Idempotency-Key": "a-card-instead", "Order-Token": order["access_token"]},
    )
    await drain_outbox()
    assert await messages("order_held") == []
    assert await messages("payment_failed") == []
    assert len(await messages("order_confirmation")) == 1


async def test_another_way_to_pay_is_no_failure_to_write_of(client, drain_outbox, messages):
    order = await place(client, token="3ds_ok")
    await write(port(Payments).abandon_payments, UUID(order["id"]))
    await port(Payments).process_order(UUID(order["id"]))
    await drain_outbox()
    assert await messages("payment_failed") == []
    assert (await pay_again(client, order)).json()["status"] == "paid"


async def test_a_refund_is_told_with_its_amount_and_where_it_went(client, drain_outbox, messages):
    order = await place(client)
    for amount in (500, 500):
        await write(port(Payments).request_refunds, UUID(order["id"]), wish_refund(amount))
        await port(Payments).process_refunds(UUID(order["id"]))
    await drain_outbox()
    first, second = await messages("order_refunded")
    assert "€5.00 back" in first.text
    assert "the way you paid it" in second.text
    assert "€" not in first.subject


async def test_the_owner_hears_of_methods_that_come_and_go(drain_outbox, messages):
    ada = await make_account()
    for _ in range(2):
        await write(stored_methods.keep_method, ada, "sandbox", VISA, None)
    (kept,) = await read(port(Payments).stored_methods, ada)
    await write(stored_methods.remove_method, ada, kept.id)
    await drain_outbox()
    told = await messages("payment_methods_changed")
    assert sorted("was added to" in mail.text for mail in told) == [False, True]
    assert {mail.to_address for mail in told} == {"ada@example.com"}
