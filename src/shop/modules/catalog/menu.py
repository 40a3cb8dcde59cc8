"""The category tree in memory, for the edge: every page shows it, few changes touch it."""

from typing import Any, Final, cast

from shop.kernel.cache import cached
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.http.sessions import Connection
from shop.modules.catalog.service.browse import Categories, load_categories

SCOPE_KEY: Final = "catalog.categories"


async def categories_in(currency: str) -> Categories:
    """With the numbers of products that have a price in `currency`."""

    async def load() -> Categories:
        return await read(load_categories, currency)

    return await cached(f"catalog.categories:{currency}", ["categories"], load)


async def categories_of(request: Connection) -> Categories:
    """In the shop's currency, loaded once per request also while nothing is kept in memory."""
    scope = cast("dict[str, Any]", request.scope)
    tree: Categories | None = scope.get(SCOPE_KEY)
    if tree is None:
        tree = scope[SCOPE_KEY] = await categories_in(settings().currency)
    return tree


async def nav_categories(request: Connection) -> dict[str, Any]:
    """What every storefront page's menu shows."""
    tree = await categories_of(request)
    return {"nav_categories": tree.menu, "nav_goes_on": len(tree.top) > len(tree.menu)}
