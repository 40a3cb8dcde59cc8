"""SQL of what payments hold on persons, found by their orders. The provider's references stay: they lead to the money."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

_PAYMENTS: Final = text(
    """
    select id, order_id, provider, provider_ref, method_id, amount, currency, status, failure, staff_note, redirect_url,
        refunded_amount, created_at, updated_at
    from payments.payment where order_id = any(:order_ids) order by id
    """
)
_EVENTS: Final = text(
    """
    select e.provider, e.event_id, e.type, convert_from(e.payload, 'UTF8') as payload, e.received_at
    from payments.provider_event e join payments.payment p on p.id = e.payment_id
    where p.order_id = any(:order_ids) and e.payload <> '' order by e.received_at
    """
)
_UNDER_WAY: Final = text(
    """
    select exists (
        select from payments.payment p where p.order_id = any(:order_ids) and (
            p.status in ('pending', 'requires_action', 'authorized')
            or exists (select from payments.refund r where r.payment_id = p.id and r.status = 'pending'))
    )
    """
)


async def list_payments_of(uow: UnitOfWork, order_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    return [row._asdict() for row in await sql(uow).execute(_PAYMENTS, {"order_ids": list(order_ids)})]


async def list_events_of(uow: UnitOfWork, order_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What providers told of these payments, as it came."""
    return [row._asdict() for row in await sql(uow).execute(_EVENTS, {"order_ids": list(order_ids)})]


async def is_money_under_way(uow: UnitOfWork, order_ids: Sequence[UUID]) -> bool:
    return bool(await sql(uow).scalar(_UNDER_WAY, {"order_ids": list(order_ids)}))


async def forget_payers(uow: UnitOfWork, order_ids: Sequence[UUID]) -> None:
    """What stands for a card, and what providers told in their own words."""
    values = {"order_ids": list(order_ids)}
    await sql(uow).execute(
        text(
            "update payments.payment set token = null, method_id = null, client_secret = null, redirect_url = null,"
            " version = version + 1 where order_id = any(:order_ids)"
        ),
        values,
    )
    await sql(uow).execute(
        text(
            "update payments.provider_event set payload = '' where payment_id in"
            " (select id from payments.payment where order_id = any(:order_ids))"
        ),
        values,
    )
