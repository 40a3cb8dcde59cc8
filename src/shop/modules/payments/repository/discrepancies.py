"""SQL of what reconciliation found: one open row for each kind and subject, closed when it is gone or staff say so.

Gotcha: what staff have resolved is not opened again while the books say the same as then; once they say anything else, it
is a new matter.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.reconcile_schemas import Discrepancy, Finding, State

COLUMNS: Final = ", ".join(Discrepancy.__struct_fields__)
_REPORT: Final = text(
    """
    insert into payments.discrepancy
        (id, reconciliation_id, kind, subject, provider, provider_ref, payment_id, order_id, ours, theirs, reason)
    select :id, :reconciliation_id, :kind, :subject, :provider, :provider_ref, :payment_id, :order_id, :ours, :theirs,
        :reason
    where not exists (
        select 1 from payments.discrepancy
        where kind = :kind and subject = :subject and state = 'resolved' and ours = :ours and theirs = :theirs)
    on conflict (kind, subject) where state = 'open' do update
    set ours = excluded.ours, theirs = excluded.theirs, reason = excluded.reason, seen_at = now()
    returning id = :id
    """
)


async def report(uow: UnitOfWork, run_id: UUID, finding: Finding) -> bool:
    """Whether it is new to staff."""
    values: dict[str, Any] = msgspec.structs.asdict(finding) | {"id": new_id(), "reconciliation_id": run_id}
    row = (await sql(uow).execute(_REPORT, values)).first()
    return row is not None and bool(row[0])


async def close_gone(uow: UnitOfWork, subjects: Sequence[str], stays: Sequence[str] = ()) -> int:
    """These charges were compared just now, and only findings of the kinds `stays` are left. How many were closed."""
    closed = await sql(uow).execute(
        text(
            "update payments.discrepancy set state = 'mended', resolved_at = now()"
            " where state = 'open' and subject = any(:subjects) and kind <> all(:stays)"
        ),
        {"subjects": list(subjects), "stays": list(stays)},
    )
    return closed.rowcount


async def list_unseen(
    uow: UnitOfWork, provider: str, seen_before: datetime, after: UUID | None, limit: int
) -> list[Discrepancy]:
    """Open ones about payments of ours that the charges of this run did not lead to, by id."""
    rows = await sql(uow).execute(
        text(
            f"select {COLUMNS} from payments.discrepancy where state = 'open' and provider = :provider"
            " and payment_id is not null and seen_at < :seen_before"
            " and (cast(:after as uuid) is null or id > :after) order by id limit :limit"
        ),
        {"provider": provider, "seen_before": seen_before, "after": after, "limit": limit},
    )
    return [Discrepancy(**row._asdict()) for row in rows]


async def list_discrepancies(
    uow: UnitOfWork, state: State | None, run_id: UUID | None, before: UUID | None, limit: int
) -> list[Discrepancy]:
    """Newest first, those older than `before`; in this state, and first found by this run, if named."""
    rows = await sql(uow).execute(
        text(
            f"""
            select {COLUMNS} from payments.discrepancy
            where (cast(:state as text) is null or state = :state)
                and (cast(:run_id as uuid) is null or reconciliation_id = :run_id)
                and (cast(:before as uuid) is null or id < :before)
            order by id desc limit :limit
            """
        ),
        {"state": state, "run_id": run_id, "before": before, "limit": limit},
    )
    return [Discrepancy(**row._asdict()) for row in rows]


async def find(uow: UnitOfWork, discrepancy_id: UUID) -> Discrepancy | None:
    row = await sql(uow).execute(
        text(f"select {COLUMNS} from payments.discrepancy where id = :id"), {"id": discrepancy_id}
    )
    found = row.first()
    return None if found is None else Discrepancy(**found._asdict())


async def resolve(uow: UnitOfWork, discrepancy_id: UUID, note: str, by: UUID | None) -> bool:
    """False unless it was open."""
    resolved = await sql(uow).execute(
        text(
            "update payments.discrepancy set state = 'resolved', note = :note, resolved_by = :by, resolved_at = now()"
            " where id = :id and state = 'open' returning 1"
        ),
        {"id": discrepancy_id, "note": note, "by": by},
    )
    return resolved.first() is not None
