"""Scheduled work: jobs that modules declare, each run by one worker at a time, however many containers there are."""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import text

from shop.kernel.db import sql, write
from shop.kernel.manifest import Job
from shop.kernel.uow import UnitOfWork

log = structlog.get_logger(__name__)

RUN_LEASE: Final = timedelta(seconds=75)
"""A run whose worker died is taken up by the next tick after this long."""

_jobs: dict[str, Job] = {}


def register_job(job: Job) -> None:
    """Raises ValueError when two jobs share a name."""
    if job.name in _jobs:
        raise ValueError(f"two jobs are called {job.name}")
    _jobs[job.name] = job


def unregister_all() -> None:
    _jobs.clear()


async def claim_due_jobs(uow: UnitOfWork) -> list[str]:
    """Names of the jobs whose time has come; their next time is set by the same statement."""
    if not _jobs:
        return []
    claimed = await sql(uow).execute(
        text(
            """
            insert into kernel.job as job (name, due_at)
            select name, now() + every from unnest(cast(:names as text[]), cast(:every as interval[])) as t(name, every)
            order by name
            on conflict (name) do update set due_at = excluded.due_at where job.due_at <= now()
            returning name
            """
        ),
        {"names": list(_jobs), "every": [timedelta(seconds=job.every_seconds) for job in _jobs.values()]},
    )
    return list(claimed.scalars())


async def run_job(name: str) -> None:
    """Run it now unless a run is under way. A failure is logged and kept in its row; the next tick tries again."""
    job = _jobs.get(name)
    if job is None or not await write(_lease, name):
        return
    error = None
    try:
        await job.run()
    except Exception as failure:
        log.exception("job_failed", job=name)
        error = repr(failure)[:1000]
    await write(_finish, name, error)


async def _lease(uow: UnitOfWork, name: str) -> bool:
    taken = await sql(uow).execute(
        text(
            "update kernel.job set running_until = now() + :lease where name = :name"
            " and (running_until is null or running_until < now()) returning 1"
        ),
        {"name": name, "lease": RUN_LEASE},
    )
    return taken.first() is not None


async def _finish(uow: UnitOfWork, name: str, error: str | None) -> None:
    await sql(uow).execute(
        text("update kernel.job set running_until = null, last_run_at = now(), last_error = :error where name = :name"),
        {"name": name, "error": error},
    )
