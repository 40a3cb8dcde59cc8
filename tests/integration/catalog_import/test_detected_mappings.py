"""A mapping that `detect` proposes, without any preset's help, brings in the same catalogue as the preset does."""

import json
import random
import zipfile
from pathlib import Path

import pytest

from shop.modules.catalog.importing.detection import detect_mapping
from shop.modules.catalog.importing.mapping import parse_mapping
from shop.modules.catalog.importing.reader import UnreadableFile
from tests.conftest import as_owner
from tests.integration.catalog_import.conftest import GOODS, ask, run

FILES = Path(__file__).parent / "files"


async def catalogue() -> dict[str, list[tuple]]:
    """What a shopper sees, without ids."""
    return {
        "products": await ask("select slug, title, description_html, status from catalog.product order by 1"),
        "variants": await ask("select sku, options, weight_grams, position, active from catalog.variant order by 1"),
        "prices": await ask(
            "select v.sku, p.currency, p.amount, p.compare_at, p.tax_class from pricing.price p"
            " join catalog.variant v on v.id = p.variant_id order by 1, 2"
        ),
        "stock": await ask(
            "select v.sku, s.on_hand from inventory.stock_item s join catalog.variant v on v.id = s.variant_id"
            " where s.on_hand > 0 order by 1"
        ),
        "categories": await ask(
            "select p.slug, c.slug from catalog.product p join catalog.product_category pc on pc.product_id = p.id"
            " join catalog.category c on c.id = pc.category_id order by 1, 2"
        ),
        "images": await ask(
            "select p.slug, i.name, i.position from catalog.image i join catalog.product p on p.id = i.product_id"
            " order by 1, 3"
        ),
        "pictured": await ask("select sku, image from catalog.variant order by 1"),
    }


async def compared(path: Path, preset: str, images: Path | None = None, complete: dict[str, str] | None = None):
    """Both catalogues: by the preset, and by what is detected with the lines of `complete` put in their places."""
    await run(path, preset, images)
    expected = await catalogue()
    as_owner(
        "truncate catalog.product, catalog.category, catalog.attribute, pricing.price, inventory.stock_item cascade"
    )
    found = detect_mapping(path, with_presets=False)
    toml = found.toml
    for before, after in (complete or {}).items():
        assert before in toml, toml
        toml = toml.replace(before, after)
    report = await run(path, parse_mapping(toml.encode(), "detected"), images)
    assert not [issue for issue in report.issues if not issue.warning], report.issues[:3]
    return expected, await catalogue(), found


async def test_spree_is_detected(real_data):
    folder = real_data("catalog-spree")
    expected, found, _ = await compared(folder / "products.csv", "spree", folder / "images")
    assert found == expected


async def test_shopify_is_detected_but_for_what_it_says(tmp_path):
    expected, found, detection = await compared(FILES / "shopify.csv", "shopify")
    assert found | {"categories": []} == expected | {"categories": []}
    assert detection.missing == ()
    assert "currency" in " ".join(detection.told)


async def test_icecat_is_detected_but_for_what_it_says(real_data, tmp_path):
    with zipfile.ZipFile(real_data("catalog-icecat") / "1.json.zip") as archive:
        records = json.loads(archive.read("1.json"))[:300]
    path = tmp_path / "icecat.json"
    path.write_text(json.dumps(records))
    expected, found, detection = await compared(path, "icecat", complete={"stock = 0": "stock = 100"})
    assert found | {"categories": []} == expected | {"categories": []}
    told = " ".join(detection.told)
    assert "cents" in told
    assert "defaults.stock" in told
    assert "category" in told


async def test_our_own_format_is_detected(shop_csv):
    expected, found, _ = await compared(shop_csv(*GOODS), "shop")
    assert found == expected


@pytest.mark.parametrize("name", ["shopify.csv", "shopify_new_columns.csv"])
def test_a_preset_that_fits_goes_before_any_guess(name):
    found = detect_mapping(FILES / name)
    assert found.preset == "shopify"
    assert found.missing == ()
    assert parse_mapping(found.toml.encode(), "detected")


async def test_a_german_spreadsheet_is_detected_and_imported(tmp_path):
    path = tmp_path / "artikel.csv"
    path.write_bytes(
        "Artikelnummer;Bezeichnung;Beschreibung;Verkaufspreis;Warengruppe;Bestand;Gewicht kg;Hersteller;Bild\r\n"
        "T-1;Große Tasse;Zweimal gebrannt, spülmaschinenfest und für jeden Tag gemacht;1.249,90;Küche > Tassen;7;0,3;Müller;a.jpg\r\n"
        "T-2;Kleine Tasse;Einmal gebrannt, für Espresso und für Besuch gemacht;8,50;Küche > Tassen;0;0,1;Müller;b.jpg\r\n"
        .encode("cp1252")
    )  # fmt: skip
    found = detect_mapping(path)
    assert found.missing == ()
    report = await run(path, parse_mapping(found.toml.encode(), "detected"))
    assert report.products["created"] == 2, report.issues
    assert await ask("select title, slug from catalog.product order by 1") == [
        ("Große Tasse", "grosse-tasse-t-1"),
        ("Kleine Tasse", "kleine-tasse-t-2"),
    ]
    assert (await catalogue())["prices"] == [
        ("T-1", "EUR", 124990, None, "standard"),
        ("T-2", "EUR", 850, None, "standard"),
    ]
    assert (await catalogue())["categories"][0] == ("grosse-tasse-t-1", "kuche/tassen")


async def test_a_remark_in_a_columns_name_hides_nothing_and_a_weight_is_no_price(tmp_path):
    path = tmp_path / "artikel.csv"
    path.write_text(
        "Artikelnummer;Bezeichnung;Preis (brutto);Bestand;Gewicht (kg)\n"
        "T-1;Große Tasse;1.249,90 €;7;0,3\nT-2;Kleine Tasse;8,50 €;0;0,1\nT-3;Löffel;auf Anfrage;1;0,05\n"
    )
    found = detect_mapping(path)
    assert found.missing == ()
    report = await run(path, parse_mapping(found.toml.encode(), "detected"))
    assert [(issue.row, issue.column) for issue in report.issues if issue.column] == [(4, "Preis (brutto)")]
    shown = await catalogue()
    assert [(sku, amount) for sku, _, amount, *_ in shown["prices"]] == [("T-1", 124990), ("T-2", 850)]
    assert [grams for _, _, grams, *_ in shown["variants"]] == [300, 100]


def test_a_column_that_its_name_explains_is_not_guessed_to_be_the_price(tmp_path):
    path = tmp_path / "goods.csv"
    path.write_text("sku,title,weight kg,cost\nA,Mug,0.35,4.10\nB,Cup,0.20,3.05\n")
    assert 'amount = "cost"' in detect_mapping(path).toml


def test_a_file_without_rows_is_refused(tmp_path):
    path = tmp_path / "goods.csv"
    path.write_text("sku,title,price,colour\n")
    with pytest.raises(UnreadableFile, match="names 4 columns and has no rows"):
        detect_mapping(path)


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_refused_without_words_of_codecs(tmp_path, seed):
    path = tmp_path / "noise.csv"
    path.write_bytes(random.Random(seed).randbytes(50_000))
    with pytest.raises(UnreadableFile) as refused:
        parse_mapping(detect_mapping(path).toml.encode(), "noise")
    assert "codec" not in str(refused.value)


async def test_variants_within_json_are_detected(tmp_path):
    path = tmp_path / "goods.json"
    path.write_text(
        json.dumps(
            {
                "products": [
                    {
                        "id": 7, "handle": "mug", "title": "Mug", "body_html": "<p>Clay.</p>", "vendor": "Clayworks",
                        "variants": [
                            {"sku": "M-S", "price": "9.90", "size": "S", "inventory_quantity": 3},
                            {"sku": "M-L", "price": "12.00", "size": "L", "inventory_quantity": 0},
                        ],
                        "images": [{"src": "https://example.com/mug.jpg"}],
                    },
                    {"id": 8, "handle": "bowl", "title": "Bowl", "variants": [{"sku": "B", "price": "15.00"}]},
                ]
            }
        )
    )  # fmt: skip
    found = detect_mapping(path)
    assert found.missing == ()
    report = await run(path, parse_mapping(found.toml.encode(), "detected"))
    assert report.products["created"] == 2, report.issues
    shown = await catalogue()
    assert [(sku, options) for sku, options, *_ in shown["variants"]] == [
        ("B", []),
        ("M-L", [["Size", "L"]]),
        ("M-S", [["Size", "S"]]),
    ]
    assert shown["stock"] == [("M-S", 3)]


def test_what_is_missing_is_said_and_marked(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("latitude,longitude\n1,2\n")
    found = detect_mapping(path)
    assert set(found.missing) == {"product.title", "prices.amount"}
    assert "MISSING: prices.amount" in found.toml
    parse_mapping(found.toml.encode(), "detected")


def test_every_csv_of_the_spectrum_gets_a_mapping_that_can_be_read(real_data):
    for path in sorted((real_data("bad-input/csv-spectrum") / "csvs").glob("*.csv")):
        parse_mapping(detect_mapping(path).toml.encode(), path.name)


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("utf-16-le", "utf-16-le"), ("cp1252", "cp1252")]
)  # fmt: skip
def test_the_encoding_is_told_and_named_where_the_file_does_not_say_it(tmp_path, encoding, named):
    path = tmp_path / "goods.csv"
    path.write_bytes(("sku,title,price\n" + "".join(f"{n},Große Täßchen,8.50\n" for n in range(500))).encode(encoding))
    found = detect_mapping(path)
    assert found.missing == ()
    assert parse_mapping(found.toml.encode(), "detected").file.encoding == named


def test_a_long_line_of_utf_8_is_not_taken_for_something_else(tmp_path):
    path = tmp_path / "goods.json"
    path.write_text(
        json.dumps([{"sku": str(n), "title": "ß€" * 50, "price": "8.50"} for n in range(5000)], ensure_ascii=False)
    )
    assert parse_mapping(detect_mapping(path).toml.encode(), "detected").file.encoding is None
