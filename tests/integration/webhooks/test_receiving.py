"""An event that a program signs is on the bus before it hears 202, once, and whatever can't be shown to be one leaves no trace."""

import asyncio
import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shop.kernel import clock
from shop.modules.webhooks import api as webhooks_api
from shop.modules.webhooks import jobs
from shop.modules.webhooks.rules import LARGEST_BODY
from tests.factories.oauth import Program, make_program
from tests.factories.webhooks import CLOUD_EVENT, EVENTS, body_of, headers_of, key_of, signature_of

LAMP = "lamps.lamp_requested.v1"


def lamp(**changes):
    return {"lamp_id": str(uuid4()), "brightness": 5, **changes}


def event(program: Program, data=None, event_id=None, event_type=LAMP, **changes) -> bytes:
    return body_of(program, lamp() if data is None else data, event_type, event_id, **changes)


async def send(api, program: Program, body: bytes, **headers):
    return await api.post(EVENTS, content=body, headers={**headers_of(program.secret, body), **headers})


async def leaves_no_trace(count) -> bool:
    return [await count(table) for table in ("webhooks.received_event", "kernel.outbox", "backoffice.audit_entry")] == [
        0,
        0,
        0,
    ]


async def test_a_signed_event_is_on_the_bus_before_its_sender_is_answered(api, program, lamps, count, drain_outbox):
    data = lamp(colour="warm")
    body = event(program, data, "order-1")
    answer = await send(api, program, body)
    assert (answer.status_code, answer.json()) == (202, {"id": "order-1"})
    assert await count("kernel.outbox") == 1
    assert lamps == [], "handled after the answer, by a worker"
    await drain_outbox()
    [heard] = lamps
    assert (heard.lamp_id, heard.brightness, heard.colour) == (UUID(data["lamp_id"]), 5, "warm")


async def test_it_takes_few_statements(api, program, record_statements):
    body = event(program)
    await send(api, program, event(program))  # what is needed once is there
    with record_statements() as sent:
        assert (await send(api, program, body)).status_code == 202
    assert len(sent) <= 5, sent
    with record_statements() as sent:
        assert (await send(api, program, body)).status_code == 202
    assert len(sent) <= 3, sent
    with record_statements() as sent:
        assert (await api.post(EVENTS, content=body)).status_code == 401
    assert sent == []


async def test_what_is_sent_again_has_no_second_effect(api, program, lamps, count, drain_outbox):
    data = lamp()
    body = event(program, data, "one")
    spaced = json.dumps(json.loads(body), indent=2, sort_keys=True).encode()
    retried = event(program, data, "one", time="2026-11-21T10:05:00Z", subject="a lamp")
    for each in (body, body, spaced, retried):
        assert (await send(api, program, each)).status_code == 202
        await drain_outbox()
    assert len(lamps) == 1
    assert await count("webhooks.received_event") == 1
    assert await count("backoffice.audit_entry") == 1


async def test_fifty_at_once_have_one_effect(api, program, lamps, count, drain_outbox):
    body = event(program)
    answers = await asyncio.gather(*(send(api, program, body) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {202}
    await drain_outbox()
    assert len(lamps) == 1
    assert await count("webhooks.received_event") == 1


async def test_an_id_names_one_event(api, program, lamps, drain_outbox):
    assert (await send(api, program, event(program, lamp(), "one"))).status_code == 202
    for other in (lamp(), lamp(brightness=6)):
        answer = await send(api, program, event(program, other, "one"))
        assert (answer.status_code, answer.json()["code"]) == (409, "event_id_reused")
    await drain_outbox()
    assert len(lamps) == 1


async def test_of_two_events_of_one_id_at_once_one_is_taken(api, program, lamps, drain_outbox):
    bodies = [event(program, lamp(brightness=number), "one") for number in range(20)]
    answers = await asyncio.gather(*(send(api, program, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [202, *[409] * 19]
    await drain_outbox()
    assert len(lamps) == 1


async def test_another_program_may_use_the_same_id(api, program, lamps, drain_outbox):
    other = await make_program("stock.edit", redirect_uris=())
    for each in (program, other):
        assert (await send(api, each, event(each, lamp(), "one"))).status_code == 202
    await drain_outbox()
    assert len(lamps) == 2


async def test_a_death_between_commit_and_answer_adds_nothing_twice(
    api, program, lamps, count, drain_outbox, monkeypatch
):
    committing = webhooks_api.write

    async def write_and_die(*args):
        await committing(*args)
        raise RuntimeError("killed")

    body = event(program)
    monkeypatch.setattr(webhooks_api, "write", write_and_die)
    assert (await send(api, program, body)).status_code == 500
    monkeypatch.setattr(webhooks_api, "write", committing)
    assert await count("kernel.outbox") == 1, "kept before the answer"
    assert (await send(api, program, body)).status_code == 202
    await drain_outbox()
    assert len(lamps) == 1


async def test_a_death_before_the_commit_leaves_the_event_to_be_sent_again(
    api, program, lamps, drain_outbox, monkeypatch
):
    from shop.kernel import db

    committing = db._commit

    async def die(_statements):
        raise RuntimeError("killed")

    body = event(program)
    monkeypatch.setattr(db, "_commit", die)
    assert (await send(api, program, body)).status_code == 500
    monkeypatch.setattr(db, "_commit", committing)
    assert await drain_outbox() == 0
    assert (await send(api, program, body)).status_code == 202
    await drain_outbox()
    assert len(lamps) == 1


async def test_it_stands_in_the_audit_log_without_its_data(api, program, owner):
    assert (await send(api, program, event(program, lamp(colour="ultramarine"), "one"))).status_code == 202
    [entry] = owner.execute(
        "select actor_kind, actor_id, action, subject_kind, subject_id, details::text from backoffice.audit_entry"
    ).fetchall()
    assert entry[:5] == ("program", program.id, "event.received", "event", "one")
    assert LAMP in entry[5]
    assert "ultramarine" not in entry[5]


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({}, {"data.lamp_id"}),
        ({"lamp_id": "no id"}, {"data.lamp_id"}),
        ({"lamp_id": 7, "brightness": "5"}, {"data.lamp_id", "data.brightness"}),
        (lamp(brightness=1.5), {"data.brightness"}),
        (lamp(brightness=True), {"data.brightness"}),
        (lamp(brightness=2**63), {"data.brightness"}),
        (lamp(brightness=-(2**63)), {"data.brightness"}),
        (lamp(colour="a\x00b"), {"data.colour"}),
        (lamp(colour="x" * 2001), {"data.colour"}),
        (lamp(colour=None), {"data.colour"}),
        (lamp(colour=["red"]), {"data.colour"}),
        (lamp(brigthness=9), {"data.brigthness"}),
        (lamp(type=LAMP), {"data.type"}),
        ([], {"data"}),
        ("text", {"data"}),
    ],
    ids=[
        "nothing",
        "no id",
        "two at once",
        "a fraction",
        "a truth",
        "too large",
        "too small",
        "a NUL",
        "too long",
        "null",
        "a list for text",
        "a slip of a name",
        "its type",
        "a list",
        "text",
    ],
)
async def test_data_that_does_not_fit_the_event_is_named(api, program, count, data, fields):
    answer = await send(api, program, event(program, data))
    assert answer.status_code == 422, answer.text
    assert {error["field"] for error in answer.json()["errors"]} == fields
    assert await leaves_no_trace(count)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"specversion": 1.0}, "specversion"),
        ({"specversion": None}, "specversion"),
        ({"id": 5}, "id"),
        ({"id": ""}, "id"),
        ({"id": "ada@example.com"}, "id"),
        ({"id": "x" * 101}, "id"),
        ({"id": "a\n"}, "id"),
        ({"type": ["x"]}, "type"),
        ({"type": "Lamps!"}, "type"),
        ({"type": None}, "type"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-11-21T10:00:00"}, "time"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
    ],
    ids=str,
)
async def test_an_envelope_that_is_no_cloud_event_is_named(api, program, count, changes, field):
    answer = await send(api, program, event(program, **changes))
    assert answer.status_code == 422, answer.text
    assert {error["field"] for error in answer.json()["errors"]} == {field}
    assert await leaves_no_trace(count)


@pytest.mark.parametrize(
    "changes",
    [
        {"time": None},
        {"time": "2026-11-21T10:00:00.123456+01:00"},
        {"datacontenttype": "application/json; charset=utf-8"},
        {"subject": "lamps/5", "dataschema": "https://example.com/lamp", "traceparent": "00-1-2-03"},
    ],
    ids=str,
)
async def test_whatever_else_a_cloud_event_may_say_is_no_hindrance(api, program, changes):
    assert (await send(api, program, event(program, **changes))).status_code == 202


async def test_data_that_is_missing_or_in_another_form_is_asked_for(api, program, count):
    for instead in (b'"data_base64": "e30="', b'"data": null'):
        answer = await send(api, program, re.sub(rb'"data": {.*?}', instead, event(program)))
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["data"]
    assert await leaves_no_trace(count)


async def test_only_what_a_module_accepts_from_outside_is_taken(api, program, count):
    types = ("lamps.lamp_forgotten.v1", "orders.order_paid.v1", "nobody.knows_this.v1", "lamps.lamp_requested.v2")
    for event_type in types:
        answer = await send(api, program, event(program, event_type=event_type))
        assert (answer.status_code, answer.json()["code"]) == (422, "event_not_accepted")
        assert answer.json()["errors"][0]["field"] == "type"
    assert await leaves_no_trace(count)


async def test_a_program_needs_the_right(api, count):
    for scopes in (("stock.view",), ("profile.read",), ("orders.view", "profile.read")):
        other = await make_program(*scopes)
        answer = await send(api, other, event(other))
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert answer.json()["scope"] == "stock.edit"
    assert await leaves_no_trace(count)


@pytest.mark.parametrize("media_type", [CLOUD_EVENT, "application/json", "APPLICATION/JSON; charset=utf-8"])
async def test_both_ways_to_call_the_body_are_taken(api, program, media_type):
    body = event(program)
    assert (await send(api, program, body, **{"content-type": media_type})).status_code == 202


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/cloudevents-batch+json", "application/msgpack"])
async def test_another_is_not(api, program, count, media_type):
    answer = await send(api, program, event(program), **{"content-type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert await leaves_no_trace(count)


async def test_a_huge_body_is_refused_before_it_is_read(api, program, count):
    for size, status in ((LARGEST_BODY + 1, 413), (LARGEST_BODY * 20, 413), (LARGEST_BODY - 2000, 202)):
        body = event(program, padding="x" * size)
        answer = await send(api, program, body)
        assert answer.status_code == status, size
    assert await count("webhooks.received_event") == 1


DEEP = 20_000


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nothing", b"\xff\xfe\x00", b'{"source": "\xff"}', b'{"source": "\\ud800"}', b"\xef\xbb\xbf{}",
        b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * (DEEP // 4), b'{"source": NaN}', b"9" * 5000,
        '{"source": ""}'.encode("utf-16"),
    ],
    ids=lambda each: repr(each[:16]),
)  # fmt: skip
async def test_a_body_that_is_no_json_is_refused(api, program, count, body):
    answer = await send(api, program, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert await leaves_no_trace(count)


@pytest.mark.parametrize("depth", [50, 400, 800, 900, 1000])
@pytest.mark.parametrize(
    ("place", "statuses"),
    [('"data": %s', {400, 422}), ('"data": {"lamp_id": %s}', {400, 422}), ('"data": {"x": %s}', {400, 422})],
    ids=["data", "a field", "an unknown field"],
)
async def test_a_deep_body_of_a_program_is_refused(api, program, count, depth, place, statuses):
    deep = b"[" * depth + b"]" * depth
    body = re.sub(rb'"data": {.*?}', place.encode().replace(b"%s", deep), event(program))
    answer = await send(api, program, body)
    assert answer.status_code in statuses, answer.text
    assert await leaves_no_trace(count)


async def test_what_stands_beside_the_event_is_passed_over_however_deep(api, program):
    body = event(program, aside="x").replace(b'"x"', b"[" * 500 + b"]" * 500)
    assert (await send(api, program, body)).status_code == 202


async def test_the_last_of_two_members_of_one_name_counts_for_the_signature_as_well(api, program, lamps, drain_outbox):
    stranger = await make_program("stock.edit", redirect_uris=())
    body = event(program).replace(b'{"specversion"', b'{"source": "' + stranger.id.encode() + b'", "specversion"')
    assert (await send(api, stranger, body)).status_code == 401
    assert (await send(api, program, body)).status_code == 202


async def test_a_month_later_an_id_is_forgotten(api, program, count):
    await send(api, program, event(program, event_id="old"))
    await jobs.forget_received_events()
    assert await count("webhooks.received_event") == 1
    with clock.shifted(timedelta(days=31)):
        await jobs.forget_received_events()
    assert await count("webhooks.received_event") == 0


async def test_a_message_can_not_be_read_in_two_ways(api, program, count):
    """What is signed is joined by full stops: none may stand in the id."""
    body = event(program)
    headers = headers_of(program.secret, body)
    shifted = {**headers, "webhook-id": f"{headers['webhook-id']}.{headers['webhook-timestamp']}"}
    assert (await api.post(EVENTS, content=body, headers=shifted)).status_code == 401
    signed = signature_of(key_of(program.secret), "a.b", headers["webhook-timestamp"], body)
    shifted = {**headers, "webhook-id": "a.b", "webhook-signature": signed}
    assert (await api.post(EVENTS, content=body, headers=shifted)).status_code == 401
    assert await leaves_no_trace(count)
