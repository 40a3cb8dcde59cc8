"""What visitors ask of the catalogue: a category or a search as a list, and the category tree.

A list costs one statement where the process has its total and facets in memory, or the index that counts those of a
narrowed one: they are made ready by `rebuild_listings`, and dropped from memory by the tag "listing".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from shop.kernel.errors import Invalid
from shop.kernel.http.paging import decode_cursor, encode_cursor
from shop.kernel.media.names import media_url
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.errors import CategoryNotFound
from shop.modules.catalog.repository import categories, listing
from shop.modules.catalog.repository.listing import Filters
from shop.modules.catalog.repository.read_model import EVERYTHING
from shop.modules.catalog.repository.ready_listing import NOTHING
from shop.modules.catalog.rules import category_url, fold, prefix_query, search_words
from shop.modules.catalog.schemas import CategoryNode, CategoryRef, Order
from shop.modules.catalog.service.count_listing import count_narrowed, whole_listing

MAX_FILTERED_CODES: Final = 8
MAX_FILTERED_VALUES: Final = 20
ON: Final = "on"
BACK: Final = "back"
MENU_ROOTS: Final = 8
SHOWN_ROOTS: Final = 100
"""Where all products are listed, which is where the menu leads on to."""
MENU_CHILDREN: Final = 12
_KEY_TYPES: Final[dict[Order, tuple[Any, ...]]] = {
    "newest": (datetime, UUID),
    "price_asc": (int, UUID),
    "price_desc": (int, UUID),
    "rating": (float, int, UUID),
    "relevance": (float, UUID),
}


class ListQuery(msgspec.Struct, frozen=True):
    """A list as somebody asked for it. Prices are minor units, `attributes` values by code."""

    currency: str
    q: str = ""
    category: UUID | None = None
    sort: Order | None = None
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool = False
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limit: int = 24
    cursor: str | None = None

    @property
    def order(self) -> Order:
        """Relevance needs a search to be relevant to."""
        if self.sort is None or (self.sort == "relevance" and not self.q.strip()):
            return "relevance" if self.q.strip() else "newest"
        return self.sort


class Found(msgspec.Struct, frozen=True):
    """`items` and `facets` are JSON as the API answers them."""

    items: list[str]
    next_cursor: str | None
    previous_cursor: str | None
    total: int
    facets: bytes


class Categories:
    """The whole tree, in memory."""

    def __init__(self, rows: Sequence[categories.CategoryRow]) -> None:
        self._rows = {row.id: row for row in rows}
        self._by_slug = {row.slug: row for row in rows}
        self._nodes = {row.id: _node(row) for row in rows}
        self.roots: list[CategoryNode] = []
        for row in rows:
            siblings = self.roots if row.parent_id is None else self._nodes[row.parent_id].children
            siblings.append(self._nodes[row.id])
        self._folded = [(fold(row.title), row.id) for row in rows]
        self.top = _worth_a_look(self.roots)[:SHOWN_ROOTS]
        self.menu = [
            msgspec.structs.replace(root, children=_worth_a_look(root.children)[:MENU_CHILDREN])
            for root in self.top[:MENU_ROOTS]
        ]

    def get(self, slug: str) -> CategoryNode:
        """Raises CategoryNotFound."""
        row = self._by_slug.get(slug)
        if row is None:
            raise CategoryNotFound
        return self._nodes[row.id]

    def way_to(self, category_id: UUID) -> list[CategoryRef]:
        """From the top down to it; empty for one that isn't there."""
        way: list[CategoryRef] = []
        row = self._rows.get(category_id)
        while row is not None:
            way.insert(0, CategoryRef(row.id, row.slug, row.title, category_url(row.slug)))
            row = self._rows.get(row.parent_id) if row.parent_id else None
        return way

    def matching(self, words: str, limit: int) -> list[CategoryNode]:
        """Those with a word that begins so, fullest first."""
        found = [self._nodes[key] for title, key in self._folded if f" {title}".find(f" {words}") >= 0]
        return sorted(found, key=lambda node: -node.product_count)[:limit]


def _node(row: categories.CategoryRow) -> CategoryNode:
    image = media_url(row.image) if row.image else None
    return CategoryNode(row.id, row.slug, row.title, category_url(row.slug), row.product_count, image, [])


def _worth_a_look(nodes: Sequence[CategoryNode]) -> list[CategoryNode]:
    """Those with something in them; all while nothing has been counted yet."""
    return [node for node in nodes if node.product_count] or list(nodes)


async def load_categories(uow: UnitOfWork, currency: str) -> Categories:
    return Categories(await categories.load_tree(uow, currency))


async def list_products(uow: UnitOfWork, query: ListQuery) -> Found:
    """Raises Invalid (cursor, filters)."""
    words = search_words(query.q)
    if query.q.strip() and not words:
        return Found([], None, None, NOTHING.total, NOTHING.facets)
    filters = Filters(
        query.category or EVERYTHING,
        query.currency,
        words,
        prefix_query(words),
        query.price_min,
        query.price_max,
        query.in_stock,
        _checked(query.attributes),
    )
    if filters.narrow:
        summary, few = await count_narrowed(uow, filters)
    else:
        summary, few = await whole_listing(uow, filters.category, filters.currency), None
    items, previous_cursor, next_cursor = await _page(uow, query, filters, few)
    return Found(items, next_cursor, previous_cursor, summary.total, summary.facets)


def _checked(attributes: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if len(attributes) > MAX_FILTERED_CODES or any(len(values) > MAX_FILTERED_VALUES for _, values in attributes):
        raise Invalid.field("attr", f"At most {MAX_FILTERED_CODES} attributes of {MAX_FILTERED_VALUES} values each")
    for code, values in attributes:
        if any("\x00" in text or not text.isprintable() for text in (code, *values)):
            raise Invalid.field(f"attr.{code}", "This holds characters that can't be used here")
    return attributes


async def _page(
    uow: UnitOfWork, query: ListQuery, filters: Filters, few: Sequence[UUID] | None
) -> tuple[list[str], str | None, str | None]:
    """One page, and the cursors of those before and after it. A cursor holds its order, the way it leads, and a key."""
    order = query.order
    after = decode_cursor(query.cursor, str, Literal["on", "back"], *_KEY_TYPES[order])
    if after is not None and after[0] != order:
        raise Invalid.field("cursor", "This cursor belongs to another order")
    backward = after is not None and after[1] == BACK
    items, keys = await listing.find_cards(
        uow, filters, order, query.limit + 1, after[2:] if after else None, among=few, backward=backward
    )
    more = len(items) > query.limit
    items, keys = items[: query.limit], keys[: query.limit]
    if backward:
        items.reverse()
        keys.reverse()
    if not items:
        return items, None, None
    before = encode_cursor(order, BACK, *keys[0]) if (more if backward else after is not None) else None
    beyond = encode_cursor(order, ON, *keys[-1]) if (more or backward) else None
    return items, before, beyond
