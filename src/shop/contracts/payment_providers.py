"""payment providers: how Stripe, PayPal, the wallet or a package from outside take money for the shop, and give it back.

Each capability is a port of its own, `many`, keyed by the provider's name; a provider contributes to those that it can.
Network calls happen behind them and only there.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from shop.contracts.payments import MethodShown, PaymentId, PaymentMethod, PaymentRequest, PaymentStatus
from shop.kernel.events import Event
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork


class ProviderIntent(msgspec.Struct, frozen=True):
    """What a provider is told. `payment_id` is also the idempotency key."""

    payment_id: PaymentId
    order_id: UUID | None
    amount: Money
    token: str | None
    method_id: str | None
    """The provider's own name of a stored method."""
    return_url: str
    provider_ref: str | None = None
    deposit_id: UUID | None = None
    account_id: UUID | None = None
    customer_ref: str | None = None
    """The provider's own name of the payer, where it keeps methods for one."""
    save: bool = False
    manual_capture: bool = False
    """Only authorize; `capture` follows when the shop says so."""
    capture_ref: str | None = None
    """What the provider calls the capture, where that is a thing of its own (PayPal)."""
    holds_until: datetime | None = None
    """As the provider told it last: until then it has something of this payment, whatever else it says."""


class ProviderAnswer(msgspec.Struct, frozen=True):
    """What a provider says of an intent; every field as the provider reports it, nothing filled in from our side."""

    provider_ref: str
    status: PaymentStatus
    amount: Money
    """What the charge is for."""
    payment_id: UUID | None
    order_id: UUID | None
    client_secret: str | None = None
    redirect_url: str | None = None
    failure: str | None = None
    deposit_id: UUID | None = None
    captured: Money | None = None
    """What was taken; None while nothing was."""
    refunded: Money | None = None
    """What was given back of it, as far as the provider says so here."""
    counts_reversals: bool = True
    """Whether `refunded` may be, in part, what a bank took back in a dispute; False where it is refunds alone."""
    holds_until: datetime | None = None
    """How long the order should wait: an authorization's end, the day a transfer is given up, or the last on which a bank may
    still decide on a debit. The same whenever it is told of the same charge, while it is `pending`."""
    method: MethodShown | None = None
    instructions: dict[str, str] | None = None
    capture_ref: str | None = None
    begun: bool = True
    """False: prepared only; `charge` was never heard of, and is to be asked for (again)."""
    vaulted: "VaultedMethod | None" = None
    """The method that was stored by this charge, where the intent asked for that."""


class RefundAnswer(msgspec.Struct, frozen=True):
    """`pending` is looked up again, or told by a webhook."""

    provider_ref: str
    status: Literal["pending", "done", "failed"]
    amount: Money
    failure: str | None = None


class PaymentProvider(Protocol):
    """Many, keyed by name ("sandbox", "stripe", "paypal", "wallet", "bank_transfer"). Network calls happen here and only
    here; each may raise ProviderAway when the answer is not known, and is safe to call again with the same intent."""

    name: str

    def offer(self) -> PaymentMethod | None:
        """None when this provider is not set up, or no choice of the buyer's."""

    def check(self, request: PaymentRequest) -> None:
        """Raises Invalid for a token or method that can't be meant."""

    async def prepare(self, intent: ProviderIntent) -> str | None:
        """The provider's own id for the charge to come, made before any money can move, so that it is stored before
        `charge`; None where `look_up` finds a charge by `payment_id` alone. Raises ProviderRefused."""

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        """Raises ProviderRefused."""

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        """What the provider knows of it, None when it never heard of it. Never moves money."""

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        """Take `amount` of what is authorized and release the rest. Raises ProviderRefused."""

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        """What became of it: captured when it was too late to cancel."""

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        """`refund_id` is the idempotency key. Raises ProviderRefused."""

    async def look_up_refund(
        self, intent: ProviderIntent, refund_id: UUID, provider_ref: str | None
    ) -> RefundAnswer | None:
        """None when the provider never heard of it."""


class StoredValue(Protocol):
    """Many: a provider that pays from what the account holds with the shop (the wallet, gift cards)."""

    async def spendable(self, uow: UnitOfWork, account_id: UUID, currency: str) -> Money: ...


class RefundDestination(Protocol):
    """Many, keyed by name ("wallet"): where a refund may go instead of to the original method, at once."""

    async def give(
        self, uow: UnitOfWork, refund_id: UUID, account_id: UUID, order_id: UUID | None, amount: Money
    ) -> None:
        """In the refund's own transaction; `refund_id` makes it happen once."""


class MethodOwner(msgspec.Struct, frozen=True):
    account_id: UUID
    email: str
    customer_ref: str | None = None
    """As the provider answered an earlier call."""


class MethodSetup(msgspec.Struct, frozen=True):
    """A method that is about to be stored: the buyer still has to enter or approve it."""

    provider_ref: str
    customer_ref: str | None
    client_secret: str | None = None
    redirect_url: str | None = None


class VaultedMethod(msgspec.Struct, frozen=True):
    provider_ref: str
    customer_ref: str | None
    method: MethodShown


class MethodVault(Protocol):
    """Many, keyed by the provider's name: it keeps means of payment for an account. Each may raise ProviderAway."""

    async def begin(self, owner: MethodOwner, setup_id: UUID, return_url: str) -> MethodSetup:
        """`setup_id` is the idempotency key."""

    async def finish(self, owner: MethodOwner, provider_ref: str) -> VaultedMethod | None:
        """What came of a setup; None while nothing was stored. Raises ProviderRefused when nothing will be."""

    async def forget(self, method_ref: str) -> None:
        """Also when it is gone already."""


class StoredMethodDropped(Event, tag="payments.stored_method_dropped.v1", frozen=True):
    """Its owner removed it, or was erased: it pays nothing here any more, and its provider has yet to forget it.
    `method_ref` is the provider's own name of it."""

    provider: str
    method_ref: str


class ProviderNews(msgspec.Struct, frozen=True):
    """An event that a provider sent, its signature checked. What it concerns is a hint, not a fact."""

    provider: str
    event_id: str
    type: str
    payload: bytes
    payment_id: UUID | None
    provider_ref: str | None
    dispute_ref: str | None = None


class ProviderWebhooks(Protocol):
    """Many, keyed by the provider's name: POST /webhooks/<name>."""

    async def read(self, body: bytes, headers: Mapping[str, str]) -> ProviderNews:
        """`headers` in lower case. Raises NotFromProvider for whatever the provider did not send just now."""


class NotFromProvider(Exception):
    """This message can't be shown to come from the payment provider; the message says what is wrong with it."""


class ProviderRecord(msgspec.Struct, frozen=True):
    """A charge as the provider's books have it."""

    answer: ProviderAnswer
    created_at: datetime


class UnclearRecord(msgspec.Struct, frozen=True):
    """The same of a charge about which they say what we don't understand; `told` is what, in words for staff."""

    provider_ref: str
    payment_id: UUID | None
    told: str
    created_at: datetime


class ProviderDispute(msgspec.Struct, frozen=True):
    provider_ref: str
    payment_ref: str
    """The provider's name of the charge."""
    amount: Money
    reason: str
    status: Literal["needs_response", "under_review", "won", "lost", "closed"]
    respond_by: datetime | None = None
    counts_reversals: bool = False
    """Whether the provider counts what it takes among the refunds of the charge, too."""


class ProviderRecords(Protocol):
    """Many, keyed by the provider's name: its books, for reconciliation. Each may raise ProviderAway."""

    def list_charges(self, since: datetime, until: datetime) -> AsyncIterator[ProviderRecord | UnclearRecord]:
        """Those made in [since, until), page by page, of this shop or not."""

    async def find_dispute(self, dispute_ref: str) -> ProviderDispute | None: ...


class ProviderAway(Exception):
    """No answer, or one that says nothing about the charge: it may have happened."""


class ProviderUnclear(ProviderAway):
    """It answered what we have never heard of: asked again it may say the same for ever. The message is in words for staff."""


class ProviderRefused(Exception):
    """The provider won't do this, and nothing was charged or moved; the message is in words for the buyer."""
