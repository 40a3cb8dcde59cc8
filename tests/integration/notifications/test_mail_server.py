"""Mail over real SMTP: sent once, tried again where the server says so, dead where it says never; secrets are not kept."""

import asyncio
import re
import time

import pytest
from sqlalchemy import text

from shop.kernel import outbox
from shop.kernel.config import settings
from shop.kernel.db import read, sql
from shop.modules.notifications import gateways
from tests.factories.identity import AUTH, PASSWORD, make_account
from tests.factories.orders import place
from tests.fakes.mail_server import parts_of
from tests.fakes.staff import BEARER, signed_in

pytestmark = pytest.mark.usefixtures("shop")
MESSAGES = "/api/v1/admin/messages"


async def everything_stored() -> str:
    """All rows of all tables that a message passes, as text."""

    async def find(uow) -> str:
        found = ""
        for table in ("notifications.message", "kernel.outbox", "kernel.inbox", "kernel.job", "kernel.idempotency"):
            rows = await sql(uow).execute(text(f"select t::text from {table} t"))
            found += "\n".join(str(row[0]) for row in rows)
        return found

    return await read(find)


async def test_an_order_is_confirmed_by_one_mail_with_text_and_html(client, smtp, drain_outbox, messages):
    order = await place(client)
    await drain_outbox()
    (mail,) = smtp.mails
    (message,) = await messages()
    assert (message.status, message.attempts, message.html, message.text) == ("sent", 1, None, None)
    assert smtp.envelopes == [("shop@example.com", ["ada@example.com"])]
    assert mail["To"] == "ada@example.com"
    assert mail["From"].addresses[0].addr_spec == settings().mail_from
    assert mail["From"].addresses[0].display_name == settings().name
    assert order["number"] in mail["Subject"]
    assert mail["Message-ID"] == f"<{message.id}@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime is not None
    assert mail.get_content_type() == "multipart/alternative"
    plain, rich = parts_of(mail)
    assert order["number"] in plain
    assert order["number"] in rich
    assert "<html" in rich
    assert "<" not in plain


async def test_delivered_twice_it_is_sent_once(client, smtp, drain_outbox, messages):
    from shop.contracts.notifications import MessageQueued
    from shop.modules.notifications import handlers

    await place(client)
    await drain_outbox()
    (message,) = await messages()
    await handlers.when_message_queued_deliver(MessageQueued(message_id=message.id))
    assert len(smtp.mails) == 1


async def test_a_server_that_says_later_gets_it_later(client, smtp, drain_outbox, messages, due_now):
    smtp.answers = ["451 4.7.1 greylisted, come back"]
    await place(client)
    await drain_outbox()
    (message,) = await messages()
    assert (message.status, message.attempts) == ("failed", 1)
    assert "greylisted" in message.error
    assert smtp.mails == []
    await drain_outbox()
    assert smtp.mails == [], "not before its time"
    await due_now()
    await drain_outbox()
    (message,) = await messages()
    assert (message.status, message.attempts, message.error) == ("sent", 2, None)
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("answer", ["421 4.3.2 shutting down", "452 4.2.2 mailbox full"])
async def test_a_passing_trouble_after_the_address_is_tried_again(
    client, smtp, drain_outbox, messages, due_now, answer
):
    smtp.data_answers = [answer]
    await place(client)
    await drain_outbox()
    assert [message.status for message in await messages()] == ["failed"]
    await due_now()
    await drain_outbox()
    assert [message.status for message in await messages()] == ["sent"]


async def test_a_server_that_is_away_is_tried_until_it_is_dead(client, monkeypatch, drain_outbox, messages, due_now):
    monkeypatch.setenv("SHOP_SMTP_URL", "smtp://127.0.0.1:1")
    settings.cache_clear()
    try:
        await place(client)
        for _ in range(outbox.MAX_ATTEMPTS + 2):
            await drain_outbox()
            await due_now()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    (message,) = await messages()
    assert (message.status, message.attempts) == ("dead", outbox.MAX_ATTEMPTS)


@pytest.mark.parametrize(
    ("at", "answer"),
    [("answers", "550 5.1.1 no such user"), ("answers", "553 bad address"), ("data_answers", "554 5.7.1 spam")],
)
async def test_a_mail_refused_for_good_is_dead_at_once_and_can_be_sent_again(
    client, smtp, drain_outbox, messages, at, answer
):
    setattr(smtp, at, [answer])
    await place(client)
    await drain_outbox()
    (message,) = await messages()
    assert (message.status, message.attempts) == ("dead", 1)
    assert answer[4:] in message.error
    assert (await read(outbox.outbox_state)).pending == 0, "nobody tries it any more"
    with signed_in(client, "messages.view", "messages.resend"):
        (listed,) = (await client.get(f"{MESSAGES}?to=ada@example.com", headers=BEARER)).json()["items"]
        assert (listed["status"], listed["template"]) == ("dead", "order_confirmation")
        assert answer[4:] in (await client.get(f"/admin/mailbox/{message.id}")).text
        assert (await client.post(f"{MESSAGES}/{message.id}/resend", headers=BEARER)).status_code == 202
    await drain_outbox()
    (message,) = await messages()
    assert (message.status, len(smtp.mails)) == ("sent", 1)


@pytest.mark.parametrize(
    ("path", "body", "template", "link"),
    [
        (f"{AUTH}/signup", {"email": "new@example.com", "password": PASSWORD, "name": "N"}, "verify_email", "verify"),
        (f"{AUTH}/password/forgot", {"email": "ada@example.com"}, "reset_password", "reset"),
    ],
)
async def test_links_that_carry_secrets_are_in_the_mail_alone(
    client, smtp, drain_outbox, messages, path, body, template, link
):
    await make_account("ada@example.com")
    await client.post(path, json=body)
    await drain_outbox()
    (mail,) = smtp.mails
    plain, rich = parts_of(mail)
    (token,) = set(re.findall(rf"/{link}/([\w-]+)", plain))
    assert token in rich
    (message,) = await messages(template)
    assert (message.status, message.html, message.text) == ("sent", None, None)
    assert token not in await everything_stored()


async def test_the_order_link_is_not_stored_either(client, smtp, drain_outbox):
    order = await place(client)
    await drain_outbox()
    assert order["access_token"] in parts_of(smtp.mails[0])[0]
    stored = await everything_stored()
    assert order["access_token"] not in stored.replace(_answers_kept_for_their_callers(stored), "")


def _answers_kept_for_their_callers(stored: str) -> str:
    """The first answer of a checkout is kept under its key, as its repetition must get the same."""
    found = re.search(r"\(checkout:.*", stored)
    return found[0] if found else ""


async def test_a_new_link_is_made_for_each_attempt_and_the_last_one_works(client, smtp, drain_outbox, due_now):
    await make_account("ada@example.com")
    smtp.data_answers = ["451 later"]
    await client.post(f"{AUTH}/password/forgot", json={"email": "ada@example.com"})
    await drain_outbox()
    await due_now()
    await drain_outbox()
    (token,) = set(re.findall(r"/reset/([\w-]+)", parts_of(smtp.mails[0])[0]))
    answer = await client.post(f"{AUTH}/password/reset", json={"token": token, "password": "another long one"})
    assert answer.status_code == 200


async def test_no_transaction_is_open_while_the_server_is_asked(client, smtp, drain_outbox, monkeypatch):
    """A slow mail server must not hold rows."""
    seen = []
    real = gateways.send_mail

    async def watched(mail) -> None:
        idle = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
        seen.append(await read(lambda uow: sql(uow).scalar(text(idle))))
        await real(mail)

    monkeypatch.setattr(gateways, "send_mail", watched)
    await place(client)
    await drain_outbox()
    assert seen == [0]


async def test_a_server_that_says_nothing_is_given_up_in_time(client, monkeypatch, drain_outbox, messages):
    async def silent(reader, writer) -> None:
        await reader.read()
        writer.close()

    monkeypatch.setattr(gateways, "TIMEOUT_SECONDS", 0.3)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("SHOP_SMTP_URL", f"smtp://127.0.0.1:{port}")
    settings.cache_clear()
    try:
        started = time.monotonic()
        await place(client)
        await drain_outbox()
        assert time.monotonic() - started < 10
        assert [message.status for message in await messages()] == ["failed"]
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        server.close()
