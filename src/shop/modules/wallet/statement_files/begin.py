"""Workers begin statements beside their other work: one at a time in each process, so that none fills a worker."""

import asyncio
from datetime import timedelta
from typing import Final

from shop.kernel.db import read, write
from shop.modules.wallet.repository import statement_runs
from shop.modules.wallet.statement_files import folder
from shop.modules.wallet.statement_files.make import make_statement

KEPT: Final = timedelta(days=30)
_under_way: set[asyncio.Task[None]] = set()


async def begin_waiting_statement() -> bool:
    """Whether one was begun. It goes on behind this call; when the process ends before it, another one follows."""
    if _under_way:
        return False
    claimed = await write(statement_runs.claim)
    if claimed is None:
        return False
    task = asyncio.create_task(make_statement(*claimed))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return True


async def statements_ended() -> None:
    """Waits for what was begun in this process."""
    await asyncio.gather(*_under_way, return_exceptions=True)


async def forget_old_statements() -> None:
    await write(statement_runs.forget_old, KEPT)


async def forget_stray_files() -> None:
    """Of statements that are forgotten or erased, and of attempts that came to nothing."""
    if kept := await asyncio.to_thread(folder.kept):
        wanted = await read(statement_runs.attempts_of, list({made.statement_id for made in kept.values()}))
        stray = [path for path, made in kept.items() if wanted.get(made.statement_id) != made.attempt]
        await asyncio.to_thread(folder.forget, stray)
