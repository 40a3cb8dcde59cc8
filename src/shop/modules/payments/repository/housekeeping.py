"""What payments need no longer: the words of providers once they are applied, setups of methods that are through, and
reconciliations that found nothing. Payments, refunds, disputes and discrepancies are part of the books, and stay."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

KEEP_WORDS: Final = timedelta(days=30)
KEEP_NEWS: Final = timedelta(days=90)
"""Providers send an event again for days, not for months: until then its id keeps it from being taken for a new one."""
KEEP_SETUPS: Final = timedelta(days=30)
KEEP_RUNS: Final = timedelta(days=90)
AT_ONCE: Final = 1000
THROUGH: Final = "(applied_at is not null or (payment_id is null and provider_ref is null and dispute_ref is null))"
"""An event that could not be applied yet is kept as it came."""

FORGET: Final = (
    (
        text(
            f"""
            update payments.provider_event set payload = '' where (provider, event_id) in (
                select provider, event_id from payments.provider_event
                where received_at < now() - cast(:age as interval) and payload <> '' and {THROUGH} limit :limit)
            """
        ),
        KEEP_WORDS,
    ),
    (
        text(
            f"""
            delete from payments.provider_event where (provider, event_id) in (
                select provider, event_id from payments.provider_event
                where received_at < now() - cast(:age as interval) and {THROUGH} limit :limit)
            """
        ),
        KEEP_NEWS,
    ),
    (
        text(
            """
            delete from payments.method_setup where id in (
                select id from payments.method_setup where created_at < now() - cast(:age as interval) limit :limit)
            """
        ),
        KEEP_SETUPS,
    ),
    (
        text(
            """
            delete from payments.reconciliation where id in (
                select id from payments.reconciliation r
                where finished_at < now() - cast(:age as interval)
                    and not exists (select 1 from payments.discrepancy d where d.reconciliation_id = r.id)
                    and exists (select 1 from payments.reconciliation later where later.created_at > r.created_at)
                limit :limit)
            """
        ),
        KEEP_RUNS,
    ),
)


async def forget_some(uow: UnitOfWork) -> bool:
    """Whether there may be more."""
    more = False
    for statement, age in FORGET:
        forgotten = await sql(uow).execute(statement, {"age": age, "limit": AT_ONCE})
        more = more or forgotten.rowcount == AT_ONCE
    return more
