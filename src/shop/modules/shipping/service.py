"""Use cases of shipping. Zones and rates change seldom, so they are kept in memory under the tag "shipping"."""

from functools import partial

from shop.contracts.shipping import Parcel, ShippingMethod
from shop.kernel.cache import cached
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.shipping import repository
from shop.modules.shipping.rules import Rate, free_from, methods_for


async def find_methods(uow: UnitOfWork, parcel: Parcel, country: str) -> list[ShippingMethod]:
    """Cheapest first; empty when nothing goes there, or nothing this heavy, or not in this currency."""
    return methods_for(parcel, await _rates(uow, country))


async def find_free_from(uow: UnitOfWork, parcel: Parcel, country: str) -> Money | None:
    return free_from(parcel, await _rates(uow, country))


async def _rates(uow: UnitOfWork, country: str) -> list[Rate]:
    return await cached(f"shipping:{country}", ["shipping"], partial(repository.find_rates, uow, country))


async def find_countries(uow: UnitOfWork) -> list[str]:
    # A copy: callers may do with their list as they like.
    return [*await cached("shipping:countries", ["shipping"], partial(repository.find_countries, uow))]
