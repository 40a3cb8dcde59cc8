"""Disputes as their providers tell them."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.contracts.payment_providers import ProviderDispute
from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork

KEEP: Final = text(
    """
    insert into payments.dispute as known (provider, provider_ref, payment_id, amount, currency, reason, status, respond_by)
    values (:provider, :provider_ref, :payment_id, :amount, :currency, :reason, :status, :respond_by)
    on conflict (provider, provider_ref) do update
    set status = excluded.status, amount = excluded.amount, respond_by = excluded.respond_by, updated_at = now(),
        payment_id = coalesce(known.payment_id, excluded.payment_id)
    where known.status not in ('won', 'lost') and (known.status, known.amount) is distinct from
        (excluded.status, excluded.amount)
    returning 1
    """
)


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute as staff see it."""

    provider: str
    provider_ref: str
    payment_id: UUID | None
    amount: Money
    reason: str
    status: str
    respond_by: datetime | None
    created_at: datetime


async def keep(uow: UnitOfWork, provider: str, dispute: ProviderDispute, payment_id: UUID | None) -> bool:
    """Whether it is new, or not as it was known. What is won or lost stays so."""
    kept = await sql(uow).execute(
        KEEP,
        {
            "provider": provider,
            "provider_ref": dispute.provider_ref,
            "payment_id": payment_id,
            "amount": dispute.amount.amount,
            "currency": dispute.amount.currency,
            "reason": dispute.reason[:200],
            "status": dispute.status,
            "respond_by": dispute.respond_by,
        },
    )
    return kept.first() is not None


async def list_disputes(uow: UnitOfWork, payment_ids: list[UUID] | None, limit: int) -> list[Dispute]:
    """Newest first; of these payments, or all."""
    condition = "" if payment_ids is None else "where payment_id = any(:payment_ids)"
    rows = await sql(uow).execute(
        text(
            "select provider, provider_ref, payment_id, amount, currency, reason, status, respond_by, created_at"
            f" from payments.dispute {condition} order by created_at desc, provider_ref limit :limit"
        ),
        {"payment_ids": payment_ids, "limit": limit} if payment_ids is not None else {"limit": limit},
    )
    return [
        Dispute(
            provider=row.provider,
            provider_ref=row.provider_ref,
            payment_id=row.payment_id,
            amount=Money(row.amount, row.currency),
            reason=row.reason,
            status=row.status,
            respond_by=row.respond_by,
            created_at=row.created_at,
        )
        for row in rows
    ]
