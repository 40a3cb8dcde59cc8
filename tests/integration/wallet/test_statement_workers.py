"""Workers as processes: what one that is killed leaves behind, and how much memory a large statement takes."""

import asyncio
import contextlib
import csv
import io
import json
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from shop.kernel.db import read, sql, write
from shop.modules.wallet.statement_files import begin, folder
from shop.modules.wallet.statement_jobs import forget_statements
from tests.conftest import ROOT, owner_connection
from tests.factories.identity import bearer, make_account
from tests.factories.ledger import at, seed

ENTRIES = 30_000

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def files(media_dir):
    return folder.folder()


@pytest.fixture
async def asked(client, files):
    """A wallet with many entries whose statement waits: its address, and who asked."""
    ada = await make_account()

    def fill():
        with owner_connection() as connection:
            seed(connection, ada, ENTRIES, at("2025-01-01 00:00"), at("2025-12-31 23:59"))

    await asyncio.to_thread(fill)
    headers = await bearer(ada)
    answer = await client.get(
        "/api/v1/wallet/statement", params={"from": "2025-01-01", "to": "2025-12-31"}, headers=headers
    )
    return answer.json()["status_url"], headers


@contextlib.asynccontextmanager
async def worker(*lines):
    """A process that makes what waits, or no more than so many lines of it; it is killed at the end if it is still at it."""
    program = Path(__file__).with_name("one_worker.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        *map(str, lines),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def test_a_worker_killed_in_the_middle_is_followed_by_another(client, asked, files):
    url, headers = asked

    async def shown():
        return (await client.get(url, headers=headers)).json()

    async with worker(ENTRIES // 2) as process:
        while not (await shown())["progress"]["done"]:
            assert process.returncode is None
            await asyncio.sleep(0.05)
        process.kill()
        await process.wait()
    half = await shown()
    assert half["status"] == "running"
    assert 0 < half["progress"]["done"] < ENTRIES
    assert {path.suffix for path in files.iterdir()} == {".part"}

    assert await begin.begin_waiting_statement() is False
    await write(lambda uow: sql(uow).execute(text("update wallet.statement set leased_until = now()")))
    assert await begin.begin_waiting_statement() is True
    await begin.STATEMENTS.ended()
    ready = await shown()
    assert (ready["status"], ready["progress"]) == ("ready", {"done": ENTRIES, "entries": ENTRIES})
    table = (await client.get(ready["csv_url"], headers=headers)).content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert len(lines) == ENTRIES + 2
    assert len({line["transaction"] for line in lines}) == ENTRIES + 1
    await forget_statements()
    assert sorted(path.suffix for path in files.iterdir()) == [".csv", ".pdf"]
    told = await read(
        lambda uow: sql(uow).scalar(
            text("select count(*) from kernel.outbox where event = 'wallet.statement_ready.v1'")
        )
    )
    assert told == 1


async def test_memory_does_not_grow_with_the_entries(client, asked):
    url, headers = asked
    async with worker() as process:
        said, _ = await process.communicate()
    told = json.loads(said)
    assert told["begun"]
    assert (await client.get(url, headers=headers)).json()["status"] == "ready"
    assert told["peak"] < 200
    assert (
        told["peak"] - told["before"] < 15
    )  # of which a page of 30,000 lines kept in memory would take several times as much
