"""Who is believed to have sent an event: a program by its present secret, just now, and nobody else. Strangers get one answer."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import sql, write
from shop.modules.webhooks.rules import Signature
from tests.factories.identity import bearer, make_account
from tests.factories.oauth import CALLBACK, Program, make_program
from tests.factories.webhooks import EVENTS, body_of, headers_of, key_of, signature_of
from tests.integration.webhooks.conftest import LampRequested

CLIENTS = "/api/v1/admin/oauth/clients"
LAMP = "lamps.lamp_requested.v1"
DATA = {"lamp_id": "00000000-0000-7000-8000-000000000001"}
SAME_FOR_ALL = ("type", "title", "status", "detail", "code")


def event(program: Program, **changes) -> bytes:
    return body_of(program, DATA, LAMP, **changes)


async def send(api, program: Program, body: bytes | None = None, **headers):
    body = event(program) if body is None else body
    return await api.post(EVENTS, content=body, headers={**headers_of(program.secret, body), **headers})


async def status_of(api, program: Program, body: bytes | None = None, **headers) -> int:
    return (await send(api, program, body, **headers)).status_code


async def change(statement: str, **values) -> None:
    async def run(uow) -> None:
        await sql(uow).execute(text(statement), values)

    await write(run)


@pytest.fixture
async def manager(db):
    return await bearer(await make_account("it@example.com", permissions=("clients.manage", "stock.edit")))


async def register(api, manager, **changes) -> Program:
    wish = {"name": "Ledger", "redirect_uris": [], "scopes": ["stock.edit"], "confidential": True}
    answer = await api.post(CLIENTS, json={**wish, **changes}, headers=manager)
    assert answer.status_code == 201, answer.text
    return Program(answer.json()["client_id"], answer.json().get("client_secret"), "")


async def test_the_secret_that_a_program_is_told_signs_its_events(api, manager):
    program = await register(api, manager)
    assert program.secret is not None
    assert program.secret.isalnum()
    assert 24 <= len(key_of(program.secret)) <= 64, "as the specification wants it"
    assert await status_of(api, program) == 202
    prefixed = Program(program.id, f"whsec_{program.secret}", "")
    assert await status_of(api, prefixed) == 202


async def test_one_secret_opens_both_doors(api, manager, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    program = await register(api, manager)
    assert (await program.own_tokens(api)).status_code == 200
    assert await status_of(api, program) == 202


async def test_a_new_secret_signs_and_the_old_one_no_more(api, manager):
    program = await register(api, manager)
    answer = await api.post(f"{CLIENTS}/{program.id}/secret", headers=manager)
    renewed = Program(program.id, answer.json()["client_secret"], "")
    assert answer.json()["signs_events"] is True
    assert await status_of(api, program) == 401
    assert await status_of(api, renewed) == 202
    body = event(renewed)
    old, new = headers_of(program.secret, body), headers_of(renewed.secret, body, message_id="msg_1")
    timestamp = new["webhook-timestamp"]
    both = [signature_of(key_of(each.secret), "msg_1", timestamp, body) for each in (program, renewed)]
    assert old["webhook-signature"] not in both
    assert await status_of(api, renewed, body, **{**new, "webhook-signature": " ".join(both)}) == 202


async def test_a_program_that_changes_its_name_goes_on_signing(api, manager):
    program = await register(api, manager)
    await api.patch(f"{CLIENTS}/{program.id}", json={"name": "Books"}, headers=manager)
    assert await status_of(api, program) == 202


async def test_a_disabled_program_sends_nothing_until_it_is_let_in_again(api, manager):
    program = await register(api, manager)
    await api.patch(f"{CLIENTS}/{program.id}", json={"disabled": True}, headers=manager)
    assert await status_of(api, program) == 401
    await api.patch(f"{CLIENTS}/{program.id}", json={"disabled": False}, headers=manager)
    assert await status_of(api, program) == 202


async def test_a_deleted_program_is_nobody(api, manager):
    program = await register(api, manager)
    await api.delete(f"{CLIENTS}/{program.id}", headers=manager)
    assert await status_of(api, program) == 401


async def test_a_right_that_is_taken_is_missing_from_then_on(api, manager):
    program = await register(api, manager, scopes=["stock.edit", "clients.manage"])
    body = event(program)
    assert await status_of(api, program, body) == 202
    await api.patch(f"{CLIENTS}/{program.id}", json={"scopes": ["clients.manage"]}, headers=manager)
    assert await status_of(api, program) == 403
    assert await status_of(api, program, body) == 403


async def test_a_secret_from_before_signs_nothing_and_only_staff_are_told(api, manager):
    program = await register(api, manager)
    await change("update identity.oauth_client set signing_secret = null where id = :id", id=program.id)
    shown = (await api.get(f"{CLIENTS}/{program.id}", headers=manager)).json()
    assert shown["signs_events"] is False
    with capture_logs() as logs:
        answer = await send(api, program)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_signature")
    assert "secret" not in answer.text
    assert ("program_without_signing_secret", program.id) in [(log["event"], log.get("client_id")) for log in logs]
    renewed = (await api.post(f"{CLIENTS}/{program.id}/secret", headers=manager)).json()
    assert await status_of(api, Program(program.id, renewed["client_secret"], "")) == 202


async def test_a_public_program_signs_nothing(api, manager):
    public = await register(api, manager, confidential=False, redirect_uris=[CALLBACK])
    other = await register(api, manager)
    assert await status_of(api, Program(public.id, other.secret, "")) == 401
    shown = (await api.get(f"{CLIENTS}/{public.id}", headers=manager)).json()
    assert shown["signs_events"] is False


async def test_another_programs_secret_signs_for_itself_alone(api, program):
    other = await make_program("stock.edit", redirect_uris=())
    assert await status_of(api, other) == 202
    assert await status_of(api, Program(program.id, other.secret, "")) == 401


async def test_a_sealed_secret_belongs_to_its_program(api, program):
    """Whoever could write to the table could not lend one program the rights of another."""
    thief = await make_program("profile.read")
    await change(
        "update identity.oauth_client set signing_secret ="
        " (select signing_secret from identity.oauth_client where id = :thief) where id = :id",
        id=program.id,
        thief=thief.id,
    )
    assert await status_of(api, Program(program.id, thief.secret, "")) == 401


async def test_what_is_sealed_under_another_key_of_the_shop_signs_nothing(api, program, monkeypatch):
    monkeypatch.setenv("SHOP_SECRET_KEY", "another-secret-key-of-more-than-32-characters")
    settings.cache_clear()
    with capture_logs() as logs:
        assert await status_of(api, program) == 401
    monkeypatch.undo()
    settings.cache_clear()
    assert "signing_secret_unreadable" in [log["event"] for log in logs]


async def test_the_secret_is_stored_sealed_and_told_to_nobody(api, manager, owner):
    program = await register(api, manager)
    [[stored]] = owner.execute("select signing_secret from identity.oauth_client").fetchall()
    assert program.secret.encode() not in bytes(stored)
    assert key_of(program.secret) not in bytes(stored)
    for path in (CLIENTS, f"{CLIENTS}/{program.id}"):
        assert program.secret not in (await api.get(path, headers=manager)).text


FORGERIES = {
    "nothing": lambda good: dict.fromkeys(good, None),
    "no id": lambda good: {**good, "webhook-id": None},
    "no timestamp": lambda good: {**good, "webhook-timestamp": None},
    "no signature": lambda good: {**good, "webhook-signature": None},
    "empty": lambda good: {**good, "webhook-signature": ""},
    "another id": lambda good: {**good, "webhook-id": "msg_other"},
    "another time": lambda good: {**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) - 1)},
    "another scheme": lambda good: {**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v1a,")},
    "nobody's secret": lambda good: {**good, "webhook-signature": "v1," + "A" * 43 + "="},
    "cut": lambda good: {**good, "webhook-signature": good["webhook-signature"][:-4]},
    "no time at all": lambda good: {**good, "webhook-timestamp": "now"},
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_event_is_refused_and_leaves_no_trace(api, program, count, forge):
    body = event(program)
    sent = {name: each for name, each in forge(headers_of(program.secret, body)).items() if each is not None}
    answer = await api.post(EVENTS, content=body, headers={"content-type": "application/json", **sent})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_signature")
    assert answer.headers["content-type"] == "application/problem+json"
    for table in ("webhooks.received_event", "kernel.outbox", "backoffice.audit_entry"):
        assert await count(table) == 0


async def test_headers_that_are_there_twice_are_refused(api, program):
    body = event(program)
    good = headers_of(program.secret, body)
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        answer = await api.post(EVENTS, content=body, headers=[*good.items(), (name, good[name])])
        assert answer.status_code == 401, name


@pytest.mark.parametrize(("seconds", "status"), [(-290, 202), (-310, 401), (290, 202), (310, 401), (-86400, 401)])
async def test_an_event_is_sent_within_five_minutes_of_its_signature(api, program, seconds, status):
    body = event(program)
    answer = await api.post(EVENTS, content=body, headers=headers_of(program.secret, body, at=seconds))
    assert answer.status_code == status


async def test_a_copied_event_is_worth_nothing_later(api, program):
    body = event(program)
    copied = headers_of(program.secret, body)
    with clock.shifted(timedelta(days=31)):  # when its id is forgotten, too
        assert (await api.post(EVENTS, content=body, headers=copied)).status_code == 401


async def test_strangers_get_one_answer_whatever_is_the_matter(api, manager, program):
    public = await register(api, manager, confidential=False, redirect_uris=[CALLBACK])
    disabled = await register(api, manager)
    await api.patch(f"{CLIENTS}/{disabled.id}", json={"disabled": True}, headers=manager)
    powerless = await make_program("profile.read")
    sources = (
        program.id, public.id, disabled.id, powerless.id, "00000000-0000-7000-8000-000000000000", program.id.upper(),
        f"urn:uuid:{program.id}", f"https://example.com/{program.id}", f" {program.id}", "", "x", "x" * 5000, "\x00",
        "' or 1=1 --", 7, None, [program.id], {"id": program.id},
    )  # fmt: skip
    bodies = [*(event(program, source=source) for source in sources), b"[]", b"7", b'"text"', b"null", b"{}"]
    stranger = Program(program.id, "A" * 44, "")
    answers = [await send(api, stranger, body) for body in bodies]
    told = {tuple(answer.json()[name] for name in SAME_FOR_ALL) for answer in answers}
    assert len(told) == 1
    assert {answer.status_code for answer in answers} == {401}
    assert len({frozenset(answer.headers) for answer in answers}) == 1


async def test_only_the_client_id_itself_names_its_program(api, program):
    for source in (program.id.upper(), f"urn:uuid:{program.id}", f"{{{program.id}}}", program.id.replace("-", "")):
        assert await status_of(api, program, event(program, source=source)) == 401


async def test_whether_a_program_is_there_can_not_be_told_by_the_time_it_takes(
    api, program, record_statements, monkeypatch
):
    """The same work is done: one statement, and the signature is computed."""
    worked = Counter()
    fits = Signature.fits

    def counting(self, secrets, body):
        worked[len(secrets)] += 1
        return fits(self, secrets, body)

    monkeypatch.setattr(Signature, "fits", counting)
    for source in (program.id, "00000000-0000-7000-8000-000000000000"):
        with record_statements() as sent:
            await send(api, Program(program.id, "A" * 44, ""), event(program, source=source))
        assert len(sent) == 1
    assert worked == {1: 2}


async def test_one_forged_in_twenty_among_many_and_none_is_taken(
    api, program, lamps: list[LampRequested], drain_outbox, count
):
    dice = random.Random(2026)
    good = [event(program, id=f"event-{number}") for number in range(190)]
    sent = [(body, program.secret) for body in good]
    sent += [(event(program, id=f"forged-{number}"), "A" * 44) for number in range(10)]
    sent += dice.sample(sent[:190], 38)
    dice.shuffle(sent)
    statuses = Counter()
    for body, secret in sent:
        statuses[(await api.post(EVENTS, content=body, headers=headers_of(secret, body))).status_code] += 1
        if statuses.total() % 50 == 0:
            await drain_outbox()
    await drain_outbox()
    assert statuses == {202: 228, 401: 10}
    assert len(lamps) == 190
    assert await count("webhooks.received_event") == 190


async def test_nothing_of_an_event_is_logged_but_its_names(api, program):
    with capture_logs() as logs:
        body = body_of(program, {**DATA, "colour": "ultramarine"}, LAMP)
        await send(api, program, body)
        await send(api, Program(program.id, "A" * 44, ""), body)
    assert {"event_received", "event_refused"} <= {log["event"] for log in logs}
    assert "ultramarine" not in str(logs)
    assert program.secret not in str(logs)


async def test_a_session_or_a_token_signs_nothing(api, manager, program):
    body = event(program)
    assert (await api.post(EVENTS, content=body, headers=manager)).status_code == 401


async def test_the_limit_of_webhooks_counts_here(api, program, rate_limits):
    answer = await send(api, program)
    assert answer.status_code == 202
    assert "webhook" in answer.headers["ratelimit"]
