"""Events from outside by sender and id: each has one effect."""

from datetime import datetime

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork


async def add_received(uow: UnitOfWork, source: str, event_id: str, event_type: str, content_hash: bytes) -> bool:
    """Whether it is new. Waits for a transaction that is just adding the same one."""
    added = await sql(uow).execute(
        text(
            "insert into webhooks.received_event (source, event_id, type, content_hash)"
            " values (:source, :event_id, :type, :content_hash) on conflict do nothing returning event_id"
        ),
        {"source": source, "event_id": event_id, "type": event_type, "content_hash": content_hash},
    )
    return added.first() is not None


async def find_content_hash(uow: UnitOfWork, source: str, event_id: str) -> bytes | None:
    found = await sql(uow).execute(
        text("select content_hash from webhooks.received_event where source = :source and event_id = :event_id"),
        {"source": source, "event_id": event_id},
    )
    row = found.first()
    return None if row is None else bytes(row.content_hash)


async def forget_received(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """How many were forgotten, at most `limit`."""
    forgotten = await sql(uow).execute(
        text(
            "delete from webhooks.received_event where (source, event_id) in ("
            " select source, event_id from webhooks.received_event where received_at < :before limit :limit)"
        ),
        {"before": before, "limit": limit},
    )
    return forgotten.rowcount
