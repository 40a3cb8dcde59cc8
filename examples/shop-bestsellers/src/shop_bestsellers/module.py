"""The manifest of bestsellers, named by the entry point in pyproject.toml."""

from pathlib import Path

from shop.contracts.catalog import Variants
from shop.contracts.orders import OrderPaid
from shop.kernel.manifest import Manifest, Slot, durable
from shop_bestsellers import handlers, pages

MANIFEST = Manifest(
    name="bestsellers",
    requires=(Variants,),
    subscriptions=(durable(OrderPaid, handlers.when_order_paid_count_it),),
    slots=(
        Slot("product.below_title", pages.render_order_count),
        Slot("admin.dashboard", pages.render_bestsellers),
    ),
    folder=Path(__file__).parent,
)
