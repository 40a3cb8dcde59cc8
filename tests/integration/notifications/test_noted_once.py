"""What people are told of is noted once, however often the fact is delivered, and lands in the mailbox without a mail server."""

import asyncio
import re
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from shop.contracts.identity import FactorsChanged
from shop.contracts.orders import OrderPaid
from shop.kernel.db import read, sql, write
from shop.kernel.ids import new_id
from shop.modules.notifications import handlers
from tests.factories.catalog import make_product
from tests.factories.identity import AUTH, PASSWORD, make_account
from tests.factories.orders import pay_again, place

pytestmark = pytest.mark.usefixtures("shop")


AGAIN = """
    insert into kernel.outbox (id, event_id, event, subscriber, payload)
    values (:id, :event_id, :event, :subscriber, cast(:payload as jsonb))
"""


async def _fact_for_notifications() -> Any:
    """The row with which a paid order waits for us."""

    async def find(uow) -> Any:
        return (
            await sql(uow).execute(
                text(
                    "select event_id, event, subscriber, payload::text as payload from kernel.outbox"
                    " where subscriber = 'notifications.when_order_paid_confirm_order'"
                )
            )
        ).one()

    return await read(find)


async def _send_again(row: Any, event_id: UUID) -> None:
    """Into the outbox once more, as a producer that died and began again would."""
    values = {"event": row.event, "subscriber": row.subscriber, "payload": row.payload}
    await write(lambda uow: sql(uow).execute(text(AGAIN), {"id": new_id(), "event_id": event_id, **values}))


def _fact(row: Any) -> OrderPaid:
    return msgspec.json.decode(row.payload, type=OrderPaid)


async def test_a_paid_order_is_confirmed(client, drain_outbox, messages):
    mug = await make_product(title="Mug <&> saucer", price=1999)
    order = await place(client, (mug, 2))
    await drain_outbox()
    (message,) = await messages()
    assert (message.template, message.status, message.to_address) == (
        "order_confirmation",
        "captured",
        "ada@example.com",
    )
    assert order["number"] in message.subject
    assert message.attempts == 1
    assert message.sent_at is not None
    for body in (message.html, message.text):
        assert order["number"] in body
        assert "44.88" in body
        assert f"/orders/{order['id']}?token={order['access_token']}" in body.replace("&amp;", "&")
    assert "Mug &lt;&amp;&gt; saucer" in message.html
    assert "Mug <&> saucer" in message.text
    assert not re.search(r"<\w", message.text.replace("<&>", ""))


async def test_the_same_fact_delivered_again_confirms_nothing_again(client, drain_outbox, messages):
    await place(client)
    row = await _fact_for_notifications()
    await drain_outbox()
    await _send_again(row, row.event_id)
    await drain_outbox()
    assert len(await messages("order_confirmation")) == 1


async def test_the_same_fact_told_as_another_event_confirms_nothing_again(client, drain_outbox, messages):
    """The inbox can't know it; what the message is about does."""
    await place(client)
    row = await _fact_for_notifications()
    await drain_outbox()
    await _send_again(row, new_id())
    await drain_outbox()
    assert len(await messages("order_confirmation")) == 1


async def test_two_workers_at_once_note_one(client, drain_outbox, messages):
    await place(client)
    fact = _fact(await _fact_for_notifications())
    await asyncio.gather(*(write(handlers.when_order_paid_confirm_order, fact) for _ in range(8)))
    await drain_outbox()
    assert len(await messages("order_confirmation")) == 1


async def test_a_declined_payment_is_told_once_per_attempt(client, drain_outbox, messages):
    order = await place(client, token="declined")
    await drain_outbox()
    assert (await pay_again(client, order, token="insufficient_funds")).status_code == 201
    await drain_outbox()
    told = await messages("payment_failed")
    assert [message.status for message in told] == ["captured", "captured"]
    assert all(f"/orders/{order['id']}" in message.text for message in told)
    await pay_again(client, order, token="ok")
    await drain_outbox()
    assert [message.template for message in await messages()].count("order_confirmation") == 1


async def test_a_sign_up_brings_a_link_that_works(client, drain_outbox, messages):
    body = {"email": "new@example.com", "password": PASSWORD, "name": "New"}
    await client.post(f"{AUTH}/signup", json=body)
    await drain_outbox()
    (message,) = await messages("verify_email")
    (token,) = set(re.findall(r"http://testserver/verify/([\w-]+)", message.text))
    assert token in message.html
    assert (await client.post(f"{AUTH}/email/verify", json={"token": token})).status_code == 200


async def test_a_forgotten_password_brings_a_link_that_works(client, drain_outbox, messages):
    await make_account("ada@example.com")
    await client.post(f"{AUTH}/password/forgot", json={"email": "ada@example.com"})
    await drain_outbox()
    (message,) = await messages("reset_password")
    (token,) = set(re.findall(r"http://testserver/reset/([\w-]+)", message.text))
    answer = await client.post(f"{AUTH}/password/reset", json={"token": token, "password": "another long one"})
    assert answer.status_code == 200
    await drain_outbox()
    assert [message.template for message in await messages()][1:] == ["password_changed"]


async def test_an_owner_is_told_what_was_changed_of_signing_in(client, drain_outbox, messages):
    account_id = await make_account("ada@example.com")
    for change, words in (("passkey_added", "a passkey was added"), ("unheard_of", "something was changed")):
        await write(handlers.when_factors_changed_tell_owner, FactorsChanged(account_id=account_id, change=change))
        await drain_outbox()
        message = (await messages("sign_in_changed"))[-1]
        assert words in message.text
        assert words in message.html


async def test_a_message_of_an_order_that_is_gone_is_dead_and_says_why(client, drain_outbox, messages):
    await place(client)
    fact = _fact(await _fact_for_notifications())
    await write(handlers.when_order_paid_confirm_order, fact)
    await write(lambda uow: sql(uow).execute(text("update notifications.message set order_id = gen_random_uuid()")))
    await drain_outbox()
    (message,) = await messages("order_confirmation")
    assert message.status == "dead"
    assert "is gone" in message.error
    assert message.html is None
