"""What the columns of a file mean, as data: read from TOML, checked as a whole, and against a file's columns.

docs/import.md describes every key for those who write a mapping; `presets/` holds the ones that ship with the shop.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal

import msgspec

from shop.kernel.money import is_currency
from shop.modules.catalog.schemas import AttributeType, ProductStatus

PLACEHOLDER: Final = "{currency}"
GRAMS: Final = {"g": "1", "kg": "1000", "mg": "0.001", "lb": "453.59237", "oz": "28.349523125"}
"""Grams in one unit, exactly (1959 international yard and pound agreement)."""


class MappingError(Exception):
    """The mapping can't be used; the message says what to write instead."""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Misspelt keys are refused, so that a setting never does nothing."""


class FileFormat(_Section, frozen=True):
    format: Literal["csv"] = "csv"
    delimiter: str = ","
    required_columns: tuple[str, ...] | None = None
    """Without it every column that the mapping names must be there."""


class RowRules(_Section, frozen=True):
    """Rows with the same `group_by` are one product. A row can carry the product, a variant, both, or neither: then it
    adds a price to a SKU of its group. A product none of whose rows carries a variant is its own only variant."""

    group_by: str
    product_when_filled: tuple[str, ...]
    variant_when_filled: tuple[str, ...]


class Categories(_Section, frozen=True):
    columns: tuple[str, ...] = ()
    separator: str = ">"
    """Between the steps of one path."""
    list_separator: str | None = None
    """Between several paths in one cell."""


class ProductColumns(_Section, frozen=True):
    title: str
    description: str | None = None
    description_format: Literal["text", "html"] = "text"
    status: str | None = None
    tax_class: str | None = None
    seo_title: str | None = None
    seo_description: str | None = None
    published_at: str | None = None
    categories: Categories = Categories()


class OptionColumns(_Section, frozen=True):
    """`value` is a column; what the option is called stands in the column `name` or here as `label`."""

    value: str
    name: str | None = None
    label: str | None = None


class Weight(_Section, frozen=True):
    column: str
    unit_column: str | None = None
    unit: str = "g"
    """Where the row names none."""


class VariantColumns(_Section, frozen=True):
    sku: str
    options: tuple[OptionColumns, ...] = ()
    stock: str | None = None
    weight: Weight | None = None


class PriceColumns(_Section, frozen=True):
    """The currency stands in a column, or here, or in the columns' names: amount = "price_{currency}"."""

    amount: str
    compare_at: str | None = None
    currency_column: str | None = None
    currency: str | None = None
    notation: Literal["decimal", "minor"] = "decimal"
    decimal_separator: Literal[".", ","] = "."


class Attributes(_Section, frozen=True):
    """Columns with the prefix, and those listed. `labels`, `types` and `facets` go by what follows the prefix."""

    prefix: str | None = None
    columns: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    types: Mapping[str, AttributeType] = {}
    facets: tuple[str, ...] | None = None
    """Offered as filters; without it all are."""


class Images(_Section, frozen=True):
    """`product` columns are read from rows that carry a product, `variant` ones from rows that carry a variant."""

    product: tuple[str, ...] = ()
    variant: tuple[str, ...] = ()
    separator: str | None = None
    """Between several images in one cell."""


class Values(_Section, frozen=True):
    """What the source's words mean; case doesn't matter."""

    status: Mapping[str, ProductStatus] = {}
    tax_class: Mapping[str, str] = {}


class Defaults(_Section, frozen=True):
    """For what the source lacks, or a row leaves empty."""

    currency: str | None = None
    stock: int = 0
    """Of new variants; those that exist keep theirs."""
    status: ProductStatus = "active"
    tax_class: str = "standard"
    category: str | None = None


class ImportMapping(_Section, frozen=True):
    rows: RowRules
    product: ProductColumns
    variant: VariantColumns
    prices: tuple[PriceColumns, ...]
    file: FileFormat = FileFormat()
    attributes: Attributes = Attributes()
    images: Images = Images()
    values: Values = Values()
    defaults: Defaults = Defaults()


def presets() -> dict[str, Traversable]:
    """The mappings that ship with the shop, by name."""
    folder = files("shop.modules.catalog.importing") / "presets"
    return {
        entry.name.removesuffix(".toml"): entry
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".toml")
    }


def load_preset(name: str) -> ImportMapping:
    """Raises MappingError."""
    known = presets()
    if name not in known:
        raise MappingError(f"there is no preset {name!r}; there are: {', '.join(known)}")
    return parse_mapping(known[name].read_bytes(), f"preset {name}")


def load_mapping(path: Path) -> ImportMapping:
    """Raises MappingError."""
    try:
        return parse_mapping(path.read_bytes(), str(path))
    except OSError as error:
        raise MappingError(f"{path} can't be read: {error.strerror}") from None


def parse_mapping(toml: bytes, name: str) -> ImportMapping:
    """Raises MappingError, which starts with `name`."""
    try:
        mapping = msgspec.convert(tomllib.loads(toml.decode("utf-8-sig")), ImportMapping)
    except UnicodeDecodeError:
        raise MappingError(f"{name}: not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{name}: not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise MappingError(f"{name}: {str(error).replace('$.', '').replace('`', '')}") from None
    if contradictions := list(_contradictions(mapping)):
        raise MappingError(f"{name}: " + "; ".join(contradictions))
    return mapping


def _contradictions(mapping: ImportMapping) -> Iterator[str]:
    if len(mapping.file.delimiter) != 1:
        yield "file.delimiter is one character"
    if not mapping.rows.product_when_filled or not mapping.rows.variant_when_filled:
        yield "rows.product_when_filled and rows.variant_when_filled each need a column"
    if mapping.defaults.stock < 0:
        yield "defaults.stock is not below 0"
    for option in mapping.variant.options:
        if (option.name is None) == (option.label is None):
            yield f"variant.options {option.value!r} needs either name (a column) or label (a text)"
    if mapping.variant.weight and mapping.variant.weight.unit not in GRAMS:
        yield f"variant.weight.unit {mapping.variant.weight.unit!r} is none of {', '.join(GRAMS)}"
    separators = (
        mapping.product.categories.separator,
        mapping.product.categories.list_separator,
        mapping.images.separator,
    )
    if "" in separators:
        yield "a separator is not empty"
    yield from _price_contradictions(mapping)


def _price_contradictions(mapping: ImportMapping) -> Iterator[str]:
    if not mapping.prices:
        yield "at least one [[prices]] is needed"
    if any(PLACEHOLDER in (each.compare_at or "") and PLACEHOLDER not in each.amount for each in mapping.prices):
        yield f"prices.amount needs {PLACEHOLDER} where prices.compare_at has it"
    for currency in (mapping.defaults.currency, *(each.currency for each in mapping.prices)):
        if currency is not None and not is_currency(currency):
            yield f"currency {currency!r} is not an ISO 4217 code such as EUR"


class Column(msgspec.Struct, frozen=True):
    """An attribute's column in one file."""

    name: str
    code_name: str
    """What follows the prefix."""


class BoundMapping(msgspec.Struct, frozen=True):
    """A mapping and the columns that it found in one file."""

    mapping: ImportMapping
    columns: frozenset[str]
    prices: tuple[PriceColumns, ...]
    attributes: tuple[Column, ...]
    unused: tuple[str, ...]


def bind(mapping: ImportMapping, columns: Sequence[str]) -> BoundMapping:
    """Raises MappingError that names every column the file lacks."""
    present = frozenset(columns)
    named = set(_named_columns(mapping))
    required = named if mapping.file.required_columns is None else set(mapping.file.required_columns)
    if missing := sorted(required - present):
        raise MappingError(
            f"the file has no column {', '.join(map(repr, missing))}; it has: {', '.join(map(repr, columns))}"
        )
    prices = tuple(_prices(mapping.prices, columns))
    if not prices:
        raise MappingError(f"the file has no column with prices; it has: {', '.join(map(repr, columns))}")
    attributes = tuple(_attribute_columns(mapping.attributes, columns))
    used = named | {each.name for each in attributes} | {each.amount for each in prices}
    used |= {each.compare_at for each in prices if each.compare_at}
    return BoundMapping(mapping, present, prices, attributes, tuple(name for name in columns if name not in used))


def _named_columns(mapping: ImportMapping) -> Iterator[str]:
    product, variant, weight = mapping.product, mapping.variant, mapping.variant.weight
    options = [column for option in variant.options for column in (option.value, option.name)]
    prices = [column for price in mapping.prices for column in (price.amount, price.compare_at, price.currency_column)]
    named: Iterable[str | None] = (
        mapping.rows.group_by,
        *mapping.rows.product_when_filled,
        *mapping.rows.variant_when_filled,
        product.title,
        product.description,
        product.status,
        product.tax_class,
        product.seo_title,
        product.seo_description,
        product.published_at,
        *product.categories.columns,
        variant.sku,
        *options,
        variant.stock,
        *((weight.column, weight.unit_column) if weight else ()),
        *prices,
        *mapping.attributes.columns,
        *mapping.images.product,
        *mapping.images.variant,
    )
    for column in named:
        if column is not None and PLACEHOLDER not in column:
            yield column


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


def _attribute_columns(attributes: Attributes, columns: Sequence[str]) -> Iterator[Column]:
    for column in columns:
        if attributes.prefix and column.startswith(attributes.prefix) and column != attributes.prefix:
            yield Column(column, column.removeprefix(attributes.prefix))
        elif column in attributes.columns:
            yield Column(column, column)
