"""What other modules ask of the catalogue: which variants there are, and what came last."""

from collections.abc import Sequence

from shop.contracts.catalog import Card, Variant, VariantId
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import listing, variants


async def find_variants(uow: UnitOfWork, ids: Sequence[VariantId]) -> dict[VariantId, Variant]:
    """The variants among `ids` that exist, sold or not."""
    return await variants.find_variants(uow, ids) if ids else {}


async def newest_cards(uow: UnitOfWork, currency: str, limit: int) -> list[Card]:
    """The products that came last among those on sale in `currency`, newest first."""
    return await listing.newest_cards(uow, currency, limit)
