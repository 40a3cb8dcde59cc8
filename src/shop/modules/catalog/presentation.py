"""What a list shows, worked out before the template: cards, filters, chips, and the links between its pages.

Cards and filters are functions of plain data, so those rendered before are taken from memory: they cannot be stale, and
a page of 24 cards costs 24 look-ups.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from shop.kernel.clock import now
from shop.kernel.http.templating import environment
from shop.modules.catalog.rules import slugify
from shop.modules.catalog.schemas import Facet, Item, Order
from shop.modules.catalog.swatches import is_color, swatch

Params = tuple[tuple[str, str], ...]
EAGER_CARDS: Final = 4
NEW_FOR: Final = timedelta(days=30)
DOTS: Final = 5
"""Colours that a card shows; more of them are a number."""
VALUES_SHOWN: Final = 6
VALUES_OFFERED: Final = 24
"""Of a facet; beyond the first few they are shown on demand."""
GROUPS_OPEN: Final = 4
GROUPS_OFFERED: Final = 12
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


class Value(msgspec.Struct, frozen=True):
    """A box to tick. `id` stays the same from one list to the next, so that the focus can."""

    id: str
    value: str
    label: str
    count: int
    chosen: bool
    swatch: tuple[str, ...]


class Group(msgspec.Struct, frozen=True):
    """A facet as a group of boxes, of which `more` are shown on demand."""

    id: str
    name: str
    label: str
    open: bool
    values: list[Value]
    more: list[Value]


class Dot(msgspec.Struct, frozen=True):
    """A colour of a card."""

    name: str
    swatch: tuple[str, ...]


def url_with(path: str, params: Params) -> str:
    return f"{path}?{urlencode(params)}" if params else path


def without(params: Params, *names: str) -> Params:
    return tuple(each for each in params if each[0] not in names)


def cards_html(items: Sequence[str], heading: str = "h2", eager: int = EAGER_CARDS) -> Markup:
    """The list items of a grid, from the JSON of each card; the first `eager` pictures load at once."""
    today = now().date()
    return Markup("").join([_card_html(item, heading, place < eager, today) for place, item in enumerate(items)])


def ids(items: Sequence[str]) -> list[str]:
    return [str(_item.decode(item).id) for item in items]


@lru_cache(maxsize=4096)
def _card_html(item: str, heading: str, eager: bool, today: date) -> Markup:
    module: Any = environment().get_template("macros/ui.html").module
    product = _item.decode(item)
    known = [Dot(name, found) for name in product.colors if (found := swatch(name))]
    new = product.published_at is not None and today - product.published_at.date() < NEW_FOR
    card = module.product_card(product, heading, eager, new, known[:DOTS], len(product.colors) - len(known[:DOTS]))
    return Markup(f"<li>{card}</li>\n")  # noqa: S704  # a template escaped it


@lru_cache(maxsize=256)
def filters_html(params: Params, facets: bytes) -> Markup:
    """The filters of a list: `params` are those of the page shown, without a cursor."""
    groups = _groups(params, _facets.decode(facets))
    offered = {(group.name, value.value) for group in groups for value in (*group.values, *group.more)}
    kept = [each for each in without(params, "price_from", "price_to", "in_stock") if each not in offered]
    return Markup(_parts().filters(dict(params), kept, groups))  # noqa: S704  # a template escaped it


def _groups(params: Params, facets: Sequence[Facet]) -> list[Group]:
    """Facets that part the goods, and those chosen from."""
    chosen = frozenset(params)
    names = {name for name, _ in params}
    groups: list[Group] = []
    for facet in _offered(facets, names):
        name = f"attr.{facet.code}"
        values = _values(name, facet, chosen)
        first = [value for place, value in enumerate(values) if value.chosen or place < VALUES_SHOWN]
        rest = [value for value in values if value not in first]
        if len(rest) == 1:
            first, rest = values, []
        is_open = name in names or len(groups) < GROUPS_OPEN
        groups.append(Group(f"facet-{facet.code}", name, facet.label, is_open, first, rest))
    return groups


def _offered(facets: Sequence[Facet], names: AbstractSet[str]) -> list[Facet]:
    """Those that tell of most goods, in the catalogue's order, after colour and size, which people look for first."""
    parting = [facet for facet in facets if len(facet.values) > 1 or f"attr.{facet.code}" in names]
    told = sorted(
        parting,
        key=lambda facet: (f"attr.{facet.code}" not in names, -sum(value.count for value in facet.values)),
    )[:GROUPS_OFFERED]
    return sorted(
        (facet for facet in parting if facet in told),
        key=lambda facet: 0 if is_color(facet.code) else 1 if facet.code.endswith("size") else 2,
    )


def _values(name: str, facet: Facet, chosen: AbstractSet[tuple[str, str]]) -> list[Value]:
    """The first of them, which most goods have, and those chosen."""
    ids: set[str] = set()
    colored = is_color(facet.code)
    values = []
    for place, each in enumerate(facet.values):
        is_chosen = (name, each.value) in chosen
        if place >= VALUES_OFFERED and not is_chosen:
            continue
        own = _id_part(each.value)
        if not own or own in ids:
            own = f"{own}-{place}"
        ids.add(own)
        shown = swatch(each.label) if colored else ()
        values.append(Value(f"f-{facet.code}-{own}", each.value, each.label, each.count, is_chosen, shown))
    return values


_id_part = lru_cache(maxsize=4096)(slugify)


@lru_cache(maxsize=1024)
def chips_html(path: str, params: Params, facets: bytes) -> Markup:
    """What narrows the list now, each with a link that lifts it."""
    found = chips(path, params, facets)
    return Markup(_parts().chips(found, cleared_url(path, params)))  # noqa: S704  # a template escaped it


def sort_options(params: Params) -> list[dict[str, str]]:
    searching = any(name == "q" for name, _ in params)
    return [{"value": each, "label": label} for each, label in SORT_LABELS.items() if searching or each != "relevance"]


def default_order(params: Params) -> Order:
    return "relevance" if any(name == "q" for name, _ in params) else "newest"


def _parts() -> Any:
    return environment().get_template("catalog/_filters.html").module


def narrowing(params: Params) -> int:
    """How many filters are set."""
    return sum(name not in {"q", "sort"} for name, _ in params)


def cleared_url(path: str, params: Params) -> str:
    return url_with(path, tuple(each for each in params if each[0] in {"q", "sort"}))


def chips(path: str, params: Params, facets: bytes) -> list[Chip]:
    if not narrowing(params):
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
        rest = tuple(each for each in params if each != (name, value))
        found.append(Chip(label, url_with(path, rest)))
    return found
