"""An open file as a `Source`: its records kept in a temporary file, from which those of each product are read together.

Rows of one product may be far apart (some exports list every currency in a block of its own), and what is packed or
recoded can't be read from the middle. So a first pass writes every record once and keeps four numbers for each run of
neighbouring ones; the second reads product by product.
"""

import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import IO, Final

import msgspec

from shop.kernel.config import settings
from shop.modules.catalog.importing.reader import Cell, Columns, ProductRows, Record, Records, Row, UnreadableFile

MAX_ROWS: Final = 10_000
MAX_SIZE: Final = 32 * 2**20
"""Rows and bytes of one product."""
_LENGTH: Final = 4


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """A `Record` in the temporary file."""

    number: int
    cells: list[str] | dict[int, str | list[str]]
    problem: str | None


class SpooledSource:
    """A `Source`. `key` columns say which product a row belongs to; a filled `parent` column goes before them."""

    def __init__(
        self, records: Records, key: Columns, parent: str | None = None, on_record: Callable[[], None] = lambda: None
    ) -> None:
        """Reads all records, telling `on_record` of each. Raises UnreadableFile."""
        self._key = (key,) if isinstance(key, str) else key
        if parent:
            self._key = (parent, *self._key)
        self._decoder = msgspec.msgpack.Decoder(_Kept)
        self._offsets, self._sizes, self._lengths, self._groups = array("Q"), array("Q"), array("L"), array("L")
        self._position = 0
        self._file = _temporary_file()
        try:
            self._fill(records, on_record)
        except OSError as error:
            self._file.close()
            raise UnreadableFile(f"no room for the rows in {settings().data_dir}: {error.strerror}") from None
        except BaseException:
            self._file.close()
            raise
        self._columns = tuple(records.columns)

    @property
    def columns(self) -> tuple[str, ...]:
        return self._columns

    @property
    def row_count(self) -> int:
        return sum(self._lengths)

    @property
    def product_count(self) -> int:
        return self._group_count

    @property
    def size(self) -> int:
        return sum(self._sizes)

    @property
    def position(self) -> int:
        return self._position

    def close(self) -> None:
        self._file.close()

    def products(self) -> Iterator[ProductRows]:
        self._position = 0
        order = sorted(range(len(self._groups)), key=self._groups.__getitem__)
        for _, runs in groupby(order, key=self._groups.__getitem__):
            yield self._product(list(runs))

    def _product(self, runs: Sequence[int]) -> ProductRows:
        self._position += sum(self._sizes[run] for run in runs)
        if sum(self._lengths[run] for run in runs) > MAX_ROWS or sum(self._sizes[run] for run in runs) > MAX_SIZE:
            first = next(self._rows_of(runs[0]))
            problem = f"the product {first[self._key]!r} has more than {MAX_ROWS:,} rows or {MAX_SIZE // 2**20} MB"
            return ProductRows(first[self._key], (msgspec.structs.replace(first, problem=problem),))
        rows = tuple(row for run in runs for row in self._rows_of(run))
        return ProductRows(rows[0][self._key], rows)

    def _fill(self, records: Records, on_record: Callable[[], None]) -> None:
        encode = msgspec.msgpack.Encoder().encode
        groups: dict[str, int] = {}
        count = 0
        last = -1
        offset = 0
        key = ""
        for record in records:
            key = key if record.follows else _key(record, records.columns, self._key)
            body = encode(_Kept(*record[:3]))
            self._file.write(len(body).to_bytes(_LENGTH, "little"))
            self._file.write(body)
            size = _LENGTH + len(body)
            if record.follows or (key and groups.get(key) == last):
                self._lengths[-1] += 1
                self._sizes[-1] += size
            else:
                last = groups.setdefault(key, count) if key else count
                count += last == count
                self._offsets.append(offset)
                self._sizes.append(size)
                self._lengths.append(1)
                self._groups.append(last)
            offset += size
            on_record()
        self._group_count = count

    def _rows_of(self, run: int) -> Iterator[Row]:
        self._file.seek(self._offsets[run])
        content = memoryview(self._file.read(self._sizes[run]))
        at = 0
        for _ in range(self._lengths[run]):
            end = at + _LENGTH + int.from_bytes(content[at : at + _LENGTH], "little")
            kept = self._decoder.decode(content[at + _LENGTH : end])
            at = end
            yield Row(kept.number, self._named(kept.cells), kept.problem)

    def _named(self, cells: list[str] | dict[int, str | list[str]]) -> dict[str, Cell]:
        if isinstance(cells, list):
            return dict(zip(self._columns, cells, strict=False))
        return {self._columns[place]: cell for place, cell in cells.items()}


def _temporary_file() -> IO[bytes]:
    """Without a name, so that nothing is left of it; in the data folder, because that is the one that can be written."""
    folder = settings().data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise UnreadableFile(f"no room for the rows in {folder}: {error.strerror}") from None


def _key(record: Record, columns: dict[str, int], names: tuple[str, ...]) -> str:
    """As `Row.__getitem__` would tell it, without making a row."""
    for name in names:
        place = columns.get(name)
        if place is None:
            continue
        if isinstance(record.cells, dict):
            cell = record.cells.get(place, "")
        else:
            cell = record.cells[place] if place < len(record.cells) else ""
        text = cell.strip() if isinstance(cell, str) else Row(0, {name: cell})[name]
        if text:
            return text
    return ""
