"""What the outbox's and the audit log's API answer, and what may be asked of the log."""

from datetime import datetime
from typing import Any, Final, Literal
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


Moment = tuple[datetime, UUID]
"""Time and id of an entry: the log's order."""
SYSTEM: Final = "system"
ActorKind = Literal["account", "program", "system"]


class AuditActor(msgspec.Struct, frozen=True):
    """`id` is null for the system itself; `name` when the account is gone, or for a program."""

    kind: ActorKind
    id: str | None
    program_id: str | None
    """Through which an account acted."""
    name: str | None = None
    email: str | None = None


class AuditSubject(msgspec.Struct, frozen=True):
    """What was changed."""

    kind: str
    id: str | None


class AuditView(msgspec.Struct, frozen=True):
    """One change by staff, by a program in their place, or by the system itself."""

    id: UUID
    at: datetime
    actor: AuditActor
    action: str
    permission: str | None
    subject: AuditSubject | None
    details: dict[str, Any]
    """Ids, numbers and codes: nobody's data."""
    request_id: str | None
    method: str | None
    route: str | None
    network: str | None
    """Of the address it came from, its end left out."""


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """None: any. From `since` on and before `until`."""

    actor: str | None = None
    """Id of an account or a program, or SYSTEM."""
    action: str | None = None
    subject: str | None = None
    """Id of a thing, or of a request."""
    since: datetime | None = None
    until: datetime | None = None
