"""`python -m bench.large`: what 15,000 products cost, on real goods: their import, and lists beside those of 1,000.

The goods are Icecat's, looked for in `$SHOP_REALDATA` or beside the project; nothing is measured without them.
"""

import json
import os
import random
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple
from urllib.parse import urlencode

import psutil
from rich.console import Console
from rich.table import Table

from bench.checkouts import sign_in, wait_until_drained
from bench.client import Connection, LoadError, connect, request, requests_a_second, seconds_each
from bench.servers import ADMIN_EMAIL, ADMIN_PASSWORD, ROOT, Shop, StartError

SMALL = 1000
AT_ONCE = 8
ROUNDS, SECONDS = 7, 1.5
ASKED = 4000  # narrowed lists
READY_WITHIN = 300.0
LISTS = {"newest first": "/api/v1/products?limit=24", "as a page": "/search"}


class Row(NamedTuple):
    what: str
    measured: str
    asked: str
    held: bool


def find_goods() -> list[Path]:
    """Icecat's files. Exits where there are none."""
    folder = Path(os.environ.get("SHOP_REALDATA") or ROOT.parent / "shared" / "data") / "catalog-icecat"
    files = sorted(folder.glob("*.json.zip"))
    if not files:
        sys.exit(f"bench: there are no *.json.zip in {folder}; SHOP_REALDATA names the folder above")
    return files


def first_of(file: Path, count: int, target: Path) -> Path:
    with zipfile.ZipFile(file) as archive:
        goods = json.loads(archive.read(archive.namelist()[0]))
    target.write_text(json.dumps(goods[:count]))
    return target


def bring_in(shop: Shop, files: list[Path], count: int) -> tuple[float, float, float]:
    """Seconds of the import, megabytes it took at most, seconds until all can be browsed with filters."""
    started = time.perf_counter()
    command = [sys.executable, "-P", "-m", "shop.cli", "import", "products", *map(str, files), "--preset", "icecat"]
    process = psutil.Popen(command, env={**os.environ, **shop.environment}, cwd=ROOT, stdout=-3, stderr=-3)
    peak = 0
    while process.poll() is None:
        peak = max(peak, process.memory_info().rss)
        time.sleep(0.05)
    if process.returncode != 0:
        raise StartError(f"the import ended with {process.returncode}")
    took = time.perf_counter() - started
    asking = Connection(shop.port)
    while True:
        found = asking.ask(request("GET", LISTS["newest first"])).json()
        if found["total"] == count and found["facets"]:
            return took, peak / 1e6, time.perf_counter() - started
        if time.perf_counter() - started > READY_WITHIN:
            raise LoadError(f"only {found['total']} products can be browsed")
        time.sleep(0.2)


def narrowed_lists(asking: Connection) -> list[bytes]:
    """Questions with a filter each, and often two, out of what the shop itself offers, over all goods and in categories."""
    dice = random.Random(15)
    tree = asking.ask(request("GET", "/api/v1/categories")).json()["items"]
    largest = sorted(tree, key=lambda each: -each["product_count"])[:10]
    offered = []
    for category in ("", *(each["slug"] for each in largest)):
        base = [("category", category)] if category else []
        found = asking.ask(request("GET", f"/api/v1/products?{urlencode(base)}")).json()
        pairs = [(f"attr.{facet['code']}", value["value"]) for facet in found["facets"] for value in facet["values"]]
        offered += [[*base, pair] for pair in dice.sample(pairs, min(40, len(pairs)))]
    more = ((), (("in_stock", "true"),), (("price_min", "2000"),), (("sort", "price_asc"),))
    asked = [dice.choice(offered) + list(dice.choice(more)) for _ in range(ASKED)]
    return [request("GET", f"/api/v1/products?{urlencode(each)}") for each in asked]


def measure(folder: Path) -> list[Row]:
    files = find_goods()
    with Shop(_made(folder / "large")) as large, Shop(_made(folder / "small")) as small:
        settings = {"SHOP_DEMO": "0", "SHOP_PAGE_CACHE": "off", "SHOP_STAFF_SECOND_FACTOR": "optional"}
        for shop in (large, small):
            shop.environment |= settings
            shop.start()
        took, megabytes, ready = bring_in(large, files, 15_000)
        bring_in(small, [first_of(files[0], SMALL, folder / "goods.json")], SMALL)
        rows = [
            Row("import of 15,000", f"{took:.1f} s", "60 s", took < 60),
            Row("memory of the import", f"{megabytes:.0f} MB", "300 MB", megabytes < 300),
            Row("all can be browsed, after its start", f"{ready:.1f} s", "60 s", ready < 60),
        ]
        many, few = (connect(shop.port, shop.workers(), AT_ONCE) for shop in (large, small))
        for connections in (many, few):
            wait_until_drained(connections[0], sign_in(connections[0], ADMIN_EMAIL, ADMIN_PASSWORD))
        for what, path in LISTS.items():
            rates = [
                (requests_a_second(many, path, SECONDS), requests_a_second(few, path, SECONDS)) for _ in range(ROUNDS)
            ]
            with_many, with_few = (median(each) for each in zip(*rates, strict=True))
            ratio = with_many / with_few
            told = f"{ratio:.2f} ({with_many:,.0f}/s : {with_few:,.0f}/s)"
            rows.append(Row(f"unfiltered list {what}, against 1,000", told, "0.80", ratio >= 0.8))
        questions = narrowed_lists(many[0])
        seconds_each(many, questions[:200])
        times = seconds_each(many, questions)
        p50, p95 = (quantiles(times, n=100)[place] * 1000 for place in (49, 94))
        rows.append(
            Row("narrowed list with facets, 8 at once, p95", f"{p95:.0f} ms (p50 {p50:.0f})", "40 ms", p95 < 40)
        )
    return rows


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="shop-bench-") as folder:
        rows = measure(Path(folder))
    table = Table("what", "measured", "asked", "held?", title="15,000 products")
    for row in rows:
        table.add_row(row.what, row.measured, row.asked, "yes" if row.held else "NO", style="" if row.held else "red")
    Console().print(table)


if __name__ == "__main__":
    main()
