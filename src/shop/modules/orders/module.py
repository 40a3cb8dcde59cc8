"""The manifest of orders."""

from shop.contracts.cart import Carts
from shop.contracts.catalog import Variants
from shop.contracts.identity import AddressBook, ErasureHindrance, PersonalData, PersonalThings
from shop.contracts.inventory import ReservationExpired, Reservations
from shop.contracts.orders import (
    OrderExpired,
    OrderHeld,
    OrderPaid,
    OrderPaymentFailed,
    OrderPlaced,
    OrderRefunded,
    Orders,
)
from shop.contracts.payments import (
    PaymentCaptured,
    PaymentFailed,
    PaymentHeld,
    PaymentRefunded,
    Payments,
    PaymentSubjects,
    RefundFailed,
)
from shop.contracts.pricing import Prices
from shop.contracts.shipping import Shipping
from shop.kernel.manifest import AccountLink, AdminLink, Manifest, Slot, durable, same_transaction
from shop.modules.orders import admin, admin_api, api, handlers, order_admin, pages
from shop.modules.orders.models import METADATA
from shop.modules.orders.pages.orders import render_latest_orders
from shop.modules.orders.ports import BUYERS, ORDERS

MANIFEST = Manifest(
    name="orders",
    provides={Orders: ORDERS},
    provides_many={
        PersonalThings: {"orders": BUYERS},
        PersonalData: {"orders": BUYERS},
        ErasureHindrance: {"orders": BUYERS},
        PaymentSubjects: {"orders": ORDERS},
    },
    requires=(Carts, Variants, Prices, Reservations, Shipping, Payments, AddressBook),
    emits=(OrderPlaced, OrderPaid, OrderPaymentFailed, OrderExpired, OrderHeld, OrderRefunded),
    subscriptions=(
        same_transaction(PaymentCaptured, handlers.when_payment_captured_mark_paid),
        same_transaction(PaymentFailed, handlers.when_payment_failed_mark_failed),
        same_transaction(PaymentHeld, handlers.when_payment_held_hold_order),
        same_transaction(PaymentRefunded, handlers.when_payment_refunded_note_refund),
        durable(RefundFailed, handlers.when_refund_failed_undo_refund),
        durable(ReservationExpired, handlers.when_reservation_expired_expire_order),
        durable(OrderExpired, handlers.when_order_expired_call_off_payments),
    ),
    routes=(*api.ROUTES, *admin_api.ROUTES, *pages.ROUTES, *admin.ROUTES, *order_admin.ROUTES),
    slots=(
        Slot("account.main", render_latest_orders),
        Slot("admin.dashboard", admin.render_today),
        Slot("admin.customer", admin.render_customer_orders),
    ),
    admin_links=(AdminLink("Orders", "/admin/orders", "receipt", "orders.view", order=10),),
    permissions={"orders.view": "See orders", "orders.refund": "Give money back to buyers"},
    account_links=(AccountLink("Orders", "/account/orders", order=20),),
    scopes={"orders.read": "See your orders", "orders.write": "Place and pay for orders in your name"},
    metadata=METADATA,
)
