"""Prices and tax rates for tests."""

import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Price
from shop.kernel.db import sql, write
from shop.kernel.money import Money
from shop.modules.pricing import service
from shop.modules.pricing.models import TAX_RATE

LONG_AGO = date(2000, 1, 1)


def tax_rate(
    country: str,
    rate: str,
    tax_class: str = "standard",
    *,
    region: str = "",
    valid_from: date = LONG_AGO,
    valid_until: date | None = None,
) -> dict[str, Any]:
    return {
        "country": country,
        "region": region,
        "tax_class": tax_class,
        "rate": Decimal(rate),
        "valid_from": valid_from,
        "valid_until": valid_until,
    }


USUAL = (
    tax_rate("DE", "0.19"),
    tax_rate("DE", "0.07", "reduced"),
    tax_rate("AT", "0.20"),
    tax_rate("AT", "0.10", "reduced"),
    tax_rate("FR", "0.20"),
    tax_rate("DK", "0.25"),
    tax_rate("GB", "0.20"),
)
"""Enough for tests in which tax only has to be there. A country that isn't listed is not taxed."""


async def make_tax_rates(rates: Iterable[dict[str, Any]] = USUAL) -> None:
    async def save(uow: Any) -> None:
        await sql(uow).execute(insert(TAX_RATE), list(rates))

    await write(save)


async def make_price(
    amount: int = 1000,
    currency: str = "EUR",
    *,
    variant_id: VariantId | None = None,
    compare_at: int | None = None,
    tax_class: str = "standard",
) -> VariantId:
    """A variant (new unless named) that costs `amount` minor units."""
    variant_id = variant_id or VariantId(uuid4())
    former = None if compare_at is None else Money(compare_at, currency)
    await write(service.set_prices, [Price(variant_id, Money(amount, currency), former, tax_class)])
    return variant_id


def shipped_tax_facts() -> list[dict[str, Any]]:
    """The rows that a new shop starts out with, as its data file says them."""
    text = files("shop.modules.pricing").joinpath("data/tax_rates.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["rate"]
