"""Wallets as pages show them: what waits in one, how its balance went from day to day, and who has most in theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository.transactions import COLUMNS, FROM
from shop.modules.wallet.schemas import EntryLine, Stored, WalletLine, WalletTotals


async def list_pending(uow: UnitOfWork, account_id: UUID, limit: int) -> list[Stored]:
    """What is not decided yet, newest first (index ix_transaction_pending)."""
    rows = await sql(uow).execute(
        text(
            f"select {COLUMNS} from {FROM} where t.account_id = :account_id and t.status = 'pending'"
            " order by t.created_at desc, t.id desc limit :limit"
        ),
        {"account_id": account_id, "limit": limit},
    )
    return [Stored(*row) for row in rows]


AT_MOMENTS: Final = text(
    """
    select coalesce((
        select balance_after from wallet.entry  -- ix_entry_account_id
        where account_id = :account_id and created_at < moment.at
        order by created_at desc, id desc limit 1
    ), 0)::bigint as balance
    from unnest(cast(:moments as timestamptz[])) with ordinality as moment (at, number)
    order by moment.number
    """
)


async def balances_at(uow: UnitOfWork, account_id: UUID, moments: Sequence[datetime]) -> list[int]:
    """What could be spent just before each of these, in minor units. One look at the index each, however much has happened."""
    rows = await sql(uow).execute(AT_MOMENTS, {"account_id": account_id, "moments": list(moments)})
    return list(rows.scalars())


async def find_balances(uow: UnitOfWork, account_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What can be spent, by owner; without those who never had a wallet."""
    rows = await sql(uow).execute(
        text("select owner_id, balance from wallet.account where id = any(:ids)"), {"ids": list(account_ids)}
    )
    return {row.owner_id: row.balance for row in rows}


async def list_fullest(uow: UnitOfWork, currency: str, limit: int) -> list[WalletLine]:
    """Reads every wallet: for staff."""
    rows = await sql(uow).execute(
        text(
            "select owner_id, balance from wallet.account where kind = 'customer' and currency = :currency and balance > 0"
            " order by balance desc, id limit :limit"
        ),
        {"currency": currency, "limit": limit},
    )
    return [WalletLine(row.owner_id, Money(row.balance, currency)) for row in rows]


TOTALS: Final = text(
    """
    select currency,
        coalesce(sum(balance) filter (where kind = 'customer'), 0)::bigint as wallets,
        count(*) filter (where kind = 'customer' and balance > 0)::bigint as filled,
        coalesce(sum(balance) filter (where kind = 'gift_card'), 0)::bigint as cards
    from wallet.account where kind <> 'system' group by currency order by currency
    """
)


async def sum_up(uow: UnitOfWork) -> list[WalletTotals]:
    """Reads every account, but no entry."""
    rows = await sql(uow).execute(TOTALS)
    return [WalletTotals(Money(row.wallets, row.currency), row.filled, Money(row.cards, row.currency)) for row in rows]


async def list_entries(uow: UnitOfWork, transaction_id: UUID) -> list[EntryLine]:
    """Of one transaction, in the order in which they were made."""
    rows = await sql(uow).execute(
        text(
            "select account.kind, account.code, account.owner_id, entry.amount, entry.currency, entry.created_at"
            " from wallet.entry join wallet.account on account.id = entry.account_id"
            " where entry.transaction_id = :id order by entry.id"
        ),
        {"id": transaction_id},
    )
    return [
        EntryLine(row.kind, row.code, row.owner_id, Money(row.amount, row.currency), row.created_at) for row in rows
    ]


async def list_children(uow: UnitOfWork, parent_id: UUID) -> list[Stored]:
    """Its reversals, or its cancellation; oldest first."""
    rows = await sql(uow).execute(
        text(f"select {COLUMNS} from {FROM} where t.parent_id = :id order by t.created_at, t.id limit 100"),
        {"id": parent_id},
    )
    return [Stored(*row) for row in rows]
