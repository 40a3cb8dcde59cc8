"""Workers begin statements beside their other work: one at a time in each process, so that none fills a worker."""

import asyncio
from datetime import timedelta
from typing import Final

from shop.kernel.background import OneAtATime
from shop.kernel.db import read, write
from shop.modules.wallet.repository import statement_runs
from shop.modules.wallet.statement_files import folder
from shop.modules.wallet.statement_files.make import make_statement

KEPT: Final = timedelta(days=30)
STATEMENTS: Final = OneAtATime()


async def begin_waiting_statement() -> bool:
    """Whether one was begun; when the process ends before it, another one follows."""
    return await STATEMENTS.begin(statement_runs.claim, lambda claimed: make_statement(*claimed))


async def forget_old_statements() -> None:
    await write(statement_runs.forget_old, KEPT)


async def forget_stray_files() -> None:
    """Of statements that are forgotten or erased, and of attempts that came to nothing."""
    if kept := await asyncio.to_thread(folder.kept):
        wanted = await read(statement_runs.attempts_of, list({made.statement_id for made in kept.values()}))
        stray = [path for path, made in kept.items() if wanted.get(made.statement_id) != made.attempt]
        await asyncio.to_thread(folder.forget, stray)
