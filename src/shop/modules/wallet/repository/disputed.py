"""What banks have taken back of deposits: the latest, and how much of it the wallets no longer had."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository.transactions import COLUMNS, FROM
from shop.modules.wallet.schemas import Stored

LATEST: Final = text(
    f"select {COLUMNS} from {FROM} where t.dispute_ref is not null"  # ix_transaction_dispute_ref
    " order by t.created_at desc, t.id desc limit :limit"
)
LOST: Final = text(
    f"select account.currency, sum(t.amount - coalesce(t.taken, t.amount))::bigint as lost from {FROM}"
    " where t.dispute_ref is not null and t.created_at >= :since"  # ix_transaction_dispute_ref
    " group by account.currency having sum(t.amount - coalesce(t.taken, t.amount)) > 0 order by account.currency"
)


async def list_taken_back(uow: UnitOfWork, limit: int) -> list[Stored]:
    """Newest first."""
    return [Stored(*row) for row in await sql(uow).execute(LATEST, {"limit": limit})]


async def sum_lost(uow: UnitOfWork, since: datetime) -> Sequence[Money]:
    """By currency; without those in which nothing was lost."""
    return [Money(row.lost, row.currency) for row in await sql(uow).execute(LOST, {"since": since})]
