"""Zones, methods and rates for tests."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from shop.kernel.db import sql, write
from shop.modules.shipping.models import METHOD, RATE, ZONE

EVERY_WEIGHT = 31_500


def rate(amount: int, *, up_to: int = EVERY_WEIGHT, items_from: int = 0, currency: str = "EUR") -> dict[str, Any]:
    return {"currency": currency, "max_weight_grams": up_to, "min_items_total": items_from, "amount": amount}


def method(
    code: str = "standard",
    *rates: dict[str, Any],
    days: tuple[int, int] = (1, 3),
    active: bool = True,
) -> dict[str, Any]:
    """Costs 4.90 in EUR and 5.50 in USD unless `rates` are given."""
    return {
        "code": code,
        "label": code.title(),
        "days": days,
        "active": active,
        "rates": rates or (rate(490), rate(550, currency="USD")),
    }


async def make_shipping_zone(
    countries: Sequence[str] = ("DE", "AT", "FR"), *methods: dict[str, Any], position: int = 0
) -> None:
    """A zone with `methods`; with just the standard one when none are given."""

    async def save(uow: Any) -> None:
        zone_id = uuid4()
        await sql(uow).execute(
            insert(ZONE).values(
                id=zone_id, code=str(zone_id), label="Zone", countries=list(countries), position=position
            )
        )
        for each in methods or (method(),):
            method_id = uuid4()
            await sql(uow).execute(
                insert(METHOD).values(
                    id=method_id,
                    zone_id=zone_id,
                    code=each["code"],
                    label=each["label"],
                    delivery_min_days=each["days"][0],
                    delivery_max_days=each["days"][1],
                    active=each["active"],
                )
            )
            await sql(uow).execute(insert(RATE), [{"method_id": method_id, **row} for row in each["rates"]])
        uow.invalidate("shipping")

    await write(save)
