"""Withdrawals that customers asked for, and the refunds by which some of them are paid out."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository.transactions import COLUMNS, FROM
from shop.modules.wallet.schemas import Payout, Stored, Withdrawal

PAYOUT_COLUMNS: Final = ", ".join(Payout.__struct_fields__)


async def add_payouts(uow: UnitOfWork, payouts: Sequence[Payout]) -> None:
    for each in payouts:
        await sql(uow).execute(
            text(
                f"insert into wallet.payout ({PAYOUT_COLUMNS})"
                f" values (:{', :'.join(Payout.__struct_fields__)}) on conflict do nothing"
            ),
            msgspec.structs.asdict(each),
        )


async def find_payout(uow: UnitOfWork, refund_id: UUID) -> Payout | None:
    row = (
        await sql(uow).execute(
            text(f"select {PAYOUT_COLUMNS} from wallet.payout where refund_id = :id"), {"id": refund_id}
        )
    ).first()
    return None if row is None else Payout(*row)


async def list_payouts(uow: UnitOfWork, transaction_id: UUID) -> list[Payout]:
    rows = await sql(uow).execute(
        text(f"select {PAYOUT_COLUMNS} from wallet.payout where transaction_id = :id order by created_at, refund_id"),
        {"id": transaction_id},
    )
    return [Payout(*row) for row in rows]


async def end_payout(uow: UnitOfWork, refund_id: UUID, status: str) -> bool:
    """Whether it was still open."""
    ended = await sql(uow).execute(
        text("update wallet.payout set status = :status where refund_id = :id and status = 'pending'"),
        {"id": refund_id, "status": status},
    )
    return ended.rowcount == 1


WITHDRAWALS: Final = f"""
    select {COLUMNS}, coalesce(paid.done, 0)::bigint as done, coalesce(paid.pending, 0)::bigint as pending
    from {FROM} left join lateral (
        select sum(amount) filter (where status = 'done') as done, sum(amount) filter (where status = 'pending') as pending
        from wallet.payout where transaction_id = t.id
    ) paid on true
    where t.operation = 'withdraw' and t.authority = 'customer'
"""


async def list_withdrawals(uow: UnitOfWork, status: str, before: UUID | None, limit: int) -> list[Withdrawal]:
    """Newest first (index ix_transaction_withdrawals)."""
    rows = await sql(uow).execute(
        text(
            f"{WITHDRAWALS} and t.status = :status and (cast(:before as uuid) is null or (t.created_at, t.id) <"
            " (select created_at, id from wallet.transaction where id = :before))"
            " order by t.created_at desc, t.id desc limit :limit"
        ),
        {"status": status, "before": before, "limit": limit},
    )
    return [Withdrawal(Stored(*row[:-2]), row.done, row.pending) for row in rows]


async def count_waiting(uow: UnitOfWork) -> int:
    """Withdrawals that staff have to decide (index ix_transaction_withdrawals)."""
    found = await sql(uow).scalar(
        text(
            "select count(*) from wallet.transaction"
            " where operation = 'withdraw' and authority = 'customer' and status = 'pending'"
        )
    )
    return int(found or 0)


async def find_withdrawal(uow: UnitOfWork, transaction_id: UUID) -> Withdrawal | None:
    row = (await sql(uow).execute(text(f"{WITHDRAWALS} and t.id = :id"), {"id": transaction_id})).first()
    return None if row is None else Withdrawal(Stored(*row[:-2]), row.done, row.pending)


async def list_undecided(uow: UnitOfWork, account_id: UUID) -> list[Withdrawal]:
    """Of one of the ledger's accounts: those nothing of which is on its way (index ix_transaction_pending). Newest first."""
    rows = await sql(uow).execute(
        text(
            f"{WITHDRAWALS} and t.account_id = :account_id and t.status = 'pending' and coalesce(paid.pending, 0) = 0"
            " order by t.created_at desc, t.id desc"
        ),
        {"account_id": account_id},
    )
    return [Withdrawal(Stored(*row[:-2]), row.done, row.pending) for row in rows]


async def list_deposits_paid(uow: UnitOfWork, account_id: UUID) -> list[UUID]:
    """Those that a provider has captured, newest first."""
    rows = await sql(uow).execute(
        text(
            "select id from wallet.transaction where account_id = :account_id and operation = 'deposit'"
            " and authority = 'customer' and status = 'settled' order by created_at desc, id desc limit 200"
        ),
        {"account_id": account_id},
    )
    return list(rows.scalars())
