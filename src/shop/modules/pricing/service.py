"""Use cases of pricing: look up, set, quote."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Destination, NotPriced, Price, PricesChanged, Quote, QuoteLine
from shop.kernel import clock, postal
from shop.kernel.cache import cached
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.pricing import repository
from shop.modules.pricing.rules import Pricing, flaws_of, quotes_for

EVENT_IDS: Final = 500


async def find_prices(uow: UnitOfWork, variant_ids: Sequence[VariantId], currency: str) -> dict[VariantId, Price]:
    if not variant_ids:
        return {}
    return await repository.find_prices(uow, variant_ids, currency)


async def set_prices(uow: UnitOfWork, prices: Sequence[Price]) -> None:
    """The last price wins where a variant has two in one currency. Raises Invalid."""
    flaws = [flaw for price in prices for flaw in flaws_of(price)]
    if flaws:
        raise Invalid(flaws)
    if not prices:
        return
    wanted = {(price.variant_id, price.amount.currency): price for price in prices}
    changed = sorted(await repository.save_prices(uow, list(wanted.values())))
    for start in range(0, len(changed), EVENT_IDS):
        uow.emit(PricesChanged(variant_ids=tuple(changed[start : start + EVENT_IDS])))


async def quote(
    uow: UnitOfWork,
    currency: str,
    lines: Sequence[QuoteLine],
    destination: Destination | None = None,
    shipping: Sequence[Money | None] = (None,),
) -> list[Quote]:
    """One quote per entry of `shipping`. Raises NotPriced, and CurrencyMismatch for shipping in another currency."""
    shop = settings()
    destination = _with_region_code(destination or Destination(shop.country))
    prices = await find_prices(uow, [line.variant_id for line in lines], currency)
    unpriced = {line.variant_id: None for line in lines if line.variant_id not in prices}
    if unpriced:
        raise NotPriced(list(unpriced))
    # Rates of all times are kept, so that a new rate holds from its first minute, in the shop's own time zone.
    taxes = await cached(
        f"tax:{destination.country}", ["tax"], partial(repository.find_tax_table, uow, destination.country)
    )
    pricing = Pricing(
        currency=currency,
        prices=prices,
        taxes=taxes,
        destination=destination,
        tax_included=shop.prices_include_tax,
        day=clock.now().astimezone(ZoneInfo(shop.time_zone)).date(),
    )
    return quotes_for(pricing, lines, shipping)


def _with_region_code(destination: Destination) -> Destination:
    """Rates are kept by the codes of regions; buyers write "Ontario" as well as "ON"."""
    region = destination.region and postal.normal_region(destination.region, destination.country)
    return msgspec.structs.replace(destination, region=region or destination.region)
