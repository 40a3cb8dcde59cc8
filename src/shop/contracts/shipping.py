"""shipping: where to, how, and for how much."""

from typing import Protocol

import msgspec

from shop.kernel.errors import Conflict
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork


class Parcel(msgspec.Struct, frozen=True):
    """What is to be sent, as rates see it."""

    weight_grams: int
    items_total: Money


class DeliveryDays(msgspec.Struct, frozen=True):
    min: int
    max: int


class ShippingMethod(msgspec.Struct, frozen=True):
    code: str
    label: str
    price: Money
    delivery_days: DeliveryDays


class Shipping(Protocol):
    async def methods(
        self, uow: UnitOfWork, parcel: Parcel, country: str, postal_code: str | None = None
    ) -> list[ShippingMethod]:
        """Cheapest first; empty when the shop doesn't deliver there."""

    async def free_from(self, uow: UnitOfWork, parcel: Parcel, country: str) -> Money | None:
        """The worth of items from which some method carries this weight there for nothing; None where none does."""

    async def countries(self, uow: UnitOfWork) -> list[str]:
        """The ISO 3166-1 codes that the shop delivers to."""


class ShippingUnavailable(Conflict):
    code = "shipping_unavailable"
    title = "This delivery is not offered to this address"
