"""Scheduled work: claimed by one relay per slot, run by one worker at a time, taken up again after a death."""

import asyncio
import subprocess
import sys

import pytest
from sqlalchemy import text

from shop.kernel import schedule
from shop.kernel.db import read, sql, write
from shop.kernel.manifest import Job
from tests.waiting import until

NAME = "test.count"


class Runs:
    def __init__(self) -> None:
        self.count = 0
        self.go = asyncio.Event()
        self.go.set()
        self.error: Exception | None = None

    async def __call__(self) -> None:
        self.count += 1
        await self.go.wait()
        if self.error:
            raise self.error


@pytest.fixture
async def runs(db, monkeypatch):
    """The only job there is, due now and then each hour."""
    made = Runs()
    monkeypatch.setattr(schedule, "_jobs", {NAME: Job(NAME, 3600, made)})
    return made


async def row():
    return await read(_row)


async def _row(uow):
    return (await sql(uow).execute(text("select * from kernel.job where name = :name"), {"name": NAME})).first()


async def change(what: str) -> None:
    await write(lambda uow: sql(uow).execute(text(f"update kernel.job set {what}")))


async def test_a_new_job_is_due_once_and_then_not_before_its_time(runs):
    assert await write(schedule.claim_due_jobs) == [NAME]
    assert await write(schedule.claim_due_jobs) == []
    await change("due_at = now() - interval '1 s'")
    assert await write(schedule.claim_due_jobs) == [NAME]


async def test_of_many_relays_one_gets_each_slot(runs):
    for _ in range(3):
        claims = await asyncio.gather(*(write(schedule.claim_due_jobs) for _ in range(8)))
        assert [name for names in claims for name in names] == [NAME]
        await change("due_at = now() - interval '1 s'")


async def test_of_two_processes_one_gets_a_slot(runs):
    script = (
        "import asyncio\n"
        "from shop.kernel import schedule\n"
        "from shop.kernel.db import dispose_engines, write\n"
        "from shop.kernel.manifest import Job\n"
        f"schedule.register_job(Job({NAME!r}, 3600, None))\n"
        "async def main():\n"
        "    print(await write(schedule.claim_due_jobs))\n"
        "    await dispose_engines()\n"
        "asyncio.run(main())\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [(await asyncio.to_thread(process.communicate))[0].strip() for process in started]
    assert sorted(printed) == sorted(["[]", str([NAME])])


async def test_two_workers_woken_for_one_job_run_it_once(runs):
    await write(schedule.claim_due_jobs)
    runs.go.clear()
    first = asyncio.create_task(schedule.run_job(NAME))
    await until(lambda: runs.count == 1)
    await schedule.run_job(NAME)
    runs.go.set()
    await first
    assert runs.count == 1
    assert (await row()).running_until is None
    assert (await row()).last_run_at is not None


async def test_a_failure_is_kept_and_the_next_run_clears_it(runs):
    await write(schedule.claim_due_jobs)
    runs.error = RuntimeError("no luck")
    await schedule.run_job(NAME)
    assert "no luck" in (await row()).last_error
    runs.error = None
    await schedule.run_job(NAME)
    assert (runs.count, (await row()).last_error) == (2, None)


async def test_a_run_whose_worker_died_is_taken_up_after_its_lease(runs):
    await write(schedule.claim_due_jobs)
    await change("running_until = now() + interval '1 minute'")
    await schedule.run_job(NAME)
    assert runs.count == 0
    await change("running_until = now() - interval '1 s'")
    await schedule.run_job(NAME)
    assert runs.count == 1


async def test_a_job_that_no_module_declares_any_more_is_left_alone(runs):
    await schedule.run_job("gone.with_its_module")
    assert runs.count == 0
