"""Answers compressed on the wire: for those who take it, never where a page's length could tell its secrets."""

import asyncio

import pytest
from litestar import Litestar, Request, Response, get
from litestar.response import Stream

from shop.kernel import cache
from shop.kernel.http import page_cache
from shop.kernel.http.access import public
from shop.kernel.http.compression import LARGEST_ON_THE_FLY
from shop.kernel.http.gateway import Gateway
from shop.kernel.http.static import static_url
from shop.kernel.http.templating import TAGS_KEY
from tests.conftest import new_client
from tests.factories.identity import make_account, sign_in_browser

BR, PLAIN = {"accept-encoding": "gzip, br"}, {"accept-encoding": "identity"}


@pytest.fixture(autouse=True)
def _caching():
    cache._trust(trusted=True)
    yield
    cache._trust(trusted=False)


async def test_a_page_is_compressed_for_who_takes_it(client):
    plain = await client.get("/about", headers=PLAIN)
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) == len(plain.content)
    for accepted, encoding in (("br", "br"), ("gzip", "gzip")):
        answer = await client.get("/about", headers={"accept-encoding": accepted})
        assert answer.headers["content-encoding"] == encoding
        assert int(answer.headers["content-length"]) < len(plain.content) / 2
        assert answer.text == plain.text
        assert answer.headers["vary"] == plain.headers["vary"] == "accept-encoding, cookie"


async def test_each_form_of_a_kept_page_is_compressed_once(client, record_statements, monkeypatch):
    calls = []
    squeeze = page_cache.compressed
    monkeypatch.setattr(
        page_cache, "compressed", lambda body, encoding: calls.append(encoding) or squeeze(body, encoding)
    )
    with record_statements() as sent:
        texts = set()
        for accepted in ("br", "br", "gzip", "identity", "gzip", "br"):
            texts.add((await client.get("/about", headers={"accept-encoding": accepted})).text)
        asked = len(sent)
        await client.get("/about", headers=BR)
    assert calls == ["br", "gzip"]
    assert len(texts) == 1
    assert len(cache.pages) == 1
    assert len(sent) == asked


async def test_a_page_kept_for_one_who_takes_nothing_serves_one_who_does(client):
    plain = await client.get("/about", headers=PLAIN)
    squeezed = await client.get("/about", headers=BR)
    assert squeezed.headers["content-encoding"] == "br"
    assert squeezed.text == plain.text
    own = {"content-encoding", "content-length", "etag", "x-request-id"}
    assert {k: v for k, v in squeezed.headers.items() if k not in own} == {
        k: v for k, v in plain.headers.items() if k not in own
    }


@pytest.mark.parametrize(
    ("site", "compressed"),
    [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False), (None, False)],
)
async def test_a_page_of_a_session_is_compressed_only_when_no_other_site_asked_for_it(client, site, compressed):
    await sign_in_browser(client, await make_account())
    headers = BR | ({"sec-fetch-site": site} if site else {})
    answer = await client.get("/account", headers=headers)
    assert answer.status_code == 200
    assert ("content-encoding" in answer.headers) is compressed


async def test_head_tells_what_get_would_send(client):
    for accepted in (BR, PLAIN):
        got, head = await client.get("/about", headers=accepted), await client.head("/about", headers=accepted)
        assert head.content == b""
        assert head.headers["content-length"] == got.headers["content-length"]
        assert head.headers.get("content-encoding") == got.headers.get("content-encoding")


async def test_json_is_compressed_from_a_kilobyte_on(client):
    small = await client.get("/api/v1/products", headers=BR)
    assert int(small.headers["content-length"]) < 1024
    assert "content-encoding" not in small.headers
    large = await client.get("/openapi.json", headers=BR)
    assert large.headers["content-encoding"] == "br"
    assert large.json()["openapi"].startswith("3.1")


async def test_a_file_that_is_kept_compressed_is_not_compressed_again(client):
    address = static_url("css/shop.css")
    plain = await client.get(address, headers=PLAIN)
    for accepted in ("br", "gzip"):
        answer = await client.get(address, headers={"accept-encoding": accepted})
        assert answer.headers.get_list("content-encoding") == [accepted]
        assert answer.content == plain.content


async def test_errors_of_pages_are_too(client):
    answer = await client.get("/no-such-page", headers=BR)
    assert (answer.status_code, answer.headers["content-encoding"]) == (404, "br")
    assert "</html>" in answer.text


async def test_what_comes_in_pieces_what_is_encoded_and_what_is_huge_passes_as_it_is(db):
    @get("/stream", guards=[public])
    async def stream(request: Request) -> Stream:
        request.scope[TAGS_KEY] = frozenset({"thing"})

        async def pieces():
            for _ in range(3):
                yield "a" * 2000
                await asyncio.sleep(0)

        return Stream(pieces(), media_type="text/plain")

    @get("/encoded", guards=[public])
    async def encoded() -> Response[bytes]:
        return Response(b"\x1f\x8b" + b"x" * 2000, media_type="text/plain", headers={"content-encoding": "x-own"})

    @get("/huge", guards=[public])
    async def huge() -> Response[bytes]:
        return Response(b"a" * (LARGEST_ON_THE_FLY + 1), media_type="text/plain")

    @get("/nothing", guards=[public], status_code=204)
    async def nothing() -> None:
        return None

    app = Gateway(Litestar([stream, encoded, huge, nothing], openapi_config=None))
    async with new_client(app) as client:
        streamed = await client.get("/stream", headers=BR)
        assert streamed.text == "a" * 6000
        assert "content-encoding" not in streamed.headers
        own = await client.get("/encoded", headers=BR)
        assert (own.headers["content-encoding"], len(own.content)) == ("x-own", 2002)
        assert "content-encoding" not in (await client.get("/huge", headers=BR)).headers
        assert (await client.get("/nothing", headers=BR)).status_code == 204
    assert len(cache.pages) == 0
