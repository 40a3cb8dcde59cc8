"""CSV (RFC 4180), record by record. A record that is no CSV costs itself alone where the next line is a new beginning."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from io import BufferedReader, StringIO
from typing import Final

from shop.kernel.formulas import unescaped
from shop.modules.catalog.importing.reader import MAX_COLUMNS, MAX_FIELD, MAX_RECORD, Record, UnreadableFile
from shop.modules.catalog.importing.streams import with_line_feeds

DELIMITERS: Final = (",", ";", "\t", "|")

_TOLD_DELIMITER: Final = re.compile(rb'"?sep=([,;\t|])"?[,;\t|]*\r?\n', re.IGNORECASE)
"""A first line by which Excel is told what parts the cells."""

csv.field_size_limit(MAX_FIELD)


class CsvRecords:
    """A `Records`. The first record names the columns; records without any content are left out."""

    def __init__(self, stream: BufferedReader, delimiter: str | None, *, escaped_formulas: bool = False) -> None:
        """Without a delimiter that of the first line is found. Raises UnreadableFile."""
        self._escaped = escaped_formulas
        self._stream = with_line_feeds(stream)
        self._fed: list[str] = []
        self._number = 1
        self.columns: dict[str, int] = {}
        self._header = 1
        if told := _TOLD_DELIMITER.match(self._stream.peek()):
            self._stream.readline()
            self._header, delimiter = 2, told[1].decode()
        self.delimiter = delimiter or sniff_delimiter(self._stream.peek())
        self._read_header()

    def __iter__(self) -> Iterator[Record]:
        width = len(self.columns)
        for number, cells, problem in self._records(self._header + 1):
            if problem:
                yield Record(number, [], problem)
            elif any(cell and not cell.isspace() for cell in cells):
                ragged = f"has {len(cells)} cells where the header names {width} columns"
                yield Record(number, self._meant(cells[:width]), None if len(cells) == width else ragged)

    def _meant(self, cells: list[str]) -> list[str]:
        if not self._escaped or "'" not in "".join(cells):  # of thousands of cells few are filled: looked at as one
            return cells
        return [unescaped(cell) if cell[:1] == "'" else cell for cell in cells]

    def _read_header(self) -> None:
        _, cells, problem = next(
            self._records(self._header), (1, [], "the file is empty: its first row must name the columns")
        )
        if problem:
            raise UnreadableFile(f"row {self._header}: {problem}")
        names = [cell.strip() for cell in cells]
        if len(names) > MAX_COLUMNS:
            raise UnreadableFile(
                f"row {self._header}: names {len(names):,} columns; at most {MAX_COLUMNS:,} can be read"
            )
        counts = Counter(names)
        if doubled := sorted(name for name, count in counts.items() if name and count > 1):
            raise UnreadableFile(f"row {self._header}: the column {', '.join(map(repr, doubled[:5]))} is there twice")
        self.columns = {name or f"(column {place + 1})": place for place, name in enumerate(names)}

    def _records(self, number: int) -> Iterator[tuple[int, list[str], str | None]]:
        """From the present position on, numbered from `number`, empty lines included. Raises UnreadableFile."""
        reader = csv.reader(self._lines(), delimiter=self.delimiter, strict=True)
        while True:
            self._fed.clear()
            self._number = number
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield number, [], self._told(number, error)
                reader = csv.reader(self._lines(), delimiter=self.delimiter, strict=True)
            except UnicodeDecodeError as error:
                byte = error.object[error.start]
                raise UnreadableFile(
                    f"row {number}: not UTF-8 text (byte {byte:#04x}): save the file as CSV in UTF-8, or name its encoding"
                    ' in the mapping, such as file.encoding = "cp1252" for Western Windows'
                ) from None
            else:
                if cells is None:
                    return
                yield number, cells, None
            number += 1

    def _told(self, number: int, error: csv.Error) -> str:
        """The problem of one record. Raises UnreadableFile where it can't be told where the next one begins."""
        if "field larger" in str(error):
            raise self._too_long(number)
        if "end of data" in str(error):
            raise UnreadableFile(f"row {number}: not CSV: a quote is never closed")
        return f"not CSV: {error}"

    def _too_long(self, number: int) -> UnreadableFile:
        place, length = _longest_cell("".join(self._fed), self.delimiter)
        if length <= MAX_FIELD:
            return UnreadableFile(f"row {number}: takes more than {MAX_RECORD // 2**20} MB: is this a CSV file?")
        name = next((name for name, at in self.columns.items() if at == place), f"{place + 1}")
        return UnreadableFile(
            f"row {number}, column {name!r}: a cell of more than {MAX_FIELD:,} characters; is a quote never closed?"
        )

    def _lines(self) -> Iterator[str]:
        """Kept in `_fed` until their record is whole. Raises UnreadableFile when it grows beyond all bounds."""
        size = 0
        while line := self._stream.readline(MAX_RECORD):
            size = len(line) + (size if self._fed else 0)
            if size >= MAX_RECORD:
                self._fed.append(line.decode(errors="replace"))
                raise self._too_long(self._number)
            self._fed.append(line.decode())
            yield self._fed[-1]


def sniff_delimiter(start: bytes) -> str:
    """The one that the first line has most of, outside quotes; a comma when it has none."""
    line = start.decode(errors="replace").lstrip().split("\n", 1)[0]
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=lambda sign: (outside.count(sign), sign == ","))


def _longest_cell(text: str, delimiter: str) -> tuple[int, int]:
    """Place and length of the longest cell in the record that `text` begins with."""
    usual = csv.field_size_limit(2 * MAX_RECORD)
    try:
        cells = next(csv.reader(StringIO(text, newline=""), delimiter=delimiter), [])
    finally:
        csv.field_size_limit(usual)
    return max(((place, len(cell)) for place, cell in enumerate(cells)), key=lambda each: each[1], default=(0, 0))
