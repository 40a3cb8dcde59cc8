"""`shop import products` and `shop demo load` as a merchant runs them."""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys

from tests.fakes import terminal
from tests.integration.catalog_import.conftest import GOODS, ask, census


def shop(*args: object) -> subprocess.CompletedProcess[str]:
    return terminal.shop(*args, COLUMNS="120")


async def test_a_good_file_ends_with_counts_and_success(shop_csv):
    run = shop("import", "products", shop_csv(), "--preset", "shop")
    assert run.returncode == 0, run.stderr
    assert "2 created, 0 updated, 0 unchanged, 0 refused. In them 3 SKUs, 4 prices" in run.stdout
    assert await ask("select count(*) from catalog.product") == [(2,)]
    again = shop("import", "products", shop_csv(), "--preset", "shop")
    assert "0 created, 0 updated, 2 unchanged" in again.stdout


async def test_refused_rows_stand_in_a_table_and_the_exit_code_says_so(shop_csv):
    bad = shop_csv(GOODS[0], GOODS[1] | {"price_eur": "[red]\x1b[31mfree"}, GOODS[2])
    run = shop("import", "products", bad, "--preset", "shop")
    assert run.returncode == 1
    row = next(line for line in run.stdout.splitlines() if "price_eur" in line)
    assert " 3 " in row
    assert "[red]" in row
    assert "\x1b" not in run.stdout
    assert await ask("select count(*) from catalog.variant") == [(2,)]


async def test_pictures_that_nobody_looks_for_are_spoken_of(tmp_path, shop_csv):
    told = "pictures are looked for in the folder that --images names"
    pictured = shop_csv(GOODS[0] | {"images": "mug.webp"})
    assert told in shop("import", "products", pictured, "--preset", "shop", "--dry-run").stderr
    assert (
        told not in shop("import", "products", pictured, "--preset", "shop", "--dry-run", "--images", tmp_path).stderr
    )


async def test_a_dry_run_says_so_and_changes_nothing(shop_csv):
    before = await census()
    run = shop("import", "products", shop_csv(), "--preset", "shop", "--dry-run")
    assert run.returncode == 0, run.stderr
    assert "nothing was changed" in run.stdout
    assert await census() == before


async def test_what_can_not_be_imported_at_all_is_one_line(shop_csv, tmp_path):
    mapping = tmp_path / "mine.toml"
    mapping.write_text("rows = 3")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("slug,title,sku,price_eur\ncafé,Café,1,2\n".encode("latin-1"))
    for args, words in (
        ((shop_csv(), "--mapping", mapping), "mine.toml"),
        ((latin, "--preset", "shop"), "row 2: not UTF-8"),
        ((shop_csv(), "--preset", "spree"), "goods.csv: the file has no column 'currency', 'name', 'price'"),
        ((shop_csv(), latin, "--preset", "shop"), "latin.csv: row 2: not UTF-8"),
        ((shop_csv(), "--preset", "shop", "--currency", "EURO"), "'EURO' is not an ISO 4217 code"),
        ((shop_csv(),), "--preset or --mapping"),
    ):
        run = shop("import", "products", *args)
        assert run.returncode != 0
        assert words in run.stderr
        assert "Traceback" not in run.stderr
    assert await ask("select count(*) from catalog.product") == [(0,)]


async def test_several_files_and_packed_ones_are_one_import(shop_csv, tmp_path):
    packed = tmp_path / "more.csv.gz"
    more = GOODS[2] | {"slug": "tin", "title": "Tin", "sku": "TIN", "price_eur": "?"}
    packed.write_bytes(
        gzip.compress(shop_csv(GOODS[0] | {"slug": "cup", "title": "Cup", "sku": "CUP"}, more).read_bytes())
    )
    run = shop("import", "products", shop_csv(), packed, "--preset", "shop")
    assert run.returncode == 1
    assert "3 created, 0 updated, 0 unchanged, 1 refused. In them 4 SKUs" in run.stdout
    assert "more.csv.gz" in run.stdout
    assert await ask("select slug from catalog.product order by 1") == [("blue-bowl",), ("cup",), ("red-mug",)]


async def test_what_is_detected_can_be_imported_at_once(shop_csv, tmp_path):
    path = tmp_path / "artikel.csv"
    path.write_text("Artikelnummer;Titel;Preis\nT-1;Tasse;8,50\n")
    mapping = tmp_path / "mine.toml"
    found = shop("import", "detect", path, "--output", mapping)
    assert found.returncode == 0, found.stderr
    assert "CSV, cells parted by ';'" in found.stderr
    run = shop("import", "products", path, "--mapping", mapping, "--currency", "usd")
    assert "1 created" in run.stdout, run.stderr
    assert await ask("select amount, currency from pricing.price") == [(850, "USD")]
    assert "--preset shop" in shop("import", "detect", shop_csv()).stderr
    path.write_text("latitude,longitude\n1,2\n")
    unknown = shop("import", "detect", path)
    assert unknown.returncode == 1
    assert "MISSING" in unknown.stdout


async def test_an_interrupt_leaves_whole_products_and_says_how_to_go_on(tmp_path):
    path = tmp_path / "many.jsonl"
    goods = ({"slug": f"p-{n}", "title": f"P {n}", "sku": f"S-{n}", "price_eur": 1, "stock": 5} for n in range(20_000))
    path.write_text("\n".join(map(json.dumps, goods)))
    run = subprocess.Popen(
        [sys.executable, "-m", "shop.cli", "import", "products", str(path), "--preset", "shop"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not await ask("select 1 from catalog.product limit 1") and run.poll() is None:
        await asyncio.sleep(0.05)
    run.send_signal(signal.SIGINT)
    stdout, stderr = run.communicate(timeout=60)
    assert run.returncode == 130, stderr
    assert "Run the same command again to go on" in " ".join(stdout.split())
    ((products, priced, stocked),) = await ask(
        "select count(distinct v.id), count(distinct p.variant_id), count(distinct s.variant_id) from catalog.variant v"
        " left join pricing.price p on p.variant_id = v.id left join inventory.stock_item s on s.variant_id = v.id"
    )
    assert 0 < products < 20_000
    assert products == priced == stocked
    assert f"{products} created" in stdout


async def test_the_demo_is_loaded_once():
    first = shop("demo", "load").stdout
    ((count,),) = await ask("select count(*) from catalog.product")
    assert f"{count} products made" in first
    assert "not loaded" in shop("demo", "load").stdout
    assert await ask("select count(*) from catalog.product") == [(count,)]


def test_a_merchant_may_import_before_the_shop_has_ever_run(shop_csv, tmp_path):
    fresh = {name: value for name, value in os.environ.items() if name not in {"SHOP_DATABASE_URL", "SHOP_REDIS_URL"}}
    run = subprocess.run(
        [sys.executable, "-m", "shop.cli", "import", "products", str(shop_csv()), "--preset", "shop"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=fresh | {"SHOP_DATA_DIR": str(tmp_path / "data")},
    )
    assert run.returncode == 0, run.stderr
    assert "2 created" in run.stdout
