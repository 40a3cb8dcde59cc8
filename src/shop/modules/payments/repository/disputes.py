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
from shop.modules.payments.repository.refunds import AT_PROVIDER

KEEP: Final = text(
    """
    insert into payments.dispute as known
        (provider, provider_ref, payment_id, amount, currency, reason, status, respond_by, updated_at)
    values (:provider, :provider_ref, :payment_id, :amount, :currency, :reason, :status, :respond_by, clock_timestamp())
    on conflict (provider, provider_ref) do update
    set (status, amount, respond_by) = (
            select known.status, known.amount, known.respond_by where known.status in ('won', 'lost')
            union all
            select excluded.status, excluded.amount, excluded.respond_by where known.status not in ('won', 'lost')
        ),
        payment_id = coalesce(known.payment_id, excluded.payment_id), updated_at = excluded.updated_at
    where (known.payment_id is null and excluded.payment_id is not null)
        or (known.status not in ('won', 'lost')
            and (known.status, known.amount) is distinct from (excluded.status, excluded.amount))
    returning 1
    """
)
"""Under the payment's lock, so its time is after whatever was entered before it, however long it waited."""
SUM_UP: Final = text(
    """
    with told as (
        select coalesce(sum(amount) filter (where status = 'lost'), 0) as lost,
            coalesce(sum(amount) filter (where status in ('needs_response', 'under_review')), 0) as contested,
            min(updated_at) filter (where status = 'lost') as lost_at
        from payments.dispute where payment_id = :payment_id and currency = :currency
    ), disputed as (
        select greatest(told.lost - coalesce(sum(entered.amount), 0), 0) as lost, told.contested
        from told left join payments.refund entered on :counts_reversals and entered.payment_id = :payment_id
            and entered.request_id is null and entered.reason = :at_provider and entered.status = 'done'
            and entered.created_at < told.lost_at
        group by told.lost, told.contested
    )
    update payments.payment p
    set lost_amount = disputed.lost, contested_amount = disputed.contested, version = version + 1, updated_at = now()
    from disputed
    where p.id = :payment_id and (p.lost_amount, p.contested_amount) <> (disputed.lost, disputed.contested)
    """
)
"""Where the provider counts what banks took among the refunds, one that was entered before a loss was known is taken for it:
gone already."""
CHARGE_BACK: Final = text(
    """
    update payments.dispute lost set charged_back = least(lost.amount, deposit.rest)
    from (
        select p.id, p.deposit_id, p.currency, least(p.lost_amount, p.captured_amount
            - (select coalesce(sum(r.amount), 0) from payments.refund r where r.payment_id = p.id and r.status = 'done'))
            - (select coalesce(sum(d.charged_back), 0) from payments.dispute d where d.payment_id = p.id) as rest
        from payments.payment p where p.id = :payment_id and p.deposit_id is not null
    ) as deposit
    where lost.provider = :provider and lost.provider_ref = :provider_ref and lost.payment_id = deposit.id
        and lost.status = 'lost' and lost.charged_back = 0 and lost.currency = deposit.currency
        and least(lost.amount, deposit.rest) > 0
    returning lost.charged_back, lost.currency
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
    """Whether it is new, or not as it was known, or its payment was not known yet. What is won or lost stays so."""
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


async def sum_up(uow: UnitOfWork, payment_id: UUID, currency: str, *, counts_reversals: bool) -> None:
    """The payment says itself how much of it is contested or lost. Its row has to be locked."""
    values = {"payment_id": payment_id, "currency": currency, "counts_reversals": counts_reversals}
    await sql(uow).execute(SUM_UP, {**values, "at_provider": AT_PROVIDER})


async def charge_back(uow: UnitOfWork, provider: str, provider_ref: str, payment_id: UUID) -> Money | None:
    """What the deposit of this payment has lost by this dispute; None when it lost nothing, or nothing more. The payment's row
    has to be locked, and its losses summed up: several disputes and refunds share what is left."""
    values = {"provider": provider, "provider_ref": provider_ref, "payment_id": payment_id}
    row = (await sql(uow).execute(CHARGE_BACK, values)).first()
    return None if row is None else Money(row.charged_back, row.currency)


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
