"""What reconciliation hands between its layers: a run, what it found, and what of ours a charge is held against."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shop.modules.payments.schemas import Intent

RunStatus = Literal["waiting", "running", "done", "failed"]
Kind = Literal["paid_no_order", "order_no_payment", "wrong_amount", "wrong_refund", "unknown_state"]
State = Literal["open", "mended", "resolved"]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison of charges made in [since, until); see `models.RECONCILIATION`. `leased_until` names the worker that
    has it: whoever holds another moment has lost it."""

    id: UUID
    requested_by: UUID | None
    since: datetime
    until: datetime
    status: RunStatus
    compared: int
    mended: int
    found: int
    message: str | None
    leased_until: datetime | None
    created_at: datetime
    finished_at: datetime | None


class Progress(msgspec.Struct):
    """Charges that were compared, and those that were mended, so far. `failures`: why a provider was left, in words."""

    compared: int = 0
    mended: int = 0
    failures: list[str] = []


class Ours(msgspec.Struct, frozen=True):
    """A payment as we have it. Of its refunds to the original means, in minor units: `done`, and `under_way` at the
    provider, which may have done them already."""

    intent: Intent
    done: int = 0
    under_way: int = 0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What the books disagree about. `subject` names the charge; there is one open discrepancy for each kind of it."""

    kind: Kind
    subject: str
    provider: str
    provider_ref: str | None
    payment_id: UUID | None
    order_id: UUID | None
    ours: str
    theirs: str
    reason: str


class Discrepancy(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that waits for staff, or did; see `models.DISCREPANCY`."""

    id: UUID
    reconciliation_id: UUID
    kind: Kind
    provider: str
    provider_ref: str | None
    payment_id: UUID | None
    order_id: UUID | None
    ours: str
    theirs: str
    reason: str
    state: State
    note: str | None
    resolved_by: UUID | None
    resolved_at: datetime | None
    created_at: datetime
    seen_at: datetime
