"""What is wrong is told by row and column, and costs no more than it must."""

import json
from collections import Counter

import pytest
from PIL import Image

from shop.contracts.inventory import Reservations, StockLine
from shop.kernel.clock import now
from shop.kernel.db import write
from shop.kernel.ids import new_id
from shop.kernel.ports import port
from shop.modules.catalog.importing.mapping import MappingError
from tests.integration.catalog_import.conftest import GOODS, ask, census, issues, media, run


def changed(number: int, **cells: str) -> list[dict[str, str]]:
    return [row | cells if place == number else row for place, row in enumerate(GOODS)]


async def skus() -> list[str]:
    return [sku for (sku,) in await ask("select sku from catalog.variant where active order by sku")]


async def test_good_rows_are_kept(shop_csv):
    report = await run(shop_csv())
    assert report.products == Counter(created=2)
    assert await skus() == ["BOWL", "MUG-L", "MUG-S"]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"price_eur": "cheap"}, "price_eur"),
        ({"price_eur": "-1"}, "price_eur"),
        ({"price_eur": ""}, "price_eur"),
        ({"sku": "", "image": "x.png"}, "sku"),
        ({"sku": "MUG-S"}, "sku"),
        ({"sku": "x" * 81}, "sku"),
        ({"stock": "many"}, "stock"),
        ({"weight_grams": "heavy"}, "weight_grams"),
        ({"option1_value": "S"}, "option1_value"),
        ({"option1_value": ""}, "option1_value"),
        ({"option1_value": "L" * 101}, "sku"),
    ],
)
async def test_a_bad_variant_row_costs_that_variant(shop_csv, cells, column):
    report = await run(shop_csv(*changed(1, **cells)))
    assert report.products == Counter(created=2)
    assert await skus() == ["BOWL", "MUG-S"]
    if column != "sku" or cells["sku" if "sku" in cells else "option1_value"]:
        assert issues(report) == [(3, column)]


async def test_an_option_without_a_name_is_called_as_in_the_products_row(shop_csv):
    report = await run(shop_csv(*changed(1, option1_name="")))
    assert report.issues == []
    assert await ask("select options from catalog.variant where sku = 'MUG-L'") == [([["Size", "L"]],)]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"title": "x" * 201}, "title"),
        ({"slug": "!!"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"title": ""}, "title"),
        ({"categories": "Kitchen > !"}, "categories"),
    ],
)
async def test_a_bad_product_row_costs_that_product(shop_csv, cells, column):
    report = await run(shop_csv(*changed(2, **cells)))
    assert report.products == Counter(created=1, refused=1)
    assert issues(report) == [(4, column)]
    assert await skus() == ["MUG-L", "MUG-S"]
    assert await ask("select count(*) from pricing.price") == [(3,)]


async def test_a_product_without_any_good_variant_is_refused_whole(shop_csv):
    report = await run(shop_csv(*changed(2, price_eur="?")))
    assert report.products == Counter(created=1, refused=1)
    assert (4, "price_eur") in issues(report)
    assert await ask("select slug from catalog.product") == [("red-mug",)]


async def test_a_sku_of_two_products_in_one_file_stays_with_the_first(shop_csv):
    report = await run(shop_csv(*changed(2, sku="MUG-L")))
    assert report.products == Counter(created=1, refused=1)
    assert issues(report) == [(4, "sku")]


async def test_a_sku_of_another_product_in_the_shop_stays_there(shop_csv):
    await run(shop_csv())
    before = await census()
    report = await run(shop_csv({"slug": "thief", "title": "Thief", "sku": "BOWL", "price_eur": "1"}))
    assert report.products == Counter(refused=1)
    assert issues(report) == [(2, "sku")]
    assert "blue-bowl" in report.issues[0].message
    assert await census() == before


async def test_two_keys_with_one_address_are_not_mixed_up(shop_csv):
    report = await run(shop_csv(*GOODS, {"slug": "Red Mug", "title": "Other", "sku": "OTHER", "price_eur": "1"}))
    assert report.products == Counter(created=2, refused=1)
    assert issues(report) == [(5, "slug")]
    assert await ask("select title from catalog.product where slug = 'red-mug'") == [("Red mug",)]


async def test_a_former_price_that_is_not_higher_is_left_out_with_a_warning(shop_csv):
    report = await run(shop_csv(*changed(2, compare_at_eur="15")))
    assert report.clean
    assert issues(report) == [(4, "compare_at_eur")]
    assert await ask("select compare_at from pricing.price where compare_at is not null") == []


async def test_a_mapping_with_a_column_that_the_file_lacks_stops_before_anything(shop_csv, tmp_path):
    path = shop_csv()
    path.write_text(path.read_text().replace("title", "headline", 1))
    before = await census()
    with pytest.raises(MappingError, match="'title'"):
        await run(path)
    assert await census() == before


async def test_a_missing_image_is_a_warning_and_its_product_is_kept(shop_csv, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    Image.new("RGB", (8, 6)).save(folder / "mug.png")
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    (folder / "fake.png").write_text("no picture")
    (tmp_path / "outside.png").write_bytes((folder / "mug.png").read_bytes())
    names = "mug.png|gone.png|drawing.svg|fake.png|../outside.png"
    report = await run(shop_csv(*changed(0, images=names)), images=folder)
    assert report.clean
    assert report.warnings == 4
    assert {issue[1] for issue in issues(report)} == {"images"}
    assert len(media()) == 1
    assert await ask("select width, height from catalog.image") == [(8, 6)]


async def test_stock_that_orders_were_promised_is_not_counted_away(shop_csv):
    await run(shop_csv())
    ((variant_id,),) = await ask("select id from catalog.variant where sku = 'MUG-S'")
    await write(port(Reservations).reserve, new_id(), [StockLine(variant_id, 4)], now().replace(year=now().year + 1))
    report = await run(shop_csv(*changed(0, stock="2", price_eur="8")))
    assert report.clean
    assert issues(report) == [(2, "stock")]
    assert await ask("select on_hand from inventory.stock_item where variant_id = :id", id=variant_id) == [(5,)]
    assert await ask("select amount from pricing.price where variant_id = :id and currency = 'EUR'", id=variant_id) == [
        (800,)
    ]


async def test_an_empty_count_leaves_the_stock_of_known_variants(shop_csv):
    await run(shop_csv())
    report = await run(shop_csv(*changed(0, stock="")))
    assert report.products == Counter(unchanged=2)
    assert await ask(
        "select on_hand from inventory.stock_item s join catalog.variant v on v.id = s.variant_id where sku = 'MUG-S'"
    ) == [(5,)]


async def test_a_variant_that_the_file_no_longer_names_is_taken_off_sale(shop_csv):
    await run(shop_csv())
    report = await run(shop_csv(GOODS[0], GOODS[2]))
    assert report.products == Counter(updated=1, unchanged=1)
    assert await skus() == ["BOWL", "MUG-S"]


async def test_naughty_strings_in_every_cell_are_refused_or_kept_but_never_crash(shop_csv, real_data):
    strings = json.loads((real_data("bad-input/blns") / "blns.json").read_text(encoding="utf-8"))
    rows = [
        dict.fromkeys(GOODS[0], text.replace("\r", " "))
        | {"slug": f"naughty-{place}", "sku": f"{place} {text.strip()}", "price_eur": "1"}
        for place, text in enumerate(strings)
    ]
    report = await run(shop_csv(*rows))
    assert sum(report.products.values()) == len(rows)
    assert report.products["created"] < 20
    without_numbers = {"option1_value": "", "option1_name": "", "stock": "", "weight_grams": "", "price_usd": ""}
    report = await run(shop_csv(*(row | without_numbers for row in rows)))
    assert sum(report.products.values()) == len(rows)
    assert report.products["created"] > len(rows) // 2
