"""The catalogue for people: category and search as a list, and the product page; all of it works without JavaScript."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get
from litestar.params import FromPath, FromQuery, QueryParameter

from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.http.access import public
from shop.kernel.http.paging import Cursor
from shop.kernel.http.ratelimit import SEARCH
from shop.kernel.http.templating import HTMLPage, page
from shop.kernel.money import parse_decimal
from shop.modules.catalog import presentation, product_view
from shop.modules.catalog.menu import categories_of
from shop.modules.catalog.parameters import SearchText, chosen_attributes
from shop.modules.catalog.presentation import Params, url_with, without
from shop.modules.catalog.schemas import Order
from shop.modules.catalog.service.browse import Found, ListQuery, list_products
from shop.modules.catalog.service.show_product import show_product_among_others
from shop.modules.catalog.suggestions import meant_by

KEPT: Final = {"q", "sort", "price_from", "price_to", "in_stock"}
"""What links of a list carry on, beside attributes; everything else in an address is dropped."""
NEIGHBOURS: Final = 4
"""Other goods of its category that a product's page shows."""

ShopRequest = Request[Any, Any, Any]
PriceText = Annotated[str, QueryParameter(max_length=20)]


@get("/c/{category_path:path}", guards=[public], include_in_schema=False)
async def category_page(
    request: ShopRequest,
    category_path: FromPath[str],
    *,
    sort: FromQuery[Order | None] = None,
    price_from: PriceText = "",
    price_to: PriceText = "",
    in_stock: FromQuery[bool] = False,
    cursor: Cursor = None,
) -> HTMLPage:
    tree = await categories_of(request)
    category = tree.get(str(category_path).strip("/"))
    bounds, problems = _bounds(price_from, price_to)
    query = ListQuery(
        settings().currency, "", category.id, sort, *bounds, in_stock, chosen_attributes(request), cursor=cursor
    )
    found = await read(list_products, query)
    way = tree.way_to(category.id)
    context = {
        "title": category.title,
        "breadcrumb": [{"title": "Home", "url": "/"}, *way],
        "children": category.children,
        "canonical": category.url,
        "query": "",
        "mistyped": "",
    }
    context |= _list_context(category.url, _kept(request), query, found, problems)
    tags = [f"category:{category.id}", "listing", "categories"]
    return await page(request, "catalog/listing.html", context, tags=tags)


@get("/search", guards=[public], opt=SEARCH, include_in_schema=False)
async def search_page(
    request: ShopRequest,
    *,
    q: SearchText = "",
    sort: FromQuery[Order | None] = None,
    price_from: PriceText = "",
    price_to: PriceText = "",
    in_stock: FromQuery[bool] = False,
    cursor: Cursor = None,
) -> HTMLPage:
    tree = await categories_of(request)
    bounds, problems = _bounds(price_from, price_to)
    query = ListQuery(settings().currency, q, None, sort, *bounds, in_stock, chosen_attributes(request), cursor=cursor)
    found = await read(list_products, query)
    params, mistyped = _kept(request), ""
    if not found.total and q.strip() and (meant := await meant_by(q)):
        mended = msgspec.structs.replace(query, q=meant)
        other = await read(list_products, mended)
        if other.total:
            query, found, q, mistyped = mended, other, meant, q.strip()
            params = tuple((name, meant if name == "q" else value) for name, value in params)
    title = f"Results for “{q.strip()}”" if q.strip() else "All products"
    context = {
        "title": title,
        "breadcrumb": [{"title": "Home", "url": "/"}, {"title": "Search" if q.strip() else title, "url": "/search"}],
        "children": [] if q.strip() else tree.top,
        "canonical": "/search",
        "query": q,
        "mistyped": mistyped,
    }
    context |= _list_context("/search", params, query, found, problems)
    return await page(request, "catalog/listing.html", context, tags=["listing", "categories"])


@get("/p/{slug:str}", guards=[public], include_in_schema=False)
async def product_page(
    request: ShopRequest, slug: FromPath[str], variant: Annotated[str, QueryParameter(max_length=36)] = ""
) -> HTMLPage:
    tree = await categories_of(request)
    product, neighbours = await read(show_product_among_others, slug, settings().currency, tree, others=NEIGHBOURS)
    chosen = product_view.preselected(product, variant)
    breadcrumb = [{"title": "Home", "url": "/"}, *product.categories, {"title": product.title, "url": product.url}]
    summary = product.seo_description or product_view.summary(product.description_html)
    context = {
        "product": product,
        "variant": chosen,
        "offer": product_view.offer(product, chosen),
        "offers": product_view.offers_json(product),
        "groups": product_view.option_groups(product, chosen),
        "pictures": product_view.pictures(product, chosen),
        "facts": product_view.facts(product.attributes),
        "neighbours": presentation.cards_html(neighbours, heading="h3", eager=0),
        "breadcrumb": breadcrumb,
        "summary": summary,
        "structured_data": product_view.structured_data(product, breadcrumb, summary),
    }
    shown = (str(product.id), *presentation.ids(neighbours))
    tags = [*(f"product:{each}" for each in shown), "categories"]
    slots = ("product.below_title", "product.below")
    return await page(request, "catalog/product.html", context, tags=tags, slots=slots)


def _kept(request: ShopRequest) -> Params:
    if not request.scope["query_string"]:
        return ()
    items = request.query_params.multi_items()
    return tuple((name, value) for name, value in items if value and (name in KEPT or name.startswith("attr.")))


def _list_context(
    path: str, params: Params, query: ListQuery, found: Found, problems: Mapping[str, str]
) -> dict[str, Any]:
    params = without(params, *problems)
    return {
        "path": path,
        "cards": presentation.cards_html(found.items),
        "shown": len(found.items),
        "total": found.total,
        "filters": presentation.filters_html(without(params, "sort"), found.facets),
        "chips": presentation.chips_html(path, params, found.facets),
        "sort_options": presentation.sort_options(params),
        "order": query.order,
        "default_order": presentation.default_order(params),
        "narrowing": presentation.narrowing(params),
        "clear_url": presentation.cleared_url(path, params),
        "previous_url": _turned(path, params, found.previous_cursor),
        "next_url": _turned(path, params, found.next_cursor),
        "indexed": not params and query.cursor is None,
        "price_problem": " ".join(problems.values()),
    }


def _turned(path: str, params: Params, cursor: str | None) -> str | None:
    return url_with(path, (*params, ("cursor", cursor))) if cursor else None


def _bounds(price_from: str, price_to: str) -> tuple[tuple[int | None, int | None], dict[str, str]]:
    """Minor units of what people wrote, and by field what is wrong with it, which is left out then."""
    amounts: list[int | None] = []
    problems = {}
    for name, text in (("price_from", price_from), ("price_to", price_to)):
        amount = None
        if text.strip():
            try:
                amount = max(0, parse_decimal(text.replace(",", "."), settings().currency).amount)
            except ValueError as error:
                problems[name] = f"{error}; it was left out"
        amounts.append(amount)
    return (amounts[0], amounts[1]), problems


HANDLERS: Final = (category_page, search_page, product_page)
