"""What an import needs of a file, whatever its format: its columns, and its rows product by product.

A format is a class that answers `Source`; `formats.py` chooses it. Formats differ in how they find the rows of one
product again, so grouping is theirs.
"""

from collections.abc import Iterator
from typing import Protocol

import msgspec


class UnreadableFile(Exception):
    """The file can't be read as what it should be; the message says why and, where it helps, what to do."""


class Row(msgspec.Struct, frozen=True):
    """`number` counts records, the header being 1: what a spreadsheet shows beside it. `problem` is why it has no values."""

    number: int
    values: dict[str, str]
    problem: str | None = None

    def __getitem__(self, column: str | None) -> str:
        """The trimmed cell; empty where the row or the file has none."""
        return self.values.get(column, "").strip() if column else ""


class ProductRows(msgspec.Struct, frozen=True):
    """The rows that have `key` in the column which products go by; one without a key stands alone."""

    key: str
    rows: tuple[Row, ...]


class Source(Protocol):
    """An open file. Memory grows with the number of products, never with their contents."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def row_count(self) -> int: ...

    def products(self) -> Iterator[ProductRows]:
        """In the order in which their keys first appear. Raises UnreadableFile."""

    def close(self) -> None: ...
