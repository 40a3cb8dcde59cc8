"""The rows of one product that carry variants, and those that only add a price to one."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TypeVar

import msgspec

from shop.modules.catalog.importing.binding import BoundMapping
from shop.modules.catalog.importing.cells import BadCell, read_currency, read_grams, read_price, read_stock
from shop.modules.catalog.importing.mapping import PriceColumns
from shop.modules.catalog.importing.plan import PricePlan, VariantPlan
from shop.modules.catalog.importing.reader import Columns, Row
from shop.modules.catalog.importing.report import Issue
from shop.modules.catalog.rules import MAX_SKU, slugify
from shop.modules.catalog.schemas import VariantDraft

T = TypeVar("T")


class ReadVariants(msgspec.Struct, frozen=True):
    variants: tuple[VariantPlan, ...]
    rows: dict[str, Row]
    """By SKU."""
    option_names: tuple[str, ...]
    refused_skus: tuple[str, ...]
    issues: tuple[Issue, ...]


def read_variants(bound: BoundMapping, rows: Sequence[Row], product: Row, slug: str, currency: str) -> ReadVariants:
    """Of `rows`, all of one product, whose own row is `product`."""
    reading = _Reading(bound, product, slug, currency)
    carriers = [row for row in rows if _carries_variant(bound, row, product)]
    for row in carriers or [product]:
        reading.take_variant(row)
    carried = {id(product), *map(id, carriers)}
    for row in rows:
        if id(row) not in carried:
            reading.take_price(row)
    return reading.result()


def _carries_variant(bound: BoundMapping, row: Row, product: Row) -> bool:
    rules = bound.mapping.rows
    if rules.parent and not rules.variant_when_filled:
        return row is not product and bool(row[rules.parent])
    return _filled(row, rules.variant_when_filled)


def _filled(row: Row, columns: Sequence[str]) -> bool:
    return any(row[column] for column in columns)


def _first(columns: Columns) -> str:
    return columns if isinstance(columns, str) else columns[0]


def _made_sku(slug: str, values: Iterable[str]) -> str:
    """The same at each import; what would be too long ends in a digest instead."""
    sku = "-".join([slug, *filter(None, map(slugify, values))])
    if len(sku) <= MAX_SKU:
        return sku
    digest = blake2b(sku.encode(), digest_size=5).hexdigest()
    return f"{sku[: MAX_SKU - len(digest) - 1].rstrip('-')}-{digest}"


class _RowRefused(Exception):
    """The row's issue is noted already."""


class _Reading:
    def __init__(self, bound: BoundMapping, product: Row, slug: str, currency: str) -> None:
        self.bound, self.mapping = bound, bound.mapping
        self.product, self.slug, self.currency = product, slug, currency
        self.issues: list[Issue] = []
        self.option_names: list[str] = []
        self.variants: dict[str, VariantPlan] = {}
        self.rows: dict[str, Row] = {}
        self.refused: dict[str, None] = {}
        self.priced_in: dict[tuple[str, str], int] = {}
        """Row by SKU and currency."""

    def refuse(self, row: Row, columns: Columns | None, message: str) -> None:
        self.issues.append(Issue(row.number, row.where(columns) or "", message))

    def take_variant(self, row: Row) -> None:
        sku = row[self.mapping.variant.sku]
        try:
            options = self._options(row)
        except _RowRefused:
            if sku and sku not in self.variants:
                self.refused[sku] = None
            return
        if not sku and self.mapping.variant.make_sku:
            sku = _made_sku(self.slug, options.values())
        if not sku:
            self.refuse(row, self.mapping.variant.sku, "is empty")
        elif sku in self.variants:
            self.refuse(row, self.mapping.variant.sku, f"{sku!r} is in row {self.variants[sku].row} already")
        else:
            try:
                self.variants[sku] = self._variant(row, sku, options)
                self.rows[sku] = row
            except _RowRefused:
                self.refused[sku] = None

    def take_price(self, row: Row) -> None:
        sku = row[self.mapping.variant.sku]
        if self._only_shows(row):
            return
        if not sku:
            self.refuse(row, self.mapping.variant.sku, "is empty")
        elif sku in self.refused:
            self.refuse(row, self.mapping.variant.sku, f"the row of {sku!r} is refused")
        elif sku not in self.variants:
            self.refuse(row, self.mapping.variant.sku, f"{sku!r} is none of the product's variants")
        else:
            variant = self.variants[sku]
            try:
                prices = tuple(self._prices(row, sku))
            except _RowRefused:
                return
            self.variants[sku] = msgspec.structs.replace(variant, prices=(*variant.prices, *prices))

    def _only_shows(self, row: Row) -> bool:
        """Whether the row has pictures and nothing to sell."""
        images = self.mapping.images
        shown = images.every_row and _filled(row, images.product)
        return shown and not any(row[columns.amount] for columns in self.bound.prices)

    def result(self) -> ReadVariants:
        for sku, variant in list(self.variants.items()):
            missing = [name for name in self.option_names if name not in variant.draft.options]
            if missing:
                self._drop(sku, self._value_column(missing[0]), f"{missing[0]} is empty, but other variants have one")
            elif not variant.prices:
                self._drop(sku, self.bound.prices[0].amount, "is empty, and so is any other price of this SKU")
        self._drop_same_options()
        return ReadVariants(
            tuple(self.variants.values()), self.rows, tuple(self.option_names), tuple(self.refused), tuple(self.issues)
        )

    def _drop(self, sku: str, column: str, message: str) -> None:
        self.issues.append(Issue(self.variants.pop(sku).row, column, message))
        self.refused[sku] = None

    def _drop_same_options(self) -> None:
        seen: dict[tuple[tuple[str, str], ...], int] = {}
        for sku, variant in list(self.variants.items()):
            combination = tuple(sorted(variant.draft.options.items()))
            if combination in seen:
                words = ", ".join(f"{name} {value}" for name, value in combination)
                same = f"{words} is" if words else "a variant without options is"
                column = _first(self.mapping.variant.options[0].value) if words else variant.sku_column
                self._drop(sku, column, f"{same} in row {seen[combination]} already")
            else:
                seen[combination] = variant.row

    def _variant(self, row: Row, sku: str, options: dict[str, str]) -> VariantPlan:
        columns = self.mapping.variant
        weight = self._weight(row)
        stock = self._stock(row)
        prices = tuple(self._prices(row, sku))
        self.option_names += [name for name in options if name not in self.option_names]
        return VariantPlan(
            row=row.number,
            draft=VariantDraft(sku, options, weight),
            prices=prices,
            tax_class=self._tax_class(row),
            stock=stock,
            default_stock=self.mapping.defaults.stock,
            sku_column=row.where(columns.sku) or "",
            stock_column=row.where(columns.stock) or "",
        )

    def _read(self, row: Row, column: Columns | None, read: Callable[[str], T]) -> T:
        """Raises _RowRefused."""
        try:
            return read(row[column])
        except BadCell as error:
            self.refuse(row, column, str(error))
            raise _RowRefused from None

    def _stock(self, row: Row) -> int | None:
        """None where the file doesn't say. What is oversold elsewhere is sold out here."""
        cell, columns = row[self.mapping.variant.stock], self.mapping.variant.stock
        if re.fullmatch(r"-[0-9]{1,12}(\.0+)?", cell):
            self.issues.append(Issue(row.number, row.where(columns) or "", f"{cell!r} is taken for 0", warning=True))
            return 0
        return self._read(row, columns, read_stock) if cell else None

    def _options(self, row: Row) -> dict[str, str]:
        options: dict[str, str] = {}
        none = {word.lower() for word in self.mapping.values.no_option}
        for columns in self.mapping.variant.options:
            value = row[columns.value]
            if value.lower() in none:
                continue
            name = columns.label or row[columns.name] or self.product[columns.name]
            if value and not name:
                self.refuse(row, columns.name, f"is empty, so what {value!r} chooses is unknown")
                raise _RowRefused
            if value and name in options:
                self.refuse(row, columns.name or columns.value, f"{name!r} is there twice")
                raise _RowRefused
            if value:
                options[name] = value
        return options

    def _value_column(self, option_name: str) -> str:
        """Where the option's value stands: its own column if it has one, else the one in its place."""
        columns = self.mapping.variant.options
        labelled = [each.value for each in columns if each.label == option_name]
        place = min(self.option_names.index(option_name), len(columns) - 1)
        return _first(labelled[0] if labelled else columns[place].value)

    def _weight(self, row: Row) -> int:
        columns = self.mapping.variant.weight
        if columns is None:
            return 0
        source = row if row[columns.column] else self.product
        if not source[columns.column]:
            return 0
        unit = source[columns.unit_column] or columns.unit
        return self._read(source, columns.column, lambda cell: read_grams(cell, unit, columns.decimal_separator))

    def _tax_class(self, row: Row) -> str:
        column = self.mapping.product.tax_class
        word = row[column] or self.product[column]
        if not word:
            return self.mapping.defaults.tax_class
        meanings = {source.lower(): ours for source, ours in self.mapping.values.tax_class.items()}
        return meanings.get(word.lower(), word)

    def _prices(self, row: Row, sku: str) -> Iterator[PricePlan]:
        """Raises _RowRefused."""
        for columns in self.bound.prices:
            if not row[columns.amount]:
                continue
            currency = self._currency(row, columns)
            if (earlier := self.priced_in.get((sku, currency))) is not None:
                self.refuse(row, columns.amount, f"the price of {sku!r} in {currency} is in row {earlier} already")
                raise _RowRefused
            amount = self._read(row, columns.amount, lambda cell: read_price(cell, currency, columns))  # noqa: B023  # called at once
            compare_at = None
            if row[columns.compare_at]:
                compare_at = self._read(row, columns.compare_at, lambda cell: read_price(cell, currency, columns))  # noqa: B023  # called at once
            self.priced_in[sku, currency] = row.number
            if compare_at and 0 < compare_at.amount <= amount.amount:
                message = f"{row[columns.compare_at]!r} is not above the price: left out"
                self.issues.append(Issue(row.number, columns.compare_at or "", message, warning=True))
            yield PricePlan(amount, compare_at if compare_at and compare_at.amount > amount.amount else None)

    def _currency(self, row: Row, columns: PriceColumns) -> str:
        if columns.currency:
            return columns.currency
        if row[columns.currency_column]:
            return self._read(row, columns.currency_column, read_currency)
        return self.currency
