"""Files to import, and the shop as an import leaves it."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import read, sql
from shop.modules.catalog.importing.binding import bind
from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.importer import import_products
from shop.modules.catalog.importing.mapping import ImportMapping, load_preset
from shop.modules.catalog.importing.pictures import folder_pictures
from shop.modules.catalog.importing.report import ImportReport

GOODS = [
    {
        "slug": "red-mug", "title": "Red mug", "sku": "MUG-S", "option1_name": "Size", "option1_value": "S",
        "price_eur": "9.90", "price_usd": "11", "stock": "5", "weight_grams": "300", "categories": "Kitchen > Mugs",
        "attribute.Material": "Clay",
    },
    {"slug": "red-mug", "sku": "MUG-L", "option1_name": "Size", "option1_value": "L", "price_eur": "12", "stock": "7"},
    {"slug": "blue-bowl", "title": "Blue bowl", "sku": "BOWL", "price_eur": "15", "compare_at_eur": "20", "stock": "0"},
]  # fmt: skip


async def run(
    path: Path, mapping: str | ImportMapping = "shop", images: Path | None = None, *, dry_run: bool = False
) -> ImportReport:
    chosen = load_preset(mapping) if isinstance(mapping, str) else mapping
    source = open_source(path, chosen)
    try:
        find_picture = folder_pictures(images, keep=not dry_run) if images else None
        return await import_products(source, bind(chosen, source.columns), find_picture, dry_run=dry_run)
    finally:
        source.close()


async def ask(query: str, **values: object) -> list[tuple]:
    """Rows of an SQL query over any schema: tests look behind the modules."""

    async def rows(uow):
        return [tuple(row) for row in await sql(uow).execute(text(query), values)]

    return await read(rows)


async def census() -> dict[str, int]:
    """How many there are of everything an import makes; media are files."""
    tables = (
        "catalog.product", "catalog.variant", "catalog.image", "catalog.category", "catalog.product_category",
        "catalog.attribute", "pricing.price", "inventory.stock_item", "kernel.outbox",
    )  # fmt: skip
    counts = await ask("select " + ", ".join(f"(select count(*) from {table})" for table in tables))
    return dict(zip(tables, counts[0], strict=True)) | {"media": len(media())}


def media() -> list[str]:
    folder = settings().media_dir
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def issues(report: ImportReport) -> list[tuple[int, str]]:
    return [(issue.row, issue.column) for issue in report.issues]


@pytest.fixture(autouse=True)
def own_media(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def shop_csv(tmp_path: Path) -> Callable[..., Path]:
    """`shop_csv(*rows)` is a file in the shop's own format; without rows GOODS."""

    def write(*rows: dict[str, str]) -> Path:
        rows = rows or tuple(GOODS)
        columns = dict.fromkeys(column for row in [*GOODS, *rows] for column in row)
        path = tmp_path / "goods.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(columns), restval="")
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write
