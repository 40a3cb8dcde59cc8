"""What providers took for wallets, and what of it went back: the figures that the ledger is held against."""

from sqlalchemy import text

from shop.contracts.payments import Clearing
from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork


async def sums(uow: UnitOfWork) -> list[Clearing]:
    """By provider and currency (index ix_payment_deposit_id)."""
    rows = await sql(uow).execute(
        text(
            """
            select p.provider, p.currency, sum(p.captured_amount) as captured, sum(gone.done + gone.charged_back) as refunded
            from payments.payment p cross join lateral (
                select
                    (select coalesce(sum(amount), 0) from payments.refund
                     where payment_id = p.id and status = 'done') as done,
                    (select coalesce(sum(charged_back), 0) from payments.dispute where payment_id = p.id) as charged_back
            ) gone
            where p.deposit_id is not null and p.captured_amount > 0
            group by p.provider, p.currency order by p.provider, p.currency
            """
        )
    )
    return [
        Clearing(row.provider, Money(int(row.captured), row.currency), Money(int(row.refunded), row.currency))
        for row in rows
    ]
