"""What bestsellers shows on the pages of others: each slot has one query and one template of this package."""

from collections.abc import Mapping
from typing import Any, Final

from shop.kernel.http.templating import render_text
from shop.kernel.uow import UnitOfWork
from shop_bestsellers import repository

SHOWN: Final = 5


async def render_order_count(uow: UnitOfWork, context: Mapping[str, Any]) -> str:
    """Fills `product.below_title`, whose page hands out `product`."""
    count = await repository.find_count(uow, context["product"].id)
    return render_text("bestsellers/_order_count.html", {"count": count})


async def render_bestsellers(uow: UnitOfWork, _context: Mapping[str, Any]) -> str:
    """Fills `admin.dashboard`."""
    return render_text("bestsellers/_bestsellers.html", {"bestsellers": await repository.most_ordered(uow, SHOWN)})
