"""The mailbox of the back office and its JSON: who may look, what is listed, and that a mail can do nothing there."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from shop.kernel.db import sql, write
from shop.kernel.http.csrf import csrf_token
from shop.kernel.http.sessions import Session, StoredSession
from shop.kernel.ids import new_id
from tests.fakes.staff import BEARER, TOKEN, signed_in

API = "/api/v1/admin/messages"


def form() -> dict[str, str | None]:
    return {"csrf_token": csrf_token(Session(StoredSession(TOKEN, None, {})))}


async def make_message(status: str = "captured", to: str = "ada@example.com", template: str = "verify_email", **bodies):
    message_id = new_id()

    async def insert(uow) -> None:
        await sql(uow).execute(
            text(
                "insert into notifications.message (id, template, subject_key, to_address, subject, html, text, status,"
                " error) values (:id, :template, :key, :to, 'Hello <you>', :html, :text, :status, :error)"
            ),
            {
                "id": message_id,
                "template": template,
                "key": str(message_id),
                "to": to,
                "html": bodies.get("html"),
                "text": bodies.get("text"),
                "status": status,
                "error": "550 no such user" if status == "dead" else None,
            },
        )

    await write(insert)
    return message_id


async def test_the_api_lists_newest_first_by_address_and_template(client, db):
    first = await make_message()
    second = await make_message(template="reset_password")
    await make_message(to="eve@example.com")
    with signed_in(client, "messages.view"):
        mine = (await client.get(API, params={"to": "ada@example.com"}, headers=BEARER)).json()
        resets = (await client.get(API, params={"template": "reset_password"}, headers=BEARER)).json()
        nobody = (await client.get(API, params={"to": "ada"}, headers=BEARER)).json()
    assert [item["id"] for item in mine["items"]] == [str(second), str(first)]
    assert [item["id"] for item in resets["items"]] == [str(second)]
    assert nobody == {"items": [], "next_cursor": None}
    assert {"id", "channel", "to", "template", "subject", "status", "attempts", "created_at", "sent_at"} <= set(
        mine["items"][0]
    )
    assert "html" not in mine["items"][0]


async def test_pages_of_a_list_miss_nothing(client, db):
    made = [str(await make_message()) for _ in range(7)]
    found, cursor = [], None
    with signed_in(client, "messages.view"):
        while True:
            params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(API, params=params, headers=BEARER)).json()
            found += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
    assert found == made[::-1]


async def test_one_message_comes_with_its_bodies(client, db):
    kept = await make_message(html="<p>Hello</p>", text="Hello")
    sent = await make_message("sent")
    with signed_in(client, "messages.view"):
        assert (await client.get(f"{API}/{kept}", headers=BEARER)).json()["html"] == "<p>Hello</p>"
        assert (await client.get(f"{API}/{sent}", headers=BEARER)).json()["text"] is None
        missing = await client.get(f"{API}/{uuid4()}", headers=BEARER)
    assert (missing.status_code, missing.json()["code"]) == (404, "message_not_found")


@pytest.mark.parametrize(
    ("permissions", "looks", "sends"),
    [((), 403, 403), (("messages.view",), 200, 403), (("messages.resend",), 403, 202), (("*",), 200, 202)],
)
async def test_only_who_may_looks_and_sends(client, db, permissions, looks, sends):
    message_id = await make_message("dead")
    with signed_in(client, *permissions):
        for path in (API, f"{API}/{message_id}"):
            assert (await client.get(path, headers=BEARER)).status_code == looks
        for path in ("/admin/mailbox", f"/admin/mailbox/{message_id}"):
            assert (await client.get(path)).status_code == looks
        assert (await client.post(f"{API}/{message_id}/resend", headers=BEARER)).status_code == sends


@pytest.mark.parametrize("status", ["queued", "sent", "captured", "failed"])
async def test_only_a_dead_message_is_sent_again(client, db, status):
    message_id = await make_message(status)
    with signed_in(client, "messages.resend"):
        answer = await client.post(f"{API}/{message_id}/resend", headers=BEARER)
    assert answer.status_code == 404
    count = "select count(*) from kernel.outbox"
    assert await write(lambda uow: sql(uow).scalar(text(count))) == 0


async def test_the_form_sends_again_once(client, db, drain_outbox):
    message_id = await make_message("dead")
    with signed_in(client, "messages.view", "messages.resend"):
        assert f'action="/admin/mailbox/{message_id}/resend"' in (await client.get(f"/admin/mailbox/{message_id}")).text
        assert (await client.post(f"/admin/mailbox/{message_id}/resend")).status_code == 403
        answer = await client.post(f"/admin/mailbox/{message_id}/resend", data=form())
        assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/mailbox/{message_id}")
        assert "on its way again" in (await client.get(f"/admin/mailbox/{message_id}")).text
        assert (await client.post(f"/admin/mailbox/{message_id}/resend", data=form())).status_code == 404


async def test_what_a_mail_holds_runs_nowhere(client, db):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    message_id = await make_message(html=evil, text=evil)
    with signed_in(client, "messages.view"):
        listed = await client.get("/admin/mailbox")
        shown = await client.get(f"/admin/mailbox/{message_id}")
        body = await client.get(f"/admin/mailbox/{message_id}/body")
    for page in (listed, shown):
        assert "Hello &lt;you&gt;" in page.text
        assert "<script>alert" not in page.text
    assert f'src="/admin/mailbox/{message_id}/body"' in shown.text
    assert body.text == evil
    policy = body.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert body.headers["x-frame-options"] == "SAMEORIGIN"
    assert body.headers["cache-control"] == "private, no-store"


async def test_a_message_that_was_sent_has_no_body_to_show(client, db):
    message_id = await make_message("sent")
    with signed_in(client, "messages.view"):
        assert (await client.get(f"/admin/mailbox/{message_id}/body")).status_code == 404
        assert (await client.get(f"/admin/mailbox/{message_id}")).status_code == 200


async def test_the_mailbox_is_searched_by_address_and_goes_on(client, db):
    for _ in range(51):
        await make_message()
    await make_message(to="eve@example.com")
    with signed_in(client, "messages.view"):
        found = (await client.get("/admin/mailbox?q=+eve@example.com+")).text
        first = (await client.get("/admin/mailbox?q=ada@example.com")).text
    assert "eve@example.com" in found
    assert "ada@example.com" not in found
    assert "cursor=" in first
