"""One product with everything on its page: its own rows, prices, what is in stock, the way to it through the tree."""

from collections.abc import Mapping

from shop.contracts.catalog import ProductId, ProductNotFound, VariantId
from shop.contracts.inventory import Stock, StockLevel
from shop.contracts.pricing import Price, Prices
from shop.kernel.media.names import media_url
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.repository import product_detail
from shop.modules.catalog.repository.product_detail import Detail
from shop.modules.catalog.rules import product_url
from shop.modules.catalog.schemas import (
    CategoryRef,
    ProductAttribute,
    ProductImage,
    ProductOption,
    ProductPage,
    ProductVariant,
    Rating,
)
from shop.modules.catalog.service.browse import Categories


async def show_product(uow: UnitOfWork, slug: str, currency: str, tree: Categories) -> ProductPage:
    """Raises ProductNotFound, also for one that isn't on sale or has no price in `currency`."""
    page, _ = await show_product_among_others(uow, slug, currency, tree, others=0)
    return page


async def show_product_among_others(
    uow: UnitOfWork, slug: str, currency: str, tree: Categories, *, others: int
) -> tuple[ProductPage, list[str]]:
    """Also up to so many other cards of its category, as lists answer them. Raises ProductNotFound."""
    detail = await product_detail.find_on_sale(uow, slug, currency, others) if slug.isprintable() else None
    if detail is None:
        raise ProductNotFound
    ids = [VariantId(variant.id) for variant in detail.variants if variant.active]
    prices = await port(Prices).prices(uow, ids, currency)
    if not prices:
        raise ProductNotFound
    levels = await port(Stock).levels(uow, ids)
    way = tree.way_to(detail.categories[0]) if detail.categories else []
    return _page(detail, _variants(detail, prices, levels), way), detail.neighbours


def _variants(
    detail: Detail, prices: Mapping[VariantId, Price], levels: Mapping[VariantId, StockLevel]
) -> list[ProductVariant]:
    return [
        ProductVariant(
            id=VariantId(variant.id),
            sku=variant.sku,
            options=dict(variant.options),
            price=price.amount,
            compare_at_price=price.compare_at,
            available=levels[VariantId(variant.id)].available,
            image=media_url(variant.image) if variant.image else None,
        )
        for variant in detail.variants
        if variant.active and (price := prices.get(VariantId(variant.id)))
    ]


def _page(detail: Detail, variants: list[ProductVariant], way: list[CategoryRef]) -> ProductPage:
    default = variants[0]
    amounts = [variant.price.amount for variant in variants]
    images = [ProductImage(media_url(each.name), each.alt, each.width, each.height) for each in detail.images]
    return ProductPage(
        id=ProductId(detail.id),
        slug=detail.slug,
        sku=default.sku,
        title=detail.title,
        price=default.price,
        compare_at_price=default.compare_at_price,
        price_varies=min(amounts) == amounts[0] < max(amounts),
        in_stock=any(variant.available > 0 for variant in variants),
        rating=Rating(detail.rating_average, detail.rating_count),
        image=images[0].url if images else None,
        url=product_url(detail.slug),
        description_html=detail.description_html,
        images=images,
        options=[
            ProductOption(name, list(dict.fromkeys(variant.options[name] for variant in variants)))
            for name in detail.option_names
        ],
        attributes=[
            ProductAttribute(each.code, each.label, each.type, detail.attributes[each.code])
            for each in detail.definitions
        ],
        variants=variants,
        categories=way,
        seo_title=detail.seo_title,
        seo_description=detail.seo_description,
    )
