"""SQL of what appears below the search box while somebody types."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.schemas import Item

_MATCHING = text(
    """
    select c.item
    from catalog.card c
    cross join (select to_tsquery('english', :prefixes) || to_tsquery('simple', :prefixes) as wide,
                       plainto_tsquery('english', :words) || plainto_tsquery('simple', :words) as exact) w
    where c.currency = :currency and c.search @@ w.wide
    order by 10 * ts_rank(c.search, w.exact) + ts_rank(c.search, w.wide) desc, c.product_id desc
    limit :limit
    """
)
_TITLES = text("select title from catalog.card where currency = :currency union all select title from catalog.category")
_decode = msgspec.json.Decoder(Item).decode


async def find_matching(uow: UnitOfWork, words: str, prefixes: str, currency: str, limit: int) -> Sequence[Item]:
    """The best matches of a list's search, in its order. `words` are folded, `prefixes` the tsquery made of them."""
    parameters = {"words": words, "prefixes": prefixes, "currency": currency, "limit": limit}
    rows = await sql(uow).execute(_MATCHING, parameters)
    return [_decode(item) for item in rows.scalars()]


async def find_titles(uow: UnitOfWork, currency: str) -> list[str]:
    """Of all cards in `currency` and of all categories."""
    return list((await sql(uow).execute(_TITLES, {"currency": currency})).scalars())
