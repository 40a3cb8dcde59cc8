"""Facts that make cards anew: from the catalogue itself, from pricing and from inventory."""

from shop.contracts.catalog import ProductsChanged
from shop.contracts.inventory import AvailabilityChanged
from shop.contracts.pricing import PricesChanged
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.service.rebuild_cards import rebuild_cards, rebuild_cards_of_variants


async def when_products_changed_rebuild_cards(uow: UnitOfWork, event: ProductsChanged) -> None:
    await rebuild_cards(uow, event.product_ids)


async def when_prices_changed_rebuild_cards(uow: UnitOfWork, event: PricesChanged) -> None:
    await rebuild_cards_of_variants(uow, event.variant_ids)


async def when_availability_changed_rebuild_cards(uow: UnitOfWork, event: AvailabilityChanged) -> None:
    await rebuild_cards_of_variants(uow, event.variant_ids)
