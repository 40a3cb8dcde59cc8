"""`python -m bench.statements`: statements of a wallet with a million entries: a few days at once, a year as CSV and PDF."""

import csv
import os
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple
from uuid import UUID

import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from bench.checkouts import sign_in
from bench.client import Connection, LoadError, connect, request, seconds_each
from bench.servers import ADMIN_EMAIL, ADMIN_PASSWORD, Shop, StartError
from shop.kernel import embedded
from tests.factories.ledger import seed

ENTRIES = 1_000_000
YEAR = ("2025-01-01", "2025-12-31")
DAYS = ("2026-02-01", "2026-02-15")
ITEMS = 500
AT_ONCE = 8
ROUNDS, ASKED = 15, 300  # pages of the few days in each; the middle round counts, as the machine has slow moments
PAGE = 100  # items: the most that one answer holds
READY_WITHIN = 600.0
STATEMENT = "/api/v1/wallet/statement?from={}&to={}"


class Row(NamedTuple):
    what: str
    measured: str
    asked: str
    held: bool


def fill_wallet(shop: Shop) -> float:
    """The wallet of whoever signs in here: a year with a million entries, then a few days with 500. Seconds it took."""
    urls = embedded.discover(shop.data_dir)
    if urls is None:
        raise StartError("the shop's services can't be found")
    began = time.perf_counter()
    with psycopg.connect(urls.database_owner_url, autocommit=True) as database:
        found = database.execute("select id from identity.account where email = %s", [ADMIN_EMAIL]).fetchone()
        owner = UUID(str(found[0])) if found else None
        if owner is None:
            raise StartError(f"{ADMIN_EMAIL} has no account")
        seed(database, owner, ENTRIES, datetime(2024, 12, 31, 23, tzinfo=UTC), datetime(2025, 12, 31, 22, tzinfo=UTC))
        few = datetime.fromisoformat(DAYS[0]).replace(tzinfo=UTC)
        seed(database, owner, ITEMS, few, few + timedelta(days=14, hours=22))
        for table in ("entry", "transaction", "account"):
            database.execute(f"vacuum analyze wallet.{table}")
    return time.perf_counter() - began


def pages_of_few_days(asking: Connection, token: str) -> list[bytes]:
    """A question for each page, which together hold every item. Raises LoadError when they don't."""
    pages, items, cursor = [], 0, ""
    while cursor is not None:
        path = f"{STATEMENT.format(*DAYS)}&limit={PAGE}{cursor and f'&cursor={cursor}'}"
        pages.append(request("GET", path, Authorization=f"Bearer {token}"))
        told = asking.ask(pages[-1]).json()
        items += len(told["items"])
        cursor = told["next_cursor"]
    if items != ITEMS:
        raise LoadError(f"the few days have {items} items")
    return pages


def check_books(asking: Connection, token: str) -> float:
    """Seconds that it takes to hold all entries against each other. Raises LoadError when they don't balance."""
    question = request("GET", "/api/v1/admin/ledger/check", Authorization=f"Bearer {token}")
    began = time.perf_counter()
    books = asking.ask(question).json()
    taken = time.perf_counter() - began
    if not books["balanced"]:
        raise LoadError(f"the books don't balance: {books['differences']}")
    return taken


class Made(NamedTuple):
    """Seconds, by the clock and of the worker's CPU, and megabytes (PSS) of its process before and at most."""

    csv: float
    csv_cpu: float
    pdf: float
    pdf_cpu: float
    before: float
    peak: float
    pages: int


def make_year(shop: Shop, asking: Connection, token: str) -> Made:
    worker = next(each for each in shop.process.children(recursive=True) if each.cmdline()[-1:] == ["worker"])
    before = peak = _megabytes(worker)
    folder = shop.data_dir / "statements"
    headers = {"Authorization": f"Bearer {token}"}
    taken = asking.ask(request("GET", STATEMENT.format(*YEAR), **headers)).json()
    question = request("GET", taken["status_url"], **headers)
    asked = time.perf_counter()
    began = csv_done = None
    cpu = [_cpu(worker)] * 2
    while (state := asking.ask(question).json())["status"] != "ready":
        now = time.perf_counter()
        if state["status"] == "failed" or now - asked > READY_WITHIN:
            raise LoadError(f"the statement is not made: {state}")
        if began is None and any(folder.glob("*.part")):
            began, cpu[0] = now, _cpu(worker)
        if csv_done is None and any(folder.glob("*.pdf.part")):
            csv_done, cpu[1] = now, _cpu(worker)
        peak = max(peak, _megabytes(worker))
        time.sleep(0.05)
    ended, cpu_ended = time.perf_counter(), _cpu(worker)
    if began is None or csv_done is None:
        raise LoadError("the statement was made behind our back")
    pages = _check(folder, state["closing_balance"]["amount"])
    return Made(csv_done - began, cpu[1] - cpu[0], ended - csv_done, cpu_ended - cpu[1], before, peak, pages)


def _check(folder: Path, closing_balance: int) -> int:
    """Pages of the PDF. Raises LoadError when a file doesn't hold what it should."""
    (table,), (paper,) = folder.glob("*.csv"), folder.glob("*.pdf")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows, last = 0, {"balance": ""}
        for row in csv.DictReader(file):
            rows, last = rows + 1, row
    if rows != ENTRIES + 2 or last["balance"].replace(".", "") != str(closing_balance):
        raise LoadError(f"the CSV has {rows} rows and ends with {last}")
    pages = paper.read_bytes().count(b"<</Type/Page/")
    if pages < ENTRIES / 60:
        raise LoadError(f"the PDF has {pages} pages")
    return pages


def _cpu(process: psutil.Process) -> float:
    """Seconds; on a busy machine they tell more than the clock does."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _megabytes(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return float(process.memory_full_info().pss) / 1e6
    raise StartError("the worker is gone")


def measure(folder: Path) -> list[Row]:
    with Shop(folder) as shop:
        shop.environment["SHOP_DEMO"] = "0"
        shop.start(SHOP_STAFF_SECOND_FACTOR="optional")
        print(f"the wallet was filled in {fill_wallet(shop):.0f} s", file=sys.stderr)
        if os.getloadavg()[0] > 0.5 * (os.cpu_count() or 1):
            print(
                f"the machine is busy (load {os.getloadavg()[0]:.1f}): figures by the clock say little", file=sys.stderr
            )
        connections = connect(shop.port, shop.workers(), AT_ONCE)
        token = sign_in(connections[0], ADMIN_EMAIL, ADMIN_PASSWORD)
        books = min(check_books(connections[0], token) for _ in range(3))
        pages = pages_of_few_days(connections[0], token)
        seconds_each(connections, pages * 20)
        web = [psutil.Process(pid) for pid in shop.workers()]
        cpu = sum(map(_cpu, web))
        rounds = [seconds_each(connections, pages * (ASKED // len(pages))) for _ in range(ROUNDS)]
        p50, p95 = (median(quantiles(each, n=100)[place] * 1000 for each in rounds) for place in (49, 94))
        rate = median(AT_ONCE * len(each) / sum(each) for each in rounds)
        cpu = (sum(map(_cpu, web)) - cpu) / sum(map(len, rounds)) * 1000
        whole = seconds_each(connections[:1], pages * 20)
        made = make_year(shop, connections[0], token)
    at_once = f"{p95:.1f} ms (p50 {p50:.1f}, {rate:,.0f}/s; {cpu:.1f} ms of CPU each)"
    few = f"15 days, {ITEMS} items, pages of {PAGE}, {AT_ONCE} at once, p95"
    all_pages = sum(whole) / 20 * 1000
    return [
        Row(few, at_once, "30 ms", p95 < 30),
        Row(f"the same, all {len(pages)} pages one after the other, alone", f"{all_pages:.0f} ms", "", held=True),
        Row(
            f"year with {ENTRIES:,} entries: CSV",
            f"{made.csv:.1f} s ({made.csv_cpu:.1f} s of CPU)",
            "60 s",
            made.csv < 60,
        ),
        Row(f"PDF after it, {made.pages:,} pages", f"{made.pdf:.1f} s ({made.pdf_cpu:.1f} s of CPU)", "", held=True),
        Row("the books checked, each entry with its other side", f"{books:.1f} s", "", held=True),
        Row("memory of the worker (PSS)", f"{made.peak:.0f} MB (before {made.before:.0f})", "200 MB", made.peak < 200),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="shop-bench-") as folder:
        rows = measure(Path(folder))
    table = Table("what", "measured", "asked", "held?", title=f"Statements of a wallet with {ENTRIES:,} entries")
    for row in rows:
        table.add_row(row.what, row.measured, row.asked, "yes" if row.held else "NO", style="" if row.held else "red")
    Console().print(table)


if __name__ == "__main__":
    main()
