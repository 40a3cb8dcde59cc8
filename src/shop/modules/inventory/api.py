"""Stock as JSON, for staff."""

from typing import Final
from uuid import UUID

from litestar import get, put
from litestar.params import FromPath, JSONBody

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import StockLine
from shop.kernel.db import read, write
from shop.kernel.http.access import staff
from shop.kernel.uow import UnitOfWork
from shop.modules.inventory import service
from shop.modules.inventory.schemas import StockCount, StockView


@get("/api/v1/admin/stock/{variant_id:uuid}", guards=[staff("stock.view")], tags=["inventory"], operation_id="getStock")
async def show_stock(variant_id: FromPath[UUID]) -> StockView:
    """How many of a variant there are, and how many of those are promised to orders. Zeros where none was ever counted."""
    return await read(_view, VariantId(variant_id))


@put("/api/v1/admin/stock/{variant_id:uuid}", guards=[staff("stock.edit")], tags=["inventory"], operation_id="setStock")
async def count_stock(variant_id: FromPath[UUID], data: JSONBody[StockCount]) -> StockView:
    """Set the counted stock of a variant. 409 `below_reserved` when orders were promised more than that."""
    return await write(_count, VariantId(variant_id), data.on_hand)


async def _count(uow: UnitOfWork, variant_id: VariantId, on_hand: int) -> StockView:
    await service.set_on_hand(uow, [StockLine(variant_id, on_hand)], "counted")
    return await _view(uow, variant_id)


async def _view(uow: UnitOfWork, variant_id: VariantId) -> StockView:
    level = (await service.get_levels(uow, [variant_id]))[variant_id]
    return StockView(level.on_hand, level.reserved, level.available)


ROUTES: Final = (show_stock, count_stock)
