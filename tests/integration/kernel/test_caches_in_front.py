"""What browsers and CDNs may keep: public answers with a strong tag for each encoding, personal ones never."""

import re
from itertools import permutations

import pytest

from shop.kernel import cache
from shop.kernel.config import settings
from tests.conftest import new_client
from tests.factories.catalog import make_product
from tests.factories.identity import make_account, sign_in_browser
from tests.fakes.staff import BEARER, signed_in

ENCODINGS = ["br", "gzip", "identity"]
STRONG = re.compile(r'"[0-9a-f]{24}(-br|-gzip)?"')
PUBLIC_JSON = ["/api/v1/categories", "/api/v1/products", "/api/v1/search/suggest?q=mug", "/openapi.json"]
PERSONAL = ["/cart", "/checkout", "/signin", "/api/v1/me", "/api/v1/orders", "/no-such-page", "/api/v1/no-such"]


@pytest.fixture(params=["kept", "made anew"], autouse=True)
def _caching(request):
    cache._trust(trusted=request.param == "kept")
    yield
    cache._trust(trusted=False)


@pytest.fixture
async def pages(client) -> list[str]:
    mug = await make_product("Mug", category="Kitchen", refresh=True)
    return ["/about", f"/p/{mug.slug}", "/c/kitchen", *PUBLIC_JSON, f"/api/v1/products/{mug.slug}"]


def accept(encoding: str, **headers: str) -> dict[str, str]:
    return {"accept-encoding": encoding} | {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_whoever_has_it_is_told_so(client, pages, encoding, method):
    for path in pages:
        got = await client.get(path, headers=accept(encoding))
        etag = got.headers["etag"]
        assert got.status_code == 200, path
        assert STRONG.fullmatch(etag), path
        assert got.headers["cache-control"].startswith("public"), path
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            answer = await client.request(method, path, headers=accept(encoding, if_none_match=known))
            assert (answer.status_code, answer.content) == (304, b""), (path, known)
            assert answer.headers["etag"] == etag
            assert answer.headers["cache-control"] == got.headers["cache-control"]
            assert answer.headers["vary"] == got.headers["vary"]
            assert not {"content-length", "content-encoding", "content-type"} & set(answer.headers), path
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-request-id"] != got.headers["x-request-id"]
        for unknown in ('"other"', etag.strip('"'), etag[:-1], ""):
            answer = await client.request(method, path, headers=accept(encoding, if_none_match=unknown))
            assert answer.status_code == 200, (path, unknown)
            assert answer.headers["etag"] == etag


async def test_each_encoding_has_a_tag_of_its_own(client, pages):
    for path in pages:
        answers = {encoding: await client.get(path, headers=accept(encoding)) for encoding in ENCODINGS}
        told = {encoding: answer.headers.get("content-encoding") for encoding, answer in answers.items()}
        if told["br"] is None:
            assert len({answer.headers["etag"] for answer in answers.values()}) == 1, path  # too small to compress
            continue
        for one, other in permutations(ENCODINGS, 2):
            tag = answers[one].headers["etag"]
            assert tag != answers[other].headers["etag"]
            asked = await client.get(path, headers=accept(other, if_none_match=tag))
            assert asked.status_code == 200, (path, one, other)
            assert asked.text == answers[one].text


async def test_head_has_the_tag_and_length_of_get(client, pages):
    for path in pages:
        for encoding in ENCODINGS:
            got, head = [await client.request(method, path, headers=accept(encoding)) for method in ("GET", "HEAD")]
            assert head.content == b""
            for name in ("etag", "content-length", "cache-control", "vary", "content-type"):
                assert head.headers.get(name) == got.headers.get(name), (path, name)


async def test_another_content_has_another_tag(client):
    mug = await make_product("Mug", refresh=True)
    cup = await make_product("Cup", category="Other", refresh=True)
    tags = {(await client.get(f"/p/{each.slug}")).headers["etag"] for each in (mug, cup)}
    assert len(tags) == 2


async def test_what_is_somebodys_or_refused_may_be_kept_by_nobody(client):
    for path in PERSONAL:
        answer = await client.get(path, headers={"if-none-match": "*"})
        assert answer.headers["cache-control"] == "private, no-store", path
        assert "etag" not in answer.headers, path
        assert answer.status_code != 304, path


async def test_one_with_a_session_gets_neither_the_strangers_page_nor_304(client, gateway, pages):
    strangers = {path: await client.get(path) for path in pages}
    async with new_client(gateway) as visitor:
        await sign_in_browser(visitor, await make_account())
        for path in pages[:3]:
            tag = strangers[path].headers["etag"]
            answer = await visitor.get(path, headers={"if-none-match": tag})
            assert answer.status_code == 200, path
            assert answer.headers["cache-control"] == "private, no-store"
            assert "etag" not in answer.headers
            assert "cookie" in strangers[path].headers["vary"]


async def test_one_with_a_token_gets_no_answer_that_a_cache_may_keep(client, pages):
    with signed_in(client, "*"):
        client.cookies.clear()
        for path in ("/api/v1/categories", "/api/v1/products"):
            answer = await client.get(path, headers=BEARER | {"if-none-match": "*"})
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")


async def test_a_cdn_may_keep_it_for_as_long_as_the_owner_says(client, pages, monkeypatch):
    monkeypatch.setenv("SHOP_CDN_SECONDS", "60")
    settings.cache_clear()
    for path in ("/impressum", "/api/v1/categories", "/c/kitchen?sort=newest"):
        answer = await client.get(path)
        if answer.status_code == 200:
            assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=60, must-revalidate"
            assert "etag" in answer.headers
    personal = await client.get("/cart")
    monkeypatch.undo()
    settings.cache_clear()
    assert personal.headers["cache-control"] == "private, no-store"


async def test_a_changed_product_has_another_tag(client, drain_outbox):
    from shop.contracts.pricing import Price, Prices
    from shop.kernel.db import write
    from shop.kernel.money import Money
    from shop.kernel.ports import port

    mug = await make_product("Mug", price=1999, refresh=True)
    await drain_outbox()
    for path in (f"/p/{mug.slug}", f"/api/v1/products/{mug.slug}"):
        tag = (await client.get(path)).headers["etag"]
        assert (await client.get(path, headers={"if-none-match": tag})).status_code == 304
    before = {
        path: (await client.get(path)).headers["etag"] for path in (f"/p/{mug.slug}", f"/api/v1/products/{mug.slug}")
    }
    await write(port(Prices).set_prices, [Price(mug.variant_id, Money(1777, "EUR"))])
    await drain_outbox()
    for path, tag in before.items():
        answer = await client.get(path, headers={"if-none-match": tag})
        assert (answer.status_code, answer.headers["etag"] == tag) == (200, False), path
