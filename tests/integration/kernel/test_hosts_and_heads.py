"""Names that are not the shop's, and heads of requests that mean two things."""

import pytest

from shop.kernel import cache
from shop.kernel.config import settings
from shop.kernel.http.gateway import Gateway
from tests.conftest import new_client
from tests.factories.catalog import make_product
from tests.factories.identity import make_account

FOREIGN = ["evil.example", "testserver.evil.example", "eviltestserver", "evil.example@testserver", "testserver:80:80",
           "testserver/", "testserver, evil.example", "test server", "", ":80", "[::2]", "testserver.", "127.0.0.2",
           "testserver:port", "ünicode"]  # fmt: skip
OURS = [
    "testserver",
    "TESTSERVER",
    "testserver:8443",
    "localhost",
    "localhost:8000",
    "127.0.0.1:1",
    "[::1]",
    "[::1]:8000",
]


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_foreign_name_is_refused_in_words_that_say_what_to_mend(client, host):
    page = await client.get("/about", headers={"host": host.encode()})
    assert page.status_code == 400
    assert "SHOP_BASE_URL" in page.text
    assert "SHOP_ALLOWED_HOSTS" in page.text
    problem = await client.post("/api/v1/carts", headers={"host": host.encode()})
    assert (problem.status_code, problem.json()["code"]) == (400, "unknown_host")
    assert problem.json()["request_id"] == problem.headers["x-request-id"]
    assert "evil" not in page.text + problem.text


@pytest.mark.parametrize("host", OURS)
async def test_the_shops_own_names_are_answered_under_any_port(client, host):
    assert (await client.get("/about", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_those_who_watch_know_only_an_address(client, path):
    assert (await client.get(path, headers={"host": "10.1.2.3:8000"})).status_code in {200, 503}


async def test_further_names_are_a_setting(db, gateway, monkeypatch):
    monkeypatch.setenv("SHOP_ALLOWED_HOSTS", "www.shop.example, 10.1.2.3, [2001:db8::1]")
    settings.cache_clear()
    async with new_client(Gateway(gateway.app)) as client:
        told = {
            host: (await client.get("/about", headers={"host": host})).status_code
            for host in ("www.shop.example", "10.1.2.3:8000", "[2001:db8::1]:8000", "shop.example", "testserver")
        }
    monkeypatch.undo()
    settings.cache_clear()
    assert told == {
        "www.shop.example": 200,
        "10.1.2.3:8000": 200,
        "[2001:db8::1]:8000": 200,
        "shop.example": 400,
        "testserver": 200,
    }


async def test_nothing_that_is_told_depends_on_the_name_it_was_asked_under(client):
    mug = await make_product("Mug", category="Kitchen", refresh=True)
    pages = ["/", "/about", f"/p/{mug.slug}", "/c/kitchen", "/search?q=mug", "/sitemap.xml", "/robots.txt", "/signin",
             "/api/v1/products", f"/api/v1/products/{mug.slug}", "/openapi.json", "/site.webmanifest"]  # fmt: skip
    compared = 0
    for path in pages:
        plain = await client.get(path)
        forged = {"host": "localhost:6666", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
        answer = await client.get(path, headers=forged)
        assert answer.status_code == plain.status_code, path
        assert answer.text == plain.text, path
        assert "6666" not in answer.text + answer.headers.get("location", ""), path
        assert "evil" not in answer.text, path
        compared += plain.status_code == 200
    assert compared >= 10


async def test_a_link_in_a_mail_leads_to_the_shop_whatever_the_host_said(client, drain_outbox):
    await make_account("ada@example.com")
    forged = {"host": "localhost:6666", "x-forwarded-host": "evil.example"}
    sent = await client.post("/api/v1/auth/password/forgot", json={"email": "ada@example.com"}, headers=forged)
    assert sent.status_code == 202
    await drain_outbox()
    from sqlalchemy import text

    from shop.kernel.db import read, sql

    async def bodies(uow) -> list[str]:
        return [str(row) for row in await sql(uow).execute(text("select * from notifications.message"))]

    mails = await read(bodies)
    assert any("http://testserver/reset/" in mail for mail in mails)
    assert not any("6666" in mail or "evil.example" in mail for mail in mails)


async def test_made_up_ports_take_no_room_from_pages_that_are_read(client):
    cache._trust(trusted=True)
    for port in range(1000, 1020):
        assert (await client.get("/about", headers={"host": f"testserver:{port}"})).status_code == 200
    assert len(cache.pages) == 1
    cache._trust(trusted=False)


@pytest.mark.parametrize("name", ["authorization", "content-type", "origin", "idempotency-key", "order-token", "host"])
async def test_what_is_said_twice_is_refused(client, name):
    del client.headers["origin"]
    headers = [(name, "testserver"), (name, "other")]
    answer = await client.post("/api/v1/carts", headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    if name != "host":
        assert "more than once" in answer.json()["detail"]


async def test_cookies_in_two_headers_are_one_visitors(client):
    cache._trust(trusted=True)
    headers = [("cookie", "theme=dark"), ("cookie", "shop_session=nothing-of-ours")]
    answer = await client.get("/about", headers=headers)
    cache._trust(trusted=False)
    assert answer.headers["cache-control"] == "private, no-store"


async def test_a_head_longer_than_anybody_needs_is_refused(client):
    long = await client.get("/api/v1/categories", headers={"x-long": "x" * 33_000})
    many = await client.get("/api/v1/categories", headers={f"x-{number}": "1" for number in range(101)})
    address = await client.get("/api/v1/products?q=" + "x" * 33_000)
    for answer in (long, many, address):
        assert (answer.status_code, answer.json()["code"]) == (431, "head_too_large")
    assert (await client.get("/api/v1/categories", headers={"x-long": "x" * 8000})).status_code == 200


@pytest.mark.parametrize("path", ["/p/a%00b", "/%00", "/media/%00.webp", "/api/v1/products/%00"])
async def test_a_null_character_in_an_address_is_refused(client, path):
    assert (await client.get(path)).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/about", 405), ("TRACE", "/", 405), ("GET", "/no-such", 404), ("POST", "/no-such", 404)],
)
async def test_what_is_not_there_is_told_as_everything_else(client, method, path, status):
    page = await client.request(method, path)
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    problem = await client.request(method, f"/api/v1{path}")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.status_code in {404, 405}


async def test_an_address_under_two_slashes_leads_nowhere_else(client):
    answer = await client.get("//evil.example/%2e%2e", follow_redirects=False)
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_a_shop_under_https_says_so_and_another_does_not(client, gateway, monkeypatch):
    assert "strict-transport-security" not in (await client.get("/about")).headers
    monkeypatch.setenv("SHOP_BASE_URL", "https://shop.example.com")
    settings.cache_clear()
    async with new_client(Gateway(gateway.app)) as other:
        answer = await other.get("/about", headers={"host": "shop.example.com"})
    monkeypatch.undo()
    settings.cache_clear()
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_websocket_under_a_foreign_name_is_closed(gateway):
    sent = []

    async def send(message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/ws/x", "query_string": b"", "headers": [(b"host", b"evil.example")]}
    await gateway(scope, None, send)
    assert [each["type"] for each in sent] == ["websocket.close"]
