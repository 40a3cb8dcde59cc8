"""`shop import detect`: a mapping proposed from the file itself, by what shops call their columns and by what is in them.

A preset that fits goes before any guess. What is guessed, and what is missing, is told: a proposal is read by a person.
"""

import codecs
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from shop.modules.catalog.importing.binding import bind
from shop.modules.catalog.importing.column_profile import profiles
from shop.modules.catalog.importing.formats import read_records, sniff_format
from shop.modules.catalog.importing.guess import Guess
from shop.modules.catalog.importing.mapping import FileFormat, MappingError, load_preset, parse_mapping, presets
from shop.modules.catalog.importing.mapping_text import mapping_text
from shop.modules.catalog.importing.reader import Cell, Record, Row, UnreadableFile
from shop.modules.catalog.importing.streams import OpenFile
from shop.modules.catalog.importing.vocabulary import KEYS, NESTED, folded

SAMPLE: Final = 3000
"""Records looked at."""
PRESETS: Final = ("icecat", "spree", "shopify", "shop")
"""The most particular one first."""


class Detection(msgspec.Struct, frozen=True):
    """`toml` is the mapping, `preset` the one it is taken from, `told` says what is sure and what isn't, line by line.
    `missing` are fields that must be completed before the mapping can be used."""

    toml: str
    preset: str | None
    told: tuple[str, ...]
    missing: tuple[str, ...]


def detect_mapping(path: Path, *, with_presets: bool = True) -> Detection:
    """Raises UnreadableFile."""
    file, columns, rows = _sample(path)
    told = [f"{path.name}: {_described(file)}; {len(columns)} columns, {len(rows)} rows looked at."]
    if with_presets and (preset := _fitting_preset(columns)):
        told.append(f"It is what the preset {preset!r} reads: --preset {preset} does the same as this mapping.")
        return Detection(_preset_text(preset, file), preset, tuple(told), ())
    if not rows:
        raise UnreadableFile(f"{path.name} names {len(columns)} columns and has no rows: there is nothing to go by")
    guess = Guess(profiles(columns, rows), rows, file)
    toml = mapping_text(guess, path.name)
    parse_mapping(toml.encode(), path.name)
    return Detection(toml, None, (*told, *guess.notes), tuple(guess.missing))


def _sample(path: Path) -> tuple[FileFormat, tuple[str, ...], list[Row]]:
    """The first records, with what had to be known to read them. Numbers of rows are left as the format counts."""
    settings = FileFormat(encoding=_encoding(path))
    file = OpenFile(path, settings.encoding)
    try:
        kind = sniff_format(file.stream.peek())
        settings = msgspec.structs.replace(settings, format=kind, encoding=None if file.marked else settings.encoding)
        records = read_records(file.stream, settings)
        sampled = list(islice(records, SAMPLE))
        columns = tuple(records.columns)
        settings = msgspec.structs.replace(settings, delimiter=getattr(records, "delimiter", None))
    finally:
        file.close()
    nested = _nested(columns) if kind != "csv" else None
    if nested:
        settings = msgspec.structs.replace(settings, nested=nested)
        file = OpenFile(path, settings.encoding)
        try:
            records = read_records(file.stream, settings)
            sampled = list(islice(records, SAMPLE))
            columns = tuple(records.columns)
        finally:
            file.close()
    return settings, columns, list(_rows(sampled, columns))


def _rows(records: Sequence[Record], columns: Sequence[str]) -> Iterator[Row]:
    before: dict[str, Cell] = {}
    for record in records:
        if record.problem is None:
            cells = dict(enumerate(record.cells)) if isinstance(record.cells, list) else record.cells
            named = {columns[place]: cell for place, cell in cells.items() if place < len(columns)}
            if not record.follows:
                before = {name: cell for name, cell in named.items() if folded(name) in KEYS}
            yield Row(record.number, before | named)


def _encoding(path: Path) -> str | None:
    """None where the file says it itself or is UTF-8."""
    file = OpenFile(path)
    try:
        start = file.stream.peek(4096)
        if file.marked:
            return None
        if b"\x00" in start[:4096]:
            even, odd = start[0:4096:2].count(0), start[1:4096:2].count(0)
            if max(even, odd) > min(len(start), 4096) // 8:
                return "utf-16-le" if odd > even else "utf-16-be"
            return None
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.stream.read(2**20):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return "cp1252"
        return None
    finally:
        file.close()


def _nested(columns: Sequence[str]) -> str | None:
    """The key of a list of objects that are variants."""
    for name in dict.fromkeys(column.split(".")[0] for column in columns if "." in column):
        if name.lower() in NESTED:
            return name
    return None


def _described(file: FileFormat) -> str:
    words = {"csv": "CSV", "json": "JSON", "jsonl": "JSON Lines", None: ""}[file.format]
    parted = f", cells parted by {file.delimiter!r}" if file.delimiter else ""
    encoding = f", probably {file.encoding} text" if file.encoding else ""
    return f"{words}{parted}{encoding}"


def _fitting_preset(columns: Sequence[str]) -> str | None:
    for name in PRESETS:
        if name in presets():
            mapping = load_preset(name)
            try:
                bound = bind(mapping, columns)
            except MappingError:
                continue
            particular = name != "icecat" or bool(set(bound.attributes) - set(mapping.attributes.columns))
            if particular:
                return name
    return None


def _preset_text(preset: str, file: FileFormat) -> str:
    text = presets()[preset].read_text(encoding="utf-8")
    return text.replace("[file]\n", f'[file]\nencoding = "{file.encoding}"\n', 1) if file.encoding else text
