"""Refunds: promised within what was captured, done at the provider, then told."""

from uuid import UUID

from sqlalchemy import text

from shop.contracts.payments import PaymentId, PaymentStatus
from shop.kernel.db import sql
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.schemas import Intent, Refund


async def find_pending_refund(uow: UnitOfWork, intent: Intent) -> Refund | None:
    """One that was promised and perhaps not heard of at the provider; oldest first."""
    row = (
        await sql(uow).execute(
            text(
                "select id, amount from payments.refund where payment_id = :payment_id and status = 'pending'"
                " order by id limit 1"
            ),
            {"payment_id": intent.id},
        )
    ).first()
    return None if row is None else Refund(row.id, intent.id, Money(row.amount, intent.currency))


async def add_refund(uow: UnitOfWork, payment_id: PaymentId, amount: Money) -> Refund | None:
    """None when that much is not left of a captured payment in this currency."""
    refund = Refund(new_id(), payment_id, amount)
    added = await sql(uow).execute(
        text(
            """
            with promised as (
                update payments.payment
                set refunded_amount = refunded_amount + :amount, version = version + 1, updated_at = now()
                where id = :payment_id and status in ('captured', 'partially_refunded') and currency = :currency
                    and refunded_amount + :amount <= amount
                returning id
            )
            insert into payments.refund (id, payment_id, amount) select :id, id, :amount from promised returning 1
            """
        ),
        {"id": refund.id, "payment_id": payment_id, "amount": amount.amount, "currency": amount.currency},
    )
    return refund if added.first() is not None else None


async def finish_refund(uow: UnitOfWork, refund_id: UUID) -> PaymentStatus | None:
    """The payment's status after it; None when this refund was finished before."""
    status: PaymentStatus | None = await sql(uow).scalar(
        text(
            """
            with finished as (
                update payments.refund set status = 'done', done_at = now() where id = :id and status = 'pending'
                returning payment_id, amount
            ), returned as (
                select finished.payment_id, finished.amount + coalesce(sum(earlier.amount), 0) as amount
                from finished left join payments.refund earlier
                    on earlier.payment_id = finished.payment_id and earlier.status = 'done'
                group by finished.payment_id, finished.amount
            )
            update payments.payment
            set status = case when returned.amount = payment.amount then 'refunded' else 'partially_refunded' end,
                next_check_at = case when called_off_at is not null and returned.amount < payment.amount then now() end,
                version = version + 1, updated_at = now()
            from returned where payment.id = returned.payment_id
            returning payment.status
            """
        ),
        {"id": refund_id},
    )
    return status
