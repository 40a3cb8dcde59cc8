"""Refunds: promised within what was captured, done at the provider, then told.

A promise raises the payment's `refunded_amount` by one conditional update, and a check constraint stands behind it: no
number of requests at once gives more back than was taken. What is rejected or fails lowers it again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Row

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.rules import GRACE, LEASE
from shop.modules.payments.schemas import Intent, NewRefund, StoredRefund

AT_PROVIDER: Final = "Given back at the provider"
"""The reason of a refund that somebody made there, behind our back; it has no request either."""
SELECT: Final = """
    select r.id, r.payment_id, r.request_id, r.account_id, p.order_id, p.deposit_id, p.provider, r.amount, p.currency,
        r.destination, r.status, r.reason, r.requested_by, r.provider_ref, r.failure, r.attempts, r.created_at
    from payments.refund r join payments.payment p on p.id = r.payment_id
"""
PROMISE: Final = text(
    """
    with promised as (
        update payments.payment
        set refunded_amount = refunded_amount + :amount, version = version + 1, updated_at = now()
        where id = :payment_id and status in ('captured', 'partially_refunded') and currency = :currency
            and refunded_amount + :amount <= captured_amount - lost_amount
                - case when :destination = 'wallet' then contested_amount else 0 end
        returning id
    )
    insert into payments.refund (id, payment_id, request_id, account_id, amount, destination, status, reason, requested_by,
        next_check_at)
    select :id, id, :request_id, :account_id, :amount, :destination, :status, :reason, :requested_by,
        case when :status = 'pending' then now() + cast(:grace as interval) end
    from promised returning 1
    """
)
LOCK_PAYMENT: Final = text(
    "select 1 from payments.payment where id = (select payment_id from payments.refund where id = :id) for update"
)
FINISH: Final = text(
    """
    with finished as (
        update payments.refund set status = 'done', done_at = now(), next_check_at = null, failure = null,
            provider_ref = coalesce(:provider_ref, provider_ref)
        where id = :id and status = 'pending'
        returning payment_id, amount
    ), returned as (
        select finished.payment_id, finished.amount + coalesce(sum(earlier.amount), 0) as amount
        from finished left join payments.refund earlier
            on earlier.payment_id = finished.payment_id and earlier.status = 'done'
        group by finished.payment_id, finished.amount
    )
    update payments.payment
    set status = case when returned.amount = payment.captured_amount then 'refunded' else 'partially_refunded' end,
        version = version + 1, updated_at = now()
    from returned where payment.id = returned.payment_id
    returning 1
    """
)
UNDO: Final = text(
    """
    with undone as (
        update payments.refund set status = :status, failure = :failure, next_check_at = null, done_at = now(),
            decided_by = coalesce(cast(:by as uuid), decided_by),
            decided_at = case when cast(:by as uuid) is null then decided_at else now() end
        where id = :id and status = :present
        returning payment_id, amount
    )
    update payments.payment set refunded_amount = refunded_amount - undone.amount, version = version + 1,
        updated_at = now()
    from undone where payment.id = undone.payment_id
    returning 1
    """
)


def _refund(row: Row[Any]) -> StoredRefund:
    return StoredRefund(**row._asdict())


async def promise(uow: UnitOfWork, refund: NewRefund) -> bool:
    """False when that much is not left of a captured payment in this currency: the buyer's bank may have taken it back, or be
    about to while it would go to the wallet. To give back what is disputed to where it came from may settle the dispute."""
    added = await sql(uow).execute(
        PROMISE,
        {
            "id": refund.id,
            "payment_id": refund.payment_id,
            "request_id": refund.request_id,
            "account_id": refund.account_id,
            "amount": refund.amount.amount,
            "currency": refund.amount.currency,
            "destination": refund.destination,
            "status": refund.status,
            "reason": refund.reason,
            "requested_by": refund.requested_by,
            "grace": GRACE,
        },
    )
    return added.first() is not None


async def sum_unapproved(uow: UnitOfWork, order_id: UUID) -> int:
    """Minor units of an order that staff have given back, or are about to, without a second person."""
    given = await sql(uow).scalar(
        text(
            """
            select coalesce(sum(r.amount), 0) from payments.refund r join payments.payment p on p.id = r.payment_id
            where p.order_id = :order_id and r.status in ('pending', 'done') and r.request_id is not null
                and r.decided_by is null
            """
        ),
        {"order_id": order_id},
    )
    return int(given)


async def lock_payments_of(uow: UnitOfWork, order_id: UUID) -> list[UUID]:
    """Nobody promises anything of them until this transaction ends; in the order of their ids."""
    rows = await sql(uow).execute(
        text("select id from payments.payment where order_id = :order_id order by id for update"),
        {"order_id": order_id},
    )
    return list(rows.scalars())


async def lock_payments_of_deposits(uow: UnitOfWork, deposit_ids: Sequence[UUID]) -> None:
    await sql(uow).execute(
        text("select 1 from payments.payment where deposit_id = any(:deposit_ids) order by id for update"),
        {"deposit_ids": list(deposit_ids)},
    )


async def finish(uow: UnitOfWork, refund_id: UUID, provider_ref: str | None) -> bool:
    """False when this refund was finished, or given up, before. The payment's row is locked by it."""
    # Of two that end at once, the later one has to see the earlier.
    await sql(uow).execute(LOCK_PAYMENT, {"id": refund_id})
    finished = await sql(uow).execute(FINISH, {"id": refund_id, "provider_ref": provider_ref})
    return finished.first() is not None


async def fail(uow: UnitOfWork, refund_id: UUID, why: str) -> bool:
    """What was promised is free again; False unless the refund was pending."""
    return await _undo(uow, {"id": refund_id, "present": "pending", "status": "failed", "failure": why, "by": None})


async def reject(uow: UnitOfWork, refund_id: UUID, by: UUID) -> bool:
    """What was promised is free again; False unless the refund was waiting for somebody's approval."""
    values = {"id": refund_id, "present": "awaiting_approval", "status": "rejected", "failure": None, "by": by}
    return await _undo(uow, values)


async def _undo(uow: UnitOfWork, values: dict[str, Any]) -> bool:
    return (await sql(uow).execute(UNDO, values)).first() is not None


async def approve(uow: UnitOfWork, refund_id: UUID, by: UUID) -> bool:
    approved = await sql(uow).execute(
        text(
            """
            update payments.refund set status = 'pending', decided_by = :by, decided_at = now(), next_check_at = now()
            where id = :id and status = 'awaiting_approval' returning 1
            """
        ),
        {"id": refund_id, "by": by},
    )
    return approved.first() is not None


async def claim(uow: UnitOfWork, refund_id: UUID) -> StoredRefund | None:
    """For its first request at the provider, or a further one that has fallen due."""
    claimed = await sql(uow).execute(
        text(
            """
            update payments.refund set next_check_at = now() + :lease, attempts = attempts + 1
            where id = :id and status = 'pending' and (attempts = 0 or next_check_at <= now()) returning id
            """
        ),
        {"id": refund_id, "lease": LEASE},
    )
    return await find(uow, refund_id) if claimed.first() else None


async def wake(uow: UnitOfWork, refund_id: UUID) -> bool:
    """It is to be looked at again at once. Whether it is under way."""
    woken = await sql(uow).execute(
        text("update payments.refund set next_check_at = now() where id = :id and status = 'pending' returning 1"),
        {"id": refund_id},
    )
    return woken.first() is not None


async def list_due(uow: UnitOfWork, limit: int) -> list[UUID]:
    """Ids of those whose check has fallen due; `claim` takes each."""
    rows = await sql(uow).execute(
        text("select id from payments.refund where next_check_at <= now() order by next_check_at limit :limit"),
        {"limit": limit},
    )
    return list(rows.scalars())


async def find(uow: UnitOfWork, refund_id: UUID) -> StoredRefund | None:
    row = (await sql(uow).execute(text(f"{SELECT} where r.id = :id"), {"id": refund_id})).first()
    return None if row is None else _refund(row)


async def list_of_order(uow: UnitOfWork, order_id: UUID) -> list[StoredRefund]:
    """Oldest first."""
    rows = await sql(uow).execute(
        text(f"{SELECT} where p.order_id = :order_id order by r.created_at, r.id"), {"order_id": order_id}
    )
    return [_refund(row) for row in rows]


async def list_of_request(uow: UnitOfWork, request_id: UUID) -> list[StoredRefund]:
    rows = await sql(uow).execute(
        text(f"{SELECT} where r.request_id = :request_id order by r.id"), {"request_id": request_id}
    )
    return [_refund(row) for row in rows]


async def pending_at_provider(uow: UnitOfWork, intent: Intent) -> list[UUID]:
    """Refunds of this payment that a provider may have decided on."""
    rows = await sql(uow).execute(
        text(
            "select id from payments.refund where payment_id = :id and status = 'pending' and attempts > 0 order by id"
        ),
        {"id": intent.id},
    )
    return list(rows.scalars())


async def put_off(uow: UnitOfWork, refund_id: UUID, wait: timedelta, provider_ref: str | None) -> None:
    await sql(uow).execute(
        text(
            """
            update payments.refund set next_check_at = now() + :wait, provider_ref = coalesce(:provider_ref, provider_ref)
            where id = :id and status = 'pending'
            """
        ),
        {"id": refund_id, "wait": wait, "provider_ref": provider_ref},
    )


async def left_of_order(uow: UnitOfWork, order_id: UUID) -> int:
    """Minor units of the order's captured money that have not gone back."""
    left = await sql(uow).scalar(
        text(
            """
            select coalesce(sum(p.captured_amount), 0) - coalesce((
                select sum(r.amount) from payments.refund r join payments.payment q on q.id = r.payment_id
                where q.order_id = :order_id and r.status = 'done'), 0)
            from payments.payment p where p.order_id = :order_id
            """
        ),
        {"order_id": order_id},
    )
    return int(left)
