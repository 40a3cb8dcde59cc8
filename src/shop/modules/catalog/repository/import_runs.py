"""SQL of imports from the back office. A worker has a run while its lease lasts; `attempts` tells it from those before,
so that one that was taken for dead writes nothing more."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

LEASE: Final = timedelta(seconds=20)
MAX_ATTEMPTS: Final = 3
"""Workers that may die of one run."""
Stage = Literal["check", "import"]
State = Literal["queued", "running", "done", "failed", "interrupted"]

_FIELDS: Final = (
    "id, file_name, file_size, images_name, preset, mapping, stage, state, position, size, report, preview, message,"
    " attempts, created_at, updated_at"
)
_ADD = text(
    """
    insert into catalog.import_run (id, started_by, file_name, file_size, images_name, preset, mapping)
    values (:id, :started_by, :file_name, :file_size, :images_name, :preset, :mapping)
    on conflict (id) do nothing returning 1
    """
)
_FIND = text(f"select {_FIELDS} from catalog.import_run where id = :id")
_LIST = text(
    f"""
    select {_FIELDS.replace(" report,", " report - 'issues',").replace(" preview,", " null,")}
    from catalog.import_run order by created_at desc, id limit :limit
    """
)
_QUEUE = text(
    """
    update catalog.import_run set stage = :stage, state = 'queued', mapping = coalesce(:mapping, mapping),
        preset = case when cast(:mapping as text) is null then preset end, attempts = 0, position = 0, size = 0,
        report = null, message = null, preview = case when :stage = 'import' then preview end, updated_at = now()
    where id = :id and stage = 'check' and state = any(:states)
    returning 1
    """
)
_GIVE_UP = text(
    """
    update catalog.import_run set state = 'interrupted', leased_until = null, updated_at = now(),
        message = 'Its worker ended before it was done, three times over. What the report tells is kept.'
    where state = 'running' and leased_until < now() and attempts >= :most
    """
)
_CLAIM = text(
    f"""
    update catalog.import_run set state = 'running', attempts = attempts + 1, leased_until = now() + :lease,
        updated_at = now()
    where id = (
        select id from catalog.import_run where state = 'queued' or (state = 'running' and leased_until < now())
        order by created_at limit 1 for update skip locked)
    returning {_FIELDS}
    """
)
_TELL = text(
    """
    update catalog.import_run set position = :position, size = :size, report = cast(:report as jsonb),
        mapping = :mapping, preset = :preset, preview = cast(:preview as jsonb), state = :state, message = :message,
        leased_until = case when :state = 'running' then now() + cast(:lease as interval) end, updated_at = now()
    where id = :id and state = 'running' and attempts = :attempts
    returning 1
    """
)
_DISCARD = text("delete from catalog.import_run where id = :id and stage = 'check' and state <> 'running' returning 1")
_STALE = text(
    """
    select id from catalog.import_run
    where state not in ('queued', 'running') and updated_at < now() - cast(:age as interval)
    """
)


class ImportRun(msgspec.Struct, frozen=True):
    """`position` of `size` bytes of rows are done; `report` and `preview` are plain data."""

    id: UUID
    file_name: str
    file_size: int
    images_name: str | None
    preset: str | None
    mapping: str | None
    stage: Stage
    state: State
    position: int
    size: int
    report: dict[str, Any] | None
    preview: list[Any] | None
    message: str | None
    attempts: int
    created_at: datetime
    updated_at: datetime


class Told(msgspec.Struct, frozen=True):
    """How far a worker is with a run. `report` and `preview` are JSON."""

    state: State
    position: int
    size: int
    report: str | None
    preview: str | None
    mapping: str | None
    preset: str | None
    message: str | None = None


async def add_run(
    uow: UnitOfWork,
    run_id: UUID,
    started_by: UUID,
    *,
    file_name: str,
    file_size: int,
    images_name: str | None,
    preset: str | None,
    mapping: str | None,
) -> bool:
    """False when it is there already: the form was sent twice."""
    values = {"file_name": file_name, "file_size": file_size, "images_name": images_name}
    added = await sql(uow).execute(
        _ADD, {"id": run_id, "started_by": started_by, "preset": preset, "mapping": mapping, **values}
    )
    return added.first() is not None


async def find_run(uow: UnitOfWork, run_id: UUID) -> ImportRun | None:
    row = (await sql(uow).execute(_FIND, {"id": run_id})).first()
    return ImportRun(*row) if row else None


async def latest_runs(uow: UnitOfWork, limit: int) -> list[ImportRun]:
    """Newest first, without previews and problems."""
    return [ImportRun(*row) for row in await sql(uow).execute(_LIST, {"limit": limit})]


async def queue(uow: UnitOfWork, run_id: UUID, stage: Stage, states: Sequence[State], mapping: str | None) -> bool:
    """Let a worker begin `stage` of a run that was checked and is in one of `states`; False when it isn't."""
    values = {"id": run_id, "stage": stage, "states": list(states), "mapping": mapping}
    return (await sql(uow).execute(_QUEUE, values)).first() is not None


async def claim(uow: UnitOfWork) -> ImportRun | None:
    """The oldest run that waits, or whose worker is gone."""
    await sql(uow).execute(_GIVE_UP, {"most": MAX_ATTEMPTS})
    row = (await sql(uow).execute(_CLAIM, {"lease": LEASE})).first()
    return ImportRun(*row) if row else None


async def tell(uow: UnitOfWork, run_id: UUID, attempts: int, told: Told) -> bool:
    """False when another worker has the run."""
    values = msgspec.structs.asdict(told) | {"id": run_id, "attempts": attempts, "lease": LEASE}
    return (await sql(uow).execute(_TELL, values)).first() is not None


async def discard(uow: UnitOfWork, run_id: UUID) -> bool:
    return (await sql(uow).execute(_DISCARD, {"id": run_id})).first() is not None


async def runs_at_rest(uow: UnitOfWork, age: timedelta) -> list[UUID]:
    """Those that nothing happened to for so long."""
    return list((await sql(uow).execute(_STALE, {"age": age})).scalars())


async def list_runs_of(uow: UnitOfWork, account_id: UUID) -> list[dict[str, Any]]:
    """Oldest first."""
    rows = await sql(uow).execute(
        text(
            "select id, file_name, stage, state, created_at from catalog.import_run"
            " where started_by = :account_id order by created_at"
        ),
        {"account_id": account_id},
    )
    return [row._asdict() for row in rows]


async def forget_starter(uow: UnitOfWork, account_id: UUID) -> None:
    await sql(uow).execute(
        text("update catalog.import_run set started_by = null where started_by = :account_id"),
        {"account_id": account_id},
    )
