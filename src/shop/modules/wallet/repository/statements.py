"""What an account's entries tell of a period. Entries of an account are added under its lock, so that (created_at, id) is the
order in which they were; all of it is found by the index ix_entry_account_id."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.rules import customer_account
from shop.modules.wallet.statement_schemas import StatementItem

Place = tuple[datetime, int]
"""Of an entry among those of its account: when it was made, and its id."""

_ACCOUNT: Final = "cast(:account_id as uuid)"
_BALANCE: Final = f"""
    coalesce((
        select balance_after from wallet.entry where account_id = {_ACCOUNT} and created_at < :{{moment}}
        order by created_at desc, id desc limit 1), 0)
"""
_ENTRIES: Final = f"""
    select e.created_at, e.id, e.amount, e.balance_after, t.id as transaction_id, t.operation,
        coalesce(t.taken, t.amount) as whole, t.status, t.order_id, t.parent_id, t.reason
    from wallet.entry e join wallet.transaction t on t.id = e.transaction_id
    where e.account_id = {_ACCOUNT} and e.created_at >= :begins_at and e.created_at < :ends_at
        and (e.created_at, e.id) > (:after_at, cast(:after_id as bigint))
    order by e.created_at, e.id limit :limit
"""
_PAGE: Final = text(
    f"""
    select {_BALANCE.format(moment="begins_at")} as opening, {_BALANCE.format(moment="ends_at")} as closing, item.*
    from (select 1) one left join lateral ({_ENTRIES}) item on true
    order by item.created_at, item.id
    """
)
_FIGURES: Final = text(
    f"""
    select {_BALANCE.format(moment="begins_at")} as opening, {_BALANCE.format(moment="ends_at")} as closing,
        (select count(*) from wallet.entry
            where account_id = {_ACCOUNT} and created_at >= :begins_at and created_at < :ends_at) as entries,
        (select id from wallet.entry where account_id = {_ACCOUNT} and created_at < :ends_at
            order by created_at desc, id desc limit 1) as last_entry_id
    """
)
_BATCH: Final = text(_ENTRIES)


class Range(msgspec.Struct, frozen=True):
    """Whose entries, in which currency, from when until before when."""

    owner_id: UUID
    currency: str
    begins_at: datetime
    ends_at: datetime

    def parameters(self) -> dict[str, Any]:
        account_id = customer_account(self.owner_id, self.currency)
        return {"account_id": account_id, "begins_at": self.begins_at, "ends_at": self.ends_at}


class Figures(msgspec.Struct, frozen=True):
    """Minor units. `last_entry_id` is of the newest entry before the end, be it in the range or before it."""

    opening_balance: int
    closing_balance: int
    entries: int
    last_entry_id: int | None


class PageRows(msgspec.Struct, frozen=True):
    opening_balance: int
    closing_balance: int
    items: list[StatementItem]
    places: list[Place]


async def find_page(uow: UnitOfWork, wanted: Range, after: Place | None, limit: int) -> PageRows:
    """By one statement, so that balances and entries are of one moment."""
    rows = (await sql(uow).execute(_PAGE, _parameters(wanted, after, limit))).all()
    entries = [row for row in rows if row.id is not None]
    items = [_item(row, wanted.currency) for row in entries]
    return PageRows(rows[0].opening, rows[0].closing, items, [(row.created_at, row.id) for row in entries])


async def find_figures(uow: UnitOfWork, wanted: Range) -> Figures:
    row = (await sql(uow).execute(_FIGURES, wanted.parameters())).one()
    return Figures(*row)


async def entries_after(uow: UnitOfWork, wanted: Range, after: Place | None, limit: int) -> Sequence[Any]:
    """Rows with `created_at`, `id`, `amount`, `balance_after` (of the entry), `transaction_id`, `operation`, `whole` (the
    transaction's amount), `status`, `order_id`, `parent_id`, `reason`."""
    return (await sql(uow).execute(_BATCH, _parameters(wanted, after, limit))).all()


def _parameters(wanted: Range, after: Place | None, limit: int) -> dict[str, Any]:
    after_at, after_id = after or (wanted.begins_at, 0)
    return {**wanted.parameters(), "after_at": after_at, "after_id": after_id, "limit": limit}


def _item(row: Any, currency: str) -> StatementItem:
    return StatementItem(
        id=row.transaction_id,
        operation=row.operation,
        amount=Money(row.whole, currency),
        entry_amount=Money(row.amount, currency),
        status=row.status,
        balance_after=Money(row.balance_after, currency),
        order_id=row.order_id,
        parent_id=row.parent_id,
        reason=row.reason,
        created_at=row.created_at,
    )
