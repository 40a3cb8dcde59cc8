"""Workers begin runs beside their other work: one at a time in each process, so that an import never fills a worker."""

import asyncio
from datetime import timedelta
from typing import Final

from shop.kernel.background import OneAtATime
from shop.kernel.db import read
from shop.modules.catalog.import_runs import uploads
from shop.modules.catalog.import_runs.carry_out import carry_out
from shop.modules.catalog.repository import import_runs

KEPT: Final = timedelta(days=1)
"""How long an upload waits for somebody to import it."""
RUNS: Final = OneAtATime()


async def begin_waiting_run() -> bool:
    """Whether one was begun; when the process ends before it, another one follows."""
    return await RUNS.begin(import_runs.claim, carry_out)


async def forget_old_uploads() -> None:
    if kept := await asyncio.to_thread(uploads.kept_runs):
        for run_id in kept & set(await read(import_runs.runs_at_rest, KEPT)):
            await asyncio.to_thread(uploads.forget, run_id)
