"""One product as rows of an export: a row per variant, the first of which carries the product; image after image stands
in the rows as they come, those that are left over in rows of their own. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Final

from shop.contracts.catalog import VariantId
from shop.contracts.pricing import Price
from shop.kernel.money import Money, minor_digits
from shop.modules.catalog.exporting.columns import BESIDE, Layout
from shop.modules.catalog.importing.cells import as_html
from shop.modules.catalog.importing.pictures import MAX_IMAGES
from shop.modules.catalog.repository.exporting import ExportedProduct
from shop.modules.catalog.rules import facet_value
from shop.modules.catalog.schemas import PresentVariant

MAX_OPTIONS: Final = 9
"""As many as the preset `shop` reads."""
Priced = Mapping[str, Mapping[VariantId, Price]]
"""By currency."""


def rows_of(
    product: ExportedProduct, layout: Layout, prices: Priced, on_hand: Mapping[VariantId, int], all_categories: str
) -> Iterator[dict[str, str]]:
    """Filled cells by column."""
    carried = _product_cells(product, layout, all_categories)
    for variant, image in zip_longest(product.variants or [None], product.images):
        row = {"slug": product.slug, **carried}
        carried = {}
        if variant:
            row |= _variant_cells(variant, layout, prices, on_hand)
        if image:
            row |= {"images": image.name, "image_alt": image.alt}
        yield {column: cell for column, cell in row.items() if cell}


def _product_cells(product: ExportedProduct, layout: Layout, all_categories: str) -> dict[str, str]:
    return {
        "title": product.title,
        "status": product.status,
        "description_html": as_html(product.description_html.strip(), is_html=True),
        "categories": BESIDE.join(layout.paths[each] for each in product.categories if each in layout.paths),
        "published_at": _moment(product.published_at) if product.published_at else "",
        "seo_title": product.seo_title or "",
        "seo_description": product.seo_description or "",
        "all_categories": all_categories,
        **{
            column: _yes_or_no(value) if isinstance(value, bool) else facet_value(value)
            for code, value in product.attributes.items()
            if (column := layout.attributes.get(code)) is not None
        },
    }


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _moment(text: str) -> str:
    """In UTC, whatever time zone the database speaks in."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


def _variant_cells(
    variant: PresentVariant, layout: Layout, prices: Priced, on_hand: Mapping[VariantId, int]
) -> dict[str, str]:
    cells = {"sku": variant.sku, "stock": str(on_hand[variant.id]), "weight_grams": str(variant.weight_grams)}
    for number, (name, value) in enumerate(variant.options, start=1):
        cells |= {f"option{number}_name": name, f"option{number}_value": value}
    for currency in layout.currencies:
        if price := prices[currency].get(variant.id):
            cells[f"price_{currency.lower()}"] = decimal_text(price.amount)
            cells[f"compare_at_{currency.lower()}"] = decimal_text(price.compare_at) if price.compare_at else ""
            cells.setdefault("tax_class", price.tax_class)
    cells["image"] = variant.image or ""
    return cells


def decimal_text(money: Money) -> str:
    """19.99, without a sign or code of its currency."""
    digits = minor_digits(money.currency)
    whole, part = divmod(money.amount, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def losses(product: ExportedProduct, layout: Layout, prices: Priced) -> Iterator[str]:
    """What of the product an import of its rows won't make again, in words."""
    if not product.variants:
        yield "has no variant on sale: an import refuses it"
    unpriced = [each.sku for each in product.variants if not any(of.get(each.id) for of in prices.values())]
    if unpriced:
        yield f"{', '.join(unpriced[:5])}{' and more' if len(unpriced) > 5 else ''}: no price, so an import refuses it"
    for variant in product.variants:
        classes = {price.tax_class for of in prices.values() if (price := of.get(variant.id))}
        if len(classes) > 1:
            yield f"{variant.sku}: its tax class differs by currency; that of {layout.currencies[0]} is written"
    if len(product.option_names) > MAX_OPTIONS:
        yield f"has {len(product.option_names)} options: an import reads {MAX_OPTIONS}"
    if len(product.images) > MAX_IMAGES:
        yield f"has {len(product.images)} images: an import reads {MAX_IMAGES}"
    if layout.awkward.intersection(product.categories):
        yield "the title of its category holds > or |, or isn't that of its address: it is written in another way"
    if unknown := [code for code in product.attributes if code not in layout.attributes]:
        yield f"attributes without a definition are left out: {', '.join(sorted(unknown)[:5])}"
