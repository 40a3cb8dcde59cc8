"""How many products a list has and what its filters offer: ready-made for a whole list, counted for a narrowed one."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from shop.kernel.cache import cached
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.facet_index import FacetIndex, narrowed
from shop.modules.catalog.repository import listing, ready_listing
from shop.modules.catalog.repository.listing import Filters
from shop.modules.catalog.repository.ready_listing import NOTHING, Summary
from shop.modules.catalog.service.rebuild_listings import find_listing

FEW: Final = 400
"""So many products are looked up one by one. Where more match, a walk along the list's index soon meets a page of them."""


async def whole_listing(uow: UnitOfWork, category: UUID, currency: str) -> Summary:
    async def load() -> Summary:
        ready = await ready_listing.find_ready_summary(uow, category, currency)
        if ready is not None:
            return ready
        found = await find_listing(uow, category, currency)
        return found.summary if found else NOTHING

    return await cached(f"catalog.listing:{category}:{currency}", ["listing"], load)


async def count_narrowed(uow: UnitOfWork, filters: Filters) -> tuple[Summary, Sequence[UUID] | None]:
    """Total and facets, and the ids of the products where there are FEW."""
    index = await _index(uow, filters.category, filters.currency)
    if index is None:
        return NOTHING, ()
    base = index.priced(filters.price_min, filters.price_max)
    if filters.in_stock:
        base &= index.in_stock
    whole = Filters(filters.category, filters.currency)
    if filters.prefixes:
        searched = msgspec.structs.replace(whole, words=filters.words, prefixes=filters.prefixes)
        base &= index.of(await listing.find_ids(uow, searched))
    chosen = {}
    for code, values in filters.attributes:
        found = index.with_values(code, values)
        if found is None:
            rare = msgspec.structs.replace(whole, attributes=((code, values),))
            found = index.of(await listing.find_ids(uow, rare))
        chosen[code] = found
    hits = narrowed(base, chosen.values())
    total = hits.bit_count()
    summary = Summary(total, msgspec.json.encode(index.facets(base, chosen)))
    return summary, index.ids_of(hits) if total <= FEW else None


async def _index(uow: UnitOfWork, category: UUID, currency: str) -> FacetIndex | None:
    async def load() -> FacetIndex | None:
        stored = await ready_listing.find_index(uow, category, currency)
        if stored is None:
            found = await find_listing(uow, category, currency)
            stored = found.index if found else None
        return FacetIndex(stored) if stored is not None else None

    key = f"catalog.index:{category}:{currency}"
    return await cached(key, ["listing"], load, size=lambda index: index.bytes_held if index else 0)
