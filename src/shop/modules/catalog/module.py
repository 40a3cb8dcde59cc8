"""The manifest of catalog."""

from shop.contracts.catalog import Addresses, CategoriesChanged, ProductsChanged, Showcase, Variants
from shop.contracts.identity import PersonalData
from shop.contracts.inventory import AvailabilityChanged, Stock
from shop.contracts.pricing import Prices, PricesChanged
from shop.kernel.manifest import Manifest, durable
from shop.modules.catalog import (
    admin,
    api,
    commands,
    export_commands,
    handlers,
    imports_admin,
    jobs,
    pages,
    suggestions,
)
from shop.modules.catalog.demo import command as demo_command
from shop.modules.catalog.menu import nav_categories
from shop.modules.catalog.models import METADATA
from shop.modules.catalog.ports import CatalogAddresses, CatalogShowcase, CatalogVariants, ImportersShare

MANIFEST = Manifest(
    name="catalog",
    provides={Variants: CatalogVariants(), Showcase: CatalogShowcase(), Addresses: CatalogAddresses()},
    provides_many={PersonalData: {"catalog": ImportersShare()}},
    requires=(Prices, Stock),
    emits=(ProductsChanged, CategoriesChanged),
    subscriptions=(
        durable(ProductsChanged, handlers.when_products_changed_rebuild_cards),
        durable(PricesChanged, handlers.when_prices_changed_rebuild_cards),
        durable(AvailabilityChanged, handlers.when_availability_changed_rebuild_cards),
    ),
    routes=(*api.HANDLERS, *pages.HANDLERS, *suggestions.HANDLERS, *admin.HANDLERS, *imports_admin.HANDLERS),
    page_context=(nav_categories,),
    jobs=jobs.JOBS,
    commands=(*commands.COMMANDS, *export_commands.COMMANDS, *demo_command.COMMANDS),
    admin_links=(*admin.LINKS, *imports_admin.LINKS),
    permissions=admin.PERMISSIONS,
    metadata=METADATA,
)
