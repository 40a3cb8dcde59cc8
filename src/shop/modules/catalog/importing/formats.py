"""Open a file to import, whatever its format: what the mapping doesn't say is told by the file itself."""

import re
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Final, Literal

import msgspec

from shop.modules.catalog.importing.csv_records import CsvRecords
from shop.modules.catalog.importing.json_records import JsonLines, JsonRecords
from shop.modules.catalog.importing.mapping import FileFormat, ImportMapping
from shop.modules.catalog.importing.reader import Records, Source, UnreadableFile
from shop.modules.catalog.importing.spool import SpooledSource
from shop.modules.catalog.importing.streams import OpenFile

Format = Literal["csv", "json", "jsonl"]
_TOLD_EVERY: Final = 1000
_LONG_LINE: Final = 2**15
"""Bytes after which a first line that has not ended is judged by what it holds."""
_LIST_OF_OBJECTS: Final = re.compile(rb"\[\s*\{")


def open_source(
    path: Path, mapping: ImportMapping, on_read: Callable[[int, int], None] = lambda _done, _total: None
) -> Source:
    """Reads the whole file once. `on_read` is told how many of its bytes are read, packed as they are. Raises
    UnreadableFile."""
    file = OpenFile(path, mapping.file.encoding)
    count = 0

    def tell() -> None:
        nonlocal count
        count += 1
        if count % _TOLD_EVERY == 0:
            on_read(file.packed_position, file.packed_size)

    try:
        source = SpooledSource(
            read_records(file.stream, mapping.file), mapping.rows.group_by, mapping.rows.parent, tell
        )
    finally:
        file.close()
    on_read(file.packed_size, file.packed_size)
    return source


def read_records(stream: BufferedReader, rules: FileFormat) -> Records:
    """Raises UnreadableFile."""
    kind = rules.format or sniff_format(stream.peek())
    if kind == "json":
        return JsonRecords(stream, rules.records, rules.nested)
    if kind == "jsonl":
        return JsonLines(stream, rules.nested)
    if stream.peek()[:256].lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        raise UnreadableFile(
            "the file is a web page, and not CSV or JSON: was it saved by somebody who wasn't signed in?"
        )
    if _is_binary(stream.peek()[:4096]):
        raise UnreadableFile(
            "the file is not UTF-8 text but binary, or UTF-16 without a mark: save it as CSV in UTF-8,"
            ' or name its encoding in the mapping, such as file.encoding = "utf-16-le"'
        )
    return CsvRecords(stream, rules.delimiter, escaped_formulas=rules.escaped_formulas)


def _is_binary(start: bytes) -> bool:
    """A NUL in the header, or many; a single one further down is its row's own problem."""
    return b"\x00" in start.split(b"\n", 1)[0] or start.count(b"\x00") > len(start) // 20


def sniff_format(start: bytes) -> Format:
    """By the first characters: a first line that is an object of its own is JSON Lines, unless it is all there is and
    holds the records in a list."""
    text = start.lstrip()
    if text.startswith(b"["):
        return "json"
    if not text.startswith(b"{"):
        return "csv"
    line, end, rest = text.partition(b"\n")
    if not end and len(start) >= _LONG_LINE:
        return "json" if _LIST_OF_OBJECTS.search(line) else "jsonl"
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return "jsonl" if line.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{") else "json"
    holds_records = any(isinstance(value, list) and value and isinstance(value[0], dict) for value in record.values())
    return "json" if holds_records and not rest.strip() else "jsonl"
