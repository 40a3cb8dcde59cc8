"""SQL of what payments hold on persons, found by their orders. The provider's references stay: they lead to the money."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

OF_PERSON: Final = (
    "p.order_id = any(:order_ids) or (p.deposit_id is not null and p.account_id = cast(:account_id as uuid))"
)
"""What an account paid as somebody's guest is found by its orders; deposits are found by the account."""
EVENT_OF_PERSON: Final = f"""
    (e.payment_id in (select p.id from payments.payment p where {OF_PERSON})
    or (e.provider, e.provider_ref) in (select p.provider, p.provider_ref from payments.payment p where {OF_PERSON})
    or (e.provider, e.provider_ref) in (select s.provider, s.provider_ref from payments.method_setup s
        where s.account_id = cast(:account_id as uuid))
    or (e.provider, e.dispute_ref) in (select d.provider, d.provider_ref from payments.dispute d
        join payments.payment p on p.id = d.payment_id where {OF_PERSON}))
"""
"""An event may name a payment by its provider's words alone, or the setup of a method, or a dispute."""
_PAYMENTS: Final = text(
    f"""
    select id, order_id, deposit_id, provider, provider_ref, method_id, customer_ref, method, amount, captured_amount,
        currency, status, failure, staff_note, redirect_url, refunded_amount, created_at, updated_at
    from payments.payment p where {OF_PERSON} order by id
    """
)
_EVENTS: Final = text(
    f"""
    select e.provider, e.event_id, e.type, convert_from(e.payload, 'UTF8') as payload, e.received_at
    from payments.provider_event e where e.payload <> '' and {EVENT_OF_PERSON} order by e.received_at
    """
)
_DISCREPANCY_OF_PERSON: Final = f"""
    (d.order_id = any(:order_ids) or d.payment_id in (select p.id from payments.payment p where {OF_PERSON}))
"""
_DISCREPANCIES: Final = text(
    f"""
    select d.id, d.kind, d.provider, d.payment_id, d.ours, d.theirs, d.reason, d.note, d.created_at, d.resolved_at
    from payments.discrepancy d where {_DISCREPANCY_OF_PERSON} order by d.created_at
    """
)
_DEEDS: Final = text(
    """
    select * from (
        select 'refund requested' as deed, id, reason as words, created_at as at from payments.refund
        where requested_by = :account_id
        union all
        select 'refund decided', id, status, decided_at from payments.refund where decided_by = :account_id
        union all
        select 'receipt recorded', payment_id, null, received_at from payments.receipt where received_by = :account_id
        union all
        select 'payout recorded', refund_id, null, paid_at from payments.payout where paid_by = :account_id
        union all
        select 'reconciliation begun', id, null, created_at from payments.reconciliation where requested_by = :account_id
        union all
        select 'discrepancy resolved', id, note, resolved_at from payments.discrepancy where resolved_by = :account_id
    ) as deeds order by at
    """
)
_UNDER_WAY: Final = text(
    f"""
    select exists (
        select from payments.payment p where ({OF_PERSON}) and (
            p.status in ('pending', 'requires_action', 'authorized')
            or exists (select from payments.refund r
                       where r.payment_id = p.id and r.status in ('pending', 'awaiting_approval')))
    )
    """
)


async def list_payments_of(uow: UnitOfWork, order_ids: Sequence[UUID], account_id: UUID | None) -> list[dict[str, Any]]:
    return [row._asdict() for row in await sql(uow).execute(_PAYMENTS, _values(order_ids, account_id))]


async def list_events_of(uow: UnitOfWork, order_ids: Sequence[UUID], account_id: UUID | None) -> list[dict[str, Any]]:
    """What providers told of these payments, as it came."""
    return [row._asdict() for row in await sql(uow).execute(_EVENTS, _values(order_ids, account_id))]


async def list_discrepancies_of(
    uow: UnitOfWork, order_ids: Sequence[UUID], account_id: UUID | None
) -> list[dict[str, Any]]:
    """Where our books and a provider's disagreed about these payments, and what staff noted on it."""
    return [row._asdict() for row in await sql(uow).execute(_DISCREPANCIES, _values(order_ids, account_id))]


async def list_deeds_of(uow: UnitOfWork, account_id: UUID) -> list[dict[str, Any]]:
    """What a member of staff has done with payments."""
    return [row._asdict() for row in await sql(uow).execute(_DEEDS, {"account_id": account_id})]


async def list_methods_of(uow: UnitOfWork, account_id: UUID) -> list[dict[str, Any]]:
    """And what providers call the account."""
    rows = await sql(uow).execute(
        text(
            """
            select provider, method, is_default, created_at, customer_ref from payments.stored_method
            where account_id = :account_id
            union all
            select provider, null, null, null, customer_ref from payments.payer where account_id = :account_id
            """
        ),
        {"account_id": account_id},
    )
    return [{name: value for name, value in row._asdict().items() if value is not None} for row in rows]


async def is_money_under_way(uow: UnitOfWork, order_ids: Sequence[UUID], account_id: UUID | None) -> bool:
    return bool(await sql(uow).scalar(_UNDER_WAY, _values(order_ids, account_id)))


async def forget_payers(uow: UnitOfWork, order_ids: Sequence[UUID], account_id: UUID | None) -> None:
    """What stands for a card, what they are called by at providers, and what those told in their own words."""
    values = _values(order_ids, account_id)
    for statement in FORGET:
        await sql(uow).execute(statement, values)


FORGET: Final = (
    text(f"update payments.provider_event e set payload = '' where {EVENT_OF_PERSON}"),
    text(f"update payments.discrepancy d set note = null where {_DISCREPANCY_OF_PERSON}"),
    text(
        "update payments.payment p set token = null, method_id = null, client_secret = null, redirect_url = null,"
        f" customer_ref = null, method = null, account_id = null, version = version + 1 where {OF_PERSON}"
    ),
    text("update payments.refund set account_id = null where account_id = cast(:account_id as uuid)"),
    text("update payments.sandbox_charge set account_id = null where account_id = cast(:account_id as uuid)"),
    text("delete from payments.method_setup where account_id = cast(:account_id as uuid)"),
    text("delete from payments.payer where account_id = cast(:account_id as uuid)"),
)


def _values(order_ids: Sequence[UUID], account_id: UUID | None) -> dict[str, Any]:
    return {"order_ids": list(order_ids), "account_id": account_id}
