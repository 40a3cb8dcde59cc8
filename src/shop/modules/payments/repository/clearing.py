"""What providers took for wallets, and what of it went back: the figures that the ledger is held against."""

from sqlalchemy import text

from shop.contracts.payments import Clearing
from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork


async def sums(uow: UnitOfWork) -> list[Clearing]:
    """By provider and currency (indexes ix_payment_deposit_id, uq_discrepancy_open)."""
    rows = await sql(uow).execute(
        text(
            """
            with unclear as (
                select distinct payment_id from payments.discrepancy where state = 'open' and payment_id is not null
            )
            select p.provider, p.currency, coalesce(sum(p.captured_amount), 0) as captured,
                sum(gone.done + gone.charged_back) as refunded,
                coalesce(sum(p.amount) filter (where unclear.payment_id is not null), 0) as unreconciled
            from payments.payment p left join unclear on unclear.payment_id = p.id cross join lateral (
                select
                    (select coalesce(sum(amount), 0) from payments.refund
                     where payment_id = p.id and status = 'done') as done,
                    (select coalesce(sum(charged_back), 0) from payments.dispute where payment_id = p.id) as charged_back
            ) gone
            where p.deposit_id is not null and (p.captured_amount > 0 or unclear.payment_id is not null)
            group by p.provider, p.currency order by p.provider, p.currency
            """
        )
    )
    return [
        Clearing(
            row.provider, *(Money(int(each), row.currency) for each in (row.captured, row.refunded, row.unreconciled))
        )
        for row in rows
    ]
