"""Which scripts of other sites may read what: exact origins, programs' addresses alone, never with cookies."""

import pytest

from shop.kernel.config import settings
from shop.kernel.http.gateway import Gateway
from tests.conftest import new_client

APP = "https://app.example.com"
OTHERS = ["https://evil.example", "http://app.example.com", "https://app.example.com:444", "https://app.example.com.evil.example",
          "https://sub.app.example.com", "HTTPS://APP.EXAMPLE.COM", "null", ""]  # fmt: skip
COVERED = ["/api/v1/categories", "/api/v1/me", "/api/v1/no-such", "/oauth/token", "/oauth/revoke", "/oauth/jwks",
           "/.well-known/oauth-authorization-server"]  # fmt: skip
UNCOVERED = ["/", "/signin", "/account", "/oauth/authorize", "/oauth/tokens", "/apix", "/static/css/shop.css"]
ASK = {"access-control-request-method": "PATCH", "access-control-request-headers": "authorization,content-type"}


@pytest.fixture
async def asker(db, gateway, monkeypatch):
    """Of a shop that lets one app call it."""
    monkeypatch.setenv("SHOP_CORS_ORIGINS", f"https://first.example, {APP}")
    settings.cache_clear()
    async with new_client(Gateway(gateway.app)) as made:
        del made.headers["origin"]
        yield made
    monkeypatch.undo()
    settings.cache_clear()


def told(answer) -> set[str]:
    return {name for name in answer.headers if name.startswith("access-control-")}


@pytest.mark.parametrize("path", COVERED)
async def test_a_preflight_is_answered_by_the_gateway(asker, path):
    answer = await asker.options(path, headers={"origin": APP} | ASK)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == APP
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "idempotency-key", "order-token"))
    assert int(answer.headers["access-control-max-age"]) > 0
    assert "access-control-allow-credentials" not in answer.headers
    assert "origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", OTHERS)
async def test_another_origin_gets_no_leave(asker, origin):
    preflight = await asker.options("/api/v1/categories", headers={"origin": origin} | ASK)
    answer = await asker.get("/api/v1/categories", headers={"origin": origin})
    assert (told(preflight), told(answer)) == (set(), set())
    assert answer.status_code == 200
    assert "origin" in answer.headers["vary"]


@pytest.mark.parametrize("path", COVERED)
async def test_answers_and_refusals_may_be_read_by_the_origin(asker, path):
    answer = await asker.get(path, headers={"origin": APP})
    assert answer.headers["access-control-allow-origin"] == APP
    exposed = answer.headers["access-control-expose-headers"].lower()
    assert all(name in exposed for name in ("retry-after", "ratelimit-reset", "etag", "x-request-id"))
    assert "access-control-allow-credentials" not in answer.headers
    assert "origin" in answer.headers["vary"]


async def test_a_refusal_of_the_gateway_may_be_read_too(asker):
    answer = await asker.post("/api/v1/carts", content=b"x" * 2_000_000, headers={"origin": APP})
    assert answer.status_code == 413
    assert answer.headers["access-control-allow-origin"] == APP


@pytest.mark.parametrize("path", UNCOVERED)
async def test_pages_are_for_no_script_of_others(asker, path):
    preflight = await asker.options(path, headers={"origin": APP} | ASK)
    answer = await asker.get(path, headers={"origin": APP})
    assert (told(preflight), told(answer)) == (set(), set())


async def test_without_an_origin_the_answer_still_says_that_it_varies(asker):
    answer = await asker.get("/api/v1/categories")
    assert told(answer) == set()
    assert answer.headers["vary"] == "accept-encoding, origin"


async def test_a_304_may_be_read_too(asker):
    etag = (await asker.get("/api/v1/categories")).headers["etag"]
    answer = await asker.get("/api/v1/categories", headers={"origin": APP, "if-none-match": etag})
    assert answer.status_code == 304
    assert answer.headers["access-control-allow-origin"] == APP
    assert "origin" in answer.headers["vary"]


async def test_no_setting_no_leave(client):
    preflight = await client.options("/api/v1/categories", headers={"origin": APP} | ASK)
    answer = await client.get("/api/v1/categories", headers={"origin": APP})
    assert (told(preflight), told(answer)) == (set(), set())
    assert "origin" not in answer.headers["vary"]
