"""The transactional outbox: facts survive whatever dies between a commit and their handlers.

One row per (event, subscriber) is written in the business transaction. The relay claims due rows and sends a wake-up
with the row's id to a worker; PostgreSQL is the truth, the message only says "look". `deliver` runs the handler in a
transaction that first inserts (subscriber, event) into the inbox, so a second delivery has no effect, and deletes the
row with the same commit.

Gotchas: rows are claimed by state and due time, never by "id greater than the last one seen", which loses rows that
commit late. A wake-up may be lost (Valkey emptied) or doubled; a claimed row simply falls due again.
"""

import asyncio
import traceback
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import func, select, text, update

from shop.kernel import bus
from shop.kernel.db import sql, write
from shop.kernel.errors import NotFound
from shop.kernel.events import Event
from shop.kernel.manifest import Subscription
from shop.kernel.redaction import redacted
from shop.kernel.tables import MAY_BE_LOST, OUTBOX
from shop.kernel.uow import UnitOfWork

log = structlog.get_logger(__name__)

WAKE_UP_LEASE: Final = timedelta(seconds=20)
"""A row whose wake-up came to nothing falls due again after this long."""
EFFECT_LEASE: Final = timedelta(seconds=35)
"""Also when the row falls due again: an effect whose worker died is performed by another within a minute."""
MAX_ATTEMPTS: Final = 10
MAX_WAKE_UPS: Final = 500
"""A handler that takes its whole worker down never gets to count its failure; this many wake-ups say so."""
HANDLER_SECONDS: Final = 30
TRANSACTIONS: Final = 4
"""Of one worker at once: each keeps a connection, which costs the server megabytes. Effects, of which there may be as many as
the worker has threads, keep none while they wait for strangers."""

_transactions = asyncio.Semaphore(TRANSACTIONS)


class AlreadyHandled(Exception):
    """The inbox knows this event: an earlier delivery committed."""


class DeadRow(msgspec.Struct, frozen=True):
    id: UUID
    event: str
    subscriber: str
    payload: dict[str, Any]
    attempts: int
    last_error: str | None
    created_at: Any


class Effect(NamedTuple):
    """An event whose subscriber works outside any transaction."""

    subscription: Subscription
    event: Event
    event_id: UUID


class OutboxState(msgspec.Struct, frozen=True):
    pending: int
    dead: int
    oldest_pending_seconds: float


class OutboxRowNotFound(NotFound):
    code = "outbox_row_not_found"
    title = "There is no such dead event; it may have been replayed already"


async def claim_due(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Ids of due rows, oldest first, ours until WAKE_UP_LEASE has passed; rows others are claiming are skipped."""
    claimed = await sql(uow).execute(
        text(
            f"""
            update kernel.outbox set due_at = now() + :lease, wake_ups = wake_ups + 1,
                state = case when wake_ups >= :max_wake_ups then 'dead' else state end,
                last_error = case when wake_ups >= :max_wake_ups then 'never finished: its worker died each time'
                             else last_error end
            where id in (select id from kernel.outbox where state = 'pending' and due_at <= now()
                         order by due_at limit :limit for update skip locked)
            returning id, {MAY_BE_LOST}
            """
        ),
        {"lease": WAKE_UP_LEASE, "limit": limit, "max_wake_ups": MAX_WAKE_UPS},
    )
    return sorted(claimed.scalars())


async def unclaim(uow: UnitOfWork, ids: list[UUID]) -> None:
    """The wake-ups could not be sent: these rows are due again at once."""
    await sql(uow).execute(
        update(OUTBOX).where(OUTBOX.c.id.in_(ids)).values(due_at=func.now(), wake_ups=OUTBOX.c.wake_ups - 1)
    )


async def deliver(row_id: UUID) -> None:
    """Hand the row's event to its subscriber. Never raises for a handler's failure: that is counted in the row, which
    falls due again later and is dead after MAX_ATTEMPTS."""
    try:
        async with _transactions, asyncio.timeout(HANDLER_SECONDS):
            effect = await write(_handle, row_id)
        if effect is not None:
            async with asyncio.timeout(HANDLER_SECONDS):
                await effect.subscription.handler(effect.event)
                await write(_finish_effect, row_id, effect)
    except AlreadyHandled:
        await write(_drop, row_id)
    except Exception as error:
        log.warning("event_handler_failed", row=str(row_id), error=repr(error)[:300])
        await write(_count_failure, row_id, redacted("".join(traceback.format_exception(error)))[-4000:])


async def _handle(uow: UnitOfWork, row_id: UUID) -> Effect | None:
    """Inbox, handler and the row's end in one transaction: lost together they are done again together. An effect is
    only leased here, so that two workers don't perform it side by side, and performed outside any transaction."""
    row = await _lock(uow, row_id)
    if row is None:
        return None
    structlog.contextvars.bind_contextvars(request_id=row.request_id, subscriber=row.subscriber)
    subscription = bus.find_subscription(row.subscriber)
    if subscription is None:
        raise LookupError(f"no module of this shop subscribes as {row.subscriber!r} any more")
    event = msgspec.convert(row.payload, subscription.event)
    if subscription.kind != "durable":
        await _lease(uow, row_id)
        return Effect(subscription, event, row.event_id)
    await record_in_inbox(uow, row.subscriber, row.event_id)
    await subscription.handler(uow, event)
    await _drop(uow, row_id)
    return None


async def _lock(uow: UnitOfWork, row_id: UUID) -> Any:
    """The row, unless it is done or another worker has it at this moment."""
    return (
        await sql(uow).execute(
            text(
                f"""
                select subscriber, event_id, payload, request_id, {MAY_BE_LOST} from kernel.outbox
                where id = :id and state = 'pending' and (leased_until is null or leased_until < now())
                for update skip locked
                """
            ),
            {"id": row_id},
        )
    ).first()


async def record_in_inbox(uow: UnitOfWork, subscriber: str, event_id: UUID) -> None:
    """Raises AlreadyHandled when this subscriber has had this event."""
    recorded = await sql(uow).execute(
        text(
            "insert into kernel.inbox (subscriber, event_id) values (:subscriber, :event_id)"
            f" on conflict do nothing returning {MAY_BE_LOST}"
        ),
        {"subscriber": subscriber, "event_id": event_id},
    )
    if recorded.first() is None:
        raise AlreadyHandled


async def _lease(uow: UnitOfWork, row_id: UUID) -> None:
    await sql(uow).execute(
        text("update kernel.outbox set leased_until = now() + :lease, due_at = now() + :lease where id = :id"),
        {"id": row_id, "lease": EFFECT_LEASE},
    )


async def _finish_effect(uow: UnitOfWork, row_id: UUID, effect: Effect) -> None:
    await record_in_inbox(uow, effect.subscription.name, effect.event_id)
    await _drop(uow, row_id)


async def _drop(uow: UnitOfWork, row_id: UUID) -> None:
    await sql(uow).execute(text("delete from kernel.outbox where id = :id"), {"id": row_id})


async def _count_failure(uow: UnitOfWork, row_id: UUID, error: str) -> None:
    """Backoff 2, 4, 8 ... seconds, at most ten minutes."""
    await sql(uow).execute(
        text(
            """
            update kernel.outbox set attempts = attempts + 1, last_error = :error, leased_until = null,
                due_at = now() + least(600, 2 ^ (attempts + 1)) * interval '1 second',
                state = case when attempts + 1 >= :max_attempts then 'dead' else 'pending' end
            where id = :id and state = 'pending'
            """
        ),
        {"id": row_id, "error": error, "max_attempts": MAX_ATTEMPTS},
    )


async def outbox_state(uow: UnitOfWork) -> OutboxState:
    row = (
        await sql(uow).execute(
            text(
                """
                select count(*) filter (where state = 'pending') pending, count(*) filter (where state = 'dead') dead,
                    coalesce(extract(epoch from now() - min(created_at) filter (where state = 'pending')), 0) oldest
                from kernel.outbox
                """
            )
        )
    ).one()
    return OutboxState(row.pending, row.dead, round(float(row.oldest), 1))


async def dead_rows(uow: UnitOfWork, limit: int = 100) -> list[DeadRow]:
    """Newest first."""
    columns = [OUTBOX.c[name] for name in DeadRow.__struct_fields__]
    rows = await sql(uow).execute(
        select(*columns).where(OUTBOX.c.state == "dead").order_by(OUTBOX.c.created_at.desc()).limit(limit)
    )
    return [DeadRow(*row) for row in rows]


async def replay(uow: UnitOfWork, row_id: UUID) -> None:
    """Give a dead row a fresh life. Raises OutboxRowNotFound."""
    revived = await sql(uow).execute(
        update(OUTBOX)
        .where(OUTBOX.c.id == row_id, OUTBOX.c.state == "dead")
        .values(state="pending", attempts=0, wake_ups=0, due_at=func.now(), leased_until=None)
    )
    if revived.rowcount == 0:
        raise OutboxRowNotFound


async def forget_events(uow: UnitOfWork, field: str, ids: Sequence[UUID]) -> None:
    """Events whose `field` names one of `ids` are delivered no more, and what went wrong with them is told no more: what
    they are about is erased."""
    await sql(uow).execute(
        text("delete from kernel.outbox where payload ->> :field = any(:ids)"),
        {"field": field, "ids": [str(each) for each in ids]},
    )
