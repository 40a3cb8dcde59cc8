"""The audit log: what staff changed and nothing else, found again by who, what, when and which, by who may."""

import csv
import io
import re
from typing import Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shop.contracts.identity import Account, AccountId, Accounts
from shop.kernel import audit
from shop.kernel.audit import AuditTrail
from shop.kernel.db import engine, read, snapshot, sql, write
from shop.kernel.http.csrf import csrf_token
from shop.kernel.http.idempotency import idempotently
from shop.kernel.http.principals import Principal, TokenVerifier
from shop.kernel.http.sessions import Session, StoredSession
from shop.kernel.ports import overridden
from shop.modules.identity.service import staff
from tests.conftest import owner_connection
from tests.fakes.staff import BEARER, TOKEN, signed_in

API = "/api/v1/admin/audit"
ADA = AccountId(UUID("01900000-0000-7000-8000-00000000000a"))
BOB = AccountId(UUID("01900000-0000-7000-8000-00000000000b"))
NAMES = {
    ADA: Account(ADA, "ada@example.com", "Ada Lovelace", is_staff=True, verified=True),
    BOB: Account(BOB, "bob@example.com", "=cmd|' /C calc'!A0", is_staff=True, verified=True),
}


class People:
    async def find_accounts(self, _uow, ids):
        return {each: NAMES[each] for each in ids if each in NAMES}


class Broken:
    async def record(self, _uow, _entry) -> None:
        raise LookupError("no entry")


@pytest.fixture
def people():
    with overridden(Accounts, People()):
        yield


@pytest.fixture
async def dead(db) -> UUID:
    """An event that staff may send on its way again."""
    row_id = uuid4()
    await write(_bury, row_id)
    return row_id


async def _bury(uow, row_id: UUID) -> None:
    await sql(uow).execute(
        text(
            "insert into kernel.outbox (id, event_id, event, subscriber, payload, state, attempts)"
            " values (:id, :id, 'cart.line_added.v1', 'nobody.when_line_added', '{}', 'dead', 10)"
        ),
        {"id": row_id},
    )


async def state_of(row_id: UUID) -> str:
    async def ask(uow) -> str:
        return await sql(uow).scalar(text("select state from kernel.outbox where id = :id"), {"id": row_id})

    return await read(ask)


async def entries() -> list:
    async def ask(uow) -> list:
        return list(await sql(uow).execute(text("select * from backoffice.audit_entry order by id")))

    return await read(ask)


def acting(account: UUID = ADA, **changes) -> audit.Acting:
    settings = {"permission": "orders.refund", "method": "POST", "route": "/admin/orders/{order_id}", **changes}
    return audit.Acting(actor=audit.Actor("account", str(account)), **settings)


async def change(uow, name: str, **noted) -> None:
    await sql(uow).execute(text("insert into kernel.job (name) values (:name)"), {"name": name})
    if noted:
        audit.note(**noted)


async def jobs(uow) -> list[str]:
    return sorted((await sql(uow).execute(text("select name from kernel.job"))).scalars())


@pytest.fixture
def ada_acts(db):
    audit.acts(acting())
    yield
    audit.acts(None)


async def test_a_change_by_staff_leaves_one_entry_that_says_who_what_and_by_what_right(client, dead):
    with signed_in(client, "outbox.replay") as fake:
        answer = await client.post(
            f"/api/v1/admin/outbox/{dead}/replay", headers={**BEARER, "x-request-id": "a-request-of-this-test"}
        )
    assert answer.status_code == 200
    (entry,) = await entries()
    assert (entry.actor_kind, entry.actor_id) == ("account", str(fake.principal.account_id))
    assert (entry.action, entry.permission) == ("outbox.replayed", "outbox.replay")
    assert (entry.subject_kind, entry.subject_id) == ("outbox_row", str(dead))
    assert (entry.method, entry.route) == ("POST", "/api/v1/admin/outbox/{row_id}/replay")
    assert (entry.request_id, entry.network) == ("a-request-of-this-test", "127.0.0.0/24")
    assert "staff@example.com" not in str(entry)


async def test_a_form_leaves_the_same_and_the_words_for_the_next_page_leave_none(client, dead):
    with signed_in(client, "outbox.replay") as fake:
        form = {"csrf_token": csrf_token(Session(StoredSession(TOKEN, None, {})))}
        answer = await client.post(f"/admin/outbox/{dead}/replay", data=form)
    assert answer.status_code == 303
    assert fake.data["flashes"]
    assert [entry.action for entry in await entries()] == ["outbox.replayed"]


async def test_reading_leaves_none(client, dead):
    with signed_in(client, "*"):
        for url in ("/admin", "/admin/outbox", "/admin/audit", "/admin/audit/export", "/admin/products/export"):
            assert (await client.get(url)).status_code == 200, url
    assert await entries() == []


async def test_a_program_is_told_of_by_its_own_id_or_beside_the_person_it_acts_for(client, dead):
    for principal, expected in (
        (Principal(uuid4(), "", "Till", program=True, client_id="till", scopes=frozenset({"outbox.replay"})), None),
        (
            Principal(
                ADA,
                "ada@example.com",
                "Ada",
                is_staff=True,
                permissions=frozenset({"*"}),
                scopes=frozenset({"outbox.replay"}),
                client_id="till",
                strong=True,
            ),
            str(ADA),
        ),
    ):
        with signed_in(client, "*") as fake, overridden(TokenVerifier, fake):
            fake.principal = principal
            assert (
                await client.post("/api/v1/admin/outbox/" + str(dead) + "/replay", headers=BEARER)
            ).status_code == 200
        entry = (await entries())[-1]
        assert (entry.actor_kind, entry.actor_id, entry.program_id) == (
            ("account", expected, "till") if expected else ("program", "till", None)
        )
        await write(_bury_again, dead)


async def _bury_again(uow, row_id: UUID) -> None:
    await sql(uow).execute(text("update kernel.outbox set state = 'dead' where id = :id"), {"id": row_id})


async def test_a_refusal_is_logged_and_leaves_no_entry(client, dead, monkeypatch):
    logged = []
    monkeypatch.setattr("shop.kernel.http.access.log.warning", lambda event, **words: logged.append((event, words)))
    with signed_in(client, "outbox.view") as fake:
        answer = await client.post(f"/api/v1/admin/outbox/{dead}/replay", headers=BEARER)
    assert answer.status_code == 403
    assert (await entries(), await state_of(dead)) == ([], "dead")
    words = {"actor": str(fake.principal.account_id), "permission": "outbox.replay", "reason": "forbidden"}
    assert logged == [("staff_refused", words)]


async def test_a_change_whose_entry_cant_be_kept_is_not_kept_either(client, dead):
    with signed_in(client, "outbox.replay"), overridden(AuditTrail, Broken()):
        assert (await client.post(f"/api/v1/admin/outbox/{dead}/replay", headers=BEARER)).status_code == 500
    assert (await entries(), await state_of(dead)) == ([], "dead")


async def test_what_was_rolled_back_left_no_entry(client, ada_acts):
    async def half(uow) -> None:
        await change(uow, "a", action="job.added")
        raise LookupError

    with pytest.raises(LookupError):
        await write(half)
    assert (await entries(), await read(jobs)) == ([], [])


async def test_after_the_request_nobody_is_at_work_any_more(client, dead):
    with signed_in(client, "outbox.replay"):
        await client.post(f"/api/v1/admin/outbox/{dead}/replay", headers=BEARER)
        assert audit.who_acts() is None
        await client.post(f"/api/v1/admin/outbox/{uuid4()}/replay", headers=BEARER)
        assert audit.who_acts() is None
    await write(change, "a")
    assert len(await entries()) == 1


async def test_a_transaction_that_is_run_again_leaves_one_entry_with_what_its_last_run_noted(ada_acts):
    runs = 0

    async def cut_once(uow) -> None:
        nonlocal runs
        runs += 1
        await change(uow, "a", action="job.added", run=runs)
        if runs == 1:
            pid = await sql(uow).scalar(text("select pg_backend_pid()"))
            async with engine("read").connect() as other:
                await other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
            await sql(uow).execute(text("select 1"))

    await write(cut_once)
    (entry,) = await entries()
    assert (runs, entry.details) == (2, {"run": 2})


@pytest.mark.parametrize(
    "statement",
    [
        "insert into kernel.job (name) values ('a')",
        "  update kernel.job set last_error = ''",
        "with gone as (delete from kernel.job returning name) select * from gone",
    ],
)
async def test_staff_cant_change_anything_past_the_transactions_that_tell_of_it(ada_acts, statement):
    async def sneak(uow) -> None:
        await sql(uow).execute(text(statement))

    with pytest.raises(RuntimeError, match="only reading"):
        await read(sneak)
    with pytest.raises(Exception, match="read-only transaction"):
        await snapshot(sneak)
    assert await read(jobs) == []
    await snapshot(jobs)
    assert await entries() == []


async def test_the_claim_of_an_idempotency_key_is_the_kernels_own(client, ada_acts):
    async def work() -> tuple[int, str]:
        await write(change, "a")
        return 200, "done"

    async def refuse() -> tuple[int, str]:
        raise LookupError

    for _ in range(2):
        assert (await idempotently(Asked(), "of this test", work)).content == b'"done"'
    assert len(await entries()) == 1
    with pytest.raises(LookupError):
        await idempotently(Asked(), "another", refuse)
    assert len(await entries()) == 1


class Asked:
    """As much of a request as is read of it."""

    headers: Final = {"idempotency-key": "k"}

    async def body(self) -> bytes:
        return b"{}"


async def test_an_owner_made_on_the_command_line_is_told_of_as_the_systems_doing(client):
    assert await write(staff.create_owner, "boss@example.com", "a hash")
    assert not await write(staff.create_owner, "other@example.com", "a hash")
    (entry,) = await entries()
    assert (entry.action, entry.actor_kind, entry.actor_id, entry.route) == ("staff.owner_made", "system", None, None)
    assert entry.subject_kind == "account"


async def test_who_did_what_is_shown_by_name_newest_first(client, people):
    await _three_changes()
    with signed_in(client, "audit.view"):
        answer = await client.get("/admin/audit")
    page = answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert re.findall(r'<td>\s*<span title="([^"]+)">', page) == ["stock.counted", "order.cancelled", "role.given"]
    for words in ("Ada Lovelace", "=cmd|&#39; /C calc&#39;!A0", "The shop itself", "order 77", "out_of_stock"):
        assert words in page


async def test_entries_are_found_by_person_action_day_thing_and_request(client, people):
    await _three_changes()
    with signed_in(client, "audit.view"):

        async def found(**asked: str) -> list[str]:
            answer = await client.get(API, params=asked, headers=BEARER)
            assert answer.status_code == 200, answer.text
            return [entry["action"] for entry in answer.json()["items"]]

        assert await found() == ["stock.counted", "order.cancelled", "role.given"]
        assert await found(actor=str(ADA)) == ["order.cancelled"]
        assert await found(actor="system") == ["role.given"]
        assert await found(action="stock.counted") == ["stock.counted"]
        assert await found(subject="77") == ["order.cancelled"]
        assert await found(subject="request-of-bob") == ["stock.counted"]
        assert await found(actor=str(ADA), action="stock.counted") == []
        with owner_connection() as owner:  # moved to a day that has 23 hours, as the trigger lets nobody else
            owner.execute("set session_replication_role = replica")
            owner.execute(
                "update backoffice.audit_entry set at = case action when 'role.given' then '2026-03-28T23:00Z'"
                " when 'order.cancelled' then '2026-03-29T21:59:59Z' else '2026-03-29T22:00Z' end::timestamptz"
            )
        assert await found(day="2026-03-29") == ["order.cancelled", "role.given"]
        assert await found(day="2026-03-30") == ["stock.counted"]
        assert await found(day="2026-03-28") == []
        for day in ("2026-02-30", "yesterday", "99999-01-01", "2026-3-1"):
            assert (await client.get(API, params={"day": day}, headers=BEARER)).status_code == 422, day


async def test_the_log_is_read_page_by_page_while_it_grows(client, people):
    for number in range(7):
        audit.acts(acting())
        await write(change, f"job {number}", action="job.added", subject=("job", number))
    audit.acts(None)
    seen, cursor = [], ""
    with signed_in(client, "audit.view"):
        while cursor is not None:
            answer = (await client.get(API, params={"limit": 3, "cursor": cursor}, headers=BEARER)).json()
            seen += [entry["subject"]["id"] for entry in answer["items"]]
            cursor = answer["next_cursor"]
            audit.acts(acting())
            await write(change, f"later {len(seen)}")
            audit.acts(None)
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


async def test_the_file_holds_what_the_page_shows_and_runs_no_formula(client, people):
    await _three_changes()
    with signed_in(client, "audit.view"):
        answer = await client.get("/admin/audit/export", params={"action": "stock.counted"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-')
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["action"], row["actor_id"], row["subject_id"]) == ("stock.counted", str(BOB), "red-mug")
    assert row["actor_name"] == "'=cmd|' /C calc'!A0"
    assert row["details"] == "on_hand=5"


async def test_the_page_asks_as_much_however_long_the_log_is(client, people, record_statements):
    for number in range(60):
        audit.acts(acting(uuid4()))
        await write(change, f"job {number}", action=f"job.added_{number}")
    audit.acts(None)
    with signed_in(client, "audit.view"), record_statements() as sent:
        page = (await client.get("/admin/audit")).text
    assert page.count("A former account") == 50
    assert len(sent) == 3, sent


async def _three_changes() -> None:
    async def give(uow) -> None:
        await audit.record(uow, action="role.given", subject=("account", BOB), role="owner")

    await write(give)
    audit.acts(acting())
    await write(change, "a", action="order.cancelled", subject=("order", 77), reason="out_of_stock")
    audit.acts(acting(BOB, request_id="request-of-bob"))
    await write(change, "b", action="stock.counted", subject=("variant", "red-mug"), on_hand=5)
    audit.acts(None)
