"""A warehouse in memory that answers for catalog, inventory, pricing and shipping, for tests of those who ask them.

goods = GoodsFake()
mug = goods.add("Mug", price=1250, available=8)
with goods.answering(): ...
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

from shop.contracts.catalog import ProductId, Variant, VariantId, Variants
from shop.contracts.inventory import Stock, StockLevel
from shop.contracts.pricing import Destination, NotPriced, Price, Prices, Quote, QuotedLine, QuoteLine, Totals
from shop.contracts.shipping import DeliveryDays, Parcel, Shipping, ShippingMethod
from shop.kernel.money import Money
from shop.kernel.ports import overridden


class GoodsFake:
    """Prices include a tax of one fifth; there is a method for every country but Antarctica."""

    def __init__(self) -> None:
        self.variants: dict[VariantId, Variant] = {}
        self.available: dict[VariantId, int] = {}
        self.amounts: dict[tuple[VariantId, str], int] = {}
        self.quotes_asked = 0
        self.free_from_amount = 0

    def add(self, title: str = "Mug", *, price: int = 1000, available: int = 100, grams: int = 300) -> VariantId:
        variant_id = VariantId(uuid4())
        slug = title.lower()
        self.variants[variant_id] = Variant(
            id=variant_id,
            product_id=ProductId(uuid4()),
            sku=f"SKU-{slug}",
            title=title,
            options={"Color": "Black"},
            image=f"/media/{slug}.webp",
            url=f"/products/{slug}",
            weight_grams=grams,
            active=True,
        )
        self.available[variant_id] = available
        self.amounts[variant_id, "EUR"] = price
        return variant_id

    async def find_variants(self, uow: Any, ids: Sequence[VariantId]) -> dict[VariantId, Variant]:
        return {each: self.variants[each] for each in ids if each in self.variants}

    async def levels(self, uow: Any, variant_ids: Sequence[VariantId]) -> dict[VariantId, StockLevel]:
        return {each: self._level(each) for each in variant_ids}

    def _level(self, variant_id: VariantId) -> StockLevel:
        available = self.available.get(variant_id, 0)
        return StockLevel(variant_id, available, 0, available)

    async def prices(self, uow: Any, variant_ids: Sequence[VariantId], currency: str) -> dict[VariantId, Price]:
        return {
            each: Price(each, Money(self.amounts[each, currency], currency))
            for each in variant_ids
            if (each, currency) in self.amounts
        }

    async def quote(
        self,
        uow: Any,
        currency: str,
        lines: Sequence[QuoteLine],
        destination: Destination | None = None,
        shipping: Sequence[Money | None] = (None,),
    ) -> list[Quote]:
        self.quotes_asked += 1
        missing = [line.variant_id for line in lines if (line.variant_id, currency) not in self.amounts]
        if missing:
            raise NotPriced(missing)
        quoted = tuple(self._quoted(line, currency) for line in lines)
        items = sum((line.total for line in quoted), Money.zero(currency))
        return [Quote(quoted, self._totals(items, price)) for price in shipping]

    def _quoted(self, line: QuoteLine, currency: str) -> QuotedLine:
        unit = Money(self.amounts[line.variant_id, currency], currency)
        total = unit * line.quantity
        return QuotedLine(line.variant_id, line.quantity, unit, total, Money(total.amount // 6, currency), "0.20")

    def _totals(self, items: Money, shipping: Money | None) -> Totals:
        total = items + (shipping or Money.zero(items.currency))
        return Totals(
            items,
            Money.zero(items.currency),
            shipping,
            tax=Money(total.amount // 6, items.currency),
            total=total,
            tax_included=True,
        )

    async def methods(
        self, uow: Any, parcel: Parcel, country: str, postal_code: str | None = None
    ) -> list[ShippingMethod]:
        if country == "AQ":
            return []
        base = 500 + parcel.weight_grams // 1000 * 100
        currency = parcel.items_total.currency
        return [
            ShippingMethod("standard", "Standard", Money(base, currency), DeliveryDays(2, 4)),
            ShippingMethod("express", "Express", Money(base * 2, currency), DeliveryDays(1, 1)),
        ]

    async def free_from(self, uow: Any, parcel: Parcel, country: str) -> Money | None:
        return Money(self.free_from_amount, parcel.items_total.currency) if self.free_from_amount else None

    async def countries(self, uow: Any) -> list[str]:
        return ["DE", "FR"]

    @contextmanager
    def answering(self) -> Iterator["GoodsFake"]:
        with ExitStack() as stack:
            for protocol in (Variants, Stock, Prices, Shipping):
                stack.enter_context(overridden(protocol, self))
            yield self
