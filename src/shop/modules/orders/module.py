"""The manifest of orders."""

from shop.contracts.orders import OrderExpired, OrderPaid, OrderPaymentFailed, OrderPlaced, Orders
from shop.kernel.manifest import Manifest
from shop.modules.orders import api
from shop.modules.orders.models import METADATA
from shop.modules.orders.ports import DatabaseOrders

MANIFEST = Manifest(
    name="orders",
    provides={Orders: DatabaseOrders()},
    emits=(OrderPlaced, OrderPaid, OrderPaymentFailed, OrderExpired),
    routes=api.ROUTES,
    permissions={"orders.view": "See orders"},
    metadata=METADATA,
)
