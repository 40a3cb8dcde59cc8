"""pricing: what it costs, tax included or not.

Rounding: tax is worked out per line (unit price times quantity) and rounded half away from zero to the minor unit; the
tax of an order is the sum of its lines' tax, shipping being a line of its own.
"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from shop.contracts.catalog import VariantId
from shop.kernel.errors import Conflict
from shop.kernel.events import Event
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork


class Price(msgspec.Struct, frozen=True):
    """`compare_at` is the former price, always higher than `amount`."""

    variant_id: VariantId
    amount: Money
    compare_at: Money | None = None
    tax_class: str = "standard"


class Destination(msgspec.Struct, frozen=True):
    country: str
    region: str | None = None
    postal_code: str | None = None


class QuoteLine(msgspec.Struct, frozen=True):
    variant_id: VariantId
    quantity: int


class QuotedLine(msgspec.Struct, frozen=True):
    """`total = unit_price * quantity`; `tax` is within it or on top of it, as the quote's `tax_included` says."""

    variant_id: VariantId
    quantity: int
    unit_price: Money
    total: Money
    tax: Money
    tax_rate: str
    """A decimal fraction as text, "0.19"."""


class Totals(msgspec.Struct, frozen=True):
    """All non-negative. `total = items - discount + shipping`, plus `tax` when it is not included.
    `shipping` is None until a method is known."""

    items: Money
    discount: Money
    shipping: Money | None
    tax: Money
    total: Money
    tax_included: bool


class Quote(msgspec.Struct, frozen=True):
    lines: tuple[QuotedLine, ...]
    totals: Totals


class Prices(Protocol):
    async def prices(self, uow: UnitOfWork, variant_ids: Sequence[VariantId], currency: str) -> dict[VariantId, Price]:
        """The prices that exist; a variant without one in `currency` is left out and can't be bought."""

    async def set_prices(self, uow: UnitOfWork, prices: Sequence[Price]) -> None:
        """Insert or update, by (variant, currency)."""

    async def quote(
        self,
        uow: UnitOfWork,
        currency: str,
        lines: Sequence[QuoteLine],
        destination: Destination | None = None,
        shipping: Sequence[Money | None] = (None,),
    ) -> list[Quote]:
        """One quote per entry of `shipping` (its price before tax rules, None when not chosen yet).
        Without a destination the shop's own country is meant. Raises NotPriced."""


class NotPriced(Conflict):
    code = "not_priced"
    title = "Some articles can't be bought in this currency"

    def __init__(self, variant_ids: Sequence[VariantId]) -> None:
        self.variant_ids = tuple(variant_ids)
        super().__init__()


class PricesChanged(Event, tag="pricing.prices_changed.v1", frozen=True):
    """At most 500 ids."""

    variant_ids: tuple[UUID, ...]
