"""wallet: what customers hold with the shop, on a double-entry ledger.

Every transaction moves money between accounts by entries that sum to zero and never change. A customer's balance is kept
beside its entries and can be rebuilt from them; the shop's own accounts (a provider's clearing, sales, refunds) are summed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NewType, Protocol
from uuid import UUID

import msgspec

from shop.contracts.payments import Payment
from shop.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from shop.kernel.events import Event
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork

TransactionId = NewType("TransactionId", UUID)
Operation = Literal["deposit", "withdraw", "purchase", "reversal", "cancellation", "transfer", "gift_card"]
TransactionStatus = Literal["pending", "settled", "failed"]
Authority = Literal["customer", "staff", "program", "orders", "payments"]
"""Who wants a transaction: what they may do differs, see modules/wallet/rules.py."""


class Wallet(msgspec.Struct, frozen=True):
    """`balance` counts what is held for purchases not yet paid in full and for withdrawals under way; `available` is
    what can be spent."""

    account_id: UUID
    balance: Money
    available: Money


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """A wish for a transaction. `id` is made by whoever wishes: the same one again has no second effect."""

    id: TransactionId
    operation: Operation
    account_id: UUID
    """Whose wallet."""
    amount: Money | None = None
    """Always positive. None: the rest of the parent (reversal, cancellation)."""
    order_id: UUID | None = None
    payment_id: UUID | None = None
    parent_id: UUID | None = None
    counterparty_id: UUID | None = None
    """Whose wallet a transfer goes to."""
    reason: str = ""
    by: Authority
    actor_id: UUID | None = None
    """The account that acts, where it isn't the owner."""


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    id: TransactionId
    account_id: UUID
    operation: Operation
    amount: Money
    """Positive; `operation` and `incoming` tell the direction."""
    incoming: bool
    status: TransactionStatus
    balance_after: Money | None
    """What could be spent right after it; None while it has moved nothing (a deposit not yet captured)."""
    order_id: UUID | None
    payment_id: UUID | None
    parent_id: UUID | None
    reversed: Money
    """What reversals have given back of it."""
    reason: str
    failure: str | None
    created_at: datetime
    settled_at: datetime | None
    payment: Payment | None = None
    """Of a deposit that its owner just asked for: what is still to be done."""
    disputed: bool = False
    """A withdrawal by a bank, which has taken a deposit back; `amount` is what was left of it to take, maybe nothing."""


class Wallets(Protocol):
    async def find_wallet(self, uow: UnitOfWork, account_id: UUID, currency: str) -> Wallet:
        """Zeros for an account that never had any."""

    async def post(self, uow: UnitOfWork, posting: Posting) -> Transaction:
        """In the caller's transaction. Raises InsufficientBalance, OperationNotAllowed, ParentNotFound, NotReversible,
        TransactionIdReused, Invalid; nothing moves then."""

    async def find_transactions(self, uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Transaction]: ...


class InsufficientBalance(Conflict):
    """`available` is what there is."""

    code = "insufficient_balance"
    title = "There is not enough in this wallet"

    def __init__(self, available: Money) -> None:
        super().__init__(available=available)


class OperationNotAllowed(Forbidden):
    code = "operation_not_allowed"
    title = "You may not do this with a wallet"


class TransactionNotFound(NotFound):
    code = "transaction_not_found"
    title = "There is no such transaction"


class ParentNotFound(Invalid):
    """Also when it is another owner's: as if it weren't there."""

    code = "parent_not_found"
    title = "This wallet has no such transaction"

    def __init__(self) -> None:
        super().__init__([], self.title)


class NotReversible(Conflict):
    code = "not_reversible"
    title = "This transaction can't be reversed or cancelled, or not by that much"


class TransactionIdReused(Conflict):
    code = "transaction_id_reused"
    title = "This id names another transaction already"


class TransactionRequested(Event, tag="wallet.transaction_requested.v1", frozen=True):
    """Somebody wants a transaction: accepted from any module, and from outside at POST /api/v1/events. `id` becomes the
    transaction's id, but for the purchase of an order, which goes by its payment's; it never means anything else, so that
    the same wish has one effect. The same rules hold as at the API, and what was refused once stays refused."""

    id: UUID
    operation: str
    account_id: UUID
    amount: int | None = None
    """Minor units."""
    currency: str | None = None
    order_id: UUID | None = None
    parent_id: UUID | None = None
    reason: str = ""


class TransactionRefused(Event, tag="wallet.transaction_refused.v1", frozen=True):
    """What TransactionRequested asked for can't be; `code` says why."""

    id: UUID
    account_id: UUID
    operation: str
    code: str


class TransactionOpened(Event, tag="wallet.transaction_opened.v1", frozen=True):
    """Recorded, and not settled yet: a deposit not captured, a purchase of an unpaid order, a withdrawal under way."""

    transaction_id: UUID
    account_id: UUID
    operation: str
    amount: int
    currency: str


class TransactionSettled(Event, tag="wallet.transaction_settled.v1", frozen=True):
    transaction_id: UUID
    account_id: UUID
    operation: str
    amount: int
    currency: str
    incoming: bool
    balance_after: int
    order_id: UUID | None = None
    parent_id: UUID | None = None
    disputed: bool = False
    """A withdrawal by a bank, which has taken a deposit back."""


class TransactionFailed(Event, tag="wallet.transaction_failed.v1", frozen=True):
    """A deposit that was never captured, a withdrawal that was refused, a purchase that was cancelled: what it had held is
    back."""

    transaction_id: UUID
    account_id: UUID
    operation: str
    amount: int
    currency: str


class StatementReady(Event, tag="wallet.statement_ready.v1", frozen=True):
    statement_id: UUID
    account_id: UUID
