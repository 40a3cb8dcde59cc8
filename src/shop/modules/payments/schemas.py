"""What the layers of payments hand to each other."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from shop.contracts.payments import Payment, PaymentId, PaymentStatus
from shop.kernel.money import Money

SandboxStatus = Literal["captured", "failed", "requires_action", "cancelled"]


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it is stored; see `models.PAYMENT`."""

    id: PaymentId
    order_id: UUID
    provider: str
    provider_ref: str | None
    token: str | None
    method_id: str | None
    amount: int
    currency: str
    status: PaymentStatus
    failure: str | None
    client_secret: str | None
    redirect_url: str | None
    refunded_amount: int
    called_off_at: datetime | None
    attempts: int
    version: int
    created_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def rest(self) -> Money:
        """What has not been promised back yet."""
        return Money(self.amount - self.refunded_amount, self.currency)

    def shown(self) -> Payment:
        """As others see it: the means to act only while action is required, the reason only where it failed."""
        acting = self.status == "requires_action"
        return Payment(
            id=self.id,
            order_id=self.order_id,
            provider=self.provider,
            status=self.status,
            amount=self.money,
            client_secret=self.client_secret if acting else None,
            redirect_url=self.redirect_url if acting else None,
            failure=self.failure if self.status in {"failed", "cancelled"} or acting else None,
        )


class StaffNote(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong with a payment in a way that only a person can put right."""

    payment_id: PaymentId
    provider: str
    note: str


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What an intent becomes. The sweep takes it up again after `wait`, if any."""

    status: PaymentStatus
    provider_ref: str | None
    failure: str | None = None
    client_secret: str | None = None
    redirect_url: str | None = None
    wait: timedelta | None = None


class Refund(msgspec.Struct, frozen=True):
    id: UUID
    payment_id: PaymentId
    amount: Money


class ProviderNews(msgspec.Struct, frozen=True):
    """An event that a provider sent, its signature checked. Which payment it concerns is a hint, not a fact."""

    provider: str
    event_id: str
    type: str
    payload: bytes
    payment_id: UUID | None
    provider_ref: str | None


class SandboxCharge(msgspec.Struct, frozen=True):
    """An entry in the sandbox provider's own books; `amount` in minor units."""

    payment_id: UUID
    order_id: UUID
    amount: int
    currency: str
    token: str
    status: SandboxStatus
    failure: str | None
