"""One use case is one transaction: kept whole, retried whole, and never open while the network is asked."""

import asyncio
import traceback
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shop.kernel.db import engine, read, refuse_open_transaction, snapshot, sql, write
from shop.kernel.errors import Unavailable


@pytest.fixture(autouse=True)
def _clean(db):
    return


async def insert(uow, *names) -> None:
    for name in names:
        await sql(uow).execute(text("insert into kernel.job (name) values (:name)"), {"name": name})


async def names(uow) -> list[str]:
    return sorted((await sql(uow).execute(text("select name from kernel.job"))).scalars())


async def test_a_finished_use_case_is_kept():
    await write(insert, "a", "b")
    assert await read(names) == ["a", "b"]


async def test_a_failing_use_case_leaves_nothing():
    async def half(uow) -> None:
        await insert(uow, "a")
        raise LookupError

    with pytest.raises(LookupError):
        await write(half)
    assert await read(names) == []


async def test_a_deadlock_is_retried_and_both_finish():
    await write(insert, "a", "b")
    met = asyncio.Barrier(2)
    runs = 0

    async def lock_both(uow, first, second) -> None:
        nonlocal runs
        runs += 1
        await sql(uow).execute(text("update kernel.job set last_error = 'x' where name = :n"), {"n": first})
        if runs <= 2:
            await met.wait()
        await sql(uow).execute(text("update kernel.job set last_error = 'y' where name = :n"), {"n": second})

    await asyncio.gather(write(lock_both, "a", "b"), write(lock_both, "b", "a"))
    assert runs == 3


async def test_a_connection_cut_before_commit_is_retried():
    runs = 0

    async def cut_once(uow) -> None:
        nonlocal runs
        runs += 1
        await insert(uow, "a")
        if runs == 1:
            pid = await sql(uow).scalar(text("select pg_backend_pid()"))
            async with engine("read").connect() as other:
                await other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        await insert(uow, "b")

    await write(cut_once)
    assert runs == 2
    assert await read(names) == ["a", "b"]


async def test_a_wait_for_a_lock_ends_in_words_a_caller_can_use():
    await write(insert, "a")

    async def wait(uow) -> None:
        await sql(uow).execute(text("set local lock_timeout = '50ms'"))
        await sql(uow).execute(text("update kernel.job set last_error = '' where name = 'a'"))

    async with engine("write").begin() as holder:
        await holder.execute(text("update kernel.job set last_error = 'held' where name = 'a'"))
        with pytest.raises(Unavailable):
            await write(wait)


async def test_a_broken_rule_of_the_database_is_not_hidden():
    await write(insert, "a")
    with pytest.raises(DBAPIError, match="pk_job"):
        await write(insert, "a")


async def test_the_network_can_t_be_asked_inside_a_transaction():
    async def ask(_uow) -> None:
        refuse_open_transaction("the provider")

    with pytest.raises(RuntimeError, match="inside an open transaction"):
        await write(ask)
    refuse_open_transaction("the provider")


@pytest.mark.parametrize("outer", [write, snapshot])
@pytest.mark.parametrize("inner", [read, write, snapshot])
async def test_a_transaction_opens_no_other(outer, inner):
    """As many requests as the pool has connections, each holding one and waiting for a second, wait for one another."""

    async def nested(_uow) -> None:
        await inner(names)

    with pytest.raises(RuntimeError, match="inside an open transaction"):
        await outer(nested)


async def test_reading_opens_no_transaction():
    async def state(uow) -> str:
        await names(uow)
        async with engine("write").connect() as other:
            pid = await sql(uow).scalar(text("select pg_backend_pid()"))
            return await other.scalar(text("select state from pg_stat_activity where pid = :pid"), {"pid": pid})

    assert await read(state) == "idle"


async def test_a_cancelled_use_case_leaves_no_connection_in_a_transaction():
    async def hang(uow) -> None:
        await insert(uow, "a")
        await sql(uow).execute(text("select pg_sleep(10)"))

    task = asyncio.create_task(write(hang))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await read(names) == []
    await write(insert, "a")


@pytest.mark.parametrize("run", [read, write])
@pytest.mark.parametrize(
    "statement",
    [
        "insert into kernel.inbox (subscriber, event_id) values (:canary, :id), (:canary, :id)",
        "insert into kernel.heartbeat (process, seen_at) values (:canary, null)",
        "select cast(:canary as integer)",
        "select cast(:canary as timestamptz)",
        "select cast(:canary as uuid)",
        "select cast(:canary as jsonb)",
        "select cast(:canary as text[])",
        "select cast('9' || length(:canary)::text || '999999999999' as integer)",
    ],
)
@pytest.mark.parametrize("directly", [True, False])
async def test_an_error_of_the_database_quotes_nothing_that_was_sent(db, run, statement, directly):
    """Its words end up in logs and in the outbox."""
    values = {"canary": "ada.canary@example.com", "id": UUID("01900000-0000-7000-8000-000000000001")}
    values = {name: value for name, value in values.items() if f":{name}" in statement}

    async def execute(uow):
        connection = sql(uow) if directly else sql(uow).connection
        await connection.execute(text(statement), values)

    with pytest.raises(DBAPIError) as failed:
        await run(execute)
    told = "".join(traceback.format_exception(failed.value))
    assert "canary@" not in told
    assert '999999999999"' not in told
    assert "[SQL: " in told
