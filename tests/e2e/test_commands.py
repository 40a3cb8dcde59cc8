"""Every command of `shop` beside a running shop of the same data folder."""

import contextlib
import json
import time

import httpx
import pytest

from tests.e2e.running_shop import ADMIN, Shop, free_port

PATIENCE = 180  # seconds


def run(shop: Shop, *args: str) -> tuple[int, str]:
    process = shop.command(*args)
    printed, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, printed


@contextlib.contextmanager
def running(shop: Shop, *args: str, **settings: str):
    process = shop.command(*args, **settings)
    try:
        yield process
    finally:
        process.terminate()
        printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, printed


def test_help_lists_every_command(shop):
    code, printed = run(shop, "--help")
    assert code == 0
    commands = {line.split()[0] for line in printed.split("Commands:")[1].splitlines() if line.strip()}
    assert {
        "serve",
        "web",
        "worker",
        "relay",
        "services",
        "migrate",
        "openapi",
        "admin",
        "import",
        "outbox",
    } <= commands


def test_migrate_finds_nothing_to_do(shop):
    assert run(shop, "migrate")[0] == 0


def test_demo_goods_are_not_loaded_twice(shop):
    code, printed = run(shop, "demo", "load")
    assert (code, "There are products already" in printed) == (0, True), printed


def test_the_first_administrator_is_not_made_twice(shop):
    code, printed = run(shop, "admin", "create", "--json")
    assert (code, json.loads(printed)["created"]) == (0, False)


def test_a_fresh_password_signs_in_where_the_old_one_no_longer_does(shop):
    email, old = "forgetful@example.com", "long enough 1"
    shop.sign_up(email, old, "Ada")
    code, printed = run(shop, "admin", "password", email)
    assert code == 0, printed
    fresh = printed.split()[-1]
    assert shop.guest.post("/api/v1/auth/signin", json={"email": email, "password": old}).status_code == 401
    assert shop.guest.post("/api/v1/auth/signin", json={"email": email, "password": fresh}).status_code == 200


def test_a_password_for_nobody_says_so(shop):
    code, printed = run(shop, "admin", "password", "nobody@example.com")
    assert (code, "nobody@example.com" in printed) == (1, True), printed


def test_the_outbox_is_listed(shop):
    code, printed = run(shop, "outbox", "list")
    assert (code, "dead" in printed) == (0, True), printed


def test_imported_goods_are_in_the_shop_at_once(shop, tmp_path):
    file = tmp_path / "goods.csv"
    file.write_text(
        "slug,title,sku,price_eur,stock,categories\ntest-teapot,Test Teapot,TEAPOT-1,24.90,3,Home & Desk\n",
        encoding="utf-8",
    )
    code, printed = run(shop, "import", "products", str(file), "--preset", "shop")
    assert code == 0, printed
    deadline = time.monotonic() + PATIENCE
    while (answer := httpx.get(f"{shop.url}/p/test-teapot")).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "Test Teapot" in answer.text


def test_the_api_is_described(shop):
    code, printed = run(shop, "openapi")
    assert (code, json.loads(printed)["info"]["title"]) == (0, "Shop API")


def test_a_second_web_server_serves_the_same_shop(shop):
    port = str(free_port())
    with running(shop, "web", SHOP_PORT=port) as process:
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(httpx.TransportError):
                assert httpx.get(f"http://localhost:{port}/readyz").status_code == 200
                break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.parametrize("part", ["worker", "relay"])
def test_a_second_one_helps_the_first(shop, part):
    with running(shop, part) as process:
        assert process.stdout is not None
        assert f"{part}_started" in process.stdout.readline()


@pytest.mark.parametrize("command", ["serve", "services"])
def test_a_second_shop_on_the_folder_is_refused_in_words(shop, command):
    process = shop.command(command, SHOP_PORT=str(free_port()))
    printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert shop.settings["SHOP_DATA_DIR"] in printed
    assert "Traceback" not in printed
    assert ADMIN not in printed
