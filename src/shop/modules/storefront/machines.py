"""What machines read: robots.txt, the sitemap and the web app manifest."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any, Final
from xml.sax.saxutils import escape

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.params import FromPath

from shop.contracts.catalog import Address, Addresses
from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.errors import NotFound
from shop.kernel.http.access import public
from shop.kernel.http.sessions import extras
from shop.kernel.http.static import static_url
from shop.kernel.http.templating import TAGS_KEY
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.storefront.pages import STATIC_PATHS

ShopRequest = Request[Any, Any, Any]

FILE_SIZE: Final = 10_000
"""Addresses in one file of the sitemap. The protocol allows 50,000; fewer are made in a moment and held in little."""
NOT_FOR_ROBOTS: Final = (
    "/account",
    "/admin",
    "/api/",
    "/cart",
    "/orders/",
    "/search",
    "/signin",
    "/signup",
)
XML: Final = "application/xml; charset=utf-8"
NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
KEPT: Final = {"Cache-Control": "public, max-age=3600"}


@get("/robots.txt", guards=[public], include_in_schema=False, sync_to_thread=False)
def robots() -> Response[str]:
    """What is personal, or endless as search results are, is nothing for an index."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS),
        "",
        f"Sitemap: {settings().public_url}/sitemap.xml",
        "",
    ]
    return Response("\n".join(lines), media_type=MediaType.TEXT, headers=KEPT)


@get("/sitemap.xml", guards=[public], include_in_schema=False)
async def sitemap(request: ShopRequest) -> Response[str]:
    """All pages, or where they are too many for one file, the list of the files."""
    products = await read(port(Addresses).count_products)
    if products <= FILE_SIZE:
        return _xml(request, _urlset([*await read(_own_pages), *await read(_product_pages, 1)]))
    files = ["pages", *(str(number) for number in range(1, -(-products // FILE_SIZE) + 1))]
    rows = (f"<sitemap><loc>{escape(settings().public_url)}/sitemaps/{name}.xml</loc></sitemap>" for name in files)
    return _xml(request, f'<sitemapindex xmlns="{NAMESPACE}">{"".join(rows)}</sitemapindex>')


@get("/sitemaps/pages.xml", guards=[public], include_in_schema=False)
async def sitemap_of_pages(request: ShopRequest) -> Response[str]:
    """Home, the static pages and the categories."""
    return _xml(request, _urlset(await read(_own_pages)))


@get("/sitemaps/{name:str}", guards=[public], include_in_schema=False)
async def sitemap_of_products(request: ShopRequest, name: FromPath[str]) -> Response[str]:
    """`1.xml`, `2.xml` and so on: the products, FILE_SIZE at a time."""
    number = name.removesuffix(".xml")
    if number == name or not number.isascii() or not number.isdecimal() or not 1 <= len(number) <= 4:
        raise NotFound
    found = await read(_product_pages, int(number)) if int(number) else []
    if not found:
        raise NotFound
    return _xml(request, _urlset(found))


@get("/site.webmanifest", guards=[public], include_in_schema=False, sync_to_thread=False)
def web_manifest() -> Response[bytes]:
    """How the shop stands on a phone's home screen. The colours are those of the style sheet's tokens by day."""
    icons = (
        ("icon-192", "192x192", "any"),
        ("icon-512", "512x512", "any"),
        ("icon-512-maskable", "512x512", "maskable"),
    )
    manifest = {
        "name": settings().name,
        "short_name": settings().name[:30],
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#fcfaf5",
        "theme_color": "#fcfaf5",
        "icons": [
            {"src": static_url(f"icons/{file}.png"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for file, sizes, purpose in icons
        ],
    }
    return Response(msgspec.json.encode(manifest), media_type="application/manifest+json", headers=KEPT)


async def _own_pages(uow: UnitOfWork) -> list[Address]:
    return [*(Address(path, None) for path in STATIC_PATHS), *await port(Addresses).category_pages(uow)]


async def _product_pages(uow: UnitOfWork, number: int) -> list[Address]:
    return await port(Addresses).product_pages(uow, (number - 1) * FILE_SIZE, FILE_SIZE)


def _urlset(addresses: Iterable[Address]) -> str:
    base = escape(settings().public_url)
    rows = (
        f"<url><loc>{base}{escape(each.path)}</loc>"
        + (f"<lastmod>{each.changed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if each.changed_at else "")
        + "</url>"
        for each in addresses
    )
    return f'<urlset xmlns="{NAMESPACE}">{"".join(rows)}</urlset>'


def _xml(request: ShopRequest, content: str) -> Response[str]:
    """Kept in this process until the goods change."""
    extras(request.scope)[TAGS_KEY] = frozenset({"listing", "categories"})
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{content}\n', media_type=XML, headers=KEPT)


HANDLERS: Final = (robots, sitemap, sitemap_of_pages, sitemap_of_products, web_manifest)
