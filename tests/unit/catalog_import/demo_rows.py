"""The rows of the demo goods as they stand in their files, for tests that judge what is written there."""

import csv

from shop.modules.catalog.demo.goods import goods_files


def demo_rows() -> list[dict[str, str]]:
    """A row per variant; a product's own cells are filled in its first."""
    return [row for path in goods_files() for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
