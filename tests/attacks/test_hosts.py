"""Names that a visitor makes up for the shop end up nowhere: not in a mail's link, not in a page, not in an answer's headers."""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from shop.app import build_litestar
from shop.kernel.config import settings
from shop.kernel.db import read, sql
from shop.kernel.http.gateway import Gateway
from shop.kernel.uow import UnitOfWork
from tests.attacks.tricks import HOST
from tests.factories.identity import make_account
from tests.factories.orders import cart_of, check_out, open_shop

HERE = "http://testserver"
OTHER = "other.example"
"""A further name of the shop's own: allowed, and yet no link is made of it."""
NAMESPACE = "http://www.w3.org/"
FORGED: tuple[dict[str, str], ...] = (
    {"host": HOST},
    {"host": f"testserver.{HOST}"},
    {"host": f"testserver@{HOST}"},
    {"host": f"{HOST}:80"},
    {"host": f"testserver:80@{HOST}"},
    {"host": ""},
    {"host": f"testserver, {HOST}"},
    {"x-forwarded-host": HOST},
    {"x-forwarded-host": HOST, "x-forwarded-proto": "https", "x-forwarded-for": "127.0.0.1"},
    {"x-forwarded-server": HOST},
    {"x-original-host": HOST},
    {"x-host": HOST},
    {"x-real-host": HOST},
    {"x-http-host-override": HOST},
    {"forwarded": f"for=127.0.0.1;host={HOST};proto=https"},
    {"x-original-url": f"//{HOST}/"},
    {"x-rewrite-url": f"//{HOST}/"},
    {"x-forwarded-prefix": f"//{HOST}"},
    {"origin": HERE, "referer": f"https://{HOST}/"},
    {"host": OTHER, "origin": HERE},
)


@pytest.fixture
def named(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A shop that also answers to OTHER, and trusts a proxy that passes on whatever it is sent."""
    monkeypatch.setenv("SHOP_ALLOWED_HOSTS", OTHER)
    monkeypatch.setenv("SHOP_TRUSTED_PROXIES", "127.0.0.1")
    settings.cache_clear()
    yield httpx.AsyncClient(
        transport=httpx.ASGITransport(app=Gateway(build_litestar()), raise_app_exceptions=False),
        base_url=HERE,
        headers={"origin": HERE},
    )
    monkeypatch.undo()
    settings.cache_clear()


async def mails() -> list[str]:
    async def find(uow: UnitOfWork) -> list[str]:
        found = await sql(uow).execute(
            text("select coalesce(html, '') || coalesce(text, '') from notifications.message")
        )
        return list(found.scalars())

    return await read(find)


async def test_no_mail_leads_to_a_forged_name(named: httpx.AsyncClient, drain_outbox: Any) -> None:
    await make_account("ada@example.com")
    await open_shop()
    for n, forged in enumerate(FORGED):
        signup = {"email": f"new{n}@example.com", "password": "correct horse battery", "name": "New"}
        await named.post("/api/v1/auth/signup", json=signup, headers=forged)
        await named.post("/api/v1/auth/signup", json={**signup, "email": "ada@example.com"}, headers=forged)
        await named.post("/api/v1/auth/password/forgot", json={"email": "ada@example.com"}, headers=forged)
        await named.post("/forgot", data={"email": "ada@example.com"}, headers=forged)
        await check_out(named, await cart_of(named), headers=forged)
    await drain_outbox()
    written = await mails()
    assert len(written) > 20
    for mail in written:
        assert HOST not in mail
        assert OTHER not in mail
        links = [link for link in re.findall(r"https?://[^\s\"'<>)]+", mail) if not link.startswith(NAMESPACE)]
        assert links, mail
        assert [link for link in links if not link.startswith(f"{HERE}/") and link != HERE] == []


async def test_no_answer_repeats_a_forged_name(named: httpx.AsyncClient) -> None:
    """Else a cache in between would keep it for the next visitor."""
    for path in ("/", "/signin", "/account", "/sitemap.xml", "/robots.txt", "/openapi.json", "/docs", "/no-such-page"):
        for forged in FORGED:
            answer = await named.get(path, headers=forged)
            everything = answer.text + str(dict(answer.headers))
            assert HOST not in everything, f"{path} with {forged}"
            assert OTHER not in everything, f"{path} with {forged}"


async def test_a_page_asked_for_under_a_forged_name_is_kept_for_nobody(named: httpx.AsyncClient) -> None:
    before = (await named.get("/about")).text
    for forged in FORGED:
        await named.get("/about", headers=forged)
        assert (await named.get("/about")).text == before


async def test_a_foreign_name_is_refused(named: httpx.AsyncClient) -> None:
    for forged in FORGED:
        if "host" in forged and forged["host"] != OTHER:
            for path in ("/", "/api/v1/products", "/static/none.css"):
                answer = await named.get(path, headers=forged)
                assert answer.status_code == 400, f"{path} with {forged}"
