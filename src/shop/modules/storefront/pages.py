"""Home and the static pages, all cacheable for anonymous visitors; and what robots may read."""

from typing import Any, Final

import msgspec
from litestar import MediaType, Request, Response, get

from shop.contracts.catalog import Card, Showcase
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.http.access import public
from shop.kernel.http.sessions import Connection
from shop.kernel.http.templating import HTMLPage, page
from shop.kernel.ports import port

ShopRequest = Request[Any, Any, Any]

NEWEST: Final = 8
STATIC_TAGS: Final = ("static", "categories")
"""Every page shows the category menu, so that it goes when a category changes."""
NOT_FOR_ROBOTS: Final = (
    "/account",
    "/admin",
    "/api/",
    "/cart",
    "/checkout",
    "/orders/",
    "/search",
    "/signin",
    "/signup",
)
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
    cards = await read(port(Showcase).newest, settings().currency, NEWEST)
    return await page(
        request,
        "storefront/home.html",
        {"products": [_as_card(card) for card in cards], "picture": next((c.image for c in cards if c.image), None)},
        tags=("home", "listing", "categories"),
        slots=("home.below_products",),
    )


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


@get("/robots.txt", guards=[public], include_in_schema=False, sync_to_thread=False)
def robots() -> Response[str]:
    """What is personal, or endless as search results are, is nothing for an index."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS), ""]
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response("\n".join(lines), media_type=MediaType.TEXT, headers=headers)


async def footer_links(_request: Connection) -> dict[str, Any]:
    return {"footer_links": FOOTER}


def _as_card(card: Card) -> dict[str, Any]:
    """As the design system's card wants it."""
    return {**msgspec.structs.asdict(card), "rating": {"average": card.rating_average, "count": card.rating_count}}


ROUTES: Final = (home, about, shipping_returns, privacy, imprint, robots)
