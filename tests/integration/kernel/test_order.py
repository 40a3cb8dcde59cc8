"""The order of the gateway, shown by requests that two steps would refuse: the earlier one answers."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar, Request, Response, get, post

from shop.kernel import cache
from shop.kernel.config import settings
from shop.kernel.http.access import public, staff
from shop.kernel.http.errors import EXCEPTION_HANDLERS
from shop.kernel.http.gateway import ORDER, Gateway
from shop.kernel.http.idempotency import idempotently
from shop.kernel.http.ratelimit import limits
from shop.kernel.http.requests import ShopRequest
from shop.kernel.http.templating import TAGS_KEY
from tests.fakes.staff import TOKEN, signed_in

DOCUMENT = Path(__file__).parents[3] / "docs" / "gateway.md"
KEY = {"idempotency-key": "k" * 300}
PROXY, STRANGER = "10.1.2.3", "198.51.100.9"


@post("/staff", guards=[staff("tea.brew")], request_max_body_size=1000)
async def brew(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Refuses a key of 300 characters, at idempotency."""
    return await idempotently(request, f"brew:{uuid4()}", _brewed)


async def _brewed() -> tuple[int, str]:
    return 200, "tea"


@get("/page", guards=[public], media_type="text/html", request_max_body_size=1000)
async def page(request: Request[Any, Any, Any]) -> str:
    request.scope[TAGS_KEY] = frozenset({"tea"})  # type: ignore[typeddict-unknown-key]  # ours
    return "tea " * 1000


@pytest.fixture
def app(booted, rate_limits, monkeypatch):
    monkeypatch.setenv("SHOP_TRUSTED_PROXIES", "10.0.0.0/8")
    monkeypatch.setenv("SHOP_CORS_ORIGINS", "https://app.example.com")
    monkeypatch.setenv("SHOP_RATE_LIMITS_BY_CLASS", "staff-write=1/60,browse=2/60,write=1000/60,refused=1000/60")
    settings.cache_clear()
    limits.cache_clear()
    cache._trust(trusted=True)
    routes = [brew, page]
    litestar = Litestar(
        routes,
        request_class=ShopRequest,
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    yield Gateway(litestar)
    cache._trust(trusted=False)
    limits.cache_clear()


def visitor(app: Gateway, peer: str = PROXY) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=(peer, 1)),
        base_url="http://testserver",
        headers={"origin": "http://testserver", "x-forwarded-for": f"203.0.113.{uuid4().int % 250}"},
    )


FAULTS: dict[str, dict[str, Any]] = {
    "allowed hosts": {"headers": {"host": "evil.example"}},
    "body and time limits": {"content": b"x" * 2000},
    "authentication": {"cookies": "nobody"},
    "access rule": {"cookies": "no permission"},
    "rate limit": {"used up": True},
    "CSRF": {"headers": {"origin": "https://evil.example"}},
    "idempotency": {"headers": KEY},
}
"""By step: what makes it refuse."""
REFUSED: dict[str, tuple[int, str]] = {
    "allowed hosts": (400, "couldn&#39;t read this request"),
    "body and time limits": (413, "too much at once"),
    "authentication": (303, ""),
    "access rule": (403, "You may not do this"),
    "rate limit": (429, "Too many requests"),
    "CSRF": (403, "sent from another site"),
    "idempotency": (422, "1 to 255 characters"),
}


async def ask(app: Gateway, *steps: str) -> httpx.Response:
    """A request that each of `steps` would refuse, and no other."""
    faults = [FAULTS[step] for step in steps]
    kinds = {fault.get("cookies") for fault in faults}
    async with visitor(app) as client:
        permissions = () if "no permission" in kinds else ("tea.brew",)
        with signed_in(client, *permissions) as fake:
            token = await _token()
            if any(fault.get("used up") for fault in faults):
                await limits().count([("staff-write", str(fake.principal.account_id))])
            if "nobody" in kinds:
                client.cookies.clear()
            headers = {"x-csrf-token": token}
            for fault in faults:
                headers |= fault.get("headers", {})
            content = next((fault["content"] for fault in faults if "content" in fault), b"")
            return await client.post("/staff", headers=headers, content=content)


async def _token() -> str:
    from shop.kernel.http.csrf import csrf_token
    from shop.kernel.http.sessions import Session, StoredSession

    token = csrf_token(Session(StoredSession(TOKEN, None, {})))
    assert token is not None
    return token


def assert_refused_by(step: str, answer: httpx.Response) -> None:
    status, words = REFUSED[step]
    assert answer.status_code == status, answer.text[:2000]
    assert words in re.sub(r"\s+", " ", answer.text)


async def test_a_request_that_no_step_refuses_is_answered(app):
    answer = await ask(app)
    assert (answer.status_code, answer.text) == (200, '"tea"')


@pytest.mark.parametrize("step", FAULTS)
async def test_each_step_refuses_by_itself(app, step):
    assert_refused_by(step, await ask(app, step))


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(FAULTS)))
async def test_of_two_neighbours_the_earlier_one_answers(app, earlier, later):
    assert_refused_by(earlier, await ask(app, earlier, later))


async def test_all_at_once_the_first_answers(app):
    assert_refused_by("allowed hosts", await ask(app, *FAULTS))


async def test_proxies_are_asked_before_anybody_is_counted(app):
    async with visitor(app) as client:
        statuses = [
            (await client.get("/page", headers={"x-forwarded-for": f"192.0.2.{number}"})).status_code
            for number in range(6)
        ]
    assert statuses == [200] * 6
    async with visitor(app, STRANGER) as client:
        statuses = [
            (await client.get("/page", headers={"x-forwarded-for": f"192.0.2.{number}"})).status_code
            for number in range(6)
        ]
    assert statuses == [200] * 2 + [429] * 4


@pytest.mark.parametrize("step", ["allowed hosts", "authentication", "rate limit", "CSRF"])
async def test_every_refusal_has_a_request_id_and_security_headers(app, step):
    answer = await ask(app, step)
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"


async def test_a_page_from_memory_passes_every_earlier_step(app):
    async with visitor(app, STRANGER) as client:
        first = await client.get("/page")
        assert first.status_code == 200
        assert len(cache.pages) == 1
        foreign = await client.get("/page", headers={"host": "evil.example"})
        assert foreign.status_code == 400
        doubled = await client.get("/page", headers=[("authorization", "a"), ("authorization", "b")])
        assert doubled.status_code == 400
        large = await client.request("GET", "/page", content=b"x" * 1001)
        second = await client.get("/page", headers={"accept-encoding": "br"})
        assert (second.status_code, second.headers["content-encoding"]) == (200, "br")
        refused = await client.get("/page")
    assert large.status_code == 413
    assert refused.status_code == 429
    assert refused.headers["ratelimit-remaining"] == "0"
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["x-content-type-options"] == "nosniff"


def test_the_document_tells_the_order_of_the_code():
    told = re.findall(r"^\| *\d+ \| ([^|]+?) *\|", DOCUMENT.read_text(), re.MULTILINE)
    assert told == [step.name for step in ORDER]
