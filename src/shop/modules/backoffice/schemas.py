"""What the outbox's API answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class DeadEvent(msgspec.Struct, frozen=True):
    """An event that its subscriber failed to handle until nobody tried again."""

    id: UUID
    event: str
    subscriber: str
    payload: dict[str, Any]
    attempts: int
    last_error: str | None
    created_at: datetime


class OutboxView(msgspec.Struct, frozen=True, omit_defaults=True):
    """`items` only when dead events were asked for, newest first, at most 100."""

    pending: int
    dead: int
    oldest_pending_seconds: float
    items: list[DeadEvent] | None = None
