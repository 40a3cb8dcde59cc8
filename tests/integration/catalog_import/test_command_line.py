"""`shop import products` and `shop demo load` as a merchant runs them."""

import os
import subprocess
import sys

from tests.integration.catalog_import.conftest import GOODS, ask, census


def shop(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shop.cli", *map(str, args)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"COLUMNS": "120"},
    )


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
        ((shop_csv(), "--preset", "spree"), "the file has no column 'currency', 'name', 'price'"),
        ((shop_csv(),), "--preset or --mapping"),
    ):
        run = shop("import", "products", *args)
        assert run.returncode != 0
        assert words in run.stderr
        assert "Traceback" not in run.stderr
    assert await ask("select count(*) from catalog.product") == [(0,)]


async def test_the_demo_is_loaded_once():
    assert "24 products made" in shop("demo", "load").stdout
    assert "not loaded" in shop("demo", "load").stdout
    assert await ask("select count(*) from catalog.product") == [(24,)]
