"""Scheduled work of statements."""

from typing import Final

from shop.kernel.manifest import Job
from shop.modules.wallet.statement_files.begin import (
    begin_waiting_statement,
    forget_old_statements,
    forget_stray_files,
)


async def make_statements() -> None:
    """Begins one and returns: how long a statement takes is no concern of whoever runs jobs."""
    await begin_waiting_statement()


async def forget_statements() -> None:
    """The files go a minute after their rows: those of a person who is erased are gone by then, too."""
    await forget_old_statements()
    await forget_stray_files()


JOBS: Final = (
    Job("wallet.make_statements", 1, make_statements),
    Job("wallet.forget_statements", 60, forget_statements),
)
