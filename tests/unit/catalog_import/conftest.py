"""Files opened as an import opens them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.mapping import parse_mapping
from shop.modules.catalog.importing.reader import Row, Source

MAPPING = """
[rows]
group_by = "KEY"
product_when_filled = ["x"]
RULES
[product]
title = "x"
[variant]
sku = "x"
[[prices]]
amount = "x"
[file]
SETTINGS
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Source]]:
    """`opened(bytes)` is a source of a file with these bytes; `opened(None)` of the one that is there already."""
    sources = []

    def open_bytes(
        content: bytes | None, key: str = "id", settings: str = "", rules: str = "", name: str = "file"
    ) -> Source:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        mapping = MAPPING.replace("KEY", key).replace("RULES", rules).replace("SETTINGS", settings)
        sources.append(open_source(path, parse_mapping(mapping.encode(), "test")))
        return sources[-1]

    yield open_bytes
    for source in sources:
        source.close()


def rows(source: Source) -> list[Row]:
    return sorted((row for group in source.products() for row in group.rows), key=lambda row: row.number)
