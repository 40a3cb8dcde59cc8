"""Forms sent from other sites: refused by origin always, and by token once there is a session."""

import re

import pytest
from sqlalchemy import text

from shop.kernel.db import read, sql
from shop.kernel.http.csrf import csrf_token
from shop.kernel.http.sessions import Session, StoredSession
from tests.conftest import new_client
from tests.factories.catalog import make_product
from tests.factories.identity import make_account, sign_in_browser

HERE = "http://testserver"
FORM = {"email": "ada@example.com"}


@pytest.fixture
async def bare(db, gateway):
    """A client that names no origin by itself."""
    async with new_client(gateway) as made:
        del made.headers["origin"]
        yield made


def token_of(session_token: str) -> str:
    token = csrf_token(Session(StoredSession(session_token, None, {})))
    assert token is not None
    return token


async def name_of_account() -> str:
    return await read(lambda uow: sql(uow).scalar(text("select name from identity.account")))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": HERE},
        {"sec-fetch-site": "same-origin"},
        {"origin": HERE, "sec-fetch-site": "same-origin"},
        {"origin": "HTTP://TESTSERVER"},
    ],
)
async def test_a_form_of_ours_is_taken_without_a_session(bare, headers):
    assert (await bare.post("/forgot", data=FORM, headers=headers)).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://eviltestserver"},
        {"origin": "http://testserver:8080"},
        {"origin": "http://testserver@evil.example"},
        {"origin": HERE, "sec-fetch-site": "cross-site"},
        {"origin": HERE, "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site"},
        {"referer": f"{HERE}/forgot"},
    ],
)
async def test_a_form_of_another_site_is_not(bare, headers):
    answer = await bare.post("/forgot", data=FORM, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "sent from another site" in answer.text


async def test_every_unsafe_method_is_looked_at(bare):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await bare.request(method, "/forgot")).status_code in {403, 405}


async def test_with_a_session_its_token_is_needed(client):
    session = await sign_in_browser(client, await make_account(name="Ada"))
    for refused in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": token_of("another session")}):
        answer = await client.post("/account", data={"name": "Eve", **refused})
        assert answer.status_code == 403, refused
    assert await name_of_account() == "Ada"
    answer = await client.post("/account", data={"name": "Lovelace", "csrf_token": token_of(session)})
    assert answer.status_code == 303
    assert await name_of_account() == "Lovelace"


async def test_the_token_does_not_make_up_for_another_origin(client):
    session = await sign_in_browser(client, await make_account(name="Ada"))
    form = {"name": "Eve", "csrf_token": token_of(session)}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert (await client.post("/account", data=form, headers=headers)).status_code == 403
    assert await name_of_account() == "Ada"


async def test_scripts_of_ours_may_send_it_as_a_header(client):
    session = await sign_in_browser(client, await make_account(name="Ada"))
    answer = await client.post("/account", data={"name": "Eve"}, headers={"x-csrf-token": token_of(session)})
    assert answer.status_code == 303


async def test_a_token_that_is_a_file_or_no_text_is_refused(client):
    await sign_in_browser(client, await make_account(name="Ada"))
    upload = await client.post("/account", data={"name": "Eve"}, files={"csrf_token": ("t", b"x")})
    odd = await client.post("/account", data={"name": "Eve", "csrf_token": "\udcff".encode("utf-8", "surrogateescape")})
    assert (upload.status_code, odd.status_code) == (403, 403)
    assert await name_of_account() == "Ada"


async def test_the_page_carries_the_token_of_its_own_session_alone(client, gateway):
    mine = await sign_in_browser(client, await make_account("ada@example.com"))
    found = re.findall(r'name="csrf_token" value="([^"]+)"', (await client.get("/account")).text)
    assert set(found) == {token_of(mine)}
    async with new_client(gateway) as other:
        theirs = await sign_in_browser(other, await make_account("eve@example.com"))
        assert token_of(theirs) != token_of(mine)
        stolen = await other.post("/account", data={"name": "Eve", "csrf_token": token_of(mine)})
        assert stolen.status_code == 403


async def test_a_guests_first_form_needs_no_token_and_the_next_one_does(client):
    mug = await make_product("Mug")
    form = {"variant_id": str(mug.variant_id), "quantity": "1"}
    assert (await client.post("/cart/lines", data=form)).status_code == 303
    assert (await client.post("/cart/lines", data=form)).status_code == 403
    token = re.search(r'name="csrf_token" value="([^"]+)"', (await client.get("/cart")).text)
    assert token is not None
    assert (await client.post("/cart/lines", data={**form, "csrf_token": token[1]})).status_code == 303


async def test_the_api_needs_neither_because_it_takes_no_cookies(bare):
    headers = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    assert (await bare.post("/api/v1/carts", json={}, headers=headers)).status_code == 201


@pytest.fixture
def at_https(monkeypatch):
    from shop.kernel.config import settings

    monkeypatch.setenv("SHOP_BASE_URL", "https://testserver")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def test_where_the_shop_is_at_https_a_page_at_http_is_another_site(bare, at_https):
    """Whoever sits between visitor and shop can make up pages at http, with our name."""
    assert (await bare.post("/forgot", data=FORM, headers={"origin": HERE})).status_code == 403
    assert (await bare.post("/forgot", data=FORM, headers={"origin": "https://testserver"})).status_code == 303
    near = {"origin": "http://localhost:8000", "host": "localhost:8000"}
    assert (await bare.post("/forgot", data=FORM, headers=near)).status_code == 303
