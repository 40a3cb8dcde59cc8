"""Dead events are seen, and live again, by who may."""

from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from shop.kernel.db import read, sql, write
from shop.kernel.http.csrf import csrf_token
from shop.kernel.http.sessions import Session, StoredSession
from shop.modules.backoffice.commands import outbox as outbox_command
from tests.fakes.staff import BEARER, TOKEN, signed_in

API = "/api/v1/admin/outbox"


@pytest.fixture
async def dead(db):
    """The id of one dead event, beside one that waits."""
    row_id = uuid4()

    async def bury(uow) -> None:
        for each, state, error in (
            (row_id, "dead", "Traceback\nValueError: <b>broken</b>"),
            (uuid4(), "pending", None),
        ):
            await sql(uow).execute(
                text(
                    "insert into kernel.outbox (id, event_id, event, subscriber, payload, state, attempts, last_error)"
                    " values (:id, :event_id, 'cart.line_added.v1', 'test.when_line_added_fail', cast(:payload as jsonb),"
                    " :state, 10, :error)"
                ),
                {"id": each, "event_id": uuid4(), "payload": '{"quantity": 2}', "state": state, "error": error},
            )

    await write(bury)
    return row_id


async def states(uow) -> dict:
    rows = await sql(uow).execute(text("select id, state, attempts from kernel.outbox"))
    return {row.id: (row.state, row.attempts) for row in rows}


def form() -> dict[str, str]:
    return {"csrf_token": csrf_token(Session(StoredSession(TOKEN, None, {})))}


async def test_the_api_counts_and_lists_on_demand(client, dead):
    with signed_in(client, "outbox.view"):
        counts = (await client.get(API, headers=BEARER)).json()
        listed = (await client.get(f"{API}?state=dead", headers=BEARER)).json()
    assert set(counts) == {"pending", "dead", "oldest_pending_seconds"}
    assert (counts["pending"], counts["dead"]) == (1, 1)
    (item,) = listed["items"]
    assert (item["id"], item["event"], item["payload"]) == (str(dead), "cart.line_added.v1", {"quantity": 2})
    assert item["last_error"].endswith("<b>broken</b>")


async def test_without_dead_events_the_list_is_empty(client):
    with signed_in(client, "outbox.view"):
        answer = (await client.get(f"{API}?state=dead", headers=BEARER)).json()
    assert answer == {"pending": 0, "dead": 0, "oldest_pending_seconds": 0.0, "items": []}


async def test_an_unknown_state_is_refused(client):
    with signed_in(client, "outbox.view"):
        assert (await client.get(f"{API}?state=alive", headers=BEARER)).status_code == 422


async def test_the_api_replays_a_dead_event_once(client, dead):
    with signed_in(client, "outbox.replay"):
        first = await client.post(f"{API}/{dead}/replay", headers=BEARER)
        again = await client.post(f"{API}/{dead}/replay", headers=BEARER)
    assert (first.status_code, first.json()["dead"], first.json()["pending"]) == (200, 0, 2)
    assert (again.status_code, again.json()["code"]) == (404, "outbox_row_not_found")
    assert (await read(states))[dead] == ("pending", 0)


@pytest.mark.parametrize(
    ("permissions", "status"), [((), 403), (("outbox.view",), 403), (("outbox.replay",), 200), (("*",), 200)]
)
async def test_only_who_may_replays(client, dead, permissions, status):
    with signed_in(client, *permissions):
        assert (await client.post(f"{API}/{dead}/replay", headers=BEARER)).status_code == status
    assert (await read(states))[dead][0] == ("pending" if status == 200 else "dead")


async def test_customers_and_strangers_see_nothing(client, dead):
    strangers = [await client.get(API), await client.post(f"{API}/{dead}/replay")]
    with signed_in(client, "*", is_staff=False):
        customers = [
            await client.get(API, headers=BEARER),
            await client.get("/admin"),
            await client.get("/admin/outbox"),
        ]
    assert [answer.status_code for answer in (*strangers, *customers)] == [401, 401, 403, 403, 403]
    assert (await client.get("/admin")).headers["location"] == "/signin?next=%2Fadmin"
    assert (await read(states))[dead][0] == "dead"


async def test_the_page_shows_error_and_payload_as_text(client, dead):
    with signed_in(client, "outbox.view", "outbox.replay"):
        shown = (await client.get("/admin/outbox")).text
    assert "ValueError: &lt;b&gt;broken&lt;/b&gt;" in shown
    assert "&#34;quantity&#34;: 2" in shown
    assert f'action="/admin/outbox/{dead}/replay"' in shown


async def test_who_may_only_look_gets_no_button(client, dead):
    with signed_in(client, "outbox.view"):
        assert "/replay" not in (await client.get("/admin/outbox")).text


async def test_the_page_replays_one_event_and_says_so(client, dead):
    with signed_in(client, "outbox.view", "outbox.replay"):
        answer = await client.post(f"/admin/outbox/{dead}/replay", data=form())
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/outbox")
        assert "on its way again" in (await client.get("/admin/outbox")).text
        await client.post(f"/admin/outbox/{dead}/replay", data=form())
        assert "may have been replayed already" in (await client.get("/admin/outbox")).text
    assert (await read(states))[dead] == ("pending", 0)


async def test_the_page_replays_all(client, dead):
    with signed_in(client, "outbox.view", "outbox.replay"):
        assert (await client.post("/admin/outbox/replay", data=form())).status_code == 303
        assert "1 event on the way again" in (await client.get("/admin/outbox")).text
    assert (await read(states))[dead] == ("pending", 0)


async def test_a_form_without_its_token_replays_nothing(client, dead):
    with signed_in(client, "outbox.replay"):
        assert (await client.post(f"/admin/outbox/{dead}/replay")).status_code == 403
    assert (await read(states))[dead][0] == "dead"


async def test_the_dashboard_tells_health_and_outbox(client, dead):
    with signed_in(client, "backoffice.view"):
        answer = await client.get("/admin")
    assert answer.status_code == 200
    assert "Something needs a look" in answer.text
    assert "never seen" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


def test_the_command_lists_and_replays_what_died(dead):
    """Not async: a command runs a loop of its own."""
    listed = CliRunner().invoke(outbox_command, ["list"])
    assert "1 pending" in listed.output
    assert f"{dead}  cart.line_added.v1 -> test.when_line_added_fail" in listed.output
    assert CliRunner().invoke(outbox_command, ["replay"]).exit_code == 2
    assert CliRunner().invoke(outbox_command, ["replay", str(dead)]).output == "on the way again\n"
    again = CliRunner().invoke(outbox_command, ["replay", str(dead)])
    assert (again.exit_code, "no such dead event" in again.output) == (1, True)
    assert CliRunner().invoke(outbox_command, ["replay", "--all"]).output == "0 on the way again\n"
