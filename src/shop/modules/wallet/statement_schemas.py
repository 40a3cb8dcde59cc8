"""What statements look like: at once as pages of items, longer ones as something that is being made."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from shop.contracts.wallet import Operation, TransactionStatus
from shop.kernel.money import Money
from shop.modules.wallet.statement_rules import Period

StatementStatus = Literal["waiting", "running", "ready", "failed"]


class StatementItem(msgspec.Struct, frozen=True):
    """What a transaction moved in this wallet. One that was held and given back is told twice: out, and in again."""

    id: UUID
    """The transaction's."""
    operation: Operation
    amount: Money
    """The transaction's, always positive."""
    entry_amount: Money
    """What it added to the wallet; below zero, what it took."""
    status: TransactionStatus
    balance_after: Money
    order_id: UUID | None
    parent_id: UUID | None
    reason: str
    created_at: datetime


class StatementPage(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Oldest items first. `opening_balance` is what there was before the first day, `closing_balance` what there is at the
    end of the last one, or now: it is the opening balance and all items' `entry_amount`."""

    first: date
    last: date
    opening_balance: Money
    closing_balance: Money
    items: list[StatementItem]
    next_cursor: str | None = None


class StatementTaken(msgspec.Struct, frozen=True):
    """A worker makes it; `status_url` tells how far it is."""

    statement_id: UUID
    status_url: str


class Statement(msgspec.Struct, frozen=True):
    """A statement that a worker makes, or has made, as its row tells of it."""

    id: UUID
    owner_id: UUID
    currency: str
    first: date
    last: date
    status: StatementStatus
    entries: int | None
    done: int
    opening_balance: int | None
    closing_balance: int | None
    attempts: int
    outdated_at: datetime | None
    requested_at: datetime
    ready_at: datetime | None

    @property
    def period(self) -> Period:
        return Period(self.first, self.last)


class Progress(msgspec.Struct, frozen=True):
    """`entries` is null until they are counted."""

    done: int
    entries: int | None


class StatementView(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Balances and addresses of the files are null until it is ready. `outdated`: more has happened on its days since, and
    to ask again makes another one."""

    id: UUID
    status: StatementStatus
    first: date
    last: date
    progress: Progress
    opening_balance: Money | None
    closing_balance: Money | None
    csv_url: str | None
    pdf_url: str | None
    outdated: bool
    requested_at: datetime
    ready_at: datetime | None


def statement_view(statement: Statement, url: str) -> StatementView:
    """`url` is the statement's own."""
    ready = statement.status == "ready"
    return StatementView(
        id=statement.id,
        status=statement.status,
        first=statement.first,
        last=statement.last,
        progress=Progress(statement.done, statement.entries),
        opening_balance=Money(statement.opening_balance or 0, statement.currency) if ready else None,
        closing_balance=Money(statement.closing_balance or 0, statement.currency) if ready else None,
        csv_url=f"{url}.csv" if ready else None,
        pdf_url=f"{url}.pdf" if ready else None,
        outdated=statement.outdated_at is not None,
        requested_at=statement.requested_at,
        ready_at=statement.ready_at,
    )
