"""The file formats that an import reads, by the name a mapping gives in `file.format`."""

from pathlib import Path
from typing import Final

from shop.modules.catalog.importing.csv_source import CsvSource
from shop.modules.catalog.importing.mapping import ImportMapping
from shop.modules.catalog.importing.reader import Source

FORMATS: Final = {"csv": CsvSource}


def open_source(path: Path, mapping: ImportMapping) -> Source:
    """Raises UnreadableFile."""
    return FORMATS[mapping.file.format](path, mapping.file.delimiter, mapping.rows.group_by)
