"""What catalog answers to other modules."""

from collections.abc import Sequence

from shop.contracts.catalog import Card, Variant, VariantId
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.service import answer_others


class CatalogVariants:
    """Provides `Variants`."""

    async def find_variants(self, uow: UnitOfWork, ids: Sequence[VariantId]) -> dict[VariantId, Variant]:
        return await answer_others.find_variants(uow, ids)


class CatalogShowcase:
    """Provides `Showcase`."""

    async def newest(self, uow: UnitOfWork, currency: str, limit: int) -> list[Card]:
        return await answer_others.newest_cards(uow, currency, limit)
