"""The kernel's own jobs: the heartbeat that `/readyz` looks for, and the end of what is no longer needed."""

import os
import socket

from sqlalchemy import text

from shop.kernel.db import sql, write
from shop.kernel.manifest import Job
from shop.kernel.uow import UnitOfWork


async def _beat(uow: UnitOfWork) -> None:
    await sql(uow).execute(
        text(
            "insert into kernel.heartbeat (process, seen_at) values (:process, now())"
            " on conflict (process) do update set seen_at = now()"
        ),
        {"process": f"worker@{socket.gethostname()}:{os.getpid()}"},
    )


async def _tidy(uow: UnitOfWork) -> None:
    """An event is redelivered within minutes, a checkout repeated within a day; both are forgotten much later."""
    await sql(uow).execute(text("delete from kernel.inbox where handled_at < now() - interval '14 days'"))
    await sql(uow).execute(text("delete from kernel.idempotency where created_at < now() - interval '7 days'"))
    await sql(uow).execute(text("delete from kernel.heartbeat where seen_at < now() - interval '1 day'"))


async def beat() -> None:
    """Runs as a job on purpose: it proves relay, broker, worker and database at once."""
    await write(_beat)


async def tidy() -> None:
    await write(_tidy)


JOBS = (Job("kernel.heartbeat", 8, beat), Job("kernel.tidy", 3600, tidy))
