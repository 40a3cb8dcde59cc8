"""The catalogue for programs: lists with filters and facets, one product, the category tree, suggestions."""

from typing import Annotated, Any, Final, cast

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from shop.kernel.db import read
from shop.kernel.http.access import public
from shop.kernel.http.page_cache import SHARED
from shop.kernel.http.paging import DEFAULT_LIMIT, Cursor, Limit
from shop.kernel.http.ratelimit import SEARCH
from shop.modules.catalog.menu import categories_in
from shop.modules.catalog.parameters import Amount, Currency, SearchText, chosen_attributes, chosen_currency
from shop.modules.catalog.schemas import CategoryTree, Order, ProductList, ProductPage, Suggested, Suggestions
from shop.modules.catalog.service.browse import ListQuery, list_products
from shop.modules.catalog.service.show_product import show_product
from shop.modules.catalog.service.suggest_goods import suggest_goods

API: Final = "/api/v1"


class ReadyProductList(msgspec.Struct, frozen=True):
    """A ProductList whose items and facets are JSON already."""

    items: list[msgspec.Raw]
    next_cursor: str | None
    total: int
    facets: msgspec.Raw
    suggestion: None = None


_encode = msgspec.json.Encoder().encode


@get(f"{API}/products", operation_id="listProducts", tags=["catalog"], guards=[public], opt=SHARED)
async def get_products(
    request: Request[Any, Any, Any],
    *,
    q: SearchText = "",
    category: Annotated[str | None, QueryParameter(max_length=500, description="Slug, such as kitchen/mugs")] = None,
    sort: FromQuery[Order | None] = None,
    price_min: Amount = None,
    price_max: Amount = None,
    in_stock: FromQuery[bool] = False,
    currency: Currency = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[ProductList]:
    """Products of a category or a search, with filters. Filter by an attribute with `attr.<code>=<value>`; the facets
    name the codes and values there are. Several values of one code are alternatives."""
    currency = chosen_currency(currency)
    found = await read(
        list_products,
        ListQuery(
            currency,
            q,
            None if category is None else (await categories_in(currency)).get(category).id,
            sort,
            price_min,
            price_max,
            in_stock,
            chosen_attributes(request),
            limit,
            cursor,
        ),
    )
    ready = ReadyProductList(
        [msgspec.Raw(item) for item in found.items], found.next_cursor, found.total, msgspec.Raw(found.facets)
    )
    return Response(cast("ProductList", _encode(ready)), media_type=MediaType.JSON)


@get(f"{API}/products/{{slug:str}}", operation_id="getProduct", tags=["catalog"], guards=[public], opt=SHARED)
async def get_product(slug: FromPath[str], currency: Currency = None) -> ProductPage:
    """A product with its description, pictures, options, attributes and variants."""
    currency = chosen_currency(currency)
    return await read(show_product, slug, currency, await categories_in(currency))


@get(f"{API}/categories", operation_id="getCategories", tags=["catalog"], guards=[public], opt=SHARED)
async def get_categories(currency: Currency = None) -> CategoryTree:
    """The category tree; `product_count` includes what is in the categories below."""
    return CategoryTree((await categories_in(chosen_currency(currency))).roots)


@get(f"{API}/search/suggest", operation_id="suggestProducts", tags=["catalog"], guards=[public], opt=SHARED | SEARCH)
async def get_suggestions(q: SearchText = "", currency: Currency = None) -> Suggestions:
    """What the words typed so far may become: categories, then products."""
    currency = chosen_currency(currency)
    found = await read(suggest_goods, q, currency, await categories_in(currency))
    return Suggestions(
        [
            *(Suggested("category", node.title, node.url, None) for node in found.categories),
            *(Suggested("product", item.title, item.url, item.image) for item in found.goods),
        ]
    )


HANDLERS: Final = (get_products, get_product, get_categories, get_suggestions)
