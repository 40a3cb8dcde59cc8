"""The example package and the example theme in a whole shop: its pages, its worker, its database. Each test has a product
of its own to buy."""

import ast
import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from psycopg.types.json import Jsonb

from shop.kernel import embedded
from tests.e2e.running_shop import ADMIN, PASSWORD, Shop, free_port
from tests.examples.conftest import EXAMPLES

PATIENCE = 90  # seconds
SUBSCRIBER = "shop_bestsellers.when_order_paid_count_it"
WITHOUT = {"PYTHONPATH": "", "SHOP_THEME_DIR": ""}


def until(true: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.1)


def ask(shop: Shop, statement: str, *values: Any) -> list[Any]:
    """What the shop's own database answers."""
    services = embedded.discover(Path(shop.settings["SHOP_DATA_DIR"]))
    assert services
    with psycopg.connect(services.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def counted(shop: Shop, slug: str) -> int:
    of_product = "select orders from bestsellers.order_count where product_id = %s"
    return sum(orders for (orders,) in ask(shop, of_product, shop.product(slug)["id"]))


def buy(shop: Shop, slug: str) -> dict[str, Any]:
    """A paid order that the module has counted."""
    before = counted(shop, slug)
    order = shop.place_order("module@example.com", "ok", slug)
    assert order["status"] == "paid"
    until(lambda: counted(shop, slug) == before + 1, "the order is counted")
    return order


def deliver(shop: Shop, order: dict[str, Any], event_id: Any) -> None:
    """Puts into the outbox what is there when `order` is paid, and waits until it is gone."""
    paid = {
        "order_id": order["id"],
        "account_id": None,
        "variant_ids": [line["variant_id"] for line in order["lines"]],
        "total": order["totals"]["total"]["amount"],
        "currency": order["totals"]["total"]["currency"],
        "type": "orders.order_paid.v1",
    }
    ask(
        shop,
        "insert into kernel.outbox (id, event_id, event, subscriber, payload) values (%s, %s, %s, %s, %s)",
        *(uuid4(), event_id, paid["type"], SUBSCRIBER, Jsonb(paid)),
    )
    until(lambda: not ask(shop, "select 1 from kernel.outbox where event_id = %s", event_id), "it is delivered")


def test_the_module_shows_its_count_on_a_page_that_was_cached_before(shop):
    page = "/p/vesper-candle"
    assert "so far" not in shop.guest.get(page).text
    buy(shop, "vesper-candle")
    until(lambda: "In 1 order so far" in shop.guest.get(page).text, "the product's page tells of the order")


def test_an_event_that_is_delivered_twice_counts_once(shop):
    since = ask(shop, "select now()")[0][0]
    order = buy(shop, "sill-vase")
    handled = ask(
        shop, "select event_id from kernel.inbox where subscriber = %s and handled_at >= %s", SUBSCRIBER, since
    )
    for (event_id,) in handled:
        deliver(shop, order, event_id)
    assert handled
    assert counted(shop, "sill-vase") == 1
    deliver(shop, order, uuid4())
    assert counted(shop, "sill-vase") == 2


def test_the_module_shows_its_figures_on_the_dashboard(shop):
    buy(shop, "perch-desk-lamp")
    with httpx.Client(base_url=shop.url, headers={"origin": shop.url}, follow_redirects=True) as staff:
        page = staff.post("/signin", data={"email": ADMIN, "password": PASSWORD, "next": "/admin"})
    assert page.url.path == "/admin"
    shown = page.text[page.text.index('<h2 id="bestsellers">') :]
    assert '<td>Perch Desk Lamp</td><td class="numeric">1</td>' in shown


def test_the_modules_history_is_its_own(shop):
    assert ask(shop, "select version_num from bestsellers.alembic_version") == [("0001_order_count",)]
    assert len(ask(shop, "select version_num from public.alembic_version")) == 1
    assert shop.guest.get("/readyz").json()["checks"]["migrations"] == "ok"


def test_without_the_package_the_shop_opens_as_if_it_had_never_been_there(shop):
    buy(shop, "orbis-desk-globe")
    page = "/p/orbis-desk-globe"
    until(lambda: "so far" in shop.guest.get(page).text, "the product's page tells of the order")
    migrating = shop.command("migrate", **WITHOUT)
    printed, _ = migrating.communicate(timeout=60)
    assert migrating.returncode == 0, printed
    port = str(free_port())
    web = shop.command("web", SHOP_PORT=port, **WITHOUT)
    try:
        with httpx.Client(base_url=f"http://localhost:{port}") as visitor:
            until(lambda: is_ready(visitor), "a web server without the package is ready")
            shown = visitor.get(page)
    finally:
        web.terminate()
        web.communicate(timeout=60)
    assert shown.status_code == 200
    assert "so far" not in shown.text
    assert "Ahoy!" not in shown.text
    assert counted(shop, "orbis-desk-globe") == 1


def is_ready(visitor: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return visitor.get("/readyz").status_code == 200
    return False


def test_the_theme_changes_a_block_and_the_tokens_and_nothing_else(shop):
    page = shop.guest.get("/").text
    assert "Ahoy!" in page
    assert "Demo shop" in page
    (sheet,) = re.findall(r'href="(/static/css/shop\.\w+\.css)"', page)
    sent = shop.guest.get(sheet).text
    assert "--accent: #0b4a8f" in sent
    assert ".product-card" in sent


def test_the_package_needs_nothing_but_contracts_and_kernel():
    reached = set()
    for path in (EXAMPLES / "shop-bestsellers" / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            reached |= {".".join(name.split(".")[:2]) for name in names if name.split(".")[0] == "shop"}
    assert reached == {"shop.contracts", "shop.kernel"}
