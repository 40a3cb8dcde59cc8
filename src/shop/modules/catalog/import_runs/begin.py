"""Workers begin runs beside their other work: one at a time in each process, so that an import never fills a worker."""

import asyncio
from datetime import timedelta
from typing import Final

from shop.kernel.db import read, write
from shop.modules.catalog.import_runs import uploads
from shop.modules.catalog.import_runs.carry_out import carry_out
from shop.modules.catalog.repository import import_runs

KEPT: Final = timedelta(days=1)
"""How long an upload waits for somebody to import it."""
_under_way: set[asyncio.Task[None]] = set()


async def begin_waiting_run() -> bool:
    """Whether one was begun. It goes on behind this call; when the process ends before it, another one follows."""
    if _under_way:
        return False
    run = await write(import_runs.claim)
    if run is None:
        return False
    task = asyncio.create_task(carry_out(run))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return True


async def runs_ended() -> None:
    """Waits for what was begun in this process."""
    await asyncio.gather(*_under_way, return_exceptions=True)


async def forget_old_uploads() -> None:
    if kept := await asyncio.to_thread(uploads.kept_runs):
        for run_id in kept & set(await read(import_runs.runs_at_rest, KEPT)):
            await asyncio.to_thread(uploads.forget, run_id)
