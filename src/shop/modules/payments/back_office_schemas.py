"""What staff see of payments, refunds and disputes, and what they send."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from shop.contracts.payments import MethodShown, PaymentStatus, RefundStatus, RefundTo
from shop.kernel.http.fields import ONE_LINE, PositiveMoney
from shop.kernel.money import Money
from shop.modules.payments.schemas import Intent

Queue = Literal["awaiting_approval", "to_pay_out", "under_way", "failed", "done"]
Note = Annotated[str, msgspec.Meta(min_length=3, max_length=500, pattern=ONE_LINE)]


class ListedPayment(msgspec.Struct, frozen=True):
    """`attention`: somebody has to look at it, because of a note, a dispute or a discrepancy."""

    intent: Intent
    staff_note: str | None
    attention: bool


class ListedRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund with all that staff ask about it."""

    id: UUID
    payment_id: UUID
    order_id: UUID | None
    deposit_id: UUID | None
    provider: str
    amount: int
    currency: str
    destination: RefundTo
    status: RefundStatus
    reason: str
    failure: str | None
    requested_by: UUID | None
    decided_by: UUID | None
    created_at: datetime
    decided_at: datetime | None
    done_at: datetime | None

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Attention(msgspec.Struct, frozen=True):
    """How much waits for a person; `payments_to_take` are authorized, and staff say when they are captured."""

    refunds_to_approve: int
    refunds_to_pay_out: int
    payments_to_look_into: int
    disputes_to_answer: int
    discrepancies: int
    payments_to_take: int

    @property
    def total(self) -> int:
        return sum(msgspec.structs.astuple(self))


class Day(msgspec.Struct, frozen=True):
    """Minor units of one currency: taken by payments begun on this day, and given back on it."""

    day: date
    captured: int
    refunded: int


class AdminPaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """`order_number` as people know it; `provider_ref` as the provider calls it, `dashboard_url` where it shows it.
    `staff_note` says what a person has to look into."""

    id: UUID
    order_id: UUID | None
    order_number: str | None
    deposit_id: UUID | None
    provider: str
    provider_ref: str | None
    dashboard_url: str | None
    status: PaymentStatus
    amount: Money
    captured: Money
    refunded: Money
    refundable: Money
    method: MethodShown | None
    failure: str | None
    staff_note: str | None
    needs_attention: bool
    capturable: bool
    """Held, and waiting for staff to take or release it."""
    awaited: bool
    """By transfer or at the door: staff record when it came."""
    holds_until: datetime | None
    created_at: datetime


class AdminRefundView(msgspec.Struct, frozen=True, kw_only=True):
    """`requested_by` and `decided_by` are accounts of staff; none: the shop itself, or the provider."""

    id: UUID
    payment_id: UUID
    order_id: UUID | None
    order_number: str | None
    provider: str
    amount: Money
    to: RefundTo
    status: RefundStatus
    reason: str
    failure: str | None
    requested_by: UUID | None
    decided_by: UUID | None
    created_at: datetime
    decided_at: datetime | None
    done_at: datetime | None


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence is sent at the provider, until `respond_by`."""

    provider: str
    provider_ref: str
    payment_id: UUID | None
    order_id: UUID | None
    order_number: str | None
    amount: Money
    reason: str
    status: str
    respond_by: datetime | None
    dashboard_url: str | None
    created_at: datetime


class PaymentDetails(msgspec.Struct, frozen=True):
    payment: AdminPaymentView
    refunds: list[AdminRefundView]
    disputes: list[DisputeView]


class CaptureInput(msgspec.Struct, frozen=True):
    """All that is held, unless an `amount` is given; what is left of it is released."""

    amount: PositiveMoney | None = None


class RefundDecision(msgspec.Struct, frozen=True):
    approve: bool


class NewReconciliation(msgspec.Struct, frozen=True):
    """Days in the shop's time zone, both included; the last three if left out."""

    since: date | None = None
    until: date | None = None


class Resolution(msgspec.Struct, frozen=True):
    """How it was cleared."""

    note: Note


class ReconciliationView(msgspec.Struct, frozen=True, kw_only=True):
    """`found` counts discrepancies that were new to staff; `message` says which provider could not be asked."""

    id: UUID
    since: datetime
    until: datetime
    status: Literal["waiting", "running", "done", "failed"]
    compared: int
    mended: int
    found: int
    message: str | None
    requested_by: UUID | None
    created_at: datetime
    finished_at: datetime | None


class DiscrepancyView(msgspec.Struct, frozen=True, kw_only=True):
    """`ours` and `theirs` are what the two books say, `reason` why it was not mended and what to do."""

    id: UUID
    reconciliation_id: UUID
    kind: Literal["paid_no_order", "order_no_payment", "wrong_amount", "wrong_refund", "unknown_state"]
    provider: str
    provider_ref: str | None
    dashboard_url: str | None
    payment_id: UUID | None
    order_id: UUID | None
    order_number: str | None
    ours: str
    theirs: str
    reason: str
    state: Literal["open", "mended", "resolved"]
    note: str | None
    resolved_by: UUID | None
    resolved_at: datetime | None
    created_at: datetime
    seen_at: datetime


class ReconciliationDetails(msgspec.Struct, frozen=True):
    reconciliation: ReconciliationView
    discrepancies: list[DiscrepancyView]
