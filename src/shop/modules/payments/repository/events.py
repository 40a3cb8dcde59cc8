"""What providers told, kept as it came before it is acknowledged; each event once."""

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from shop.contracts.payment_providers import ProviderNews
from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.models import PROVIDER_EVENT


async def add_event(uow: UnitOfWork, news: ProviderNews) -> bool:
    """Whether it was new."""
    added = await sql(uow).execute(
        insert(PROVIDER_EVENT)
        .values(
            provider=news.provider,
            event_id=news.event_id,
            type=news.type,
            payload=news.payload,
            payment_id=news.payment_id,
            provider_ref=news.provider_ref,
            dispute_ref=news.dispute_ref,
        )
        .on_conflict_do_nothing()
        .returning(PROVIDER_EVENT.c.event_id)
    )
    return added.first() is not None


async def find_event(uow: UnitOfWork, provider: str, event_id: str) -> ProviderNews | None:
    columns = [PROVIDER_EVENT.c[name] for name in ProviderNews.__struct_fields__]
    row = (
        await sql(uow).execute(
            select(*columns).where(PROVIDER_EVENT.c.provider == provider, PROVIDER_EVENT.c.event_id == event_id)
        )
    ).first()
    return None if row is None else ProviderNews(**row._asdict())


async def mark_applied(uow: UnitOfWork, provider: str, event_id: str) -> None:
    await sql(uow).execute(
        text(
            "update payments.provider_event set applied_at = now()"
            " where provider = :provider and event_id = :event_id and applied_at is null"
        ),
        {"provider": provider, "event_id": event_id},
    )
