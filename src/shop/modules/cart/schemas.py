"""What goes in and out over HTTP."""

from uuid import UUID

import msgspec

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Totals
from shop.contracts.shipping import DeliveryDays
from shop.kernel.http.fields import Quantity
from shop.kernel.money import Money


class NewCart(msgspec.Struct, frozen=True):
    """`currency` is the shop's own when left out."""

    currency: str | None = None


class NewLine(msgspec.Struct, frozen=True):
    variant_id: VariantId
    quantity: Quantity


class LineChange(msgspec.Struct, frozen=True):
    quantity: Quantity


class LineView(msgspec.Struct, frozen=True):
    """`unit_price` and `total` are null, and `available` is 0, for an article that is no longer sold: the totals leave
    it out, and it must be removed before checkout."""

    id: UUID
    variant_id: VariantId
    sku: str
    title: str
    options: dict[str, str]
    quantity: int
    unit_price: Money | None
    total: Money | None
    image: str | None
    available: int
    url: str


class CartView(msgspec.Struct, frozen=True):
    """`id` is the cart's secret: whoever holds it holds the cart. `version` counts its changes."""

    id: str
    currency: str
    lines: list[LineView]
    totals: Totals
    version: int


class ShippingOption(msgspec.Struct, frozen=True):
    """`totals` are what checkout will ask with this method and destination."""

    code: str
    label: str
    price: Money
    delivery_days: DeliveryDays
    totals: Totals
