"""What the columns of a file mean, as data: read from TOML and checked as a whole; `binding.py` checks it against a file.

docs/import.md describes every key for those who write a mapping; `presets/` holds the ones that ship with the shop.
"""

import codecs
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal

import msgspec

from shop.kernel.money import is_currency
from shop.modules.catalog.importing.reader import Columns
from shop.modules.catalog.schemas import AttributeType, ProductStatus

PLACEHOLDER: Final = "{currency}"
GRAMS: Final = {"g": "1", "kg": "1000", "mg": "0.001", "lb": "453.59237", "oz": "28.349523125"}
"""Grams in one unit, exactly (1959 international yard and pound agreement)."""


class MappingError(Exception):
    """The mapping can't be used; the message says what to write instead."""


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Misspelt keys are refused, so that a setting never does nothing."""


class FileFormat(_Section, frozen=True):
    """What is left out is told by the file itself."""

    format: Literal["csv", "json", "jsonl"] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    records: str | None = None
    """JSON: the key of the list of records, `data.items` for one in an object."""
    nested: str | None = None
    """JSON: the key of a list of objects in each record, which follow it as rows with columns `<key>.<column>`."""
    escaped_formulas: bool = False
    """CSV: a cell with an apostrophe before what a spreadsheet takes for a formula (`'=1`) is meant without it."""
    required_columns: tuple[Columns, ...] | None = None
    """Without it every column that the mapping names must be there."""


class RowRules(_Section, frozen=True):
    """Rows with the same `group_by` are one product; a filled `parent` holds the `group_by` of the product whose variant
    the row is. A row can carry the product, a variant, both, or neither: then it adds a price to a SKU of its group, or
    pictures. A product none of whose rows carries a variant is its own only variant."""

    group_by: Columns
    product_when_filled: tuple[str, ...]
    variant_when_filled: tuple[str, ...] = ()
    parent: str | None = None


class Categories(_Section, frozen=True):
    columns: tuple[str, ...] = ()
    separator: str = ">"
    """Between the steps of one path."""
    list_separator: str | None = None
    """Between several paths in one cell."""
    first_of: bool = False
    """Only the first filled column counts."""
    all: str | None = None
    """Lists categories of the shop, with or without goods, in the order in which menus show them."""


class ProductColumns(_Section, frozen=True):
    title: Columns
    slug: tuple[str, ...] = ()
    """Columns whose words make the address; without it the group's key does."""
    description: Columns | None = None
    description_format: Literal["text", "html"] = "text"
    status: Columns | None = None
    tax_class: Columns | None = None
    seo_title: Columns | None = None
    seo_description: Columns | None = None
    published_at: Columns | None = None
    categories: Categories = Categories()
    cut_long_texts: bool = False
    """Too long titles and attributes are cut, with a warning, instead of refused."""


class OptionColumns(_Section, frozen=True):
    """`value` is a column; what the option is called stands in the column `name` or here as `label`."""

    value: Columns
    name: Columns | None = None
    label: str | None = None


class Weight(_Section, frozen=True):
    column: Columns
    unit_column: Columns | None = None
    unit: str = "g"
    """Where the row names none."""
    decimal_separator: Literal[".", ","] = "."


class VariantColumns(_Section, frozen=True):
    """`make_sku` gives a row without a SKU one of its product's address and its options."""

    sku: Columns | None = None
    make_sku: bool = False
    options: tuple[OptionColumns, ...] = ()
    stock: Columns | None = None
    weight: Weight | None = None


class PriceColumns(_Section, frozen=True):
    """The currency stands in a column, or here, or in the columns' names: amount = "price_{currency}"."""

    amount: str
    compare_at: str | None = None
    currency_column: str | None = None
    currency: str | None = None
    notation: Literal["decimal", "minor"] = "decimal"
    decimal_separator: Literal[".", ","] = "."


class AttributePair(_Section, frozen=True):
    """Two columns, what the attribute is called and its value; lists in them go side by side."""

    name: str
    value: str


class Packed(_Section, frozen=True):
    """A column that holds many attributes: a JSON object, or `name: value | name: value`."""

    column: str
    separator: str = "|"
    assignment: str = ":"


class Attributes(_Section, frozen=True):
    """Columns with the prefix, with one of `prefixes` or `unfiltered_prefixes` (which say their type too), and those
    listed. `labels`, `types` and `facets` go by what follows the prefix."""

    prefix: str | None = None
    prefixes: Mapping[str, AttributeType] = {}
    unfiltered_prefixes: Mapping[str, AttributeType] = {}
    """Of attributes that are not offered as filters."""
    codes_in_braces: bool = False
    """`Width {door_width}` is the label and the code that filters name it by; elsewhere the code is made of the name."""
    define_all: bool = False
    """All columns are attributes of the shop in their order, those too that no row fills."""
    columns: tuple[str, ...] = ()
    pairs: tuple[AttributePair, ...] = ()
    packed: Packed | None = None
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
    first_of: bool = False
    """Only the first filled column counts: they show the same."""
    every_row: bool = False
    """`product` columns are read from all rows of a product."""
    position: Columns | None = None
    """Its number among the product's images."""
    alt: Columns | None = None


class Values(_Section, frozen=True):
    """What the source's words mean; case doesn't matter. An option with a value of `no_option` is none."""

    status: Mapping[str, ProductStatus] = {}
    tax_class: Mapping[str, str] = {}
    no_option: tuple[str, ...] = ()


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
    prices: tuple[PriceColumns, ...]
    variant: VariantColumns = VariantColumns()
    file: FileFormat = FileFormat()
    attributes: Attributes = Attributes()
    images: Images = Images()
    values: Values = Values()
    defaults: Defaults = Defaults()

    def in_currency(self, code: str) -> "ImportMapping":
        """The same, where prices that name no currency are in `code`. Raises MappingError."""
        if not is_currency(code):
            raise MappingError(f"{code!r} is not an ISO 4217 code such as EUR")
        return msgspec.structs.replace(self, defaults=msgspec.structs.replace(self.defaults, currency=code))


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
    yield from _file_contradictions(mapping.file)
    if not mapping.rows.product_when_filled:
        yield "rows.product_when_filled needs a column"
    if not mapping.rows.group_by:
        yield "rows.group_by needs a column"
    if mapping.variant.sku is None and not mapping.variant.make_sku:
        yield "variant needs sku (a column), or make_sku = true"
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
        *((packed.separator, packed.assignment) if (packed := mapping.attributes.packed) else ()),
    )
    if "" in separators:
        yield "a separator is not empty"
    yield from _price_contradictions(mapping)


def _file_contradictions(file: FileFormat) -> Iterator[str]:
    if file.delimiter is not None and len(file.delimiter) != 1:
        yield "file.delimiter is one character"
    if file.encoding and not _is_text_encoding(file.encoding):
        yield f"file.encoding {file.encoding!r} is none that is known, such as utf-8, utf-16 or cp1252"


def _is_text_encoding(name: str) -> bool:
    try:
        return bool(codecs.getincrementaldecoder(name)().decode(b"", final=True) == "")
    except (LookupError, TypeError):
        return False


def _price_contradictions(mapping: ImportMapping) -> Iterator[str]:
    if not mapping.prices:
        yield "at least one [[prices]] is needed"
    if any(PLACEHOLDER in (each.compare_at or "") and PLACEHOLDER not in each.amount for each in mapping.prices):
        yield f"prices.amount needs {PLACEHOLDER} where prices.compare_at has it"
    for currency in (mapping.defaults.currency, *(each.currency for each in mapping.prices)):
        if currency is not None and not is_currency(currency):
            yield f"currency {currency!r} is not an ISO 4217 code such as EUR"
