"""orders: what was bought, by whom, and how far it has got."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NewType, Protocol
from uuid import UUID

import msgspec

from shop.contracts.catalog import VariantId
from shop.contracts.identity import AccountId
from shop.contracts.payments import Payment, PaymentRequest
from shop.contracts.pricing import Totals
from shop.kernel.errors import Conflict, NotFound
from shop.kernel.events import Event
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork

OrderId = NewType("OrderId", UUID)
OrderStatus = Literal[
    "pending_payment",
    "payment_failed",
    "paid",
    "processing",
    "shipped",
    "delivered",
    "expired",
    "cancelled",
    "returned",
    "refunded",
]
FulfilmentStatus = Literal["unfulfilled", "shipped", "delivered", "returned"]


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    """ISO 3166-1 alpha-2."""
    company: str | None = None
    line2: str | None = None
    region: str | None = None
    phone: str | None = None


class Addresses(msgspec.Struct, frozen=True):
    shipping: Address
    billing: Address


class OrderLine(msgspec.Struct, frozen=True):
    """A snapshot: what was sold, as it was called and priced then."""

    id: UUID
    variant_id: VariantId
    sku: str
    title: str
    options: dict[str, str]
    quantity: int
    unit_price: Money
    total: Money
    tax: Money
    tax_rate: str
    image: str | None
    url: str
    refunded_quantity: int = 0


class HistoryEntry(msgspec.Struct, frozen=True):
    status: str
    at: datetime
    note: str


class Order(msgspec.Struct, frozen=True):
    id: OrderId
    number: str
    access_token: str
    """Opens this order to whoever holds it; shown to its buyer only."""
    status: OrderStatus
    fulfilment_status: FulfilmentStatus
    account_id: AccountId | None
    email: str
    amount_due: Money
    """What is still to be paid."""
    received: Money
    """What payments have brought; what went back is `refunded`."""
    refunded: Money
    totals: Totals
    lines: tuple[OrderLine, ...]
    addresses: Addresses
    shipping_method: str
    shipping_label: str
    history: tuple[HistoryEntry, ...]
    payments: tuple[Payment, ...]
    created_at: datetime
    reserved_until: datetime


class Orders(Protocol):
    async def find_orders(self, uow: UnitOfWork, ids: Sequence[OrderId]) -> dict[OrderId, Order]: ...

    async def find_numbers(self, uow: UnitOfWork, ids: Sequence[OrderId]) -> dict[OrderId, str]:
        """What people call these orders, for those who tell of thousands and need nothing else of them."""

    async def pay_order(
        self, order_id: OrderId, idempotency_key: str, request: PaymentRequest, *, account_id: AccountId
    ) -> Order:
        """By its owner, while the goods are held; outside any transaction. The same key again is the same attempt.
        Raises OrderNotFound, OrderNotPayable, PaymentInProgress, UnknownProvider, Invalid."""


class OrderNotFound(NotFound):
    code = "order_not_found"
    title = "There is no such order"


class TotalChanged(Conflict):
    """`totals` are today's."""

    code = "total_changed"
    title = "The total has changed; please look at it again before you order"

    def __init__(self, totals: Totals) -> None:
        super().__init__(totals=totals)


class OrderNotPayable(Conflict):
    code = "order_not_payable"
    title = "This order can't be paid any more"


class LineNotRefundable(Conflict):
    """`lines` says how many of each are left to refund."""

    code = "line_not_refundable"
    title = "More pieces than are left to refund"


class OpenOrders(Conflict):
    """Goods or money of these are still on their way, so who ordered them can't be forgotten yet."""

    code = "open_orders"
    title = "Some orders are not finished yet"

    def __init__(self, numbers: Sequence[str]) -> None:
        named = ", ".join(numbers[:5]) + (" and more" if len(numbers) > 5 else "")
        super().__init__(
            f"{self.title}: {named}. Once they are delivered, or cancelled, the account can be closed.",
            orders=list(numbers),
        )


class OrderPlaced(Event, tag="orders.order_placed.v1", frozen=True):
    order_id: UUID
    account_id: UUID | None
    total: int
    currency: str


class OrderPaid(Event, tag="orders.order_paid.v1", frozen=True):
    order_id: UUID
    account_id: UUID | None
    variant_ids: tuple[UUID, ...]
    total: int
    currency: str


class OrderPaymentFailed(Event, tag="orders.order_payment_failed.v1", frozen=True):
    order_id: UUID
    payment_id: UUID


class OrderExpired(Event, tag="orders.order_expired.v1", frozen=True):
    """Not paid in time, or its goods were gone when the money came; money that came is given back."""

    order_id: UUID


class OrderRefunded(Event, tag="orders.order_refunded.v1", frozen=True):
    """Money of an order is back with its buyer; `full` when none of it is left with the shop."""

    order_id: UUID
    account_id: UUID | None
    amount: int
    currency: str
    to: str
    full: bool


class OrderHeld(Event, tag="orders.order_held.v1", frozen=True):
    """Its goods wait for money that is promised: a transfer, an authorized card, cash at the door."""

    order_id: UUID
    until: datetime
