"""Delivery as other modules use it: `contracts.shipping.Shipping`."""

from shop.contracts.shipping import Parcel, ShippingMethod
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.shipping import service


class DatabaseShipping:
    async def methods(
        self,
        uow: UnitOfWork,
        parcel: Parcel,
        country: str,
        postal_code: str | None = None,  # noqa: ARG002  # part of the port; no zone is narrower than a country yet
    ) -> list[ShippingMethod]:
        return await service.find_methods(uow, parcel, country)

    async def free_from(self, uow: UnitOfWork, parcel: Parcel, country: str) -> Money | None:
        return await service.find_free_from(uow, parcel, country)

    async def countries(self, uow: UnitOfWork) -> list[str]:
        return await service.find_countries(uow)
