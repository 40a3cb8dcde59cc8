"""The columns of an export, and how categories and attributes are written in it. Pure.

What can't be written as it is changes as little as the import needs, and is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from shop.modules.catalog.importing.binding import CODE_IN_BRACES
from shop.modules.catalog.importing.cells import as_label
from shop.modules.catalog.repository.exporting import ExportedCategory
from shop.modules.catalog.rules import attribute_code, category_slug
from shop.modules.catalog.schemas import AttributeDefinition

STEP: Final = " > "
"""Between the parts of a category's path."""
BESIDE: Final = " | "
"""Between paths."""
STAND_INS: Final = str.maketrans({">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}", "|": "\N{BROKEN BAR}"})
"""In titles of categories; an address is the same with either."""
MAX_CELL: Final = 30_000
"""Characters of a list of categories in one cell; a spreadsheet cuts what is longer than 32,767."""
_PREFIXES: Final = {
    (True, "text"): "attribute.",
    (True, "number"): "number.",
    (True, "bool"): "yesno.",
    (False, "text"): "info.",
    (False, "number"): "info_number.",
    (False, "bool"): "info_yesno.",
}
"""By whether it is offered as a filter, and type."""


class Layout(msgspec.Struct, frozen=True):
    """What every row of one export goes by. `attributes` are columns by code, `paths` and `slugs` those of categories
    by id, `awkward` the ids of those whose path had to be changed."""

    columns: tuple[str, ...]
    currencies: tuple[str, ...]
    attributes: Mapping[str, str]
    paths: Mapping[UUID, str]
    awkward: frozenset[UUID]


def layout(
    attributes: Sequence[AttributeDefinition],
    categories: Sequence[ExportedCategory],
    currencies: Sequence[str],
    options: int,
) -> Layout:
    """`options` is the number of options that columns are needed for."""
    by_code = {each.code: attribute_column(each) for each in attributes}
    columns = [
        *("slug", "title", "status", "description_html", "categories", "published_at", "seo_title", "seo_description"),
        "sku",
        *(f"option{number}_{part}" for number in range(1, options + 1) for part in ("name", "value")),
        *(f"{part}_{code.lower()}" for code in currencies for part in ("price", "compare_at")),
        *("tax_class", "stock", "weight_grams", "image", "images", "image_alt", "all_categories"),
        *by_code.values(),
    ]
    paths, awkward = _paths(categories)
    return Layout(tuple(columns), tuple(currencies), by_code, paths, awkward)


def attribute_column(definition: AttributeDefinition) -> str:
    """The code is told where the label alone would be read as another attribute."""
    label = " ".join(definition.label.split()) or definition.code
    plain = (as_label(label), attribute_code(label)) == (label, definition.code) and not CODE_IN_BRACES.fullmatch(label)
    return f"{_PREFIXES[definition.facet, definition.type]}{label}{'' if plain else f' {{{definition.code}}}'}"


def _paths(categories: Sequence[ExportedCategory]) -> tuple[dict[UUID, str], frozenset[UUID]]:
    """By id, in the order of the menu: each category before those in it."""
    by_parent: dict[UUID | None, list[ExportedCategory]] = {}
    for category in categories:
        by_parent.setdefault(category.parent_id, []).append(category)
    paths: dict[UUID, str] = {}
    awkward: set[UUID] = set()

    def walk(parent: UUID | None, above: tuple[str, ...], *, changed: bool) -> None:
        for category in by_parent.get(parent, ()):
            title = category.title.translate(STAND_INS)
            parts = (*above, title)
            is_changed = changed or title != category.title
            if is_changed or category_slug(parts) != category.slug:
                awkward.add(category.id)
            paths[category.id] = STEP.join(parts)
            walk(category.id, parts, changed=is_changed)

    walk(None, (), changed=False)
    return paths, frozenset(awkward)


def category_lists(paths: Sequence[str]) -> Iterator[str]:
    """All paths in as few cells as spreadsheets can hold."""
    cell = ""
    for path in paths:
        if cell and len(cell) + len(BESIDE) + len(path) > MAX_CELL:
            yield cell
            cell = ""
        cell = f"{cell}{BESIDE}{path}" if cell else path
    if cell:
        yield cell
