"""All SQL of pricing."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Price
from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.pricing.models import TAX_RATE
from shop.modules.pricing.rules import TaxRate, TaxTable

FIND_PRICES: Final = text(
    """
    select variant_id, amount, compare_at, tax_class from pricing.price
    where variant_id = any(:variant_ids) and currency = :currency
    """
)


async def find_prices(uow: UnitOfWork, variant_ids: Sequence[UUID], currency: str) -> dict[VariantId, Price]:
    rows = await sql(uow).execute(FIND_PRICES, {"variant_ids": list(variant_ids), "currency": currency})
    return {
        VariantId(row.variant_id): Price(
            variant_id=VariantId(row.variant_id),
            amount=Money(row.amount, currency),
            compare_at=None if row.compare_at is None else Money(row.compare_at, currency),
            tax_class=row.tax_class,
        )
        for row in rows
    }


SAVE_PRICES: Final = text(
    """
    insert into pricing.price as price (variant_id, currency, amount, compare_at, tax_class)
    select * from unnest(
        cast(:variant_ids as uuid[]), cast(:currencies as text[]), cast(:amounts as bigint[]),
        cast(:compare_ats as bigint[]), cast(:tax_classes as text[])
    ) as given (variant_id, currency, amount, compare_at, tax_class)
    order by variant_id, currency
    on conflict (variant_id, currency) do update
        set amount = excluded.amount, compare_at = excluded.compare_at, tax_class = excluded.tax_class
        where (price.amount, price.compare_at, price.tax_class)
            is distinct from (excluded.amount, excluded.compare_at, excluded.tax_class)
    returning variant_id
    """
)
"""In one order always, so that two imports at once wait for each other instead of deadlocking."""


async def save_prices(uow: UnitOfWork, prices: Sequence[Price]) -> set[UUID]:
    """Insert or update; (variant, currency) must be there once. The variants with a price that is another now."""
    changed = await sql(uow).execute(
        SAVE_PRICES,
        {
            "variant_ids": [price.variant_id for price in prices],
            "currencies": [price.amount.currency for price in prices],
            "amounts": [price.amount.amount for price in prices],
            "compare_ats": [price.compare_at.amount if price.compare_at else None for price in prices],
            "tax_classes": [price.tax_class for price in prices],
        },
    )
    return set(changed.scalars())


async def find_tax_table(uow: UnitOfWork, country: str) -> TaxTable:
    rows = await sql(uow).execute(
        select(*(TAX_RATE.c[name] for name in TaxRate.__struct_fields__)).where(TAX_RATE.c.country == country)
    )
    return TaxTable(tuple(TaxRate(*row) for row in rows))
