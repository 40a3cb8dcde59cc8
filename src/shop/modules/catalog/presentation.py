"""What the pages show, worked out before the template: cards, filters with the links that set and lift them, choices.

Cards and filter panels are functions of plain data, so those rendered before are taken from memory: they cannot be
stale, and a page of 24 cards costs 24 look-ups.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from markupsafe import Markup

from shop.kernel.http.templating import environment
from shop.kernel.money import format_money
from shop.modules.catalog.rules import plain_text
from shop.modules.catalog.schemas import Facet, FacetValue, Item, Order, ProductAttribute, ProductPage, ProductVariant

Params = tuple[tuple[str, str], ...]
EAGER_CARDS: Final = 4
MOST_RADIOS: Final = 12
VALUES_SHOWN: Final = 12
SORT_LABELS: Final = {
    "relevance": "Best match",
    "newest": "Newest",
    "price_asc": "Price: low to high",
    "price_desc": "Price: high to low",
    "rating": "Best rated",
}
_item = msgspec.json.Decoder(Item)
_facets = msgspec.json.Decoder(list[Facet])


class Chip(msgspec.Struct, frozen=True):
    """A chosen filter; its link lifts it."""

    label: str
    url: str


class Choice(msgspec.Struct, frozen=True):
    """A variant as the form offers it."""

    id: UUID
    label: str
    available: bool


def url_with(path: str, params: Params) -> str:
    return f"{path}?{urlencode(params)}" if params else path


def without(params: Params, *names: str) -> Params:
    return tuple(each for each in params if each[0] not in names)


def toggled(params: Params, name: str, value: str) -> Params:
    """With `name=value` when it isn't there, else without it."""
    rest = tuple(each for each in params if each != (name, value))
    return rest if len(rest) < len(params) else (*rest, (name, value))


def cards_html(items: Sequence[str]) -> Markup:
    """The list items of a grid, from the JSON of each card."""
    return Markup("").join([_card_html(item, place < EAGER_CARDS) for place, item in enumerate(items)])


@lru_cache(maxsize=4096)
def _card_html(item: str, eager: bool) -> Markup:
    module: Any = environment().get_template("macros/ui.html").module
    return Markup(f"<li>{module.product_card(_item.decode(item), 'h2', eager)}</li>\n")  # noqa: S704  # a template escaped it


@lru_cache(maxsize=256)
def filters_html(path: str, params: Params, facets: bytes) -> Markup:
    """The filter panel: `params` are those of the page shown, without a cursor."""
    chosen = set(params)
    groups = [
        {
            "label": facet.label,
            "open": place < 4 or any(name == f"attr.{facet.code}" for name, _ in params),
            "values": [
                {
                    "label": value.label,
                    "count": value.count,
                    "selected": (f"attr.{facet.code}", value.value) in chosen,
                    "url": url_with(path, toggled(params, f"attr.{facet.code}", value.value)),
                }
                for value in _worth_showing(facet, chosen)
            ],
        }
        for place, facet in enumerate(_facets.decode(facets))
        if len(facet.values) > 1 or any(name == f"attr.{facet.code}" for name, _ in params)
    ]
    kept = without(params, "price_from", "price_to", "in_stock")
    return Markup(_parts().filters(path, dict(params), kept, groups))  # noqa: S704  # a template escaped it


def _worth_showing(facet: Facet, chosen: set[tuple[str, str]]) -> list[FacetValue]:
    """The values that most products have, and those chosen."""
    return [
        value
        for place, value in enumerate(facet.values)
        if place < VALUES_SHOWN or (f"attr.{facet.code}", value.value) in chosen
    ]


@lru_cache(maxsize=1024)
def toolbar_html(path: str, params: Params, total: int, order: Order, facets: bytes) -> Markup:
    """How many there are, the choice of an order, what narrows the list."""
    searching = any(name == "q" for name, _ in params)
    options = [
        {"value": each, "label": label} for each, label in SORT_LABELS.items() if searching or each != "relevance"
    ]
    html = _parts().toolbar(
        path, total, options, order, without(params, "sort"), chips(path, params, facets), cleared_url(path, params)
    )
    return Markup(html)  # noqa: S704  # a template escaped it


def _parts() -> Any:
    return environment().get_template("catalog/_filters.html").module


def narrowed(params: Params) -> bool:
    return any(name not in {"q", "sort"} for name, _ in params)


def cleared_url(path: str, params: Params) -> str:
    return url_with(path, tuple(each for each in params if each[0] in {"q", "sort"}))


def chips(path: str, params: Params, facets: bytes) -> list[Chip]:
    """What narrows the list now."""
    if not narrowed(params):
        return []
    labels = {
        (f"attr.{facet.code}", value.value): f"{facet.label}: {value.label}"
        for facet in _facets.decode(facets)
        for value in facet.values
    }
    words = {"price_from": "From {}", "price_to": "Up to {}", "in_stock": "In stock"}
    found = []
    for name, value in params:
        if name.startswith("attr."):
            label = labels.get((name, value)) or f"{name.removeprefix('attr.').replace('_', ' ').capitalize()}: {value}"
        elif name in words:
            label = words[name].format(value)
        else:
            continue
        found.append(Chip(label, url_with(path, toggled(params, name, value))))
    return found


def preselected(product: ProductPage, wanted: str) -> ProductVariant:
    """The variant that the link names, else the first that can be bought, else the default."""
    named = next((variant for variant in product.variants if str(variant.id) == wanted), None)
    return named or next((variant for variant in product.variants if variant.available > 0), product.variants[0])


def choices(product: ProductPage) -> list[Choice]:
    """A choice per variant, told with its price where prices differ. Empty when there is nothing to choose."""
    if len(product.variants) < 2:
        return []
    differ = len({variant.price for variant in product.variants}) > 1
    return [
        Choice(
            variant.id,
            " / ".join(variant.options.values()) + (f" – {format_money(variant.price)}" if differ else ""),
            variant.available > 0,
        )
        for variant in product.variants
    ]


def pictures(product: ProductPage, variant: ProductVariant) -> list[dict[str, Any]]:
    """The variant's own picture first."""
    ordered = sorted(product.images, key=lambda image: image.url != variant.image) if variant.image else product.images
    return [msgspec.structs.asdict(image) for image in ordered]


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
