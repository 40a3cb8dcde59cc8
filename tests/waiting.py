"""Waiting for what other tasks, processes and servers do: until it is so, and not for a time that a slow machine needs longer than."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

from sqlalchemy import text

from shop.kernel.db import engine

PATIENCE = 30.0
"""Seconds. No test is about this number: it only ends the waiting for what never comes."""


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = PATIENCE) -> None:
    """Returns as soon as `condition` holds. Raises AssertionError when it doesn't within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if inspect.isawaitable(holds):
            holds = await holds
        if holds:
            return
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        await asyncio.sleep(0.01)


async def until_locked_out(count: int = 1) -> None:
    """Returns when so many of this database's connections wait for a lock that another one holds."""

    async def waiting() -> bool:
        async with engine("write").connect() as connection:
            found = await connection.scalar(
                text(
                    "select count(*) from pg_stat_activity"
                    " where datname = current_database() and wait_event_type = 'Lock'"
                )
            )
        return found >= count

    await until(waiting)
