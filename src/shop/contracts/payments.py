"""payments: money from a buyer, through a provider.

A local intent precedes every call to a provider. What a provider says is believed only when status, amount, currency
and order agree with that intent.
"""

from collections.abc import Sequence
from typing import Literal, NewType, Protocol
from uuid import UUID

import msgspec

from shop.kernel.errors import Conflict, FieldError, Invalid
from shop.kernel.events import Event
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork

PaymentId = NewType("PaymentId", UUID)
PaymentStatus = Literal[
    "pending", "requires_action", "authorized", "captured", "failed", "cancelled", "refunded", "partially_refunded"
]


class PaymentRequest(msgspec.Struct, frozen=True):
    """What the buyer chose. `token` stands for a card that the provider holds; card numbers never reach the shop."""

    provider: str
    token: str | None = None
    method_id: str | None = None


class Payment(msgspec.Struct, frozen=True):
    id: PaymentId
    order_id: UUID
    provider: str
    status: PaymentStatus
    amount: Money
    client_secret: str | None = None
    redirect_url: str | None = None
    failure: str | None = None
    """Why it failed, in words for the buyer."""


class PaymentMethod(msgspec.Struct, frozen=True):
    """A provider as the checkout offers it. `template` renders its part of the form."""

    provider: str
    label: str
    template: str
    public: dict[str, str]
    """What its form needs to know, such as a publishable key."""


class Payments(Protocol):
    async def offered(self) -> list[PaymentMethod]: ...

    async def open_payment(self, uow: UnitOfWork, order_id: UUID, amount: Money, request: PaymentRequest) -> Payment:
        """A local intent in the caller's transaction; the provider hears nothing yet.
        Raises UnknownProvider, PaymentInProgress."""

    async def process_payment(self, payment_id: PaymentId) -> Payment:
        """Ask the provider, outside any transaction, and record its answer in one of its own. A lost answer leaves the
        payment `pending`; it is looked up again later. Never asks for the same charge twice."""

    async def find_payments(self, uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, list[Payment]]:
        """Oldest first, for each order; with `client_secret` and `redirect_url` only while action is required."""

    async def cancel_payments(self, uow: UnitOfWork, order_id: UUID) -> None:
        """The order no longer wants money: open intents are cancelled at the provider, and what was captured all the
        same is given back."""


class MoneyUnderWay(Conflict):
    """A payment or refund is not decided yet, so whose it is can't be forgotten."""

    code = "money_under_way"
    title = "A payment is still under way: once it is through, or has failed, the account can be closed"


class ProviderIntent(msgspec.Struct, frozen=True):
    """What a provider is told. `payment_id` is also the idempotency key."""

    payment_id: PaymentId
    order_id: UUID
    amount: Money
    token: str | None
    method_id: str | None
    return_url: str
    provider_ref: str | None = None


class ProviderAnswer(msgspec.Struct, frozen=True):
    """What a provider says of an intent; every field as the provider reports it, nothing filled in from our side."""

    provider_ref: str
    status: PaymentStatus
    amount: Money
    payment_id: UUID | None
    order_id: UUID | None
    client_secret: str | None = None
    redirect_url: str | None = None
    failure: str | None = None


class PaymentProvider(Protocol):
    """Many, keyed by name ("sandbox", "stripe"). Network calls happen here and only here; each may raise ProviderAway
    when the answer is not known, and is safe to call again with the same intent."""

    name: str

    def offer(self) -> PaymentMethod | None:
        """None when this provider is not set up."""

    def check(self, request: PaymentRequest) -> None:
        """Raises Invalid for a token or method that can't be meant."""

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        """Raises ProviderRefused."""

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        """What the provider knows of it, None when it never heard of it."""

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        """What became of it: captured when it was too late to cancel."""

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> None:
        """`refund_id` is the idempotency key. Raises ProviderRefused."""


class ProviderAway(Exception):
    """No answer, or one that says nothing about the charge: it may have happened."""


class ProviderRefused(Exception):
    """The provider won't do this, and nothing was charged or moved; the message is in words for the buyer."""


class UnknownProvider(Invalid):
    code = "unknown_provider"
    title = "This way of payment is not offered"

    def __init__(self, provider: str) -> None:
        super().__init__([FieldError("payment.provider", "Not offered here")], f"{provider!r} is not offered here")


class PaymentInProgress(Conflict):
    code = "payment_in_progress"
    title = "A payment for this order is already under way"


class PaymentCaptured(Event, tag="payments.payment_captured.v1", frozen=True):
    payment_id: UUID
    order_id: UUID
    amount: int
    currency: str


class PaymentFailed(Event, tag="payments.payment_failed.v1", frozen=True):
    payment_id: UUID
    order_id: UUID
    reason: str


class PaymentRefunded(Event, tag="payments.payment_refunded.v1", frozen=True):
    payment_id: UUID
    order_id: UUID
    amount: int
    currency: str


class ProviderEventReceived(Event, tag="payments.provider_event_received.v1", frozen=True):
    """A provider told something, its signature checked; `event_id` is the provider's own."""

    provider: str
    event_id: str
