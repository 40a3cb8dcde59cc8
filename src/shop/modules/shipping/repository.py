"""All SQL of shipping."""

from sqlalchemy import func, select

from shop.contracts.shipping import DeliveryDays
from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.shipping.models import METHOD, RATE, ZONE
from shop.modules.shipping.rules import Rate


async def find_rates(uow: UnitOfWork, country: str) -> list[Rate]:
    """Rates of all active methods of the zone that `country` belongs to, in all currencies."""
    zone_id = (
        select(ZONE.c.id)
        .where(ZONE.c.countries.any_() == country)
        .order_by(ZONE.c.position, ZONE.c.code)
        .limit(1)
        .scalar_subquery()
    )
    rows = await sql(uow).execute(
        select(
            METHOD.c.code,
            METHOD.c.label,
            METHOD.c.delivery_min_days,
            METHOD.c.delivery_max_days,
            RATE.c.max_weight_grams,
            RATE.c.min_items_total,
            RATE.c.amount,
            RATE.c.currency,
        )
        .join_from(METHOD, RATE)
        .where(METHOD.c.active, METHOD.c.zone_id == zone_id)
    )
    return [
        Rate(
            code=row.code,
            label=row.label,
            delivery_days=DeliveryDays(row.delivery_min_days, row.delivery_max_days),
            max_weight_grams=row.max_weight_grams,
            min_items_total=Money(row.min_items_total, row.currency),
            amount=Money(row.amount, row.currency),
        )
        for row in rows
    ]


async def find_countries(uow: UnitOfWork) -> list[str]:
    """Those of zones with an active method, sorted."""
    served = select(METHOD.c.id).where(METHOD.c.zone_id == ZONE.c.id, METHOD.c.active).exists()
    country = func.unnest(ZONE.c.countries).label("country")
    rows = await sql(uow).execute(select(country).where(served).distinct().order_by(country))
    return list(rows.scalars())
