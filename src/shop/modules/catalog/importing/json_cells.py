"""JSON values as the cells of a table: objects in objects become columns `a.b`, lists stay lists. Pure."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shop.modules.catalog.importing.reader import MAX_DEPTH, MAX_FIELD, Cell

_SURROGATES = re.compile(r"[\ud800-\udfff]")


class BadRecord(ValueError):
    """The record can't be a row; the message says why."""


def cells_of(record: Mapping[str, Any]) -> dict[str, Cell]:
    """Cells by column; null is an empty cell. A list of objects gives a column for each of their keys, as long as the
    list. Raises BadRecord."""
    cells: dict[str, Cell] = {}
    _add(cells, record, "", 1)
    return cells


def _add(cells: dict[str, Cell], value: Mapping[str, Any], prefix: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BadRecord(f"is nested more than {MAX_DEPTH} deep")
    for key, inner in value.items():
        column = f"{prefix}{key}"
        if isinstance(inner, Mapping):
            _add(cells, inner, f"{column}.", depth + 1)
        elif isinstance(inner, list):
            _add_list(cells, inner, column, depth + 1)
        elif inner is not None:
            cells[column] = _text(inner, column)


def _add_list(cells: dict[str, Cell], values: Sequence[Any], column: str, depth: int) -> None:
    if not any(isinstance(value, Mapping) for value in values):
        if values:
            cells[column] = [_words(value, column, depth) for value in values]
        return
    each: list[dict[str, Cell]] = []
    for value in values:
        inner: dict[str, Cell] = {}
        _add(inner, value if isinstance(value, Mapping) else {"value": value}, f"{column}.", depth + 1)
        each.append(inner)
    for name in dict.fromkeys(name for inner in each for name in inner):
        cells[name] = [_joined(inner.get(name, "")) for inner in each]


def _words(value: Any, column: str, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise BadRecord(f"is nested more than {MAX_DEPTH} deep")
    if isinstance(value, list):
        return ", ".join(_words(inner, column, depth + 1) for inner in value)
    return "" if value is None or isinstance(value, Mapping) else _text(value, column)


def _joined(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ", ".join(part for part in cell if part)


def _text(value: Any, column: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < 30 else str(value)
    text = str(value)
    if len(text) > MAX_FIELD:
        raise BadRecord(f"{column} has more than {MAX_FIELD:,} characters")
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
