"""What `shop export products` writes, `shop import products --preset shop` makes the same catalogue of."""

import csv
import random
from datetime import UTC, datetime

import pytest

from shop.contracts.pricing import Price, Prices
from shop.kernel.db import write
from shop.kernel.media.store import store_picture
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.modules.catalog.demo.load import load_demo
from shop.modules.catalog.schemas import AttributeDefinition, ImageDraft, VariantDraft
from shop.modules.catalog.service.offer_currencies import offer_currencies
from shop.modules.catalog.service.upsert_categories import upsert_category
from shop.modules.catalog.service.upsert_products import define_attributes
from tests.factories.catalog import make_product
from tests.factories.pictures import make_picture
from tests.integration.catalog_export.conftest import catalogue, comes_back, export, import_again
from tests.integration.catalog_import.conftest import run

NASTY = [
    "=1+1", "'=1+1", "''=cmd|' /C calc'!A0", "+49 30 1", "-5", "@SUM(A1)", "'quoted'", "'", "plain", "Größe Ü ß", "日本語",
    'he said "hi"', "a, b; c\td", "😀", "{braces} {x}", "[kg]", "a > b | c", "1e5", "0012", "TRUE", "null", "#N/A", "\\n",
]  # fmt: skip


async def nasty_catalogue():
    """A bit of everything that a cell, a header or a path can trip over."""
    await write(
        define_attributes,
        [],
        [
            AttributeDefinition("last_alphabetically", "zzz", "text"),
            AttributeDefinition("weight_kg", "Weight [kg]", "number"),
            AttributeDefinition("braced", "Braced {x}", "text"),
            AttributeDefinition("hidden", "Hidden", "text", facet=False),
            AttributeDefinition("secret_number", "Hidden", "number", facet=False),
            AttributeDefinition("twin", "Twin", "text"),
            AttributeDefinition("twin_2", "Twin", "text"),
            AttributeDefinition("ratio", "Ratio", "number"),
            AttributeDefinition("waterproof", "Waterproof", "bool"),
            AttributeDefinition("private", "Private", "bool", facet=False),
            AttributeDefinition("never_used", "Never used", "number"),
        ],
    )
    await write(upsert_category, ("Zoo", "Empty one"))
    await write(upsert_category, ("Attic",))
    pictures = [store_picture(make_picture(color=(number, 90, 10))) for number in range(5)]
    images = tuple(
        ImageDraft(each.name, each.width, each.height, alt)
        for each, alt in zip(pictures, ["=Front", 'Back, "inside"', "Side", "Top | left", "'=odd"], strict=True)
    )  # fmt: skip
    everything = await make_product(
        "'=Title, with “signs”",
        slug="everything",
        category=["Zoo/Big", "Attic", "Zoo"],
        variants=tuple(
            VariantDraft(f"SKU {n}", {f"Option {o}": NASTY[(n + o) % len(NASTY)] for o in range(9)}, n, images[n].name)
            for n in range(3)
        ),
        price=[1, 20_000, 333],
        compare_at=50_000,
        stock=[0, 1, 999],
        tax_class="reduced",
        images=images,
        status="archived",
        description_html="<p>=1+1</p>\n<ul>\n<li>a &amp; b</li>\n</ul>\r\n<p>end</p>",
        seo_title="-seo",
        seo_description="@seo, 'quoted'",
        published_at=datetime(2026, 5, 31, 22, 59, 59, 123400, tzinfo=UTC),
    )
    for currency, amounts in (("JPY", [100, 200, 300]), ("USD", [199, 299, 399]), ("KWD", [1001, 1002, 1003])):
        await write(offer_currencies, [currency])
        prices = [
            Price(variant.id, Money(amount, currency), Money(amount * 2, currency) if amount % 2 else None, "reduced")
            for variant, amount in zip(everything.variants, amounts, strict=True)
        ]
        await write(port(Prices).set_prices, prices)
    values = random.Random(8)  # the same goods each time
    for number, words in enumerate(NASTY):
        await make_product(
            words.replace("\t", " "),
            slug=f"nasty-{number}",
            price=values.randrange(10**6),
            category=None if number % 3 else ("Zoo/Small" if number % 2 else "Cellar/Deep/Deeper"),
            attributes={
                "Last alphabetically": words, "Twin": words, "Waterproof": bool(number % 2), "Ratio": values.choice([0, -5, 0.1, 1e-7, 12]),
            },
            status=values.choice(["draft", "active", "archived"]),
            images=images[number % 5 :] if number % 4 else (),
        )  # fmt: skip
    await make_product(
        "Drafted",
        slug="drafted",
        status="draft",
        published_at=None,
        description_html="",
        category=None,
        tax_class="zero",
    )


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
async def test_a_nasty_catalogue_comes_back(tmp_path, kind):
    await nasty_catalogue()
    await comes_back(tmp_path, kind)


async def test_the_demo_comes_back_with_its_drawings(tmp_path):
    await load_demo()
    await comes_back(tmp_path)


async def test_a_real_shop_comes_back(real_data, tmp_path):
    spree = real_data("catalog-spree")
    await run(spree / "products.csv", "spree", spree / "images")
    await comes_back(tmp_path)


async def test_no_cell_begins_like_a_formula(tmp_path):
    await nasty_catalogue()
    await export(tmp_path / "goods.csv")
    with (tmp_path / "goods.csv").open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}] == []
    assert "'=1+1" in cells
    assert "''=1+1" in cells


async def test_an_export_of_a_shop_changes_nothing_in_the_same_shop(tmp_path):
    await nasty_catalogue()
    before = await catalogue()
    await export(tmp_path / "goods.csv")
    report = await run(tmp_path / "goods.csv")
    assert set(report.products) == {"unchanged"}
    assert await catalogue() == before


async def test_signs_of_the_format_in_a_title_change_the_title_and_not_the_address(tmp_path):
    await make_product(slug="mug", category=["Pots > Pans", "A | B"])
    report = await export(tmp_path / "goods.csv")
    assert len(report.losses) == 1
    assert report.losses[0].startswith("mug: the title of its category")
    before = await catalogue()
    await import_again(tmp_path / "goods.csv")
    after = await catalogue()
    assert after["product_categories"] == before["product_categories"]
    assert {row[1] for row in after["categories"]} == {"Pots › Pans", "A ¦ B"}  # the very signs


async def test_what_can_not_be_bought_is_told(tmp_path):
    await make_product(slug="free", price=None)
    await make_product(slug="good")
    report = await export(tmp_path / "goods.csv")
    assert [loss.split(":")[0] for loss in report.losses] == ["free"]
    assert not report.whole


async def test_a_plain_description_becomes_the_paragraphs_that_an_import_makes(tmp_path):
    await make_product(slug="plain", description_html="One\n\nTwo &amp; three")
    await export(tmp_path / "goods.csv")
    await import_again(tmp_path / "goods.csv")
    assert (await catalogue())["products"][0][2] == "<p>One</p><p>Two &amp; three</p>"


async def test_a_picture_that_is_lost_is_told(tmp_path):
    await make_product(slug="lost", images=(ImageDraft("0" * 32 + "-10x10-01.png", 10, 10, "x"),))
    report = await export(tmp_path / "goods.csv", tmp_path / "images")
    assert report.losses == [f"lost: its picture {'0' * 32}-10x10-01.png is not in the media folder"]


async def test_drawings_of_strangers_stay_outside(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "evil.svg").write_bytes(b'<svg viewBox="0 0 8 8"><script>alert(1)</script></svg>')
    (tmp_path / "goods.csv").write_text("slug,title,sku,price_eur,images\na,A,A,1,evil.svg\n")
    report = await import_again(tmp_path / "goods.csv", tmp_path / "images")
    assert report.products["created"] == 1
    assert [issue.message for issue in report.issues] == [
        "image left out: an SVG file can hold scripts: only drawings that ship with the shop are taken"
    ]


async def test_thousands_of_attributes_come_back_in_their_order(tmp_path):
    """Their names alone fill more than what is read of a file at first."""
    definitions = [
        AttributeDefinition(f"a_{n}", f"An attribute with a long name, no. {n * 7919 % 3001}") for n in range(3000)
    ]
    await write(define_attributes, [], definitions)
    await make_product(slug="mug", attributes={"A 2999": "last"})
    await comes_back(tmp_path, "jsonl")
    await comes_back(tmp_path, "csv")
