"""The demo goods as one source: a file per category, so that a category can be written, read and replaced by itself."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Self

import msgspec

from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.mapping import ImportMapping
from shop.modules.catalog.importing.reader import ProductRows, Source

FOLDER = Path(__file__).parent


def goods_files() -> list[Path]:
    """In the order of their names, which is the order of the shop's menu."""
    return sorted((FOLDER / "products").glob("*.csv"))


class DemoGoods:
    """A `Source` of several files, so that all of them go into the shop in one transaction or none.

    Rows are numbered on from file to file: nothing may take two rows for the same one.
    """

    def __init__(self, paths: Sequence[Path], mapping: ImportMapping) -> None:
        with ExitStack() as opened:
            self._sources: list[Source] = []
            for path in paths:
                self._sources.append(source := open_source(path, mapping))
                opened.callback(source.close)
            self._open = opened.pop_all()

    @classmethod
    def all(cls, mapping: ImportMapping) -> Self:
        return cls(goods_files(), mapping)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(chain.from_iterable(source.columns for source in self._sources)))

    @property
    def row_count(self) -> int:
        return sum(source.row_count for source in self._sources)

    @property
    def product_count(self) -> int:
        return sum(source.product_count for source in self._sources)

    @property
    def size(self) -> int:
        return sum(source.size for source in self._sources)

    @property
    def position(self) -> int:
        return sum(source.position for source in self._sources)

    def products(self) -> Iterator[ProductRows]:
        before = 0
        for source in self._sources:
            for group in source.products():
                rows = tuple(msgspec.structs.replace(row, number=row.number + before) for row in group.rows)
                yield ProductRows(group.key, rows)
            before += source.row_count

    def close(self) -> None:
        self._open.close()
