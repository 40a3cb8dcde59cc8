"""The gateway: who gets a page from memory and who never does, and what every answer carries."""

import asyncio
import re

import pytest
from litestar import Litestar, Request, Response, get
from sqlalchemy import text

from shop.app import build_litestar
from shop.contracts.pricing import Price, Prices
from shop.kernel import cache
from shop.kernel.db import sql, write
from shop.kernel.errors import Unavailable
from shop.kernel.http.access import public, rules_of
from shop.kernel.http.access_log import AccessLog
from shop.kernel.http.gateway import Gateway
from shop.kernel.http.sessions import SCOPE_KEY, SessionStore
from shop.kernel.http.templating import TAGS_KEY
from shop.kernel.money import Money
from shop.kernel.ports import overridden, port
from tests.conftest import new_client
from tests.factories.catalog import make_product
from tests.factories.identity import make_account, sign_in_browser
from tests.fakes.staff import SignedInFake, signed_in

NO_STORE = "private, no-store"


@pytest.fixture(autouse=True)
def _caching():
    """As in a process that hears of invalidations."""
    for each in (cache.pages, cache.values):
        each.clear()
        each.trusted = True
    yield
    for each in (cache.pages, cache.values):
        each.clear()
        each.trusted = False


@pytest.fixture
def visitor(gateway):
    """Another one, without cookies."""
    return new_client(gateway)


async def test_a_second_visitor_gets_the_page_from_memory(client, visitor, record_statements):
    mug = await make_product("Mug", refresh=True)
    first = await client.get(f"/p/{mug.slug}")
    with record_statements() as sent:
        second = await visitor.get(f"/p/{mug.slug}")
    assert sent == []
    assert second.text == first.text
    own = {"x-request-id"}
    assert {k: v for k, v in second.headers.items() if k not in own} == {
        k: v for k, v in first.headers.items() if k not in own
    }
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert first.headers["cache-control"] == "public, no-cache"
    assert first.headers["vary"] == "accept-encoding, cookie"


async def test_whoever_has_a_session_never_gets_it(client, visitor):
    mug = await make_product("Mug", refresh=True)
    await client.get(f"/p/{mug.slug}")
    await sign_in_browser(visitor, await make_account())
    mine = await visitor.get(f"/p/{mug.slug}")
    assert 'action="/signout"' in mine.text or "/account/orders" in mine.text
    assert mine.headers["cache-control"] == NO_STORE
    assert len(cache.pages) == 1


async def test_a_personal_page_is_not_kept_for_others(client, visitor):
    mug = await make_product("Mug", refresh=True)
    await sign_in_browser(client, await make_account())
    await client.get(f"/p/{mug.slug}")
    assert len(cache.pages) == 0
    assert "Ada" not in (await visitor.get(f"/p/{mug.slug}")).text


async def test_a_stale_session_cookie_bypasses_too(client):
    mug = await make_product("Mug", refresh=True)
    await client.get(f"/p/{mug.slug}")
    client.cookies.set("shop_session", "no-session-of-ours", domain="testserver.local")
    answer = await client.get(f"/p/{mug.slug}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, NO_STORE)


async def test_a_foreign_cookie_does_not(client, record_statements):
    mug = await make_product("Mug", refresh=True)
    await client.get(f"/p/{mug.slug}")
    with record_statements() as sent:
        await client.get(f"/p/{mug.slug}", headers={"cookie": "consent=yes; theme=dark"})
    assert sent == []


async def test_a_request_with_a_bearer_token_neither_reads_nor_fills_it(client):
    mug = await make_product("Mug", refresh=True)
    await client.get(f"/p/{mug.slug}", headers={"authorization": "Bearer x"})
    assert len(cache.pages) == 0


async def test_another_query_makes_another_page_and_another_port_does_not(client):
    mug = await make_product("Mug", category="Kitchen", refresh=True)
    for query in ("", "?sort=newest", "?sort=price_asc"):
        assert (await client.get(f"/c/kitchen{query}")).status_code == 200
    await client.get(f"/p/{mug.slug}")
    await client.get(f"/p/{mug.slug}", headers={"host": "testserver:8443"})
    assert len(cache.pages) == 4


async def test_head_answers_as_get_without_a_body_and_keeps_nothing(client):
    mug = await make_product("Mug", refresh=True)
    head = await client.head(f"/p/{mug.slug}")
    assert (head.status_code, head.content) == (200, b"")
    assert len(cache.pages) == 0
    got = await client.get(f"/p/{mug.slug}")
    assert {name for name in got.headers if name != "content-length"} <= set(head.headers) | {"content-length"}
    assert (await client.head(f"/p/{mug.slug}")).content == b""


@pytest.mark.parametrize("path", ["/p/no-such-thing", "/c/no/such", "/no-such-page", "/cart", "/signin?next=/account"])
async def test_what_is_refused_or_somebodys_is_not_kept(client, path):
    await client.get(path)
    assert all(entry[0].status == 200 for entry in cache.pages._entries.values())
    if not path.startswith("/signin"):
        assert len(cache.pages) == 0


async def test_a_changed_price_drops_the_page(client, visitor, drain_outbox):
    mug = await make_product("Mug", price=1999, refresh=True)
    cup = await make_product("Cup", price=500, category="Other", refresh=True)
    await drain_outbox()
    for product in (mug, cup):
        await client.get(f"/p/{product.slug}")
    await write(port(Prices).set_prices, [Price(mug.variant_id, Money(1777, "EUR"))])
    await drain_outbox()
    assert "17.77" in (await visitor.get(f"/p/{mug.slug}")).text


async def test_a_transaction_that_fails_drops_nothing(client):
    mug = await make_product("Mug", refresh=True)
    await client.get(f"/p/{mug.slug}")

    async def fail(uow) -> None:
        uow.invalidate(f"product:{mug.id}", "catalog")
        raise LookupError

    with pytest.raises(LookupError):
        await write(fail)
    assert len(cache.pages) == 1


async def test_a_page_slowly_made_before_a_change_is_not_kept_after_it(db):
    started, go = asyncio.Event(), asyncio.Event()

    @get("/slow", guards=[public], media_type="text/html")
    async def slow(request: Request) -> str:
        request.scope[TAGS_KEY] = frozenset({"thing"})
        started.set()
        await go.wait()
        return "old"

    gateway = Gateway(Litestar([slow], openapi_config=None))
    async with new_client(gateway) as client:
        asking = asyncio.create_task(client.get("/slow"))
        await started.wait()
        cache.pages.drop({"thing"})
        go.set()
        assert (await asking).text == "old"
        assert len(cache.pages) == 0
        await client.get("/slow")
        assert len(cache.pages) == 1


async def test_a_page_that_sets_a_cookie_or_reads_a_session_is_not_kept(db):
    async def tag(request: Request) -> None:
        request.scope[TAGS_KEY] = frozenset({"thing"})

    @get("/cookie", guards=[public])
    async def cookie(request: Request) -> Response[str]:
        await tag(request)
        return Response("x", headers={"set-cookie": "a=b"})

    @get("/session", guards=[public])
    async def session(request: Request) -> str:
        await tag(request)
        request.scope[SCOPE_KEY] = None
        return "x"

    @get("/made", guards=[public], status_code=201)
    async def made(request: Request) -> str:
        await tag(request)
        return "x"

    async with new_client(Gateway(Litestar([cookie, session, made], openapi_config=None))) as client:
        for path in ("/cookie", "/session", "/made"):
            await client.get(path)
    assert len(cache.pages) == 0


async def test_switched_off_nothing_is_kept(client):
    cache.pages.trusted = False
    mug = await make_product("Mug", refresh=True)
    await client.get(f"/p/{mug.slug}")
    assert len(cache.pages) == 0


def _plain_routes() -> list[str]:
    return sorted({path for method, path, _ in rules_of(build_litestar()) if method == "GET" and "{" not in path})


async def test_every_answer_carries_the_security_headers(client):
    mug = await make_product("Mug", refresh=True)
    paths = [
        *_plain_routes(),
        f"/p/{mug.slug}",
        "/c/kitchen",
        "/no-such-page",
        "/api/v1/no-such",
        "/static/css/shop.css",
    ]
    assert len(paths) > 25
    with signed_in(client, "*"):
        for path in paths:
            answer = await client.get(path)
            headers = answer.headers
            assert answer.status_code < 500 or path == "/readyz", path
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["x-frame-options"] == "DENY", path
            assert headers["referrer-policy"] == "strict-origin-when-cross-origin", path
            assert headers["cross-origin-opener-policy"] == "same-origin", path
            assert "camera=()" in headers["permissions-policy"], path
            assert "cache-control" in headers, path
            assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"]), path
            directives = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
            assert directives["default-src"] == "'self'", path
            assert directives["object-src"] == directives["base-uri"] == "'none'", path
            assert "unsafe" not in headers["content-security-policy"], path


async def test_no_page_needs_what_its_policy_forbids(client):
    """Scripts and styles written into a page would be dead there; so would handlers in attributes."""
    mug = await make_product("Mug", refresh=True)
    with signed_in(client, "*"):
        for path in [*_plain_routes(), f"/p/{mug.slug}", "/c/kitchen"]:
            answer = await client.get(path)
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", answer.text), path
            inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")", answer.text)
            assert inline == [], path
            assert not re.search(
                r"<(?:script|link|img)[^>]+(?:src|href)=\"(?:https?:)?//(?!testserver)", answer.text
            ), path


@pytest.mark.parametrize("given", ["0123456789abcdef", "a.proxy-s_ID-42", "x" * 64])
async def test_a_well_formed_request_id_is_taken_over(client, given):
    answer = await client.get("/api/v1/no-such", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given
    assert answer.json()["request_id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "has space in it", 'quote"quote', "ünicode-id", "id;id=12345"]
)
async def test_another_request_id_is_replaced(client, given):
    answer = await client.get("/api/v1/no-such", headers={"x-request-id": given.encode()})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_page_from_memory_carries_the_visitors_own_request_id(client):
    mug = await make_product("Mug", refresh=True)
    await client.get(f"/p/{mug.slug}", headers={"x-request-id": "first-visitor"})
    answer = await client.get(f"/p/{mug.slug}", headers={"x-request-id": "second-visitor"})
    assert answer.headers.get_list("x-request-id") == ["second-visitor"]


async def test_the_events_of_a_request_carry_its_id(client):
    await make_account("ada@example.com")
    form = {"email": "ada@example.com"}
    await client.post("/forgot", data=form, headers={"x-request-id": "the-buyers-request"})

    async def ids(uow) -> set[str]:
        return set((await sql(uow).execute(text("select request_id from kernel.outbox"))).scalars())

    assert await write(ids) == {"the-buyers-request"}


def test_secrets_in_addresses_are_masked_in_the_log():
    log = AccessLog()
    token = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
    for path in (f"/api/v1/carts/{token}/lines", f"/reset/{token}", f"/verify/{token}", f"/orders/{token}"):
        log.add("GET", path, 200, 0.001, "id", cached=False)
    written = b"\n".join(log._lines).decode()
    assert token not in written
    assert written.count("AbCd") == 4


def test_a_path_can_t_write_lines_of_its_own_into_the_log():
    log = AccessLog()
    log.add("GET", "/x\n2026-01-01 200 GET /admin\r\x1b[31m", 404, 0.001, "id", cached=False)
    (line,) = log._lines
    assert b"\n" not in line
    assert b"\r" not in line
    assert b"\x1b" not in line


async def test_a_session_that_can_t_be_kept_is_an_honest_error(client):
    class Broken(SignedInFake):
        async def save_session(self, uow, token, data):
            raise Unavailable

    mug = await make_product("Mug")
    with overridden(SessionStore, Broken(None)):  # type: ignore[arg-type]  # nobody signs in here
        answer = await client.post("/cart/lines", data={"variant_id": str(mug.variant_id), "quantity": "1"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
