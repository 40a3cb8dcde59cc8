"""What the layers of payments hand to each other."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from shop.contracts.payments import (
    MethodShown,
    Payment,
    PaymentId,
    PaymentStatus,
    Refund,
    RefundStatus,
    RefundTo,
    StoredMethod,
)
from shop.kernel.http.fields import ShortLine
from shop.kernel.money import Money

SandboxStatus = Literal["authorized", "captured", "failed", "requires_action", "cancelled"]


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it is stored; see `models.PAYMENT`."""

    id: PaymentId
    order_id: UUID | None
    deposit_id: UUID | None
    account_id: UUID | None
    part: int
    split: bool
    provider: str
    provider_ref: str | None
    token: str | None
    method_id: str | None
    customer_ref: str | None
    save_method: bool
    manual_capture: bool
    amount: int
    captured_amount: int
    capture_wish: int | None
    capture_ref: str | None
    currency: str
    status: PaymentStatus
    failure: str | None
    client_secret: str | None
    redirect_url: str | None
    method: dict[str, Any] | None
    instructions: dict[str, str] | None
    holds_until: datetime | None
    refunded_amount: int
    lost_amount: int
    contested_amount: int
    called_off_at: datetime | None
    abandoned_at: datetime | None
    attempts: int
    version: int
    created_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def wanted(self) -> Money:
        """What is to be captured: all of it, unless staff want less."""
        return Money(self.capture_wish or self.amount, self.currency)

    def uncommitted(self, to: RefundTo) -> int:
        """Minor units that were captured, and neither promised back nor taken back by the buyer's bank: below zero when it took
        what had been promised. What is contested there may go back to where it came from, which may settle the dispute,
        but not to a wallet as well."""
        contested = self.contested_amount if to == "wallet" else 0
        return self.captured_amount - self.refunded_amount - self.lost_amount - contested

    def refundable(self, to: RefundTo = "original") -> Money:
        return Money(max(self.uncommitted(to), 0), self.currency)

    def shown(self) -> Payment:
        """As others see it: the means to act only while action is required, the reason only where it failed."""
        acting = self.status == "requires_action"
        return Payment(
            id=self.id,
            order_id=self.order_id,
            deposit_id=self.deposit_id,
            provider=self.provider,
            status=self.status,
            amount=self.money,
            client_secret=self.client_secret if acting else None,
            redirect_url=self.redirect_url if acting else None,
            failure=self.failure if self.status in {"failed", "cancelled"} or acting else None,
            captured=_unless_zero(Money(self.captured_amount, self.currency)),
            refunded=_unless_zero(Money(self.refunded_amount, self.currency)),
            refundable=_unless_zero(self.refundable()),
            refundable_to_wallet=_unless_zero(self.refundable("wallet")),
            method=MethodShown(**self.method) if self.method else None,
            instructions=self.instructions if acting else None,
            manual_capture=self.manual_capture,
            holds_until=self.holds_until if self.status in {"pending", "requires_action", "authorized"} else None,
        )


def _unless_zero(money: Money) -> Money | None:
    return money if money.amount else None


class StaffNote(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong with a payment in a way that only a person can put right."""

    payment_id: PaymentId
    provider: str
    note: str


class NewIntent(msgspec.Struct, frozen=True, kw_only=True):
    """A payment about to be opened; exactly one of `order_id` and `deposit_id` is set."""

    id: PaymentId
    order_id: UUID | None
    deposit_id: UUID | None
    account_id: UUID | None
    part: int
    split: bool
    provider: str
    token: str | None
    method_id: str | None
    customer_ref: str | None
    save_method: bool
    manual_capture: bool
    amount: int
    currency: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What an intent becomes. The sweep takes it up again after `wait`, if any."""

    status: PaymentStatus
    provider_ref: str | None
    captured_amount: int = 0
    failure: str | None = None
    client_secret: str | None = None
    redirect_url: str | None = None
    method: dict[str, Any] | None = None
    instructions: dict[str, str] | None = None
    holds_until: datetime | None = None
    capture_ref: str | None = None
    wait: timedelta | None = None


class StoredRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund as it is stored; see `models.REFUND`."""

    id: UUID
    payment_id: PaymentId
    request_id: UUID | None
    account_id: UUID | None
    order_id: UUID | None
    deposit_id: UUID | None
    provider: str
    amount: int
    currency: str
    destination: RefundTo
    status: RefundStatus
    reason: str
    requested_by: UUID | None
    provider_ref: str | None
    failure: str | None
    attempts: int
    created_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    def shown(self) -> Refund:
        return Refund(
            id=self.id,
            request_id=self.request_id,
            payment_id=self.payment_id,
            provider=self.provider,
            amount=self.money,
            to=self.destination,
            status=self.status,
            reason=self.reason,
            failure=self.failure,
            requested_by=self.requested_by,
            created_at=self.created_at,
        )


class NewRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund about to be promised."""

    id: UUID
    payment_id: PaymentId
    request_id: UUID | None
    account_id: UUID | None
    amount: Money
    destination: RefundTo
    status: RefundStatus
    reason: str
    requested_by: UUID | None


class KeptMethod(msgspec.Struct, frozen=True, kw_only=True):
    """A stored method with the provider's own name of it, which nobody outside is told."""

    id: UUID
    account_id: UUID
    provider: str
    provider_ref: str
    customer_ref: str | None
    method: MethodShown
    is_default: bool

    def shown(self) -> StoredMethod:
        return StoredMethod(id=self.id, provider=self.provider, method=self.method, default=self.is_default)


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """A method that an account is about to store; see `models.METHOD_SETUP`."""

    id: UUID
    account_id: UUID
    provider: str
    provider_ref: str | None
    client_secret: str | None
    redirect_url: str | None
    finished_at: datetime | None
    failure: str | None
    created_at: datetime


class NewMethod(msgspec.Struct, frozen=True):
    """Which provider is to keep it."""

    provider: ShortLine


class MethodChange(msgspec.Struct, frozen=True):
    """`default`: whether it is chosen before the others; it stops being so when another is."""

    default: Literal[True]


class MethodSetupView(msgspec.Struct, frozen=True):
    """`client_secret` and `redirect_url` are there while the customer has something to do."""

    id: UUID
    provider: str
    status: Literal["waiting", "stored", "failed"]
    client_secret: str | None
    redirect_url: str | None
    failure: str | None


def setup_view(setup: Setup) -> MethodSetupView:
    done = setup.finished_at is not None
    return MethodSetupView(
        id=setup.id,
        provider=setup.provider,
        status=("failed" if setup.failure else "stored") if done else "waiting",
        client_secret=setup.client_secret,
        redirect_url=setup.redirect_url,
        failure=setup.failure,
    )


class Outcome(msgspec.Struct, frozen=True):
    """What becomes of a charge in the sandbox's books."""

    status: SandboxStatus
    failure: str | None = None
    captured: int = 0


class SandboxCharge(msgspec.Struct, frozen=True):
    """An entry in the sandbox provider's own books; `amount` in minor units."""

    payment_id: UUID
    order_id: UUID | None
    deposit_id: UUID | None
    account_id: UUID | None
    amount: int
    captured: int
    currency: str
    token: str
    status: SandboxStatus
    failure: str | None
    refunded: int = 0
