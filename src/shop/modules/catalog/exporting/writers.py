"""Rows as CSV or JSON Lines, in UTF-8 without a mark. Only CSV is opened by spreadsheets, so only there formulas are
neutralised."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol, TextIO

import msgspec

from shop.kernel.formulas import escaped

Format = Literal["csv", "jsonl"]
Row = Mapping[str, str]


class RowWriter(Protocol):
    def write(self, rows: Iterable[Row]) -> None: ...


class CsvRows:
    """RFC 4180, as the header's order wants it."""

    def __init__(self, file: TextIO, columns: Sequence[str]) -> None:
        self._places = {column: place for place, column in enumerate(columns)}
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._writer.writerow(columns)

    def write(self, rows: Iterable[Row]) -> None:
        self._writer.writerows(map(self._cells, rows))

    def _cells(self, row: Row) -> list[str]:
        """By what is filled: of thousands of columns a row fills a few."""
        cells = [""] * len(self._places)
        for column, cell in row.items():
            cells[self._places[column]] = escaped(cell)
        return cells


class JsonLineRows:
    """An object a line. The first names every column, as a header would; in the others empty cells are left out."""

    def __init__(self, file: TextIO, columns: Sequence[str]) -> None:
        self._file = file
        self._unnamed = columns

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            whole = {column: row.get(column, "") for column in self._unnamed} or row
            self._unnamed = ()
            self._file.write(f"{msgspec.json.encode(whole).decode()}\n")


def row_writer(kind: Format, file: TextIO, columns: Sequence[str]) -> RowWriter:
    return CsvRows(file, columns) if kind == "csv" else JsonLineRows(file, columns)
