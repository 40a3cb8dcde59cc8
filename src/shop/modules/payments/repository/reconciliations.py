"""SQL of reconciliation: its runs, and what of ours a charge is held against.

One run is open at a time (index uq_reconciliation_open). A worker has it until `leased_until`, which also tells it from
those before: whoever tells something under another moment writes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Row

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.reconcile_schemas import Ours, Progress, Run
from shop.modules.payments.repository.intents import SELECT, intent_of
from shop.modules.payments.schemas import Intent

LEASE: Final = timedelta(seconds=20)
GIVE_UP_AFTER: Final = timedelta(hours=12)
"""A run that workers die of is not taken up for ever."""
COLUMNS: Final = ", ".join(Run.__struct_fields__)
LEASED: Final = "leased_until = clock_timestamp() + cast(:lease as interval)"
MINE: Final = "id = :id and status = 'running' and leased_until = :leased_until"
FOUND: Final = "found = (select count(*) from payments.discrepancy d where d.reconciliation_id = reconciliation.id)"
_GIVE_UP: Final = text(
    """
    update payments.reconciliation set status = 'failed', finished_at = now(), leased_until = null,
        message = 'Its worker ended before it was done, again and again.'
    where finished_at is null and created_at < now() - cast(:age as interval)
        and (leased_until is null or leased_until < clock_timestamp())
    """
)
_CLAIM: Final = text(
    f"""
    update payments.reconciliation set status = 'running', compared = 0, {LEASED}
    where id = (
        select id from payments.reconciliation
        where finished_at is null and (status = 'waiting' or leased_until < clock_timestamp())
        for update skip locked)
    returning {COLUMNS}
    """
)
_CLAIM_ONE: Final = text(
    f"""
    update payments.reconciliation set status = 'running', {LEASED}
    where id = :id and status = 'waiting' returning {COLUMNS}
    """
)
_TELL: Final = text(
    f"""
    update payments.reconciliation set compared = :compared, mended = :mended, {FOUND}, {LEASED}
    where {MINE} returning leased_until
    """
)
_FINISH: Final = text(
    f"""
    update payments.reconciliation set compared = :compared, mended = :mended, {FOUND}, message = :message,
        status = case when cast(:message as text) is null then 'done' else 'failed' end, finished_at = now(),
        leased_until = null
    where {MINE} returning 1
    """
)
_REFUNDS: Final = text(
    """
    select payment_id, coalesce(sum(amount) filter (where status = 'done'), 0) as done,
        coalesce(sum(amount) filter (where status = 'pending' and attempts > 0), 0) as under_way
    from payments.refund where payment_id = any(:ids) and destination = 'original' group by payment_id
    """
)


def _run(row: Row[Any] | None) -> Run | None:
    return None if row is None else Run(**row._asdict())


async def add_run(uow: UnitOfWork, run_id: UUID, since: datetime, until: datetime, by: UUID | None) -> bool:
    """False while another one is open."""
    added = await sql(uow).execute(
        text(
            "insert into payments.reconciliation (id, requested_by, since, until) values (:id, :by, :since, :until)"
            " on conflict do nothing returning 1"
        ),
        {"id": run_id, "by": by, "since": since, "until": until},
    )
    return added.first() is not None


async def is_covered(uow: UnitOfWork, stretch: timedelta) -> bool:
    """Whether a run over at least so long a time was begun within a day; one that failed counts for six hours."""
    return bool(
        await sql(uow).scalar(
            text(
                """
                select exists (
                    select 1 from payments.reconciliation where until - since >= cast(:stretch as interval)
                        and created_at > now() - case status when 'failed' then interval '6 hours' else interval '1 day' end
                )
                """
            ),
            {"stretch": stretch},
        )
    )


async def claim(uow: UnitOfWork) -> Run | None:
    """The run that waits, or whose worker is gone."""
    await sql(uow).execute(_GIVE_UP, {"age": GIVE_UP_AFTER})
    return _run((await sql(uow).execute(_CLAIM, {"lease": LEASE})).first())


async def claim_run(uow: UnitOfWork, run_id: UUID) -> Run | None:
    """This one, unless another process has taken it up."""
    return _run((await sql(uow).execute(_CLAIM_ONE, {"id": run_id, "lease": LEASE})).first())


async def tell(uow: UnitOfWork, run: Run, progress: Progress) -> datetime | None:
    """The new lease; None when another worker has the run."""
    row = (await sql(uow).execute(_TELL, _told(run, progress) | {"lease": LEASE})).first()
    return None if row is None else row.leased_until


async def finish(uow: UnitOfWork, run: Run, progress: Progress) -> bool:
    """False when another worker has the run. It has failed when a provider was left."""
    message = " ".join(progress.failures)[:1000] or None
    return (await sql(uow).execute(_FINISH, _told(run, progress) | {"message": message})).first() is not None


def _told(run: Run, progress: Progress) -> dict[str, Any]:
    return {
        "id": run.id,
        "leased_until": run.leased_until,
        "compared": progress.compared,
        "mended": run.mended + progress.mended,
    }


async def find_run(uow: UnitOfWork, run_id: UUID) -> Run | None:
    row = await sql(uow).execute(text(f"select {COLUMNS} from payments.reconciliation where id = :id"), {"id": run_id})
    return _run(row.first())


async def list_runs(uow: UnitOfWork, before: UUID | None, limit: int) -> list[Run]:
    """Newest first, those older than `before`."""
    rows = await sql(uow).execute(
        text(
            f"select {COLUMNS} from payments.reconciliation"
            " where cast(:before as uuid) is null or id < :before order by id desc limit :limit"
        ),
        {"before": before, "limit": limit},
    )
    return [Run(**row._asdict()) for row in rows]


async def find_ours(
    uow: UnitOfWork, provider: str, provider_refs: Sequence[str], payment_ids: Sequence[UUID]
) -> list[Ours]:
    """Payments by what their provider calls them, or by their own ids."""
    rows = await sql(uow).execute(
        text(f"{SELECT} where provider = :provider and (provider_ref = any(:refs) or id = any(:ids))"),
        {"provider": provider, "refs": list(provider_refs), "ids": list(payment_ids)},
    )
    return await _with_refunds(uow, [intent_of(row) for row in rows])


async def list_ours(
    uow: UnitOfWork, provider: str, after: tuple[datetime, UUID], until: datetime, limit: int
) -> list[Ours]:
    """Payments that count as promised or taken, by the time they were opened and their id: those beyond `after`, before
    `until` (index ix_payment_created_at)."""
    rows = await sql(uow).execute(
        text(
            f"{SELECT} where (created_at, id) > (:since, :after) and created_at < :until and provider = :provider"
            " and status in ('authorized', 'captured', 'partially_refunded', 'refunded')"
            " order by created_at, id limit :limit"
        ),
        {"provider": provider, "since": after[0], "after": after[1], "until": until, "limit": limit},
    )
    return await _with_refunds(uow, [intent_of(row) for row in rows])


async def find_one(uow: UnitOfWork, payment_id: UUID) -> Ours | None:
    row = (await sql(uow).execute(text(f"{SELECT} where id = :id"), {"id": payment_id})).first()
    return None if row is None else (await _with_refunds(uow, [intent_of(row)]))[0]


async def lock_one(uow: UnitOfWork, payment_id: UUID) -> Ours | None:
    """Nothing about it or its refunds changes until this transaction ends."""
    row = (await sql(uow).execute(text(f"{SELECT} where id = :id for update"), {"id": payment_id})).first()
    return None if row is None else (await _with_refunds(uow, [intent_of(row)]))[0]


async def _with_refunds(uow: UnitOfWork, found: Sequence[Intent]) -> list[Ours]:
    rows = await sql(uow).execute(_REFUNDS, {"ids": [intent.id for intent in found if intent.captured_amount]})
    sums = {row.payment_id: (int(row.done), int(row.under_way)) for row in rows}
    return [Ours(intent, *sums.get(intent.id, (0, 0))) for intent in found]


async def has_payments(uow: UnitOfWork, provider: str, since: datetime, until: datetime) -> bool:
    return bool(
        await sql(uow).scalar(
            text(
                "select exists (select 1 from payments.payment"
                " where provider = :provider and created_at >= :since and created_at < :until)"
            ),
            {"provider": provider, "since": since, "until": until},
        )
    )
