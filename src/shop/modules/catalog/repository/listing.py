"""SQL of lists and search: one statement for the cards, one for the ids of what only PostgreSQL can find.

Statements differ only in which conditions they hold; each shape is built and parsed once per process.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import TextClause, text

from shop.contracts.catalog import Card, ProductId
from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository.read_model import EVERYTHING
from shop.modules.catalog.schemas import Item, Order

_RANK: Final = "(10 * ts_rank(c.search, w.exact) + ts_rank(c.search, w.wide))::float8"
_SORTS: Final[Mapping[Order, tuple[tuple[str, ...], bool]]] = {
    "newest": (("cc.published_at", "cc.product_id"), True),
    "price_asc": (("cc.price", "cc.product_id"), False),
    "price_desc": (("cc.price", "cc.product_id"), True),
    "rating": (("c.rating_average", "c.rating_count", "c.product_id"), True),
    "relevance": ((_RANK, "c.product_id"), True),
}
"""What each order sorts by, and whether it descends. The indexes of card_category serve the first three."""
_WALKED: Final = {"newest", "price_asc", "price_desc"}
_QUERY: Final = """
    cross join (select to_tsquery('english', :prefixes) || to_tsquery('simple', :prefixes) as wide,
                       plainto_tsquery('english', :words) || plainto_tsquery('simple', :words) as exact) w
"""
_NEWEST = text(
    """
    select c.item
    from catalog.card_category cc
    join catalog.card c on c.product_id = cc.product_id and c.currency = cc.currency
    where cc.category_id = :category and cc.currency = :currency
    order by cc.published_at desc, cc.product_id desc
    limit :limit
    """
)


class Filters(msgspec.Struct, frozen=True):
    """What narrows a list. `words` are folded, `prefixes` the tsquery made of them; both empty without a search.
    `attributes` are (code, values): a card must have one of the values of each code."""

    category: UUID
    currency: str
    words: str = ""
    prefixes: str = ""
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool = False
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def narrow(self) -> bool:
        """Whether anything but the category and the currency is asked for."""
        return bool(self.prefixes or self.attributes or self.in_stock) or not (self.price_min is self.price_max is None)


_decode_item = msgspec.json.Decoder(Item).decode


async def find_cards(
    uow: UnitOfWork,
    filters: Filters,
    order: Order,
    limit: int,
    after: Sequence[Any] | None,
    *,
    among: Sequence[UUID] | None = None,
    backward: bool = False,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The JSON of up to `limit` cards beyond the key `after`, in the order walked (so reversed when walking `backward`), and the
    sort key of each. `among` are the ids that come into question, where these are few."""
    shape = _shape(filters)
    statement = _cards_statement(order, shape, among=among is not None, backward=backward, beyond=after is not None)
    parameters = _parameters(filters) | {"limit": limit}
    if among is not None:
        parameters["among"] = list(among)
    for place, part in enumerate(after or ()):
        parameters[f"key_{place}"] = part
    rows = (await sql(uow).execute(statement, parameters)).all()
    return [row[0] for row in rows], [tuple(row[1:]) for row in rows]


async def find_ids(uow: UnitOfWork, filters: Filters) -> bytes:
    """The ids of all products that `filters` let through, 16 bytes each, in no order."""
    return bytes((await sql(uow).execute(_ids_statement(_shape(filters)), _parameters(filters))).scalar_one())


async def newest_cards(uow: UnitOfWork, currency: str, limit: int) -> list[Card]:
    rows = await sql(uow).execute(_NEWEST, {"category": EVERYTHING, "currency": currency, "limit": limit})
    return [
        Card(
            id=ProductId(item.id),
            slug=item.slug,
            title=item.title,
            price=item.price,
            compare_at_price=item.compare_at_price,
            in_stock=item.in_stock,
            image=item.image,
            url=item.url,
            rating_average=item.rating.average,
            rating_count=item.rating.count,
        )
        for item in map(_decode_item, rows.scalars())
    ]


class Shape(msgspec.Struct, frozen=True):
    """Which conditions a statement holds; `codes` is how many attributes it filters by."""

    searched: bool
    price_min: bool
    price_max: bool
    in_stock: bool
    codes: int


def _shape(filters: Filters) -> Shape:
    return Shape(
        searched=bool(filters.prefixes),
        price_min=filters.price_min is not None,
        price_max=filters.price_max is not None,
        in_stock=filters.in_stock,
        codes=len(filters.attributes),
    )


def _parameters(filters: Filters) -> dict[str, Any]:
    found: dict[str, Any] = {"category": filters.category, "currency": filters.currency}
    if filters.prefixes:
        found |= {"words": filters.words, "prefixes": filters.prefixes}
    if filters.price_min is not None:
        found["price_min"] = filters.price_min
    if filters.price_max is not None:
        found["price_max"] = filters.price_max
    for place, (code, values) in enumerate(filters.attributes):
        found[f"terms_{place}"] = [f"{code}={value}" for value in values]
    return found


def _from(shape: Shape, extra: Sequence[str] = (), *, walked: bool = False) -> str:
    """`walked` keeps the planner from collecting and sorting all that match, where a walk in the list's order meets enough
    of them soon: an index can't answer "is true"."""
    conditions = []
    if shape.searched:
        conditions.append("c.search @@ w.wide")
    if shape.price_min:
        conditions.append("cc.price >= :price_min")
    if shape.price_max:
        conditions.append("cc.price <= :price_max")
    if shape.in_stock:
        conditions.append("c.in_stock")
    conditions += [f"c.terms && cast(:terms_{place} as text[])" for place in range(shape.codes)]
    if walked:
        conditions = [f"({condition}) is true" for condition in conditions]
    return f"""
        from catalog.card_category cc
        join catalog.card c on c.product_id = cc.product_id and c.currency = cc.currency
        {_QUERY if shape.searched else ""}
        where {" and ".join(["cc.category_id = :category and cc.currency = :currency", *conditions, *extra])}
    """


@lru_cache(maxsize=1024)
def _cards_statement(order: Order, shape: Shape, *, among: bool, backward: bool, beyond: bool) -> TextClause:
    columns, descending = _SORTS[order]
    down = descending != backward
    extra = ["cc.product_id = any(:among)"] if among else []
    if beyond:
        key = ", ".join(f":key_{place}" for place in range(len(columns)))
        extra.append(f"({', '.join(columns)}) {'<' if down else '>'} ({key})")
    direction = " desc" if down else ""
    return text(
        f"""
        select c.item, {", ".join(columns)}
        {_from(shape, extra, walked=not among and order in _WALKED)}
        order by {", ".join(f"{column}{direction}" for column in columns)}
        limit :limit
        """
    )


@lru_cache(maxsize=1024)
def _ids_statement(shape: Shape) -> TextClause:
    return text(f"select coalesce(string_agg(uuid_send(c.product_id), ''), '') {_from(shape)}")
