"""What a product's page shows, worked out before the template: the choice by options, pictures, facts, neighbours.

The choice is the same with and without scripts: here each value of an option is a link to the variant that it leads
to, and static/js/product.js follows the same rule without leaving the page.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
from markupsafe import Markup

from shop.contracts.inventory import LOW_STOCK
from shop.kernel.config import settings
from shop.kernel.money import Money, format_money, minor_digits
from shop.modules.catalog.rules import attribute_code, plain_text
from shop.modules.catalog.schemas import ProductAttribute, ProductPage, ProductVariant
from shop.modules.catalog.swatches import is_color, swatch

BRAND_CODES: Final = frozenset({"brand", "manufacturer", "vendor"})
MOST_PIECES: Final = 99
"""In one go; a cart takes no more of one article."""
_encode = msgspec.json.Encoder().encode


class OptionValue(msgspec.Struct, frozen=True):
    """A value to choose. `exact` says that it goes with what is chosen of the other options; else its link leads to
    the variant that comes nearest."""

    label: str
    url: str
    chosen: bool
    exact: bool
    available: bool
    swatch: tuple[str, ...]


class OptionGroup(msgspec.Struct, frozen=True):
    name: str
    chosen: str
    swatches: bool
    values: list[OptionValue]


class Offer(msgspec.Struct, frozen=True):
    """A variant as the page tells of it. `options` are places among the values of each group, `picture` the number of
    its picture; `limit` is how many may be bought at once."""

    id: str
    url: str
    options: list[int]
    sku: str
    price: str
    former_price: str | None
    saving: str | None
    tone: str
    stock: str
    limit: int
    picture: int | None


def preselected(product: ProductPage, wanted: str) -> ProductVariant:
    """The variant that the link names, else the first that can be bought, else the default."""
    named = next((variant for variant in product.variants if str(variant.id) == wanted), None)
    return named or next((variant for variant in product.variants if variant.available > 0), product.variants[0])


def option_groups(product: ProductPage, chosen: ProductVariant) -> list[OptionGroup]:
    """One for each option in which the variants differ, or that tells what the only one is."""
    if len(product.variants) < 2:
        return []
    return [
        OptionGroup(
            option.name,
            chosen.options[option.name],
            is_color(attribute_code(option.name)) and all(swatch(value) for value in option.values),
            [_value(product, chosen, option.name, value) for value in option.values],
        )
        for option in product.options
    ]


def _value(product: ProductPage, chosen: ProductVariant, name: str, value: str) -> OptionValue:
    wanted = {**chosen.options, name: value}
    target = nearest(product.variants, wanted, name)
    return OptionValue(
        value,
        variant_url(product, target),
        chosen.options[name] == value,
        target.options == wanted,
        target.available > 0,
        swatch(value) if is_color(attribute_code(name)) else (),
    )


def nearest(variants: Sequence[ProductVariant], wanted: Mapping[str, str], fixed: str) -> ProductVariant:
    """Among those with the wanted value of the option `fixed`: the one that has most of the rest, rather one that can be
    bought."""

    def nearness(variant: ProductVariant) -> tuple[int, bool]:
        return sum(variant.options[name] == value for name, value in wanted.items()), variant.available > 0

    return max((each for each in variants if each.options[fixed] == wanted[fixed]), key=nearness)


def variant_url(product: ProductPage, variant: ProductVariant) -> str:
    return f"{product.url}?variant={variant.id}"


def offer(product: ProductPage, variant: ProductVariant) -> Offer:
    former = variant.compare_at_price
    tone, stock = stock_words(variant.available)
    return Offer(
        str(variant.id),
        variant_url(product, variant),
        [option.values.index(variant.options[option.name]) for option in product.options],
        variant.sku,
        format_money(variant.price),
        format_money(former) if former else None,
        f"Save {saving(variant.price, former)}%" if former else None,
        tone,
        stock,
        min(variant.available, MOST_PIECES),
        next((place for place, image in enumerate(product.images, 1) if image.url == variant.image), None),
    )


def offers_json(product: ProductPage) -> Markup:
    """Every variant's offer, for a script; harmless inside a script element."""
    return embedded([offer(product, variant) for variant in product.variants] if len(product.variants) > 1 else [])


def embedded(value: Any) -> Markup:
    """JSON that no value in it can end the script element around."""
    text = _encode(value).decode().replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(text)  # noqa: S704  # JSON without "<"


def saving(price: Money, former: Money) -> int:
    """Whole per cent, rounded down: never more than is true."""
    return int((1 - price.amount / former.amount) * 100)


def stock_words(available: int) -> tuple[str, str]:
    """Tone and words."""
    if available <= 0:
        return "neutral", "Sold out"
    if available <= LOW_STOCK:
        return "warning", f"Only {available} left"
    return "success", "In stock"


def pictures(product: ProductPage, variant: ProductVariant) -> list[dict[str, Any]]:
    """The variant's own picture first; `number` stays that of the product's order."""
    numbered = [msgspec.structs.asdict(image) | {"number": place} for place, image in enumerate(product.images, 1)]
    return sorted(numbered, key=lambda image: image["url"] != variant.image) if variant.image else numbered


def facts(attributes: Sequence[ProductAttribute]) -> list[tuple[str, str]]:
    return [(each.label, _words(each)) for each in attributes]


def _words(attribute: ProductAttribute) -> str:
    if isinstance(attribute.value, bool):
        return "Yes" if attribute.value else "No"
    return f"{attribute.value:g}" if isinstance(attribute.value, float) else str(attribute.value)


def summary(html: str, longest: int = 160) -> str:
    """The beginning of a description, for search engines."""
    words = " ".join(plain_text(html).split())
    return words if len(words) <= longest else words[:longest].rsplit(" ", 1)[0] + "…"


def structured_data(product: ProductPage, breadcrumb: Sequence[Any], description: str) -> Markup:
    """What search engines read: the product with an offer for each variant, and the way to it (schema.org)."""
    base = settings().public_url
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        "sku": product.sku,
        "url": f"{base}{product.url}",
        "offers": [
            {
                "@type": "Offer",
                "sku": variant.sku,
                "url": f"{base}{variant_url(product, variant)}",
                "price": str(Decimal(variant.price.amount).scaleb(-minor_digits(variant.price.currency))),
                "priceCurrency": variant.price.currency,
                "availability": f"https://schema.org/{'InStock' if variant.available > 0 else 'OutOfStock'}",
                "itemCondition": "https://schema.org/NewCondition",
            }
            for variant in product.variants
        ],
    }
    if description:
        told["description"] = description
    if product.images:
        told["image"] = [f"{base}{image.url}" for image in product.images]
    if brand := next((each.value for each in product.attributes if each.code in BRAND_CODES), None):
        told["brand"] = {"@type": "Brand", "name": str(brand)}
    if product.rating.count:
        rating = {"ratingValue": round(product.rating.average, 1), "reviewCount": product.rating.count}
        told["aggregateRating"] = {"@type": "AggregateRating"} | rating
    return embedded([told, _way(base, breadcrumb)])


def _way(base: str, breadcrumb: Sequence[Any]) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": title, "item": f"{base}{url}"}
            for place, (title, url) in enumerate(map(_title_and_url, breadcrumb), 1)
        ],
    }


def _title_and_url(step: Any) -> tuple[str, str]:
    return (step["title"], step["url"]) if isinstance(step, dict) else (step.title, step.url)
