"""CSV (RFC 4180) in UTF-8, read twice: once to find where the rows of each product stand, once product by product.

Rows of one product may be far apart (some exports list every currency in a block of its own), so the first pass keeps a
file position per run of neighbouring rows and nothing else.
"""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from shop.modules.catalog.importing.reader import ProductRows, Row, UnreadableFile

MAX_LINE: Final = 1024 * 1024
"""Bytes; a longer line is a file of another kind or a quote that is never closed."""


class _Run(NamedTuple):
    """`length` neighbouring records, the first of which is record `number` and starts at byte `offset`."""

    offset: int
    number: int
    length: int


class CsvSource:
    """A `Source`. A byte order mark is skipped; rows without any content don't count."""

    def __init__(self, path: Path, delimiter: str, key_column: str) -> None:
        self._delimiter = delimiter
        self._key_column = key_column
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise UnreadableFile(f"{path} can't be read: {error.strerror}") from None
        try:
            self._columns = self._read_header()
            self._runs = self._find_runs()
        except BaseException:
            self._file.close()
            raise

    @property
    def columns(self) -> tuple[str, ...]:
        return self._columns

    @property
    def row_count(self) -> int:
        return sum(run.length for runs in self._runs.values() for run in runs)

    def close(self) -> None:
        self._file.close()

    def products(self) -> Iterator[ProductRows]:
        for key, runs in self._runs.items():
            if key:
                yield ProductRows(key, tuple(row for run in runs for row in self._rows_of(run)))
            else:
                for run in runs:
                    yield from (ProductRows("", (row,)) for row in self._rows_of(run))

    def _read_header(self) -> tuple[str, ...]:
        start = len(codecs.BOM_UTF8) if self._file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0
        self._refuse_other_encodings()
        for _, cells in self._records(start, 1):
            columns = tuple(cell.strip() for cell in cells)
            if doubled := sorted({name for name in columns if name and columns.count(name) > 1}):
                raise UnreadableFile(f"row 1: the column {', '.join(map(repr, doubled))} is there twice")
            if len(columns) == 1 and (other := next((sign for sign in ";\t|" if sign in columns[0]), None)):
                raise UnreadableFile(
                    f"row 1: a single column; cells seem to be parted by {other!r}, so set file.delimiter"
                    " in the mapping to that"
                )
            self._body = self._file_position
            return columns
        raise UnreadableFile("the file is empty: its first row must name the columns")

    def _refuse_other_encodings(self) -> None:
        self._file.seek(0)
        start = self._file.read(4096)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in start:
            raise UnreadableFile("the file is not UTF-8 text but UTF-16 or binary: save it as CSV in UTF-8")

    def _find_runs(self) -> dict[str, list[_Run]]:
        runs: dict[str, list[_Run]] = {}
        place = self._columns.index(self._key_column) if self._key_column in self._columns else None
        last: str | None = None
        for number, (offset, cells) in enumerate(self._records(self._body, 2), start=2):
            if not any(cell.strip() for cell in cells):
                last = None
                continue
            key = cells[place].strip() if place is not None and place < len(cells) else ""
            if key == last:
                run = runs[key][-1]
                runs[key][-1] = run._replace(length=run.length + 1)
            else:
                runs.setdefault(key, []).append(_Run(offset, number, 1))
            last = key
        return runs

    def _rows_of(self, run: _Run) -> Iterator[Row]:
        records = self._records(run.offset, run.number)
        for number in range(run.number, run.number + run.length):
            _, cells = next(records)
            problem = None
            if len(cells) != len(self._columns):
                problem = f"has {len(cells)} cells where the header names {len(self._columns)} columns"
            yield Row(number, dict(zip(self._columns, cells, strict=False)), problem)

    def _records(self, offset: int, number: int) -> Iterator[tuple[int, list[str]]]:
        """Records with the position of each, from the one numbered `number` on. Raises UnreadableFile."""
        self._file_position = offset
        reader = csv.reader(self._lines(offset), delimiter=self._delimiter, strict=True)
        while True:
            start = self._file_position
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise UnreadableFile(f"row {number}: not CSV: {error}") from None
            except UnicodeDecodeError as error:
                byte = error.object[error.start]
                raise UnreadableFile(
                    f"row {number}: not UTF-8 text (byte {byte:#04x}): save the file as CSV in UTF-8"
                ) from None
            if cells is None:
                return
            yield start, cells
            number += 1

    def _lines(self, offset: int) -> Iterator[str]:
        """Decoded one at a time, so that `_file_position` is where the next record starts."""
        self._file.seek(offset)
        while line := self._file.readline(MAX_LINE):
            if len(line) == MAX_LINE and not line.endswith(b"\n"):
                raise UnreadableFile(f"a line is longer than {MAX_LINE // 1024} kB: is this a CSV file?")
            self._file_position += len(line)
            yield line.decode()
