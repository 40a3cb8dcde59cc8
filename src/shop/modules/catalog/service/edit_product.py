"""What staff change of a product in the back office: its words and status, the prices and the stock of its variants."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from shop.contracts.catalog import ProductNotFound, ProductsChanged, VariantId
from shop.contracts.inventory import Stock, StockLevel, StockLine
from shop.contracts.pricing import Price, Prices
from shop.kernel import audit
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import product_detail, writing
from shop.modules.catalog.repository.product_detail import Detail, ProductLine
from shop.modules.catalog.rules import sanitised
from shop.modules.catalog.schemas import ProductEdit


class ProductSheet(msgspec.Struct, frozen=True):
    """A product as staff see it, with prices in one currency and stock by variant."""

    detail: Detail
    prices: dict[VariantId, Price]
    levels: dict[VariantId, StockLevel]


class NewPrice(msgspec.Struct, frozen=True):
    amount: Money
    compare_at: Money | None


async def find_products(
    uow: UnitOfWork, wanted: str, status: str, before: UUID | None, limit: int
) -> Sequence[ProductLine]:
    """Newest first, by a part of title, slug or SKU."""
    return await product_detail.list_products(uow, wanted, status, before, limit)


async def show_sheet(uow: UnitOfWork, product_id: UUID, currency: str) -> ProductSheet:
    """Whatever the product's status. Raises ProductNotFound."""
    detail = await _get(uow, product_id)
    ids = [VariantId(variant.id) for variant in detail.variants]
    prices = await port(Prices).prices(uow, ids, currency)
    return ProductSheet(detail, prices, await port(Stock).levels(uow, ids))


async def edit_product(uow: UnitOfWork, product_id: UUID, edit: ProductEdit) -> None:
    """Raises ProductNotFound."""
    if edit.description_html is not None:
        edit = msgspec.structs.replace(edit, description_html=sanitised(edit.description_html))
    if not await writing.edit_product(uow, product_id, edit):
        raise ProductNotFound
    audit.note(action="product.edited", subject=("product", product_id), status=edit.status)
    uow.emit(ProductsChanged(product_ids=(product_id,)))


async def set_prices(uow: UnitOfWork, product_id: UUID, prices: Mapping[VariantId, NewPrice]) -> None:
    """Tax classes stay as they are. Raises ProductNotFound, also for a variant that isn't the product's."""
    _refuse_strangers(await _get(uow, product_id), prices)
    if not prices:
        return
    currency = next(iter(prices.values())).amount.currency
    present = await port(Prices).prices(uow, list(prices), currency)
    for variant_id, new in prices.items():
        before = present.get(variant_id)
        audit.note(
            action="price.set",
            subject=("variant", variant_id),
            currency=currency,
            amount=new.amount.amount,
            compare_at=new.compare_at.amount if new.compare_at else None,
            before=before.amount.amount if before else None,
        )
    await port(Prices).set_prices(
        uow,
        [
            Price(variant_id, new.amount, new.compare_at, before.tax_class)
            if (before := present.get(variant_id))
            else Price(variant_id, new.amount, new.compare_at)
            for variant_id, new in prices.items()
        ],
    )


async def set_stock(uow: UnitOfWork, product_id: UUID, counts: Mapping[VariantId, int]) -> None:
    """Raises ProductNotFound, BelowReserved."""
    _refuse_strangers(await _get(uow, product_id), counts)
    lines = [StockLine(variant_id, count) for variant_id, count in counts.items()]
    if lines:
        await port(Stock).set_on_hand(uow, lines, "counted by staff")
        uow.invalidate(f"product:{product_id}")


async def _get(uow: UnitOfWork, product_id: UUID) -> Detail:
    detail = await product_detail.find_any(uow, product_id)
    if detail is None:
        raise ProductNotFound
    return detail


def _refuse_strangers(detail: Detail, variant_ids: Mapping[VariantId, object]) -> None:
    if set(variant_ids) - {variant.id for variant in detail.variants}:
        raise ProductNotFound
