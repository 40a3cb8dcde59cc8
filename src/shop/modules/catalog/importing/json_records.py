"""JSON, streamed record by record however large the list is, and JSON Lines, where a bad line costs itself alone."""

from collections.abc import Iterator
from io import BufferedReader
from typing import Any, Final

import ijson
import msgspec

from shop.modules.catalog.importing.json_cells import BadRecord, cells_of
from shop.modules.catalog.importing.reader import MAX_COLUMNS, MAX_DEPTH, MAX_RECORD, Cell, Record, UnreadableFile

_OPENING: Final = {"start_map", "start_array"}
_CLOSING: Final = {"end_map", "end_array"}
Events = Iterator[tuple[str, Any]]


class _Columns:
    """Rows from objects. `nested` is the key of a list of objects in each record, which follow it as rows of their own."""

    def __init__(self, nested: str | None) -> None:
        self.columns: dict[str, int] = {}
        self._nested = nested

    def _rows(self, number: int, value: Any) -> Iterator[Record]:
        if not isinstance(value, dict):
            yield Record(number, {}, "is no object with columns by name")
            return
        inner = value.pop(self._nested, None) if self._nested else None
        try:
            yield self._row(number, cells_of(value))
            for each in inner if self._nested and isinstance(inner, list) else ():
                yield self._row(number, cells_of({self._nested or "": each}), follows=True)
        except BadRecord as error:
            yield Record(number, {}, str(error))

    def _row(self, number: int, cells: dict[str, Cell], *, follows: bool = False) -> Record:
        places = {self.columns.setdefault(name, len(self.columns)): cell for name, cell in cells.items()}
        if len(self.columns) > MAX_COLUMNS:
            raise UnreadableFile(f"row {number}: more than {MAX_COLUMNS:,} columns can't be read")
        return Record(number, places, follows=follows)


class JsonRecords(_Columns):
    """A `Records`: the elements of the list at `path`, a key such as `products` or `data.items`; without one those of
    the first list that holds objects."""

    def __init__(self, stream: BufferedReader, path: str | None, nested: str | None) -> None:
        super().__init__(nested)
        self._stream, self._path = stream, path
        self._unfinished = 0

    def read(self, count: int = -1) -> bytes:
        """For the parser. Raises UnreadableFile when a record has no end, so that none fills the memory."""
        chunk = self._stream.read(count)
        self._unfinished += len(chunk)
        if self._unfinished > MAX_RECORD:
            raise UnreadableFile(f"row {self._number}: takes more than {MAX_RECORD // 2**20} MB")
        return chunk

    def __iter__(self) -> Iterator[Record]:
        self._number = 1
        try:
            events: Events = iter(ijson.basic_parse(self))
            for value in self._elements(events):
                self._unfinished = 0
                if isinstance(value, BadRecord):
                    yield Record(self._number, {}, str(value))
                else:
                    yield from self._rows(self._number, value)
                self._number += 1
            for _ in events:
                self._unfinished = 0
        except (ijson.JSONError, ValueError, SystemError, ArithmeticError) as error:
            cause = error.__cause__ or error
            raise UnreadableFile(f"row {self._number}: not JSON: {str(cause).strip().splitlines()[0]}") from None

    def _elements(self, events: Events) -> Iterator[Any]:
        first = self._find_list(events)
        while first[0] != "end_array":
            yield _value(events, *first)
            first = next(events)

    def _find_list(self, events: Events) -> tuple[str, Any]:
        """Consumes events up to the first of the list's first element, which is returned."""
        keys: list[str | None] = []
        before = ""
        for event, value in events:
            if event == "map_key":
                keys[-1] = value
            elif event in _OPENING:
                keys.append(None)
                if event == "start_array" and self._path == ".".join(key for key in keys if key is not None):
                    return next(events)
                if event == "start_map" and before == "start_array" and self._path is None:
                    return event, value
            elif event in _CLOSING:
                keys.pop()
            if len(keys) > MAX_DEPTH:
                break
            before = event
        where = f"at {self._path!r}" if self._path else "of objects"
        raise UnreadableFile(f"the file holds no list {where}; file.records in the mapping is the key of that list")


def _value(events: Events, event: str, value: Any) -> Any:
    """The value that begins with `event`; BadRecord in its place when it is nested too deep."""
    if event not in _OPENING:
        return value
    root: Any = {} if event == "start_map" else []
    stack: list[Any] = [root]
    keys: list[str] = [""]
    too_deep = False
    while stack:
        event, value = next(events)
        if event == "map_key":
            keys[-1] = value
        elif event in _CLOSING:
            stack.pop()
            keys.pop()
        else:
            new: Any = {} if event == "start_map" else [] if event == "start_array" else value
            if isinstance(stack[-1], dict):
                stack[-1][keys[-1]] = new
            else:
                stack[-1].append(new)
            if event in _OPENING and len(stack) == MAX_DEPTH:
                _skip(events)
                too_deep = True
            elif event in _OPENING:
                stack.append(new)
                keys.append("")
    return BadRecord(f"is nested more than {MAX_DEPTH} deep") if too_deep else root


def _skip(events: Events) -> None:
    """The rest of a value that has begun."""
    depth = 1
    while depth:
        event, _ = next(events)
        depth += (event in _OPENING) - (event in _CLOSING)


class JsonLines(_Columns):
    """A `Records`: an object a line."""

    def __init__(self, stream: BufferedReader, nested: str | None) -> None:
        super().__init__(nested)
        self._stream = stream

    def __iter__(self) -> Iterator[Record]:
        # A number as it is written: 19.90 stays 19.90, and 1e400 is refused where a price is expected.
        decode = msgspec.json.Decoder(float_hook=str).decode
        number = 0
        while line := self._stream.readline(MAX_RECORD):
            number += 1
            if len(line) == MAX_RECORD and not line.endswith(b"\n"):
                raise UnreadableFile(f"row {number}: takes more than {MAX_RECORD // 2**20} MB")
            if line.isspace():
                continue
            try:
                value = decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield Record(number, {}, f"not JSON: {error}")
            else:
                yield from self._rows(number, value)
