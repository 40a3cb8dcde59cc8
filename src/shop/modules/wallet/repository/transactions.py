"""Transactions as they are recorded: found, locked and listed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.schemas import Stored

OF_ACCOUNT: Final = frozenset({"owner_id", "currency"})
COLUMNS: Final = ", ".join(f"{'account' if name in OF_ACCOUNT else 't'}.{name}" for name in Stored.__struct_fields__)
FROM: Final = "wallet.transaction t join wallet.account on account.id = t.account_id"


async def find_transactions(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    rows = await sql(uow).execute(text(f"select {COLUMNS} from {FROM} where t.id = any(:ids)"), {"ids": list(ids)})
    return {row.id: Stored(*row) for row in rows}


async def find_transaction(uow: UnitOfWork, transaction_id: UUID) -> Stored | None:
    return (await find_transactions(uow, [transaction_id])).get(transaction_id)


SEEN: Final = text(
    f"""
    select {COLUMNS}, (
        select entry.balance_after from wallet.entry  -- ix_entry_transaction_id
        where entry.transaction_id = t.id and entry.account_id = own.id
    ) as received, own.id as seen_from
    from {FROM} join wallet.account own on own.owner_id = :owner_id and own.currency = account.currency
    where t.id = :id and own.id in (t.account_id, t.counterparty_id)
    """
)


async def find_seen_by(uow: UnitOfWork, owner_id: UUID, transaction_id: UUID) -> Stored | None:
    """As `list_transactions` shows it; None for one that neither is this owner's nor came to his wallet."""
    row = (await sql(uow).execute(SEEN, {"owner_id": owner_id, "id": transaction_id})).first()
    return None if row is None else _seen_from(row.seen_from, row[:-1])


LOCK: Final = text(
    f"""
    with locked as (
        select account.id from wallet.account
        where account.id = (select account_id from wallet.transaction where id = :id)
        for no key update of account
    )
    select {COLUMNS} from {FROM} join locked on locked.id = account.id
    where t.id = :id
    for no key update of t
    """
)


async def lock_transaction(uow: UnitOfWork, transaction_id: UUID) -> Stored | None:
    """With its account, in the order of locks; both stay as they are until this transaction ends."""
    row = (await sql(uow).execute(LOCK, {"id": transaction_id})).first()
    return None if row is None else Stored(*row)


async def set_failed(uow: UnitOfWork, transaction_id: UUID) -> bool:
    """Whether a pending one failed, with nothing to move."""
    changed = await sql(uow).execute(
        text(
            "update wallet.transaction set status = 'failed', settled_at = clock_timestamp()"
            " where id = :id and status = 'pending'"
        ),
        {"id": transaction_id},
    )
    return changed.rowcount == 1


SIDES: Final = f"""
    (
        select {COLUMNS}, null::bigint as received
        from {FROM}
        where t.account_id = :account_id and (t.created_at, t.id) < (:created_at, :before)  -- ix_transaction_account_id
        order by t.created_at desc, t.id desc limit :limit
    ) union all (
        select {COLUMNS}, (
            select entry.balance_after from wallet.entry  -- ix_entry_transaction_id
            where entry.transaction_id = t.id and entry.account_id = :account_id
        ) as received
        from {FROM}
        where t.counterparty_id = :account_id and (t.created_at, t.id) < (:created_at, :before)  -- ix_transaction_counterparty_id
        order by t.created_at desc, t.id desc limit :limit
    )
    order by created_at desc, id desc limit :limit
"""
AT_THE_END: Final = (datetime.max.replace(tzinfo=UTC), UUID(int=(1 << 128) - 1))


async def list_transactions(
    uow: UnitOfWork, account_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Stored]:
    """Those of an account, and what others have transferred to it, as seen from it; newest first."""
    created_at, last = before or AT_THE_END
    values = {"account_id": account_id, "created_at": created_at, "before": last, "limit": limit}
    rows = await sql(uow).execute(text(SIDES), values)
    return [_seen_from(account_id, row) for row in rows]


def _seen_from(account_id: UUID, row: Sequence[Any]) -> Stored:
    """`row` ends with the balance that it left to this account."""
    stored, received = Stored(*row[:-1]), row[-1]
    if stored.account_id == account_id:
        return stored
    return msgspec.structs.replace(stored, incoming=not stored.incoming, balance_after=received)


@asynccontextmanager
async def all_or_nothing(uow: UnitOfWork) -> AsyncIterator[None]:
    """What a refusal within it had changed by then is undone, and the transaction around it goes on."""
    async with sql(uow).begin_nested():
        yield


async def is_anything_pending(uow: UnitOfWork, account_id: UUID) -> bool:
    found = await sql(uow).scalar(
        text(
            "select exists (select 1 from wallet.transaction"  # ix_transaction_pending
            " where account_id = :account_id and status = 'pending')"
        ),
        {"account_id": account_id},
    )
    return bool(found)
