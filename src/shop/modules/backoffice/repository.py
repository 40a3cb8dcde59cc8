"""The SQL of the audit log: an entry added, and the log read backwards."""

from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import insert, text
from sqlalchemy.engine import Row

from shop.kernel.audit import AuditEntry
from shop.kernel.db import sql
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.backoffice.models import AUDIT_ENTRY
from shop.modules.backoffice.schemas import SYSTEM, AuditActor, AuditFilter, AuditSubject, AuditView, Moment

CONDITIONS: Final = {
    "actor": "actor_id = :actor",
    "action": "action = :action",
    "subject": "(subject_id = :subject or request_id = :subject)",
    "since": "at >= :since",
    "until": "at < :until",
}
# Each step jumps to the next value in the index, however many entries have it.
DISTINCT: Final = """
    with recursive told as (
        (select {0} as value from backoffice.audit_entry where {0} is not null order by {0} limit 1)
        union all
        select (select {0} from backoffice.audit_entry where {0} > told.value order by {0} limit 1) from told
        where told.value is not null
    )
    select value from told where value is not null limit 500
"""


async def add_entry(uow: UnitOfWork, entry: AuditEntry) -> None:
    subject_kind, subject_id = entry.subject or (None, None)
    await sql(uow).execute(
        insert(AUDIT_ENTRY).values(
            id=new_id(),
            actor_kind=entry.actor.kind if entry.actor else "system",
            actor_id=entry.actor.id if entry.actor else None,
            program_id=entry.actor.program_id if entry.actor else None,
            permission=entry.by.permission if entry.by else None,
            action=entry.action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            details=entry.details,
            request_id=entry.by.request_id if entry.by else None,
            method=entry.by.method if entry.by else None,
            route=entry.by.route if entry.by else None,
            network=entry.by.network if entry.by else None,
        )
    )


async def find_entries(uow: UnitOfWork, wanted: AuditFilter, before: Moment | None, limit: int) -> list[AuditView]:
    """Newest first, those older than `before`."""
    values = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
    conditions = [CONDITIONS[name] for name in values]
    if wanted.actor == SYSTEM:
        conditions[0] = "actor_id is null"
    if before is not None:
        conditions.append("(at, id) < (:before_at, :before_id)")
        values |= {"before_at": before[0], "before_id": before[1]}
    found = await sql(uow).execute(
        text(
            "select id, at, actor_kind, actor_id, program_id, permission, action, subject_kind, subject_id, details,"
            " request_id, method, route, network from backoffice.audit_entry"
            f" where {' and '.join(conditions or ['true'])} order by at desc, id desc limit :limit"
        ),
        {**values, "limit": limit},
    )
    return [_entry(row) for row in found]


async def find_actors(uow: UnitOfWork) -> list[str]:
    """Ids of all who ever did something."""
    return list((await sql(uow).execute(text(DISTINCT.format("actor_id")))).scalars())


async def find_actions(uow: UnitOfWork) -> list[str]:
    return list((await sql(uow).execute(text(DISTINCT.format("action")))).scalars())


async def list_entries_about(uow: UnitOfWork, account_id: UUID) -> list[AuditView]:
    """What an account did as staff, and what staff did to it, oldest first."""
    found = await sql(uow).execute(
        text(
            "select id, at, actor_kind, actor_id, program_id, permission, action, subject_kind, subject_id, details,"
            " request_id, method, route, network from backoffice.audit_entry"
            " where actor_id = :account_id or subject_id = :account_id order by at, id"
        ),
        {"account_id": str(account_id)},
    )
    return [_entry(row) for row in found]


def _entry(row: Row[Any]) -> AuditView:
    return AuditView(
        id=row.id,
        at=row.at,
        actor=AuditActor(row.actor_kind, row.actor_id, row.program_id),
        action=row.action,
        permission=row.permission,
        subject=AuditSubject(row.subject_kind, row.subject_id) if row.subject_kind else None,
        details=row.details,
        request_id=row.request_id,
        method=row.method,
        route=row.route,
        network=row.network,
    )
