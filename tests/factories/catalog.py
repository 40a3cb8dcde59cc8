"""Products for tests, written as an import would: through the catalogue's use cases and the ports of pricing and stock.

    mug = await make_product(title="Mug", price=1250, stock=8)
    shirt = await make_product(options={"Color": ["Black", "White"], "Size": ["S", "M"]})     # four variants

Cards and listings are made by `drain_outbox`, or at once with `refresh=True`.
"""

from collections.abc import Mapping, Sequence
from itertools import count, product
from typing import Any
from uuid import UUID

import msgspec

from shop.contracts.catalog import ProductId, VariantId
from shop.contracts.inventory import Stock, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel.db import write
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.rules import attribute_code, slugify
from shop.modules.catalog.schemas import AttributeDefinition, ImageDraft, ProductDraft, VariantDraft
from shop.modules.catalog.service.offer_currencies import offer_currencies
from shop.modules.catalog.service.rebuild_cards import rebuild_cards
from shop.modules.catalog.service.rebuild_listings import rebuild_dirty_listings
from shop.modules.catalog.service.upsert_products import upsert_products

_number = count(1)


class MadeVariant(msgspec.Struct, frozen=True):
    id: VariantId
    sku: str
    options: dict[str, str]


class MadeProduct(msgspec.Struct, frozen=True):
    id: ProductId
    slug: str
    title: str
    variants: list[MadeVariant]

    @property
    def variant_id(self) -> VariantId:
        """Of its default variant."""
        return self.variants[0].id


async def make_product(
    title: str | None = None,
    price: int | Sequence[int] | None = 1999,
    currency: str = "EUR",
    stock: int | Sequence[int] = 10,
    options: Mapping[str, Sequence[str]] | None = None,
    category: str | Sequence[str] | None = "Kitchen",
    weight_grams: int = 500,
    tax_class: str = "standard",
    attributes: Mapping[str, Any] | None = None,
    *,
    compare_at: int | None = None,
    refresh: bool = False,
    **fields: Any,
) -> MadeProduct:
    """Prices in minor units. `price` and `stock` may be one for each variant; `category` a path "Kitchen/Mugs" or
    several; `attributes` by label; `fields` are those of ProductDraft. price=None makes a product nobody can buy."""
    number = next(_number)
    title = title or f"Product {number}"
    slug = fields.pop("slug", None) or f"{slugify(title)}-{number}"
    choices = [dict(zip(options or {}, each, strict=True)) for each in product(*(options or {}).values())]
    paths = [category] if isinstance(category, str) else list(category or ())
    draft = ProductDraft(
        slug=slug,
        title=title,
        variants=fields.pop(
            "variants",
            tuple(VariantDraft(f"{slug}-{i}".upper(), each, weight_grams) for i, each in enumerate(choices, 1)),
        ),
        attributes={attribute_code(label): value for label, value in (attributes or {}).items()},
        categories=tuple(tuple(path.split("/")) for path in paths),
        **fields,
    )
    definitions = [
        AttributeDefinition(
            attribute_code(label),
            label,
            "bool" if isinstance(value, bool) else "text" if isinstance(value, str) else "number",
        )
        for label, value in (attributes or {}).items()
    ]
    return await write(_make, draft, definitions, price, currency, compare_at, tax_class, stock, refresh)


async def _make(
    uow: UnitOfWork,
    draft: ProductDraft,
    definitions: Sequence[AttributeDefinition],
    price: int | Sequence[int] | None,
    currency: str,
    compare_at: int | None,
    tax_class: str,
    stock: int | Sequence[int],
    refresh: bool,
) -> MadeProduct:
    (result,) = await upsert_products(uow, [draft], definitions)
    assert result.outcome != "failed", result.problems
    assert result.product_id is not None
    ids = list(result.variant_ids.values())
    await offer_currencies(uow, [currency])
    if price is not None:
        amounts = [price] * len(ids) if isinstance(price, int) else list(price)
        former = Money(compare_at, currency) if compare_at else None
        await port(Prices).set_prices(
            uow,
            [Price(i, Money(amount, currency), former, tax_class) for i, amount in zip(ids, amounts, strict=True)],
        )
    counts = [stock] * len(ids) if isinstance(stock, int) else list(stock)
    await port(Stock).set_on_hand(uow, [StockLine(i, n) for i, n in zip(ids, counts, strict=True)], "test")
    if refresh:
        await rebuild_cards(uow, [result.product_id])
        await rebuild_dirty_listings(uow)
    return MadeProduct(
        result.product_id,
        draft.slug,
        draft.title,
        [MadeVariant(result.variant_ids[v.sku], v.sku, v.options) for v in draft.variants],
    )


async def refresh_catalog(*product_ids: UUID) -> None:
    """Make cards, totals and facets of these products now, as the worker would within seconds."""
    await write(rebuild_cards, product_ids)
    while await write(rebuild_dirty_listings):
        pass


def make_image(name: str = "a" * 32 + ".webp", **fields: Any) -> ImageDraft:
    return ImageDraft(name, fields.pop("width", 800), fields.pop("height", 800), **fields)
