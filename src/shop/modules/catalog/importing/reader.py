"""What an import needs of a file, whatever its format: its columns, and its rows product by product.

Formats only tell records one after the other; `spool.py` groups them. The limits on what a file may hold stand here.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import msgspec

Cell = str | list[str]
Columns = str | tuple[str, ...]
"""A column, or several of which the first filled one counts."""

MAX_FIELD: Final = 1_000_000
"""Characters in one cell."""
MAX_RECORD: Final = 16 * 2**20
"""Bytes that one record may take; a longer one is a file of another kind, or a quote that is never closed."""
MAX_COLUMNS: Final = 20_000
MAX_DEPTH: Final = 32
"""Of objects and lists within each other in a JSON record."""


class UnreadableFile(Exception):
    """The file can't be read as what it should be; the message says why and, where it helps, what to do."""


class Record(NamedTuple):
    """`cells` are those of the columns in order, or by a column's place. `problem` is why there are none. A record that
    `follows` belongs to the product of the one before it, whatever its cells say."""

    number: int
    cells: list[str] | dict[int, Cell]
    problem: str | None = None
    follows: bool = False


class Records(Protocol):
    """A format: the records of an open file. `columns`, places by name, may grow while they are read."""

    columns: dict[str, int]

    def __iter__(self) -> Iterator[Record]:
        """Raises UnreadableFile."""


class Row(msgspec.Struct, frozen=True):
    """`number` is what a spreadsheet shows beside it (the header being 1), the line of JSON Lines, or the place in a
    JSON list from 1 on. `problem` is why it has no values."""

    number: int
    values: dict[str, Cell]
    problem: str | None = None

    def __getitem__(self, columns: Columns | None) -> str:
        """The trimmed cell, the first filled one of several; empty where the row or the file has none."""
        if columns is None:
            return ""
        if isinstance(columns, str):
            cell = self.values.get(columns, "")
            return cell.strip() if isinstance(cell, str) else ", ".join(part for part in cell if part.strip()).strip()
        return next((cell for cell in (self[column] for column in columns) if cell), "")

    def where(self, columns: Columns | None) -> str | None:
        """The one of `columns` that `row[columns]` comes from, the first if none is filled."""
        if columns is None or isinstance(columns, str):
            return columns
        return next((column for column in columns if self[column]), columns[0] if columns else None)

    def parts(self, column: str, separator: str | None) -> list[str]:
        """What a cell lists, trimmed, empty parts included: a list of the file's own, or text cut at `separator`."""
        cell = self.values.get(column, "")
        if not isinstance(cell, str):
            return [part.strip() for part in cell]
        return [part.strip() for part in (cell.split(separator) if separator else [cell])]


class ProductRows(msgspec.Struct, frozen=True):
    """The rows that have `key` in the column which products go by; one without a key stands alone."""

    key: str
    rows: tuple[Row, ...]


class Source(Protocol):
    """An open file. Memory grows with the number of its records by a few bytes each, never with their contents."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def row_count(self) -> int: ...

    @property
    def product_count(self) -> int:
        """Rows without a key count as a product each."""

    @property
    def size(self) -> int:
        """Bytes that all rows take; `position` reaches it when the last product has been handed out."""

    @property
    def position(self) -> int:
        """Bytes of the products handed out since `products` was last called."""

    def products(self) -> Iterator[ProductRows]:
        """In the order in which their keys first appear; may be called again."""

    def close(self) -> None: ...
