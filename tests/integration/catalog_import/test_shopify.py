"""Shopify's product export, in the columns of its older and of its present template, becomes the same shop."""

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from shop.modules.catalog.importing.mapping import load_preset
from tests.integration.catalog_import.conftest import ask, census, issues, run

FILES = Path(__file__).parent / "files"


@pytest.fixture(params=["shopify.csv", "shopify_new_columns.csv"])
def export(request) -> Path:
    return FILES / request.param


@pytest.fixture
def images(tmp_path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for place, name in enumerate(("shirt-front", "shirt-back", "shirt-detail", "shirt-white"), start=1):
        Image.new("RGB", (place * 10, 8)).save(folder / f"{name}.jpg")
    return folder


async def test_products_variants_and_prices_are_those_of_the_rows(export, images):
    report = await run(export, "shopify", images)
    assert report.products == Counter(created=3)
    assert issues(report) == [(7, "Variant Inventory Qty" if export.name == "shopify.csv" else "Inventory quantity")]
    assert await ask("select slug, title, status, seo_title from catalog.product order by slug") == [
        ("gift-box", "Gift box", "draft", None),
        ("linen-shirt", "Linen shirt", "active", "Linen shirt, washed"),
        ("old-scarf", "Old scarf", "archived", None),
    ]
    assert await ask(
        "select v.sku, v.options, v.weight_grams, coalesce(s.on_hand, 0), p.amount, p.compare_at from catalog.variant v"
        " join catalog.product o on o.id = v.product_id left join inventory.stock_item s on s.variant_id = v.id"
        " join pricing.price p on p.variant_id = v.id and p.currency = 'EUR' order by o.slug, v.position"
    ) == [
        ("gift-box", [], 0, 12, 500, None),
        ("LS-S-W", [["Size", "S"], ["Color", "White"]], 210, 4, 7900, 9900),
        ("LS-M-W", [["Size", "M"], ["Color", "White"]], 220, 0, 7900, None),
        ("linen-shirt-m-indigo", [["Size", "M"], ["Color", "Indigo"]], 220, 7, 8450, None),
        ("SCARF", [], 90, 0, 1900, None),
    ]


async def test_the_type_goes_before_the_category_and_vendors_are_filters(export):
    await run(export, "shopify")
    assert await ask(
        "select p.slug, c.slug from catalog.product p join catalog.product_category pc on pc.product_id = p.id"
        " join catalog.category c on c.id = pc.category_id order by 1"
    ) == [("gift-box", "gifts/boxes"), ("linen-shirt", "shirts"), ("old-scarf", "scarves")]
    assert await ask("select code, facet from catalog.attribute where code in ('vendor', 'tags') order by 1") == [
        ("tags", False),
        ("vendor", True),
    ]
    assert await ask("select attributes from catalog.product where slug = 'linen-shirt'") == [
        ({"vendor": "Leinen & Co", "tags": "linen, summer"},)
    ]


async def test_rows_with_only_a_picture_add_it_in_its_place(export, images):
    await run(export, "shopify", images)
    rows = await ask(
        "select i.width, i.alt from catalog.image i join catalog.product p on p.id = i.product_id"
        " where p.slug = 'linen-shirt' order by i.position"
    )
    assert rows == [(20, "Back"), (10, "Front"), (30, "Buttons of horn"), (40, "Linen shirt, Size S, Color White")]
    assert await ask(
        "select v.sku from catalog.variant v join catalog.image i on i.name = v.image where i.width = 40 order by 1"
    ) == [("LS-M-W",), ("LS-S-W",)]


async def test_a_second_run_changes_nothing_and_the_other_template_neither(images):
    await run(FILES / "shopify.csv", "shopify", images)
    before = await census()
    for name in ("shopify.csv", "shopify_new_columns.csv"):
        report = await run(FILES / name, "shopify", images)
        assert report.products == Counter(unchanged=3)
    assert await census() == before


async def test_prices_are_in_the_currency_that_is_asked_for(export):
    await run(export, load_preset("shopify").in_currency("USD"))
    assert await ask("select distinct currency from pricing.price") == [("USD",)]
