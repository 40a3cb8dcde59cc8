"""The attributes of a product from its row: columns of their own, pairs of columns, or one column that packs many."""

from collections.abc import Iterator

import msgspec

from shop.modules.catalog.importing.binding import BoundMapping, definition, free_code
from shop.modules.catalog.importing.cells import BadCell, read_attribute
from shop.modules.catalog.importing.json_cells import BadRecord, cells_of
from shop.modules.catalog.importing.mapping import Packed
from shop.modules.catalog.importing.reader import Row
from shop.modules.catalog.rules import attribute_code
from shop.modules.catalog.schemas import AttributeDefinition, AttributeValue


class BadAttribute(ValueError):
    """`column` holds no such attribute; the message says why."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_attributes(bound: BoundMapping, product: Row) -> Iterator[tuple[str, AttributeDefinition, AttributeValue]]:
    """(column, definition, value) of each that is filled. Raises BadAttribute."""
    for column in product.values:
        if (found := bound.attributes.get(column)) and (cell := product[column]):
            yield column, *_read(column, found, cell)
    rules = bound.mapping.attributes
    if not rules.pairs and not rules.packed:
        return
    taken = {each.code for each in bound.attributes.values()}
    for column, name, cell in _named(bound, product):
        code = free_code(attribute_code(name), taken)
        taken.add(code)
        yield column, *_read(column, definition(rules, name, code), cell)


def _read(column: str, wanted: AttributeDefinition, cell: str) -> tuple[AttributeDefinition, AttributeValue]:
    if not wanted.code:
        raise BadAttribute(column, "an attribute's name needs letters or digits")
    try:
        return wanted, read_attribute(cell, wanted.type)
    except BadCell as error:
        raise BadAttribute(column, str(error)) from None


def _named(bound: BoundMapping, product: Row) -> Iterator[tuple[str, str, str]]:
    """(column, name, value) of attributes whose names are cells."""
    rules = bound.mapping.attributes
    for pair in rules.pairs:
        names, values = product.parts(pair.name, None), product.parts(pair.value, None)
        for name, value in zip(names, values, strict=False):
            if name and value:
                yield pair.value, name, value
    if packed := rules.packed:
        prefix = f"{packed.column}."
        for column in product.values:
            if column.startswith(prefix) and product[column]:
                yield column, column.removeprefix(prefix), product[column]
        for name, value in unpacked(product[packed.column], packed):
            yield packed.column, name, value


def unpacked(cell: str, packed: Packed) -> Iterator[tuple[str, str]]:
    """Raises BadAttribute."""
    if cell.startswith("{"):
        try:
            found = msgspec.json.decode(cell, type=dict[str, object])
            for name, inner in cells_of(found).items():
                yield name, Row(0, {name: inner})[name]
        except (msgspec.DecodeError, RecursionError, BadRecord) as error:
            raise BadAttribute(packed.column, f"not a JSON object: {error}") from None
        return
    for part in cell.split(packed.separator):
        name, assigned, value = (piece.strip() for piece in part.partition(packed.assignment))
        if name and not assigned:
            example = f"name{packed.assignment} value{packed.separator}name{packed.assignment} value"
            raise BadAttribute(packed.column, f"{part.strip()[:60]!r} is not of the form {example}")
        if name and value:
            yield name, value
