"""Facts survive, have one effect, and die where staff can see them."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shop.kernel import bus, outbox
from shop.kernel.db import read, sql, write
from shop.kernel.events import Event
from shop.kernel.manifest import durable, durable_effect, same_transaction


class Happened(Event, tag="test.happened.v1", frozen=True):
    id: UUID


class HappenedHere(Event, tag="test.happened_here.v1", frozen=True):
    id: UUID


class Effected(Event, tag="test.effected.v1", frozen=True):
    id: UUID


seen: list[UUID] = []
failures: list[Exception] = []


async def when_happened_note_it(uow, event: Happened) -> None:
    if failures:
        raise failures[0]
    seen.append(event.id)
    await sql(uow).execute(text("insert into kernel.job (name) values (:name)"), {"name": f"note-{event.id}"})


async def when_happened_here_refuse(uow, event: HappenedHere) -> None:
    raise ValueError("the emitter's transaction must fall with me")


async def when_effected_note_it(event: Effected) -> None:
    seen.append(event.id)


@pytest.fixture(autouse=True)
def subscribed(db):
    for subscription in (
        durable(Happened, when_happened_note_it),
        same_transaction(HappenedHere, when_happened_here_refuse),
        durable_effect(Effected, when_effected_note_it),
    ):
        if bus.find_subscription(subscription.name) is None:
            bus.subscribe(subscription)
    seen.clear()
    failures.clear()


async def emit(uow, *events) -> None:
    for event in events:
        uow.emit(event)


async def notes(uow) -> int:
    return (await sql(uow).execute(text("select count(*) from kernel.job where name like 'note-%'"))).scalar_one()


async def test_an_event_reaches_its_subscriber_once_and_its_row_is_gone(drain_outbox):
    event = Happened(id=uuid4())
    await write(emit, event)
    assert await drain_outbox() == 1
    assert seen == [event.id]
    assert (await read(outbox.outbox_state)).pending == 0


async def test_an_event_of_a_failed_transaction_is_never_told(drain_outbox):
    async def fail(uow) -> None:
        uow.emit(Happened(id=uuid4()))
        raise LookupError("no")

    with pytest.raises(LookupError):
        await write(fail)
    assert await drain_outbox() == 0


async def test_a_same_transaction_subscriber_takes_its_emitter_down(drain_outbox):
    with pytest.raises(ValueError, match="must fall with me"):
        await write(emit, Happened(id=uuid4()), HappenedHere(id=uuid4()))
    assert await drain_outbox() == 0


async def test_a_second_delivery_of_the_same_event_has_no_effect(drain_outbox):
    event = Happened(id=uuid4())
    await write(emit, event)
    event_id = await read(lambda uow: sql(uow).scalar(text("select event_id from kernel.outbox")))
    await drain_outbox()

    async def again(uow) -> None:
        from shop.kernel import outbox_rows

        await sql(uow).execute(outbox_rows.INSERT, {"rows": outbox_rows.encoded(outbox_rows.rows_of(event, event_id))})

    await write(again)
    await drain_outbox()
    assert await read(notes) == 1
    assert (await read(outbox.outbox_state)).pending == 0


async def test_a_failing_handler_is_tried_again_later_then_dead_then_replayed(drain_outbox):
    failures.append(RuntimeError("still broken"))
    await write(emit, Happened(id=uuid4()))
    for _ in range(outbox.MAX_ATTEMPTS):
        await drain_outbox()
        await write(lambda uow: sql(uow).execute(text("update kernel.outbox set due_at = now()")))
    state = await read(outbox.outbox_state)
    assert (state.pending, state.dead) == (0, 1)
    (dead,) = await read(outbox.dead_rows)
    assert "still broken" in dead.last_error
    assert await read(notes) == 0
    failures.clear()
    await write(outbox.replay, dead.id)
    await drain_outbox()
    assert await read(notes) == 1


async def test_replaying_a_row_that_is_not_dead_says_so():
    with pytest.raises(outbox.OutboxRowNotFound):
        await write(outbox.replay, uuid4())


async def test_an_effect_runs_outside_a_transaction_and_once(drain_outbox):
    event = Effected(id=uuid4())
    await write(emit, event)
    await drain_outbox()
    await drain_outbox()
    assert seen == [event.id]


async def test_emitting_while_only_reading_is_refused():
    with pytest.raises(RuntimeError, match="use write"):
        await read(emit, Happened(id=uuid4()))
