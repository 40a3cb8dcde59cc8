"""payments: money from a buyer, through providers, and back.

A local intent precedes every call to a provider. What a provider says is believed only when status, amount, currency
and order agree with that intent. An order may be paid in parts: from the wallet first, the rest by another provider.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NewType, Protocol
from uuid import UUID

import msgspec

from shop.kernel.errors import Conflict, FieldError, Invalid, NotFound
from shop.kernel.events import Event
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork

PaymentId = NewType("PaymentId", UUID)
PaymentStatus = Literal[
    "pending", "requires_action", "authorized", "captured", "failed", "cancelled", "refunded", "partially_refunded"
]
RefundStatus = Literal["awaiting_approval", "pending", "done", "failed", "rejected"]
RefundTo = Literal["original", "wallet"]


class PaymentRequest(msgspec.Struct, frozen=True):
    """What the buyer chose. `token` stands for a card that the provider holds; card numbers never reach the shop.
    `method_id` is a stored method of the payer's own; `save` asks the provider to store this one."""

    provider: str
    token: str | None = None
    method_id: str | None = None
    save: bool = False


class MethodShown(msgspec.Struct, frozen=True):
    """What a buyer knows a means of payment by."""

    kind: str
    """card, paypal, sepa_debit ..., as the provider calls it."""
    label: str
    """Visa, or the masked address of a PayPal account."""
    last4: str | None = None
    expires: str | None = None
    """MM/YYYY."""


class Payment(msgspec.Struct, frozen=True):
    """`order_id` or `deposit_id` says what it is for: an order, or a deposit to a wallet (the transaction's id)."""

    id: PaymentId
    order_id: UUID | None
    provider: str
    status: PaymentStatus
    amount: Money
    client_secret: str | None = None
    redirect_url: str | None = None
    failure: str | None = None
    """Why it failed, in words for the buyer."""
    deposit_id: UUID | None = None
    captured: Money | None = None
    """What was really taken, once it was: less than `amount` after a partial capture."""
    refunded: Money | None = None
    """What was given back or is on its way; None when nothing."""
    refundable: Money | None = None
    """What can still be given back as it was paid; None when nothing. What the buyer's bank took back is not among it."""
    refundable_to_wallet: Money | None = None
    """Less, while the buyer's bank has not decided on a dispute: the buyer shall not have the money twice."""
    method: MethodShown | None = None
    instructions: Mapping[str, str] | None = None
    """What the buyer has to do outside: label and value, such as the account to transfer to."""
    manual_capture: bool = False
    """Once authorized it stays so until staff take the money."""
    holds_until: datetime | None = None
    """How long its order waits for it, where more is to be waited for than its buyer: a hold, a transfer, a debit of days."""


class PaymentMethod(msgspec.Struct, frozen=True):
    """A provider as the checkout offers it. `template` renders its part of the form."""

    provider: str
    label: str
    template: str
    public: dict[str, str]
    """What its form needs to know, such as a publishable key."""
    setup_template: str | None = None
    """Renders the form by which a method is stored without paying, where that is not done at the provider's own site."""
    keeps: bool = False
    """It can store the buyer's method for the next time; filled in by Payments."""


class StoredMethod(msgspec.Struct, frozen=True):
    """A means of payment that a provider keeps for an account."""

    id: UUID
    provider: str
    method: MethodShown
    default: bool


class Payer(msgspec.Struct, frozen=True):
    """Who pays. A guest has no account: no stored methods, no wallet."""

    account_id: UUID | None
    use_wallet: bool = False
    """First what the wallet holds, then the rest as requested."""


GUEST: Payer = Payer(None)


class RefundWish(msgspec.Struct, frozen=True, kw_only=True):
    """`id` names the wish: several refunds may come of it, one for each payment that it takes from."""

    id: UUID
    amount: Money
    to: RefundTo
    account_id: UUID | None
    """Whose wallet."""
    reason: str
    by: UUID | None
    """The account of the staff member."""


class Refund(msgspec.Struct, frozen=True):
    id: UUID
    request_id: UUID | None
    payment_id: PaymentId
    provider: str
    amount: Money
    to: RefundTo
    status: RefundStatus
    reason: str
    failure: str | None = None
    requested_by: UUID | None = None
    """The account of the staff member; None: the shop itself, or the provider."""
    created_at: datetime | None = None


class Payments(Protocol):
    async def offered(self) -> list[PaymentMethod]:
        """Those that a buyer chooses among; the wallet is no choice, it comes first or not at all."""

    async def stored_methods(self, uow: UnitOfWork, account_id: UUID) -> list[StoredMethod]:
        """The default one first."""

    async def spendable(self, uow: UnitOfWork, account_id: UUID, currency: str) -> Money:
        """What the account's wallet could pay at this moment."""

    async def open_payments(
        self, uow: UnitOfWork, order_id: UUID, amount: Money, request: PaymentRequest, payer: Payer = GUEST
    ) -> list[Payment]:
        """Local intents in the caller's transaction, together `amount`; the providers hear nothing yet.
        Raises UnknownProvider, PaymentInProgress, Invalid."""

    async def open_deposit(
        self, uow: UnitOfWork, deposit_id: UUID, amount: Money, request: PaymentRequest, account_id: UUID
    ) -> Payment:
        """A payment that fills a wallet; told by DepositCaptured or DepositFailed. Raises as open_payments does."""

    async def process_order(self, order_id: UUID) -> None:
        """Ask the providers, outside any transaction, and record each answer in one of its own: the wallet first, then
        the rest, then what waits to be captured; what a failed part leaves goes back. A lost answer leaves a payment
        `pending`; it is looked up again later. Never asks for the same charge twice."""

    async def process_payment(self, payment_id: PaymentId) -> Payment:
        """The same for one payment of its own, such as a deposit."""

    async def find_payments(self, uow: UnitOfWork, order_ids: Sequence[UUID]) -> dict[UUID, list[Payment]]:
        """Oldest first, for each order; with `client_secret` and `redirect_url` only while action is required."""

    async def find_deposits(self, uow: UnitOfWork, deposit_ids: Sequence[UUID]) -> dict[UUID, Payment]: ...

    async def abandon_payments(self, uow: UnitOfWork, order_id: UUID) -> bool:
        """The buyer wants to pay in another way: what waits for him (3-D Secure, an approval, a transfer) is cancelled by the
        `process_order` that follows, before a further payment may be opened. What came meanwhile pays. Whether any waited."""

    async def cancel_payments(self, uow: UnitOfWork, order_id: UUID) -> None:
        """The order wants no money any more: open intents are cancelled at the provider, what was captured is given back."""

    async def request_capture(self, uow: UnitOfWork, payment_id: PaymentId, amount: Money | None) -> Payment:
        """Of a payment that is held until staff say so, all or part of it; the rest is released. Raises NotCapturable."""

    async def request_release(self, uow: UnitOfWork, payment_id: PaymentId) -> Payment:
        """Money that is held is not taken after all: the order's payment has failed, and it may be paid in another way.
        The provider hears of it by the `process_order` that follows. Raises PaymentNotFound, NotReleasable."""

    async def record_receipt(self, uow: UnitOfWork, payment_id: PaymentId) -> Payment:
        """Staff have the money of a transfer or a delivery in hand. Raises NotCapturable."""

    async def lock_payments(self, uow: UnitOfWork, order_id: UUID) -> None:
        """Until this transaction ends. Whoever locks their order too does so afterwards, as an answer that is applied does."""

    async def request_refunds(self, uow: UnitOfWork, order_id: UUID, wish: "RefundWish") -> list[Refund]:
        """Promised within what was captured, over the order's payments; above the shop's limit it waits for a second person. To
        the wallet it is there at once; to the original method after `process_refunds`. The same wish again gives the same
        refunds. Raises RefundTooLarge, Invalid for a wallet that the order's buyer doesn't have, Forbidden."""

    async def process_refunds(self, order_id: UUID) -> None:
        """Ask the providers for what was promised and approved, outside any transaction."""

    async def decide_refund(self, uow: UnitOfWork, refund_id: UUID, *, approve: bool, by: UUID) -> Refund:
        """Raises RefundNotFound, RefundDecided, SamePerson; RefundTooLarge when the buyer's bank took it back meanwhile."""

    async def find_refunds(self, uow: UnitOfWork, order_id: UUID) -> list[Refund]:
        """Oldest first."""

    async def refund_deposits(
        self, uow: UnitOfWork, deposit_ids: Sequence[UUID], amount: Money, reason: str, *, by: UUID | None
    ) -> list[Refund]:
        """Pays a withdrawal out to the means that filled the wallet, newest first. Raises RefundTooLarge."""

    async def clearing(self, uow: UnitOfWork) -> list["Clearing"]:
        """What came in for wallets by each provider, and what of it was given or charged back."""


class Clearing(msgspec.Struct, frozen=True):
    """Of a provider's deposits in one currency. `refunded`: refunds that are done, and lost disputes as DepositChargedBack told
    them; the provider holds `captured` less that. `unreconciled`: deposits of which its own record says something else."""

    provider: str
    captured: Money
    refunded: Money
    unreconciled: Money


class MoneyUnderWay(Conflict):
    """A payment or refund is not decided yet, so whose it is can't be forgotten."""

    code = "money_under_way"
    title = "A payment is still under way: once it is through, or has failed, the account can be closed"


class PaymentSubjects(Protocol):
    """Many: what people call the orders that payments are for, where staff look at payments."""

    async def find_numbers(self, uow: UnitOfWork, ids: Sequence[UUID]) -> Mapping[UUID, str]: ...


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    title = "There is no such payment"


class RefundNotFound(NotFound):
    code = "refund_not_found"
    title = "There is no such refund"


class NotCapturable(Conflict):
    code = "not_capturable"
    title = "There is nothing to capture of this payment, or not that much"


class NotReleasable(Conflict):
    code = "not_releasable"
    title = "Nothing is held of this payment that could be released"


class RefundTooLarge(Conflict):
    """`refundable` is what is left for where it should have gone."""

    code = "refund_too_large"
    title = "That is more than is left of what was paid"

    def __init__(self, refundable: Money) -> None:
        super().__init__(refundable=refundable)


class RefundDecided(Conflict):
    code = "refund_decided"
    title = "This refund has been decided already"


class SamePerson(Conflict):
    code = "same_person"
    title = "A second person has to approve this refund: whoever asked for it can't"


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
    released: int = 0
    """What staff left of an authorized payment, minor units: the order doesn't ask for it any more."""


class PaymentFailed(Event, tag="payments.payment_failed.v1", frozen=True):
    payment_id: UUID
    order_id: UUID
    reason: str


class PaymentRefunded(Event, tag="payments.payment_refunded.v1", frozen=True):
    """All that was captured of the order's payments is given back when `left` is 0."""

    payment_id: UUID
    order_id: UUID
    amount: int
    currency: str
    refund_id: UUID | None = None
    to: str = "original"
    left: int | None = None
    """Of the order's captured money, minor units; None in events from before it was told."""


class PaymentHeld(Event, tag="payments.payment_held.v1", frozen=True):
    """Authorized, promised by a transfer, or under way by a debit of days: the goods should wait for the money until then."""

    payment_id: UUID
    order_id: UUID
    until: datetime


class PaymentMethodsChanged(Event, tag="payments.payment_methods_changed.v1", frozen=True):
    """A means of payment was stored for an account, or removed from it: `change` is added or removed."""

    account_id: UUID
    change: str


class PaymentDisputed(Event, tag="payments.payment_disputed.v1", frozen=True):
    """The buyer's bank takes money back, or has decided about it; `status` as in ProviderDispute."""

    payment_id: UUID
    order_id: UUID | None
    status: str


class DepositCaptured(Event, tag="payments.deposit_captured.v1", frozen=True):
    payment_id: UUID
    deposit_id: UUID
    provider: str
    amount: int
    currency: str


class DepositRefunded(Event, tag="payments.deposit_refunded.v1", frozen=True):
    """Money of a deposit is back where it came from."""

    payment_id: UUID
    deposit_id: UUID
    refund_id: UUID
    amount: int
    currency: str


class DepositChargedBack(Event, tag="payments.deposit_charged_back.v1", frozen=True):
    """The buyer's bank has taken money of a deposit back for good: a dispute is lost. Told once for each, named by `provider` and
    its `dispute_ref`, in minor units of the payment, and for at most what is left of the deposit: what a refund gave back, or
    another dispute took, the wallet has lost before; what a bank takes beyond the payment is the shop's loss and no wallet's."""

    payment_id: UUID
    deposit_id: UUID
    dispute_ref: str
    provider: str
    amount: int
    currency: str


class RefundFailed(Event, tag="payments.refund_failed.v1", frozen=True):
    """What was promised is not given back: the provider won't, and staff are told why, or it was not approved."""

    payment_id: UUID
    refund_id: UUID
    request_id: UUID | None
    order_id: UUID | None
    deposit_id: UUID | None
    amount: int
    currency: str
    rejected: bool = False
    """By the second person, who was to approve it."""


class DepositFailed(Event, tag="payments.deposit_failed.v1", frozen=True):
    payment_id: UUID
    deposit_id: UUID
    reason: str


class ProviderEventReceived(Event, tag="payments.provider_event_received.v1", frozen=True):
    """A provider told something, its signature checked; `event_id` is the provider's own."""

    provider: str
    event_id: str
