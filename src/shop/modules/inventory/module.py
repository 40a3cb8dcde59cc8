"""The manifest of inventory."""

from shop.contracts.inventory import AvailabilityChanged, ReservationExpired, Reservations, Stock
from shop.contracts.orders import OrderPaid
from shop.kernel.manifest import Manifest, durable
from shop.modules.inventory import api, handlers, jobs
from shop.modules.inventory.models import METADATA
from shop.modules.inventory.ports import DatabaseReservations, DatabaseStock

MANIFEST = Manifest(
    name="inventory",
    provides={Stock: DatabaseStock(), Reservations: DatabaseReservations()},
    emits=(AvailabilityChanged, ReservationExpired),
    subscriptions=(durable(OrderPaid, handlers.when_order_paid_commit_stock),),
    routes=api.ROUTES,
    jobs=jobs.JOBS,
    permissions={"stock.view": "See stock", "stock.edit": "Change stock"},
    metadata=METADATA,
)
