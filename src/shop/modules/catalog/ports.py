"""What catalog answers to other modules."""

from collections.abc import Mapping, Sequence
from typing import Any

from shop.contracts.catalog import Address, Card, ProductId, Variant, VariantId
from shop.contracts.identity import Kept, Person
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import addresses, import_runs
from shop.modules.catalog.service import answer_others


class CatalogVariants:
    """Provides `Variants`."""

    async def find_variants(self, uow: UnitOfWork, ids: Sequence[VariantId]) -> dict[VariantId, Variant]:
        return await answer_others.find_variants(uow, ids)


class CatalogShowcase:
    """Provides `Showcase`."""

    async def newest(self, uow: UnitOfWork, currency: str, limit: int) -> list[Card]:
        return await answer_others.newest_cards(uow, currency, limit)

    async def openings(self, uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, str]:
        return await answer_others.openings(uow, ids)


class CatalogAddresses:
    """Provides `Addresses`."""

    async def count_products(self, uow: UnitOfWork) -> int:
        return await addresses.count_products(uow)

    async def product_pages(self, uow: UnitOfWork, skip: int, limit: int) -> list[Address]:
        return await addresses.product_pages(uow, skip, limit)

    async def category_pages(self, uow: UnitOfWork) -> list[Address]:
        return await addresses.category_pages(uow)


class ImportersShare:
    """`contracts.identity.PersonalData`: who began which import."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        runs = await import_runs.list_runs_of(uow, person.account_id) if person.account_id else []
        return {"imports": runs} if runs else {}

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        if person.account_id is not None:
            await import_runs.forget_starter(uow, person.account_id)
        return ()
