"""Stops the shop before a statement of one's choice: the test holds a table's lock until somebody waits for it.

Nothing in the shop knows of this; a waiting statement is what a busy database has anyway.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Literal

import httpx

from tests.reliability.harness import Shop


@contextlib.contextmanager
def held(shop: Shop, table: str, mode: Literal["share", "access exclusive"] = "share") -> Iterator[int]:
    """The pid of the backend that holds the lock. `share` lets others read the table but not write to it."""
    with shop.database() as connection, connection.transaction(force_rollback=True):
        connection.execute(f"lock table {table} in {mode} mode")
        yield connection.info.backend_pid


async def until_waiting(
    shop: Shop, holder: int, statement: str, call: asyncio.Task[httpx.Response] | None = None, seconds: float = 5
) -> None:
    """Returns when such a statement waits for what `holder` holds; scheduled work may be waiting there too."""
    deadline = time.monotonic() + seconds
    waiting: list[str] = []
    while time.monotonic() < deadline:
        rows = shop.ask("select query from pg_stat_activity where %s = any(pg_blocking_pids(pid))", holder)
        waiting = [" ".join(query.split()) for (query,) in rows]
        if any(statement in each.lower() for each in waiting):
            return
        assert call is None or not call.done(), (
            f"answered before it came to {statement!r}: {call and call.result().text}"
        )
        await asyncio.sleep(0.02)
    raise AssertionError(f"nothing like {statement!r} in {waiting}")
