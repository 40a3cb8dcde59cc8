"""SQL of what is told about products, for other modules' pages."""

from collections.abc import Sequence

from sqlalchemy import text

from shop.contracts.catalog import ProductId
from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork

_DESCRIPTIONS = text("select id, description_html from catalog.product where id = any(:ids)")


async def find_descriptions(uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, str]:
    """Sanitised HTML by product."""
    rows = await sql(uow).execute(_DESCRIPTIONS, {"ids": list(ids)})
    return {ProductId(row.id): row.description_html for row in rows}
