"""A real shop's export becomes a shop: 37 products, 87 SKUs, two currencies, 124 images."""

import csv
import shutil
from collections import Counter

import pytest

from shop.kernel.config import settings
from tests.integration.catalog_import.conftest import ask, census, issues, media, run


@pytest.fixture
def spree(real_data):
    return real_data("catalog-spree")


@pytest.fixture
def changed_csv(spree, tmp_path):
    """`changed_csv(change)` is the export after `change(rows)`."""

    def write(change):
        with (spree / "products.csv").open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
        change(rows)
        path = tmp_path / "changed.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, reader.fieldnames)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


async def load(spree):
    return await run(spree / "products.csv", "spree", spree / "images")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What the first import made; reading all pictures takes seconds."""
    return {"media": tmp_path_factory.mktemp("spree") / "media"}


@pytest.fixture
async def loaded(spree, kept, this_moment):
    """The whole export is in the shop: the report."""
    if "moment" in kept:
        await kept["moment"].bring_back()
        shutil.copytree(kept["media"], settings().media_dir)
    else:
        kept["report"] = await load(spree)
        shutil.copytree(settings().media_dir, kept["media"])
        kept["moment"] = this_moment()
    return kept["report"]


async def test_everything_in_the_export_is_in_the_shop(loaded):
    report = loaded
    assert report.products == Counter(created=37)
    assert (report.skus, report.prices, report.pictures) == (87, 174, 124)
    assert report.issues == []
    found = await census()
    assert found["catalog.product"] == 37
    assert found["catalog.variant"] == 87
    assert found["catalog.image"] == 124
    assert found["media"] == 124
    assert await ask("select currency, count(*) from pricing.price group by 1 order by 1") == [("EUR", 87), ("USD", 87)]


async def test_each_sku_has_its_own_price_in_both_currencies(loaded):
    rows = await ask(
        "select currency, amount, compare_at from pricing.price join catalog.variant on id = variant_id"
        " where sku = 'AUTOMATIC-ESPRESSO-MACHINE-SILVER' order by 1"
    )
    assert rows == [("EUR", 81999, None), ("USD", 87999, None)]


async def test_weights_stock_and_options_are_those_of_the_rows(loaded):
    rows = await ask(
        "select options, weight_grams, on_hand from catalog.variant v join inventory.stock_item s on s.variant_id = v.id"
        " where sku = 'AUTOMATIC-ESPRESSO-MACHINE-MATTE-BLACK'"
    )
    assert rows == [([["Color", "Matte Black"]], 8981, 5000)]
    assert await ask("select distinct on_hand from inventory.stock_item") == [(5000,)]


async def test_products_stand_in_their_categories_with_attributes_as_text(loaded):
    rows = await ask(
        "select p.title, p.attributes->>'wattage', c.slug, u.title from catalog.product p"
        " join catalog.product_category pc on pc.product_id = p.id join catalog.category c on c.id = pc.category_id"
        " join catalog.category u on u.id = c.parent_id where p.slug = 'automatic-espresso-machine'"
    )
    assert rows == [("Automatic Espresso Machine", "1400W", "kitchen/coffee-machines", "Kitchen")]
    assert ("room_coverage", "Room coverage", "text") in await ask("select code, label, type from catalog.attribute")


async def test_a_variants_image_is_its_own_and_one_of_its_products(loaded):
    rows = await ask(
        "select count(*), count(distinct v.image), count(i.name) from catalog.variant v"
        " left join catalog.image i on i.product_id = v.product_id and i.name = v.image"
    )
    assert rows == [(87, 87, 87)]


async def test_the_second_run_doubles_nothing_and_tells_nothing(spree, loaded):
    before = await census()
    report = await load(spree)
    assert report.products == Counter(unchanged=37)
    assert await census() == before


async def test_a_run_without_the_folder_of_images_leaves_images_as_they_are(spree, loaded):
    before = await census()
    report = await run(spree / "products.csv", "spree")
    assert report.products == Counter(unchanged=37)
    assert await census() == before


async def test_a_dry_run_says_the_same_and_changes_nothing(spree):
    before = await census()
    report = await run(spree / "products.csv", "spree", spree / "images", dry_run=True)
    assert report.products == Counter(created=37)
    assert (report.skus, report.prices, report.pictures) == (87, 174, 124)
    assert await census() == before
    assert media() == []


async def test_a_changed_price_updates_its_product_alone(loaded, changed_csv):
    path = changed_csv(lambda rows: rows[1].update(price="799.00"))
    report = await run(path, "spree")
    assert report.products == Counter(unchanged=36, updated=1)
    rows = await ask(
        "select amount from pricing.price join catalog.variant on id = variant_id"
        " where sku = 'AUTOMATIC-ESPRESSO-MACHINE-MATTE-BLACK' and currency = 'USD'"
    )
    assert rows == [(79900,)]


async def test_a_bad_price_costs_one_variant_and_its_other_prices(changed_csv):
    path = changed_csv(lambda rows: rows[1].update(price="free"))
    report = await run(path, "spree")
    assert report.products == Counter(created=37)
    assert report.skus == 86
    with path.open(newline="", encoding="utf-8") as file:
        euro = next(
            number
            for number, row in enumerate(csv.DictReader(file), start=2)
            if row["currency"] == "EUR" and row["sku"] == "AUTOMATIC-ESPRESSO-MACHINE-MATTE-BLACK"
        )
    assert issues(report) == [(3, "price"), (euro, "sku")]


async def test_a_variant_that_the_shop_has_survives_a_bad_row(loaded, changed_csv):
    before = await census()
    await run(changed_csv(lambda rows: rows[1].update(price="free")), "spree")
    assert await ask("select active from catalog.variant where sku = 'AUTOMATIC-ESPRESSO-MACHINE-MATTE-BLACK'") == [
        (True,)
    ]
    assert await census() == before


async def test_search_finds_an_imported_product_and_its_category_lists_it(loaded, client, drain_outbox):
    await drain_outbox()
    found = (await client.get("/api/v1/products", params={"q": "espresso"})).json()
    assert "automatic-espresso-machine" in [item["slug"] for item in found["items"]]
    page = await client.get("/c/kitchen/coffee-machines")
    assert page.status_code == 200
    assert "Automatic Espresso Machine" in page.text
    listed = (await client.get("/api/v1/products", params={"category": "kitchen", "currency": "USD"})).json()
    assert {item["price"]["currency"] for item in listed["items"]} == {"USD"}
    product = (await client.get("/api/v1/products/automatic-espresso-machine")).json()
    assert len(product["variants"]) == 3
    image = await client.get(
        product["images"][0]["url"] if isinstance(product["images"][0], dict) else product["images"][0]
    )
    assert image.status_code == 200
