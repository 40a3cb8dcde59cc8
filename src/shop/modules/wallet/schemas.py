"""What the layers of the wallet hand to each other, and what goes in and out over HTTP."""

from datetime import datetime
from uuid import UUID

import msgspec

from shop.contracts.wallet import Authority, Operation, Transaction, TransactionId, TransactionStatus
from shop.kernel.money import Money


class KeptLeg(msgspec.Struct, frozen=True):
    """What a transaction adds to an account that keeps its balance; below zero, what it takes; 0: the account has to be
    there, and nothing moves yet."""

    account_id: UUID
    """Of the ledger."""
    amount: int
    owner_id: UUID | None = None
    """The customer; None for a gift card."""


class SummedLeg(msgspec.Struct, frozen=True):
    """The same for one of the shop's own accounts, by its code: `sales`."""

    code: str
    amount: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction as it is to be recorded. What its legs add sums to zero, but for a deposit that nobody has paid yet."""

    id: TransactionId
    account_id: UUID
    """Of the ledger."""
    operation: Operation
    amount: int
    """Minor units, positive."""
    currency: str
    incoming: bool
    status: TransactionStatus
    kept: tuple[KeptLeg, ...]
    summed: tuple[SummedLeg, ...] = ()
    order_id: UUID | None = None
    payment_id: UUID | None = None
    parent_id: UUID | None = None
    counterparty_id: UUID | None = None
    """Of the ledger."""
    reason: str = ""
    failure: str | None = None
    authority: Authority
    actor_id: UUID | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a transaction that is recorded already, if it is still in one of `came_from`."""

    id: UUID
    came_from: tuple[TransactionStatus, ...]
    status: TransactionStatus
    currency: str
    amount: int | None = None
    """What it turned out to be; None: as it was."""
    failure: str | None = None
    kept: tuple[KeptLeg, ...] = ()
    summed: tuple[SummedLeg, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """`at` is None when nothing was changed: an account is missing in `balances`, would fall below zero in them, or the
    transaction was there before (a draft's) or isn't where the step begins."""

    at: datetime | None
    balances: dict[UUID, int]
    """Of the accounts with a kept balance, as they are afterwards, or would have been."""


class Stored(msgspec.Struct, frozen=True):
    """A transaction as it is recorded; see `models.TRANSACTION`."""

    id: TransactionId
    account_id: UUID
    owner_id: UUID | None
    currency: str
    operation: Operation
    amount: int
    incoming: bool
    status: TransactionStatus
    balance_after: int | None
    order_id: UUID | None
    payment_id: UUID | None
    parent_id: UUID | None
    counterparty_id: UUID | None
    reversed_amount: int
    reason: str
    failure: str | None
    authority: Authority
    created_at: datetime
    settled_at: datetime | None

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def rest(self) -> int:
        """What has not been given back of it, minor units."""
        return self.amount - self.reversed_amount

    def shown(self, owner_id: UUID) -> Transaction:
        """As its owner sees it, and others from the side of `owner_id`."""
        return Transaction(
            id=self.id,
            account_id=owner_id,
            operation=self.operation,
            amount=self.money,
            incoming=self.incoming,
            status=self.status,
            balance_after=None if self.balance_after is None else Money(self.balance_after, self.currency),
            order_id=self.order_id,
            payment_id=self.payment_id,
            parent_id=self.parent_id,
            reversed=Money(self.reversed_amount, self.currency),
            reason=self.reason,
            failure=self.failure,
            created_at=self.created_at,
            settled_at=self.settled_at,
        )
