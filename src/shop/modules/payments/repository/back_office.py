"""SQL of what staff look through: payments, refunds by what they wait for, disputes, and how much needs a person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from shop.contracts.payments import PaymentStatus
from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.back_office_schemas import Attention, Day, ListedPayment, ListedRefund, Queue
from shop.modules.payments.repository.intents import COLUMNS
from shop.modules.payments.schemas import Intent

ATTENTION: Final = """
    (p.staff_note is not null
        or exists (select 1 from payments.dispute d where d.payment_id = p.id and d.status = 'needs_response')
        or exists (select 1 from payments.discrepancy c where c.payment_id = p.id and c.state = 'open'))
"""
PAYMENT_COLUMNS: Final = ", ".join(f"p.{name.strip()}" for name in COLUMNS.split(","))
PAYMENTS: Final = f"select {PAYMENT_COLUMNS}, p.staff_note, {ATTENTION} as attention from payments.payment p"
REFUNDS: Final = """
    select r.id, r.payment_id, p.order_id, p.deposit_id, p.provider, r.amount, p.currency, r.destination, r.status, r.reason,
        r.failure, r.requested_by, r.decided_by, r.created_at, r.decided_at, r.done_at
    from payments.refund r join payments.payment p on p.id = r.payment_id
"""
BY_HAND: Final = "(p.provider = any(:by_hand) and r.destination = 'original')"
QUEUES: Final[dict[Queue, str]] = {
    "awaiting_approval": "r.status = 'awaiting_approval'",
    "to_pay_out": f"r.status = 'pending' and {BY_HAND}",
    "under_way": f"r.status = 'pending' and not {BY_HAND}",
    "failed": "r.status in ('failed', 'rejected')",
    "done": "r.status = 'done'",
}


class Wanted:
    """Which payments; `q` is a payment's id, what its provider calls it, or the reference that a transfer names."""

    def __init__(
        self, status: PaymentStatus | None = None, provider: str | None = None, q: str = "", *, attention: bool = False
    ) -> None:
        self.status = status
        self.provider = provider
        self.q = q.strip()
        self.attention = attention


async def list_payments(uow: UnitOfWork, wanted: Wanted, before: UUID | None, limit: int) -> list[ListedPayment]:
    """Newest first, those older than `before`."""
    conditions = ["(cast(:before as uuid) is null or p.id < :before)"]
    if wanted.status:
        conditions.append("p.status = :status")
    if wanted.provider:
        conditions.append("p.provider = :provider")
    if wanted.attention:
        conditions.append(ATTENTION)
    if wanted.q:
        conditions.append(
            "(p.provider_ref = :q or p.capture_ref = :q or cast(p.id as text) = lower(:q)"
            " or cast(p.order_id as text) = lower(:q)"
            " or 'PAY-' || upper(right(replace(cast(p.id as text), '-', ''), 10)) = upper(:q))"
        )
    rows = await sql(uow).execute(
        text(f"{PAYMENTS} where {' and '.join(conditions)} order by p.id desc limit :limit"),
        {"before": before, "limit": limit, "status": wanted.status, "provider": wanted.provider, "q": wanted.q},
    )
    return [_payment(row._asdict()) for row in rows]


async def list_payments_of(uow: UnitOfWork, order_id: UUID) -> list[ListedPayment]:
    """Oldest first."""
    rows = await sql(uow).execute(text(f"{PAYMENTS} where p.order_id = :id order by p.id"), {"id": order_id})
    return [_payment(row._asdict()) for row in rows]


async def find_payment(uow: UnitOfWork, payment_id: UUID) -> ListedPayment | None:
    row = (await sql(uow).execute(text(f"{PAYMENTS} where p.id = :id"), {"id": payment_id})).first()
    return None if row is None else _payment(row._asdict())


def _payment(values: dict[str, Any]) -> ListedPayment:
    note, attention = values.pop("staff_note"), values.pop("attention")
    return ListedPayment(Intent(**values), note, attention)


async def orders_of(uow: UnitOfWork, payment_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The order of each of these payments that is for one."""
    rows = await sql(uow).execute(
        text("select id, order_id from payments.payment where id = any(:ids) and order_id is not null"),
        {"ids": list(payment_ids)},
    )
    return {row.id: row.order_id for row in rows}


async def list_providers(uow: UnitOfWork) -> list[str]:
    """Those by which a payment was ever begun: one step along index uq_payment_provider for each."""
    rows = await sql(uow).execute(
        text(
            """
            with recursive known as (
                select min(provider) as provider from payments.payment
                union all
                select (select min(provider) from payments.payment where provider > known.provider)
                from known where known.provider is not null
            )
            select provider from known where provider is not null order by provider
            """
        )
    )
    return list(rows.scalars())


async def list_queue(
    uow: UnitOfWork, queue: Queue, by_hand: Collection[str], before: tuple[datetime, UUID] | None, limit: int
) -> list[ListedRefund]:
    """Newest first, those older than `before`."""
    rows = await sql(uow).execute(
        text(
            f"{REFUNDS} where {QUEUES[queue]} and (cast(:at as timestamptz) is null or (r.created_at, r.id) < (:at, :id))"
            " order by r.created_at desc, r.id desc limit :limit"
        ),
        {
            "at": before[0] if before else None,
            "id": before[1] if before else None,
            "limit": limit,
            "by_hand": list(by_hand),
        },
    )
    return [ListedRefund(**row._asdict()) for row in rows]


async def list_refunds_of(uow: UnitOfWork, payment_ids: Collection[UUID]) -> list[ListedRefund]:
    """Oldest first."""
    rows = await sql(uow).execute(
        text(f"{REFUNDS} where r.payment_id = any(:ids) order by r.created_at, r.id"), {"ids": list(payment_ids)}
    )
    return [ListedRefund(**row._asdict()) for row in rows]


async def find_refund(uow: UnitOfWork, refund_id: UUID) -> ListedRefund | None:
    row = (await sql(uow).execute(text(f"{REFUNDS} where r.id = :id"), {"id": refund_id})).first()
    return None if row is None else ListedRefund(**row._asdict())


async def count_attention(uow: UnitOfWork, by_hand: Collection[str]) -> Attention:
    row = (
        await sql(uow).execute(
            text(
                f"""
                select
                    (select count(distinct coalesce(request_id, id)) from payments.refund
                     where status = 'awaiting_approval'),
                    (select count(*) from payments.refund r join payments.payment p on p.id = r.payment_id
                     where r.next_check_at is not null and {QUEUES["to_pay_out"]}),
                    (select count(*) from payments.payment where staff_note is not null),
                    (select count(*) from payments.dispute where status = 'needs_response'),
                    (select count(*) from payments.discrepancy where state = 'open'),
                    (select count(*) from payments.payment where called_off_at is null
                     and status = 'authorized' and manual_capture and capture_wish is null
                     and provider <> all(:by_hand))
                """
            ),
            {"by_hand": list(by_hand)},
        )
    ).one()
    return Attention(*row)


async def sum_days(uow: UnitOfWork, currency: str, zone: str, days: int) -> list[Day]:
    """The last `days` days in this time zone, today last (indexes ix_payment_created_at, ix_refund_done_at)."""
    rows = await sql(uow).execute(
        text(
            """
            with day as (
                select generate_series(today - (:days - 1), today, interval '1 day')::date as day
                from (select cast(now() at time zone :zone as date) as today) as now
            ), captured as (
                select cast(created_at at time zone :zone as date) as day, sum(captured_amount) as amount
                from payments.payment
                where created_at >= now() - make_interval(days => :days + 1) and currency = :currency
                    and provider <> 'wallet' group by 1
            ), refunded as (
                select cast(r.done_at at time zone :zone as date) as day, sum(r.amount) as amount
                from payments.refund r join payments.payment p on p.id = r.payment_id
                where r.status = 'done' and r.done_at >= now() - make_interval(days => :days + 1)
                    and p.currency = :currency and p.provider <> 'wallet' group by 1
            )
            select day.day, coalesce(captured.amount, 0) as captured, coalesce(refunded.amount, 0) as refunded
            from day left join captured using (day) left join refunded using (day) order by day.day
            """
        ),
        {"currency": currency, "zone": zone, "days": days},
    )
    return [Day(row.day, int(row.captured), int(row.refunded)) for row in rows]
