"""What catalog answers to other modules."""

from collections.abc import Sequence

from shop.contracts.catalog import Variant, VariantId
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import variants


class CatalogVariants:
    """Provides `Variants`."""

    async def find_variants(self, uow: UnitOfWork, ids: Sequence[VariantId]) -> dict[VariantId, Variant]:
        return await variants.find_variants(uow, ids) if ids else {}
