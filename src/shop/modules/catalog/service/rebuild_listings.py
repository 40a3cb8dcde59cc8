"""Make the totals, facets and indexes of lists ready, once for many changes of their cards."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.facet_index import FacetIndex, Member, build
from shop.modules.catalog.repository import ready_listing
from shop.modules.catalog.repository.ready_listing import Listing, Summary
from shop.modules.catalog.schemas import AttributeDefinition

LISTINGS_AT_ONCE: Final = 100

Attributes = Mapping[str, tuple[AttributeDefinition, int]]


async def rebuild_dirty_listings(uow: UnitOfWork) -> bool:
    """Whether there may be more of them."""
    claimed = await ready_listing.claim_dirty(uow, LISTINGS_AT_ONCE)
    if claimed:
        attributes = await ready_listing.load_facets(uow)
        members = await ready_listing.load_members(uow, claimed)
        listings = [_listing(*key, of, attributes) for key, of in members.items()]
        await ready_listing.replace_listings(uow, claimed, listings)
        uow.invalidate("listing", "categories", "home")
    return len(claimed) == LISTINGS_AT_ONCE


async def find_listing(uow: UnitOfWork, category: UUID, currency: str) -> Listing | None:
    """A list as the worker will make it ready, from its cards as they are now; None when it has none."""
    members = (await ready_listing.load_members(uow, [category])).get((category, currency))
    return _listing(category, currency, members, await ready_listing.load_facets(uow)) if members else None


def _listing(category_id: UUID, currency: str, members: Sequence[Member], attributes: Attributes) -> Listing:
    index = build(members, attributes)
    counter = FacetIndex(index)
    facets = msgspec.json.encode(counter.facets(counter.everything, {}))
    return Listing(category_id, currency, Summary(len(members), facets), index)
