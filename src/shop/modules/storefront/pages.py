"""Home and the static pages, all cacheable for anonymous visitors."""

from typing import Any, Final

import msgspec
from litestar import Request, get

from shop.contracts.catalog import Card, Showcase
from shop.kernel.clock import now
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.http.access import public
from shop.kernel.http.sessions import Connection
from shop.kernel.http.templating import HTMLPage, page
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.storefront.linked_data import shop_as_linked_data

ShopRequest = Request[Any, Any, Any]

NEWEST: Final = 9
"""What the shelf of new arrivals shows: a large card and two rows beside and below it."""
PICKS: Final = 12
"""Among so many of the newest there is another pick each week."""
STATIC_PATHS: Final = ("/", "/about", "/shipping-returns", "/privacy", "/imprint")
STATIC_TAGS: Final = ("static", "categories")
"""Every page shows the category menu, so that it goes when a category changes."""
FOOTER: Final = [
    {
        "title": "Help",
        "links": [
            {"title": "Shipping and returns", "url": "/shipping-returns"},
            {"title": "About us", "url": "/about"},
        ],
    },
    {
        "title": "Legal",
        "links": [{"title": "Privacy", "url": "/privacy"}, {"title": "Imprint", "url": "/imprint"}],
    },
]


@get("/", guards=[public], include_in_schema=False)
async def home(request: ShopRequest) -> HTMLPage:
    cards, pick, opening = await read(_shelves)
    return await page(
        request,
        "storefront/home.html",
        {
            "products": [_as_card(card) for card in cards],
            "pick": pick and _as_card(pick),
            "pick_text": opening,
            "linked_data": shop_as_linked_data(),
        },
        tags=("home", "listing", "categories"),
        slots=("home.below_products",),
    )


async def _shelves(uow: UnitOfWork) -> tuple[list[Card], Card | None, str]:
    """The newest, the pick of the week and what its description begins with."""
    showcase = port(Showcase)
    newest = await showcase.newest(uow, settings().currency, PICKS)
    worth = [card for card in newest[NEWEST:] or newest[1:] if card.in_stock and card.image]
    if not worth:
        return newest[:NEWEST], None, ""
    pick = worth[now().isocalendar().week % len(worth)]
    return newest[:NEWEST], pick, (await showcase.openings(uow, [pick.id])).get(pick.id, "")


@get("/about", guards=[public], include_in_schema=False)
async def about(request: ShopRequest) -> HTMLPage:
    return await page(request, "storefront/about.html", tags=STATIC_TAGS)


@get("/shipping-returns", guards=[public], include_in_schema=False)
async def shipping_returns(request: ShopRequest) -> HTMLPage:
    return await page(request, "storefront/shipping_returns.html", tags=STATIC_TAGS)


@get("/privacy", guards=[public], include_in_schema=False)
async def privacy(request: ShopRequest) -> HTMLPage:
    return await page(request, "storefront/privacy.html", tags=STATIC_TAGS)


@get("/imprint", guards=[public], include_in_schema=False)
async def imprint(request: ShopRequest) -> HTMLPage:
    return await page(request, "storefront/imprint.html", tags=STATIC_TAGS)


async def footer_links(_request: Connection) -> dict[str, Any]:
    return {"footer_links": FOOTER}


def _as_card(card: Card) -> dict[str, Any]:
    """As the design system's card wants it."""
    return {**msgspec.structs.asdict(card), "rating": {"average": card.rating_average, "count": card.rating_count}}


HANDLERS: Final = (home, about, shipping_returns, privacy, imprint)
