"""Prices and quotes as other modules use them: `contracts.pricing.Prices`."""

from collections.abc import Sequence

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Destination, Price, Quote, QuoteLine
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.pricing import service


class DatabasePrices:
    async def prices(self, uow: UnitOfWork, variant_ids: Sequence[VariantId], currency: str) -> dict[VariantId, Price]:
        return await service.find_prices(uow, variant_ids, currency)

    async def set_prices(self, uow: UnitOfWork, prices: Sequence[Price]) -> None:
        await service.set_prices(uow, prices)

    async def quote(
        self,
        uow: UnitOfWork,
        currency: str,
        lines: Sequence[QuoteLine],
        destination: Destination | None = None,
        shipping: Sequence[Money | None] = (None,),
    ) -> list[Quote]:
        return await service.quote(uow, currency, lines, destination, shipping)
