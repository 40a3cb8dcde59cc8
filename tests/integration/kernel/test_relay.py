"""The relay: each due row is woken for once, whatever dies or is away, and a handler that fails is tried later and later.

Real rows, real handlers; where a test looks at what the relay sends, a recorder stands in for the broker.
"""

import asyncio
import contextlib
import math
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shop.kernel import bus, outbox
from shop.kernel.db import after_commit, read, sql, write
from shop.kernel.events import Event
from shop.kernel.jobs import QUEUE, Wakeups
from shop.kernel.manifest import durable, durable_effect
from shop.kernel.redis_client import RedisError, channel, client
from shop.relay import BATCH, CHANNEL, MOST_WAITING, Poke, Relay
from tests.fakes.valkey import cut_subscriptions
from tests.waiting import PATIENCE, until


class Relayed(Event, tag="test.relayed.v1", frozen=True):
    id: UUID


class Performed(Event, tag="test.performed.v1", frozen=True):
    id: UUID


class Handler:
    def __init__(self) -> None:
        self.runs: list[UUID] = []
        self.done: list[UUID] = []
        self.error: BaseException | None = None
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, event_id: UUID) -> None:
        self.runs.append(event_id)
        await self.go.wait()
        if self.error:
            raise self.error
        self.done.append(event_id)


handler = Handler()


async def when_relayed_note_it(uow, event: Relayed) -> None:
    await handler(event.id)


async def when_performed_note_it(event: Performed) -> None:
    await handler(event.id)


class Recorder:
    """The broker as the relay sees it."""

    def __init__(self) -> None:
        self.rows: list[UUID] = []
        self.jobs: list[str] = []
        self.breaks_after: int | None = None
        self.unfinished = 0

    def waiting(self) -> int:
        return self.unfinished

    def wake_for_row(self, row_id: UUID) -> None:
        if self.breaks_after is not None and len(self.rows) >= self.breaks_after:
            raise RedisError("the broker is away")
        self.rows.append(row_id)

    def wake_for_job(self, name: str) -> None:
        self.jobs.append(name)


@pytest.fixture(autouse=True)
def _subscribed(db):
    global handler
    handler = Handler()
    for subscription in (durable(Relayed, when_relayed_note_it), durable_effect(Performed, when_performed_note_it)):
        if bus.find_subscription(subscription.name) is None:
            bus.subscribe(subscription)


def make_relay() -> tuple[Relay, Recorder]:
    relay, recorder = Relay(), Recorder()
    relay._wakeups = recorder  # type: ignore[assignment]  # the two messages are all it sends
    return relay, recorder


async def tell(count: int = 1, kind: type[Event] = Relayed) -> None:
    async def emit(uow) -> None:
        for _ in range(count):
            uow.emit(kind(id=uuid4()))

    await write(emit)


async def rows():
    async def find(uow):
        found = await sql(uow).execute(
            text("select *, extract(epoch from due_at - now()) as wait from kernel.outbox order by id")
        )
        return list(found.all())

    return await read(find)


async def only_row():
    (row,) = await rows()
    return row


async def change(what: str) -> None:
    await write(lambda uow: sql(uow).execute(text(f"update kernel.outbox set {what}")))


async def test_a_due_row_is_woken_for_once_until_its_lease_has_passed():
    await tell()
    relay, recorder = make_relay()
    assert [await relay.wake_due_rows() for _ in range(3)] == [1, 0, 0]
    assert recorder.rows == [(await only_row()).id]


async def test_two_relays_never_wake_for_the_same_row():
    await tell(60)
    relays = [make_relay() for _ in range(4)]
    await asyncio.gather(*(relay.wake_due_rows() for relay, _ in relays))
    woken = [row_id for _, recorder in relays for row_id in recorder.rows]
    assert len(woken) == len(set(woken)) == 60


async def test_more_than_a_batch_is_taken_in_one_sweep():
    await tell(BATCH + 50)
    relay, recorder = make_relay()
    await relay._sweep_calmly()
    assert len(set(recorder.rows)) == BATCH + 50


async def test_behind_workers_that_take_nothing_rows_wait_in_the_database():
    """Else each would be woken for again whenever its lease ends, until the broker is full and hands out nothing any more."""
    await tell(3 * MOST_WAITING)
    broker, relay = Wakeups().broker, Relay()
    relay._next_tick = math.inf
    broker.flush(QUEUE)
    try:
        for _ in range(5):
            await relay._sweep_calmly()
            await change("due_at = now()")
        assert broker.do_qsize(QUEUE) == MOST_WAITING
        assert sum(row.wake_ups for row in await rows()) == MOST_WAITING
    finally:
        broker.flush(QUEUE)


async def test_what_a_dead_worker_had_fetched_keeps_nobody_waiting():
    wakeups = Wakeups()
    wakeups.broker.flush(QUEUE)
    try:
        for _ in range(MOST_WAITING):
            wakeups.wake_for_row(uuid4())
        assert wakeups.waiting() == MOST_WAITING
        while wakeups.broker.do_fetch(QUEUE, 100):
            pass
        assert wakeups.waiting() == 0
    finally:
        wakeups.broker.flush(QUEUE)


async def test_jobs_are_woken_for_behind_rows_but_not_without_end():
    relay, recorder = make_relay()
    recorder.unfinished = MOST_WAITING
    await relay._sweep_calmly()
    assert recorder.jobs
    relay, recorder = make_relay()
    await write(lambda uow: sql(uow).execute(text("update kernel.job set due_at = now()")))
    recorder.unfinished = 2 * MOST_WAITING
    await relay._sweep_calmly()
    assert recorder.jobs == []


async def test_oldest_first():
    await tell(5)
    relay, recorder = make_relay()
    await relay.wake_due_rows()
    assert recorder.rows == [row.id for row in await rows()]


async def test_what_a_crashed_relay_claimed_is_swept_up_by_another():
    """The claim was committed, the wake-up never sent."""
    await tell(3)
    await write(outbox.claim_due, 100)
    relay, recorder = make_relay()
    await relay.wake_due_rows()
    assert recorder.rows == []
    await change(f"due_at = due_at - interval '{outbox.WAKE_UP_LEASE.total_seconds()} s'")
    await relay.wake_due_rows()
    assert len(recorder.rows) == 3


async def test_rows_whose_wake_up_could_not_be_sent_are_due_again_at_once():
    await tell(5)
    relay, recorder = make_relay()
    recorder.breaks_after = 2
    with pytest.raises(RedisError):
        await relay.wake_due_rows()
    assert [row.wake_ups for row in await rows()] == [1, 1, 0, 0, 0]
    recorder.breaks_after = None
    await relay.wake_due_rows()
    assert len(recorder.rows) == len(set(recorder.rows)) == 5


async def test_a_sweep_outlives_a_broker_and_a_database_that_are_away(monkeypatch):
    await tell()
    relay, recorder = make_relay()
    recorder.breaks_after = 0
    await relay._sweep_calmly()

    async def away(*_):
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr("shop.relay.write", away)
        await relay._sweep_calmly()
    recorder.breaks_after = None
    await relay._sweep_calmly()
    assert len(recorder.rows) == 1


@pytest.mark.parametrize("kind", [Relayed, Performed])
async def test_two_workers_woken_for_one_row_do_it_once(kind):
    await tell(1, kind)
    row_id = (await only_row()).id
    handler.go.clear()
    first = asyncio.create_task(outbox.deliver(row_id))
    await until(lambda: len(handler.runs) == 1)
    await outbox.deliver(row_id)
    assert len(handler.runs) == 1
    handler.go.set()
    await first
    await outbox.deliver(row_id)
    assert (len(handler.runs), len(handler.done)) == (1, 1)
    assert await rows() == []


@pytest.mark.parametrize(("kind", "at_once"), [(Performed, 3 * outbox.TRANSACTIONS), (Relayed, outbox.TRANSACTIONS)])
async def test_effects_wait_for_strangers_without_a_place_among_the_transactions(kind, at_once):
    await tell(3 * outbox.TRANSACTIONS, kind)
    handler.go.clear()
    deliveries = [asyncio.create_task(outbox.deliver(row.id)) for row in await rows()]
    await until(lambda: len(handler.runs) >= at_once)
    await asyncio.sleep(0.2)
    assert len(handler.runs) == at_once
    handler.go.set()
    await asyncio.gather(*deliveries)
    assert len(handler.done) == 3 * outbox.TRANSACTIONS


@pytest.mark.parametrize("kind", [Relayed, Performed])
async def test_a_failure_is_tried_later_and_later_and_dies_at_last(kind):
    await tell(1, kind)
    handler.error = RuntimeError("still broken")
    row_id = (await only_row()).id
    waits = []
    for attempt in range(1, outbox.MAX_ATTEMPTS + 1):
        assert (await only_row()).state == "pending"
        await change("due_at = now()")
        (claimed,) = await write(outbox.claim_due, 10)
        await outbox.deliver(claimed)
        row = await only_row()
        assert row.attempts == attempt
        waits.append(float(row.wait))
        assert await write(outbox.claim_due, 10) == [], "not before its time"
    assert (row.state, len(handler.runs)) == ("dead", outbox.MAX_ATTEMPTS)
    assert "still broken" in row.last_error
    assert [round(wait / 2) * 2 for wait in waits[:4]] == [2, 4, 8, 16]
    assert waits == sorted(waits)
    assert max(waits) <= 600
    await change("due_at = now() - interval '1 day'")
    assert await write(outbox.claim_due, 10) == [], "the dead are left alone"
    handler.error = None
    await write(outbox.replay, row_id)
    (claimed,) = await write(outbox.claim_due, 10)
    await outbox.deliver(claimed)
    assert len(handler.done) == 1
    assert await rows() == []


async def test_a_handler_that_never_ends_is_stopped_and_counted(monkeypatch):
    monkeypatch.setattr(outbox, "HANDLER_SECONDS", 0.2)
    await tell()
    handler.go.clear()
    await outbox.deliver((await only_row()).id)
    row = await only_row()
    assert (row.attempts, row.state) == (1, "pending")
    assert "TimeoutError" in row.last_error


async def test_a_row_that_takes_every_worker_down_with_it_dies_too():
    await tell()
    await change(f"wake_ups = {outbox.MAX_WAKE_UPS}")
    await write(outbox.claim_due, 10)
    row = await only_row()
    assert row.state == "dead"
    assert "worker died" in row.last_error


async def test_an_effect_whose_worker_died_is_done_by_another_after_the_lease():
    await tell(1, Performed)
    row_id = (await only_row()).id
    await change("leased_until = now() + interval '1 minute'")
    await outbox.deliver(row_id)
    assert handler.runs == []
    await change("leased_until = now() - interval '1 s'")
    await outbox.deliver(row_id)
    assert len(handler.done) == 1


async def test_a_row_of_a_subscriber_that_is_gone_is_counted_and_not_lost():
    await tell()
    await change("subscriber = 'gone.when_relayed_note_it'")
    await outbox.deliver((await only_row()).id)
    row = await only_row()
    assert row.attempts == 1
    assert "gone.when_relayed_note_it" in row.last_error


async def listened_to() -> bool:
    ((_, listeners),) = await client().pubsub_numsub(channel(CHANNEL))
    return listeners > 0


@contextlib.asynccontextmanager
async def running(relay: Relay):
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    try:
        await until(listened_to)
        yield
    finally:
        stop.set()
        relay._poked.set()
        await asyncio.wait_for(task, 5)


async def test_a_running_relay_finds_rows_without_being_poked():
    relay, recorder = make_relay()
    async with running(relay):
        await tell(2)
        await until(lambda: len(recorder.rows) == 2)
    assert "kernel.heartbeat" in recorder.jobs


@pytest.fixture
def pokes(monkeypatch) -> Iterator[None]:
    """Commits poke, and nothing else could be what woke the relay."""
    monkeypatch.setattr("shop.relay.SWEEP_SECONDS", 10 * PATIENCE)
    poke = Poke()
    after_commit.append(poke)
    yield
    after_commit.remove(poke)


async def test_a_poke_after_the_commit_wakes_it_sooner_than_its_sweep(pokes):
    relay, recorder = make_relay()
    async with running(relay):
        await tell(3)
        await until(lambda: len(recorder.rows) == 3)


async def test_it_listens_again_when_its_subscription_was_cut(pokes):
    relay, recorder = make_relay()
    async with running(relay):
        await cut_subscriptions()
        await until(listened_to)
        await tell()
        await until(lambda: len(recorder.rows) == 1)


def test_leases_are_shorter_than_what_staff_would_call_stuck():
    assert timedelta(seconds=30) >= outbox.WAKE_UP_LEASE
    assert timedelta(seconds=outbox.HANDLER_SECONDS) < outbox.EFFECT_LEASE, "a lease outlives the handler it covers"
