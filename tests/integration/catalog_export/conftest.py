"""Shops to export, and everything of a catalogue that must come back."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import read, snapshot, sql
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.exporting.export import ExportReport, copy_pictures, export_products
from shop.modules.catalog.importing.binding import bind
from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.importer import import_products
from shop.modules.catalog.importing.mapping import load_preset
from shop.modules.catalog.importing.pictures import folder_pictures
from shop.modules.catalog.importing.report import ImportReport
from tests.conftest import as_owner

TABLES = {
    "products": """
        select slug, title, description_html, status, attributes, option_names, seo_title, seo_description, published_at
        from catalog.product order by id""",
    "variants": """
        select p.slug, v.sku, v.options, v.weight_grams, v.position, v.image
        from catalog.variant v join catalog.product p on p.id = v.product_id where v.active order by 1, v.position""",
    "images": """
        select p.slug, i.name, i.alt, i.width, i.height, i.position
        from catalog.image i join catalog.product p on p.id = i.product_id order by 1, i.position""",
    "attributes": "select code, label, type, facet from catalog.attribute order by position, code",
    "categories": """
        select c.slug, c.title, u.slug, row_number() over (partition by c.parent_id order by c.position, c.title)
        from catalog.category c left join catalog.category u on u.id = c.parent_id order by 1""",
    "product_categories": """
        select p.slug, c.slug, pc.position from catalog.product_category pc
        join catalog.product p on p.id = pc.product_id join catalog.category c on c.id = pc.category_id order by 1, 3""",
    "prices": """
        select v.sku, r.currency, r.amount, r.compare_at, r.tax_class from pricing.price r
        join catalog.variant v on v.id = r.variant_id where v.active order by 1, 2""",
    "stock": """
        select v.sku, coalesce(sum(s.on_hand), 0) from catalog.variant v
        left join inventory.stock_item s on s.variant_id = v.id where v.active group by 1 order by 1""",
    "currencies": "select code from catalog.listed_currency order by 1",
}


async def catalogue() -> dict[str, list[tuple[Any, ...]]]:
    """All rows without their ids."""

    async def rows(uow: UnitOfWork) -> dict[str, list[tuple[Any, ...]]]:
        return {name: [tuple(row) for row in await sql(uow).execute(text(query))] for name, query in TABLES.items()}

    return await read(rows)


async def export(path: Path, images: Path | None = None) -> ExportReport:
    with path.open("w", encoding="utf-8", newline="") as file:
        report = await snapshot(export_products, file, "jsonl" if path.suffix == ".jsonl" else "csv")
    if images:
        copy_pictures(report, images)
    return report


async def import_again(path: Path, images: Path | None = None) -> ImportReport:
    """Into a shop that has nothing, neither rows nor pictures."""
    as_owner(
        "truncate catalog.product, catalog.category, catalog.attribute, catalog.listed_currency, pricing.price,"
        " inventory.stock_item cascade"
    )
    shutil.rmtree(settings().media_dir, ignore_errors=True)
    mapping = load_preset("shop")
    source = open_source(path, mapping)
    try:
        find_picture = folder_pictures(images, keep=True) if images else None
        return await import_products(source, bind(mapping, source.columns), find_picture)
    finally:
        source.close()


async def comes_back(tmp_path: Path, kind: str = "csv") -> None:
    """The shop as it is goes out and in again, and what goes out then is the same to the byte."""
    before = await catalogue()
    first, second = tmp_path / f"first.{kind}", tmp_path / f"second.{kind}"
    report = await export(first, tmp_path / "images")
    assert report.losses == []
    assert (await import_again(first, tmp_path / "images")).issues == []
    after = await catalogue()
    for name, rows in before.items():
        assert after[name] == rows, name
    await export(second)
    assert second.read_bytes() == first.read_bytes()


@pytest.fixture(autouse=True)
def own_media(db: None, media_dir: Path) -> None:
    """Pictures of this test alone."""
