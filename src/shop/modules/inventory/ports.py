"""Stock and reservations as other modules use them: `contracts.inventory`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import StockLevel, StockLine
from shop.kernel.uow import UnitOfWork
from shop.modules.inventory import repository, service


class DatabaseStock:
    async def levels(self, uow: UnitOfWork, variant_ids: Sequence[VariantId]) -> dict[VariantId, StockLevel]:
        return await service.get_levels(uow, variant_ids)

    async def set_on_hand(self, uow: UnitOfWork, counts: Sequence[StockLine], reason: str) -> None:
        await service.set_on_hand(uow, counts, reason)


class DatabaseReservations:
    async def reserve(self, uow: UnitOfWork, order_id: UUID, lines: Sequence[StockLine], expires_at: datetime) -> None:
        await service.reserve(uow, order_id, lines, expires_at)

    async def confirm(self, uow: UnitOfWork, order_id: UUID) -> bool:
        return await service.confirm(uow, order_id)

    async def hold_until(self, uow: UnitOfWork, order_id: UUID, until: datetime) -> None:
        await repository.hold_until(uow, order_id, until)

    async def release(self, uow: UnitOfWork, order_id: UUID) -> None:
        await service.release(uow, order_id)
