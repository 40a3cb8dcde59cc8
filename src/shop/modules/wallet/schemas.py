"""What the layers of the wallet hand to each other, and what goes in and out over HTTP."""

from datetime import datetime
from typing import Literal
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
    taken: int | None = None
    """What it came to, where that isn't all of its amount."""
    dispute_ref: str | None = None

    @property
    def came_to(self) -> int:
        return self.amount if self.taken is None else self.taken


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a transaction that is recorded already, if it is still in one of `came_from`."""

    id: UUID
    came_from: tuple[TransactionStatus, ...]
    status: TransactionStatus
    currency: str
    taken: int | None = None
    """What it came to, where that isn't all of its amount."""
    failure: str | None = None
    kept: tuple[KeptLeg, ...] = ()
    summed: tuple[SummedLeg, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """`at` is None when nothing was changed: an account is missing in `balances`, would fall below zero in them, or the
    transaction was there before (a draft's) or isn't where the step begins."""

    at: datetime | None
    settled_at: datetime | None
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
    taken: int | None
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
    dispute_ref: str | None

    @property
    def asked(self) -> Money:
        """What it was recorded for."""
        return Money(self.amount, self.currency)

    @property
    def money(self) -> Money:
        """What it came to."""
        return Money(self.amount if self.taken is None else self.taken, self.currency)

    @property
    def lost(self) -> Money:
        """What a bank took back and the wallet no longer had: the shop's loss."""
        return self.asked - self.money if self.dispute_ref is not None else Money.zero(self.currency)

    @property
    def rest(self) -> int:
        """What has not been given back of it, minor units."""
        return self.money.amount - self.reversed_amount

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
            disputed=self.dispute_ref is not None,
        )


class Payout(msgspec.Struct, frozen=True):
    """A refund that pays out a withdrawal, or a part of it; `amount` in minor units."""

    refund_id: UUID
    transaction_id: UUID
    provider: str
    amount: int
    status: Literal["pending", "done", "failed"] = "pending"


class Withdrawal(msgspec.Struct, frozen=True):
    """`done` of it is paid out, `pending` is on its way; minor units."""

    transaction: Stored
    done: int
    pending: int

    @property
    def rest(self) -> int:
        """What is still to be decided."""
        return self.transaction.amount - self.done - self.pending


class GiftCard(msgspec.Struct, frozen=True):
    """What is kept of one; the code only its holder knows. `amount` when it was issued, `balance` what is left of it."""

    id: UUID
    account_id: UUID
    """Of the ledger."""
    hint: str
    """The code's last four characters."""
    amount: int
    currency: str
    expires_at: datetime | None
    issued_by: UUID | None
    disabled_at: datetime | None
    created_at: datetime
    balance: int

    def status(self, now: datetime) -> Literal["valid", "used", "disabled", "expired"]:
        if self.disabled_at is not None:
            return "disabled"
        if not self.balance:
            return "used"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "valid"


class WalletLine(msgspec.Struct, frozen=True):
    """What somebody can spend."""

    owner_id: UUID
    available: Money


class WalletTotals(msgspec.Struct, frozen=True):
    """Of one currency: what can be spent from wallets, how many have something in them, and what is left on gift cards."""

    wallets: Money
    filled: int
    cards: Money


class EntryLine(msgspec.Struct, frozen=True):
    """One entry of a transaction; `code` of the shop's own account, `owner_id` of a customer's."""

    kind: Literal["customer", "gift_card", "system"]
    code: str | None
    owner_id: UUID | None
    amount: Money
    created_at: datetime


class CurrencyBooks(msgspec.Struct, frozen=True):
    """All amounts in minor units. `sum` of all entries is 0 when the books balance; `owed` is what wallets and gift cards
    hold."""

    sum: int
    accounts: int
    entries: int
    owed: int


class Difference(msgspec.Struct, frozen=True):
    """`stored` is what stands there, `rebuilt` what it ought to be, in minor units of `currency`."""

    account: str
    currency: str
    stored: int
    rebuilt: int


class Books(msgspec.Struct, frozen=True):
    balanced: bool
    currencies: dict[str, CurrencyBooks]
    system: dict[str, dict[str, int]]
    """The shop's own accounts: currency, code, minor units."""
    differences: list[Difference]
    """The first hundred of each kind."""
    checked_at: datetime


class CheckedBooks(msgspec.Struct, frozen=True):
    """What a check has found, with what wallets and cards held at the same moment."""

    books: Books
    totals: list[WalletTotals]


class CheckState(msgspec.Struct, frozen=True):
    """How the last check came out, in a word; `differences` is how many it told of."""

    checked_at: datetime
    differences: int
