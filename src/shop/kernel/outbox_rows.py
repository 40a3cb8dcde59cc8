"""From an event to its outbox rows: one per durable subscriber, written in the business transaction."""

from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import text

from shop.kernel import bus
from shop.kernel.events import Event, wire_name
from shop.kernel.ids import new_id

INSERT: Final = text(
    """
    insert into kernel.outbox (id, event_id, event, subscriber, payload, request_id)
    select id, event_id, event, subscriber, payload, request_id
    from jsonb_to_recordset(cast(:rows as jsonb))
        as made (id uuid, event_id uuid, event text, subscriber text, payload jsonb, request_id text)
    """
)


def rows_of(event: Event, event_id: UUID | None = None) -> list[dict[str, Any]]:
    """Rows for `INSERT`; none when nobody listens."""
    subscribers = bus.durable_subscribers(event)
    if not subscribers:
        return []
    event_id = event_id or new_id()
    payload = msgspec.to_builtins(event)
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    return [
        {
            "id": new_id(),
            "event_id": event_id,
            "event": wire_name(event),
            "subscriber": subscriber.name,
            "payload": payload,
            "request_id": request_id,
        }
        for subscriber in subscribers
    ]


def encoded(rows: list[dict[str, Any]]) -> str:
    """The parameter `rows` of `INSERT`."""
    return msgspec.json.encode(rows).decode()
