"""The manifest of catalog."""

from shop.contracts.catalog import CategoriesChanged, ProductsChanged, Variants
from shop.contracts.inventory import AvailabilityChanged, Stock
from shop.contracts.pricing import Prices, PricesChanged
from shop.kernel.manifest import Manifest, durable
from shop.modules.catalog import handlers, jobs
from shop.modules.catalog.models import METADATA
from shop.modules.catalog.ports import CatalogVariants

MANIFEST = Manifest(
    name="catalog",
    provides={Variants: CatalogVariants()},
    requires=(Prices, Stock),
    emits=(ProductsChanged, CategoriesChanged),
    subscriptions=(
        durable(ProductsChanged, handlers.when_products_changed_rebuild_cards),
        durable(PricesChanged, handlers.when_prices_changed_rebuild_cards),
        durable(AvailabilityChanged, handlers.when_availability_changed_rebuild_cards),
    ),
    jobs=jobs.JOBS,
    metadata=METADATA,
)
