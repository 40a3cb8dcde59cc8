"""What a stranger finds in the demo: enough to look around in, each thing told about, priced, weighed and in facets."""

import re
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from shop.modules.catalog.demo.goods import DemoGoods, goods_files
from shop.modules.catalog.importing.mapping import load_preset
from shop.modules.catalog.importing.reader import UnreadableFile
from tests.unit.catalog_import.demo_rows import demo_rows


@pytest.fixture(scope="module")
def rows():
    return demo_rows()


@pytest.fixture(scope="module")
def products(rows):
    return [row for row in rows if row["title"]]


def attributes_of(product: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("attribute."): cell
        for name, cell in product.items()
        if name.startswith("attribute.") and cell
    }


def test_there_are_48_products_in_8_categories_and_at_least_6_in_each(products):
    tops = Counter(row["categories"].split(" > ")[0] for row in products)
    assert sum(tops.values()) >= 48
    assert len(tops) >= 8
    assert min(tops.values()) >= 6, tops


def test_slugs_and_skus_are_there_once(products, rows):
    assert [slug for slug, count in Counter(row["slug"] for row in products).items() if count > 1] == []
    assert [sku for sku, count in Counter(row["sku"] for row in rows).items() if count > 1] == []
    assert {row["slug"] for row in rows} == {row["slug"] for row in products}


def test_every_variant_has_a_weight_a_stock_and_both_prices(rows):
    for row in rows:
        assert Decimal(row["price_eur"]) > 0, row["sku"]
        assert Decimal(row["price_usd"]) > 0, row["sku"]
        assert int(row["weight_grams"]) > 0, row["sku"]
        assert int(row["stock"]) >= 0, row["sku"]
        assert bool(row["compare_at_eur"]) == bool(row["compare_at_usd"]), row["sku"]
        if row["compare_at_eur"]:
            assert Decimal(row["compare_at_eur"]) > Decimal(row["price_eur"]), row["sku"]


def test_prices_reach_from_small_change_to_a_present(rows):
    prices = [Decimal(row["price_eur"]) for row in rows]
    assert min(prices) < 15
    assert max(prices) > 250
    assert 3 <= sum(bool(row["compare_at_eur"]) for row in rows) <= len(rows) // 4


def test_some_goods_are_scarce_and_some_are_gone(rows):
    assert sum(row["stock"] == "0" for row in rows) >= 3
    assert sum(0 < int(row["stock"]) <= 5 for row in rows) >= 3


def test_every_product_has_four_attributes_and_a_material(products):
    for product in products:
        found = attributes_of(product)
        assert len(found) >= 4, product["slug"]
        assert "Material" in found, product["slug"]


def test_attributes_make_facets_values_are_shared(products):
    by_category: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for product in products:
        for name, value in attributes_of(product).items():
            by_category[product["categories"].split(" > ")[0]][name][value] += 1
    for category, facets in by_category.items():
        shared = [name for name, values in facets.items() if len(values) > 1 and max(values.values()) > 1]
        assert len(shared) >= 3, category


def test_the_copy_is_long_enough_to_tell_and_short_enough_to_read(products):
    for product in products:
        words = len(re.sub(r"<[^>]+>", " ", product["description_html"]).split())
        assert 60 <= words <= 130, (product["slug"], words)
        assert re.fullmatch(r"(<p>.+?</p>|<ul>(<li>.+?</li>)+</ul>)+", product["description_html"]), product["slug"]
        assert 20 <= len(product["seo_description"]) <= 160, product["slug"]


def test_the_newest_are_a_mix(products):
    newest = sorted(products, key=lambda row: row["published_at"], reverse=True)[:12]
    assert len({row["categories"].split(" > ")[0] for row in newest}) >= 5


def test_all_files_are_one_source_with_rows_numbered_on():
    goods = DemoGoods.all(load_preset("shop"))
    try:
        numbers = [row.number for group in goods.products() for row in group.rows]
        assert len(numbers) == len(set(numbers)) == goods.row_count
        assert len(set(goods.columns)) == len(goods.columns)
    finally:
        goods.close()


def test_a_file_that_cannot_be_read_leaves_no_other_open(tmp_path):
    """An open file left behind is a warning, and a warning fails."""
    first = goods_files()[0]
    with pytest.raises(UnreadableFile):
        DemoGoods([first, tmp_path / "missing.csv"], load_preset("shop"))
