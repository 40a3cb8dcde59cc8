"""A mapping bound to the columns of one file: what of it the file has, what it lacks, what nobody reads."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Final

import msgspec

from shop.kernel.money import is_currency
from shop.modules.catalog.importing.cells import as_label
from shop.modules.catalog.importing.mapping import (
    PLACEHOLDER,
    Attributes,
    ImportMapping,
    MappingError,
    PriceColumns,
)
from shop.modules.catalog.importing.reader import Columns
from shop.modules.catalog.rules import ATTRIBUTE_CODE, attribute_code
from shop.modules.catalog.schemas import AttributeDefinition

CODE_IN_BRACES: Final = re.compile(rf"(?P<label>.*\S) \{{(?P<code>{ATTRIBUTE_CODE.pattern})\}}", re.DOTALL)
_LISTED: Final = 60


class BoundMapping(msgspec.Struct, frozen=True):
    """A mapping and what it found in one file. `attributes` are by column; `unused` columns are read by nothing."""

    mapping: ImportMapping
    prices: tuple[PriceColumns, ...]
    attributes: dict[str, AttributeDefinition]
    unused: tuple[str, ...]


def bind(mapping: ImportMapping, columns: Sequence[str]) -> BoundMapping:
    """Raises MappingError that names every column the file lacks."""
    present = frozenset(columns)
    named = [each for each in _named_columns(mapping) if each is not None]
    required = named if mapping.file.required_columns is None else mapping.file.required_columns
    if missing := sorted({_told(each) for each in required if present.isdisjoint(_names(each))}):
        raise MappingError(f"the file has no column {', '.join(missing)}; {_has(columns, missing)}")
    prices = tuple(_prices(mapping.prices, columns))
    if not prices:
        expected = " or ".join(repr(_example(each)) for each in mapping.prices)
        raise MappingError(f"the file has no column with prices: {expected} is expected; {_has(columns, [expected])}")
    attributes = _attributes(mapping.attributes, columns)
    used = {name for each in named for name in _names(each)} | attributes.keys()
    used |= {name for each in prices for name in (each.amount, each.compare_at, each.currency_column) if name}
    if packed := mapping.attributes.packed:
        used |= {name for name in columns if name.startswith(f"{packed.column}.")}
    return BoundMapping(mapping, prices, attributes, tuple(name for name in columns if name not in used))


def _names(columns: Columns) -> tuple[str, ...]:
    return (columns,) if isinstance(columns, str) else columns


def _told(columns: Columns) -> str:
    return " or ".join(map(repr, _names(columns)))


def _has(columns: Sequence[str], missing: Iterable[str]) -> str:
    """The columns there are, first those that may be meant."""
    wanted = [name for each in missing for name in re.findall(r"'([^']*)'", each)]
    close = dict.fromkeys(name for each in wanted for name in get_close_matches(each, columns, 3, 0.7))
    told = [*close, *(name for name in columns if name not in close)]
    more = f" and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
    return f"it has: {', '.join(map(repr, told[:_LISTED]))}{more}"


def _example(price: PriceColumns) -> str:
    return price.amount.replace(PLACEHOLDER, "eur")


def _named_columns(mapping: ImportMapping) -> Iterator[Columns | None]:
    """Every column that the mapping names, but those whose names hold a currency, and alternatives of packed ones."""
    product, variant, weight, images = mapping.product, mapping.variant, mapping.variant.weight, mapping.images
    yield from (mapping.rows.group_by, mapping.rows.parent)
    yield from mapping.rows.product_when_filled
    yield from mapping.rows.variant_when_filled
    yield from (product.title, product.description, product.status, product.tax_class)
    yield from (product.seo_title, product.seo_description, product.published_at)
    yield from product.slug
    yield from (*product.categories.columns, product.categories.all)
    yield from (variant.sku, variant.stock)
    for option in variant.options:
        yield from (option.value, option.name)
    if weight:
        yield from (weight.column, weight.unit_column)
    for price in mapping.prices:
        for column in (price.amount, price.compare_at, price.currency_column):
            yield None if column is None or PLACEHOLDER in column else column
    yield from mapping.attributes.columns
    for pair in mapping.attributes.pairs:
        yield from (pair.name, pair.value)
    yield from (*images.product, *images.variant, images.position, images.alt)
    if mapping.file.required_columns is not None and mapping.attributes.packed:
        yield mapping.attributes.packed.column


def _prices(prices: Iterable[PriceColumns], columns: Sequence[str]) -> Iterator[PriceColumns]:
    """Those with a placeholder once for each currency in the columns' names."""
    for price in prices:
        if PLACEHOLDER not in price.amount:
            if price.amount in columns:
                yield price
            continue
        pattern = re.compile(re.escape(price.amount).replace(re.escape(PLACEHOLDER), "([A-Za-z]{3})"))
        for column in columns:
            match = pattern.fullmatch(column)
            if match and is_currency(match[1].upper()):
                compare_at = price.compare_at.replace(PLACEHOLDER, match[1]) if price.compare_at else None
                yield msgspec.structs.replace(
                    price,
                    amount=column,
                    compare_at=compare_at if compare_at in columns else None,
                    currency=match[1].upper(),
                )


def _attributes(rules: Attributes, columns: Sequence[str]) -> dict[str, AttributeDefinition]:
    """By column. Two columns of one name, once as a number and once as text, are two attributes."""
    prefixes = {**({rules.prefix: None} if rules.prefix else {}), **rules.prefixes, **rules.unfiltered_prefixes}
    listed = frozenset(rules.columns)
    found: dict[str, AttributeDefinition] = {}
    taken: set[str] = set()
    for column in sorted(columns):
        prefix = next((each for each in prefixes if column.startswith(each) and column != each), None)
        if prefix is None and column not in listed:
            continue
        name = column.removeprefix(prefix or "")
        coded = CODE_IN_BRACES.fullmatch(name) if rules.codes_in_braces else None
        code = free_code(coded["code"] if coded else attribute_code(name), taken)
        taken.add(code)
        defined = definition(rules, name, code, (prefixes.get(prefix) if prefix else None))
        if coded:
            defined = msgspec.structs.replace(defined, label=coded["label"])
        if prefix in rules.unfiltered_prefixes:
            defined = msgspec.structs.replace(defined, facet=False)
        found[column] = defined
    return {column: found[column] for column in columns if column in found}


def free_code(code: str, taken: set[str]) -> str:
    number = 1
    free = code
    while free in taken and code:
        number += 1
        free = f"{code[: 59 - len(str(number))]}_{number}"
    return free


def definition(rules: Attributes, name: str, code: str, kind: str | None = None) -> AttributeDefinition:
    """Of the attribute that the source calls `name`."""
    return AttributeDefinition(
        code,
        rules.labels.get(name, as_label(name)),
        rules.types.get(name) or kind or "text",  # type: ignore[arg-type]  # an AttributeType, read as such
        rules.facets is None or name in rules.facets,
    )
