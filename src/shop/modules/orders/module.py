"""The manifest of orders."""

from shop.contracts.cart import Carts
from shop.contracts.catalog import Variants
from shop.contracts.inventory import Reservations
from shop.contracts.orders import OrderExpired, OrderPaid, OrderPaymentFailed, OrderPlaced, Orders
from shop.contracts.pricing import Prices
from shop.contracts.shipping import Shipping
from shop.kernel.manifest import AdminLink, Manifest, Slot
from shop.modules.orders import admin, api, pages
from shop.modules.orders.models import METADATA
from shop.modules.orders.pages.orders import render_latest_orders
from shop.modules.orders.ports import DatabaseOrders

MANIFEST = Manifest(
    name="orders",
    provides={Orders: DatabaseOrders()},
    requires=(Carts, Variants, Prices, Reservations, Shipping),
    emits=(OrderPlaced, OrderPaid, OrderPaymentFailed, OrderExpired),
    routes=(*api.ROUTES, *pages.ROUTES, *admin.ROUTES),
    slots=(Slot("account.main", render_latest_orders), Slot("admin.dashboard", admin.render_today)),
    admin_links=(AdminLink("Orders", "/admin/orders", "receipt", "orders.view", order=10),),
    permissions={"orders.view": "See orders"},
    metadata=METADATA,
)
