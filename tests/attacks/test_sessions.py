"""Sessions are made by the shop alone, change hands at sign-in, end when told to, and live in a cookie that scripts, other
sites and plain connections never see."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from shop.kernel.config import settings
from shop.kernel.db import read
from shop.kernel.http.csrf import FIELD
from shop.kernel.http.sessions import COOKIE, SECURE_COOKIE, SessionStore
from shop.kernel.ports import port
from tests.attacks.estate import Estate, csrf_of
from tests.attacks.routes import Route
from tests.conftest import new_client
from tests.factories.catalog import make_product
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account, mint, sign_in_browser

CHOSEN = "chosen-by-a-client-0123456789abcdef"
ATTRIBUTES = re.compile(r"(?P<name>[^=]+)=(?P<value>[^;]*)(?P<rest>.*)")


def cookies_of(answer: httpx.Response) -> list[tuple[str, str, set[str]]]:
    """Name, value and attributes of what the answer gives to keep."""
    found = [ATTRIBUTES.fullmatch(each) for each in answer.headers.get_list("set-cookie")]
    assert all(found)
    return [
        (each["name"], each["value"].strip('"'), {part.strip().lower() for part in each["rest"].split(";") if part})
        for each in found
        if each
    ]


async def lives(token: str) -> bool:
    return await read(port(SessionStore).load_session, token) is not None


async def whose(gateway: Any, cookie: str) -> str | None:
    """The address of whoever a browser with this Cookie header is taken for."""
    async with new_client(gateway) as browser:
        answer = await browser.get("/account", headers={"cookie": cookie})
    found = re.search(r"(\w+)@example\.com", answer.text) if answer.status_code == 200 else None
    return found[1] if found else None


async def test_a_chosen_id_is_never_taken_up(estate: Estate, every_route: list[Route]) -> None:
    """Not by any page, whatever it keeps: a session that somebody planted is theirs as well."""
    kept = 0
    for route in every_route:
        if not route.takes_cookies:
            continue
        url = route.url(await estate.values(route))
        async with new_client(estate.gateway) as browser:
            browser.cookies.set(COOKIE, CHOSEN, domain="testserver.local")
            form = {"variant_id": str(estate.mug.variant_id), "quantity": "1", FIELD: csrf_of(CHOSEN)}
            answer = await browser.request(route.method, url, **({"data": form} if route.changes else {}))
        given = [value for name, value, _ in cookies_of(answer) if name == COOKIE]
        assert CHOSEN not in given, str(route)
        kept += any(given)
    assert kept, "no page kept anything, so nothing was proved"
    assert not await lives(CHOSEN)


async def test_signing_in_leaves_the_guests_session_to_nobody(client: httpx.AsyncClient, gateway: Any) -> None:
    """Whoever planted it, or read it on a shared machine, doesn't come along."""
    await make_account("ada@example.com")
    mug = await make_product("Mug")
    await client.post("/cart/lines", data={"variant_id": str(mug.variant_id), "quantity": "1"})
    planted = client.cookies[COOKIE]
    form = {"email": "ada@example.com", "password": PASSWORD, FIELD: csrf_of(planted)}
    answer = await client.post("/signin", data=form)
    assert answer.status_code == 303, answer.text
    assert client.cookies[COOKIE] != planted
    assert not await lives(planted)
    assert await whose(gateway, f"{COOKIE}={planted}") is None
    assert await whose(gateway, f"{COOKIE}={client.cookies[COOKIE]}") == "ada"


async def test_of_two_cookies_none_borrows_the_others_rights(client: httpx.AsyncClient, gateway: Any) -> None:
    """Another host of the same domain may toss a cookie beside ours. Whichever counts, its own token is asked for."""
    ada, eve = await make_account("ada@example.com"), await make_account("eve@example.com")
    mine = await sign_in_browser(client, ada)
    async with new_client(gateway) as other:
        theirs = await sign_in_browser(other, eve)
    for first, second in ((mine, theirs), (theirs, mine)):
        for cookie in (f"{COOKIE}={first}; {COOKIE}={second}", f"{COOKIE}={first};{COOKIE}={second}"):
            counted = await whose(gateway, cookie)
            assert counted in {"ada", "eve", None}
            wrong = csrf_of(theirs if counted == "ada" else mine)
            async with new_client(gateway) as browser:
                form = {"name": "Tossed", FIELD: wrong}
                answer = await browser.post("/account", data=form, headers={"cookie": cookie})
            assert answer.status_code in {303, 403}
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/signin?next=")


async def test_no_spelling_of_the_cookie_puts_a_personal_page_into_the_cache(
    client: httpx.AsyncClient, gateway: Any
) -> None:
    ada = await make_account("ada@example.com", name="Ada Unmistakable")
    token = await sign_in_browser(client, ada)
    spellings = (f"{COOKIE}={token}", f" {COOKIE} = {token}", f'{COOKIE}="{token}"', f"a=b;{COOKIE}={token};c=d")
    for path in ("/", "/cart", "/account", "/signin", "/signup", "/about"):
        for cookie in spellings:
            async with new_client(gateway) as browser:
                await browser.get(path, headers={"cookie": cookie})
            async with new_client(gateway) as browser:
                answer = await browser.get(path)
            assert "Ada Unmistakable" not in answer.text, f"{path} by {cookie!r}"
            assert "ada@example.com" not in answer.text
            assert csrf_of(token) not in answer.text


async def test_what_somebody_sees_of_their_own_is_kept_by_no_cache(estate: Estate, every_route: list[Route]) -> None:
    """Also what for that matter the back button would show after signing out."""
    for route in every_route:
        if route.changes or route.rule.kind not in {"customer", "staff"}:
            continue
        who = "staff" if route.rule.kind == "staff" else "customer"
        url = route.url(await estate.values(route))
        answer = await (
            estate.api.get(url, headers=estate.headers[who]) if route.is_api else estate.browsers[who].get(url)
        )
        assert "no-store" in answer.headers["cache-control"], str(route)


async def test_no_page_shows_the_sessions_token(estate: Estate, every_route: list[Route]) -> None:
    """The cookie is kept from scripts; so it must not stand in what they can read."""
    for route in every_route:
        if route.changes or not route.takes_cookies:
            continue
        url = route.url(await estate.values(route))
        for who in ("guest", "customer", "staff"):
            answer = await estate.browsers[who].get(url)
            assert estate.sessions[who] not in answer.text + answer.headers.get("location", ""), f"{who} at {route}"


async def test_signing_out_ends_the_session_for_whoever_copied_it(client: httpx.AsyncClient, gateway: Any) -> None:
    token = await sign_in_browser(client, await make_account("ada@example.com"))
    for path in ("/signout", "/admin/signout"):
        token = await sign_in_browser(client, await make_account(f"ada{path.count('/')}@example.com"))
        answer = await client.post(path, data={FIELD: csrf_of(token)})
        [(name, value, attributes)] = [each for each in cookies_of(answer) if each[0] == COOKIE]
        assert (name, value) == (COOKIE, "")
        assert "max-age=0" in attributes
        assert not await lives(token)
        assert await whose(gateway, f"{COOKIE}={token}") is None


async def test_a_new_password_ends_every_session_and_token(client: httpx.AsyncClient, gateway: Any) -> None:
    """Those of a thief above all."""
    ada = await make_account("ada@example.com")
    token = await sign_in_browser(client, ada)
    signed_in = (await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": PASSWORD})).json()
    header = await bearer(ada)
    assert (await client.get("/api/v1/me", headers=header)).status_code == 200
    link = {"token": await mint("reset", ada), "password": "another correct horse battery"}
    assert (await client.post(f"{AUTH}/password/reset", json=link)).status_code == 200
    assert await whose(gateway, f"{COOKIE}={token}") is None
    assert not await lives(token)
    for headers in (header, {"Authorization": f"Bearer {signed_in['access_token']}"}):
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
    again = await client.post(f"{AUTH}/refresh", json={"refresh_token": signed_in["refresh_token"]})
    assert again.status_code == 401


@pytest.fixture
def at_https(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SHOP_BASE_URL", "https://testserver")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def given_session(gateway: Any, **headers: str) -> tuple[str, str, set[str]]:
    mug = await make_product("Mug")
    async with new_client(gateway) as guest:
        form = {"variant_id": str(mug.variant_id), "quantity": "1"}
        answer = await guest.post("/cart/lines", data=form, headers=headers)
    assert answer.status_code == 303, answer.text
    [cookie] = cookies_of(answer)
    return cookie


async def test_at_https_the_cookie_is_bound_to_host_and_encryption(db: None, gateway: Any, at_https: None) -> None:
    name, _, attributes = await given_session(gateway, origin="https://testserver")
    assert name == SECURE_COOKIE
    assert attributes >= {"secure", "httponly", "samesite=lax", "path=/"}
    assert not any(each.startswith("domain") for each in attributes)


async def test_on_plain_localhost_the_cookie_is_as_strict_as_it_can_be(db: None, gateway: Any) -> None:
    name, _, attributes = await given_session(gateway)
    assert name == COOKIE
    assert attributes >= {"httponly", "samesite=lax", "path=/"}
    assert not any(each.startswith("domain") for each in attributes)


async def test_at_https_a_cookie_without_the_prefix_is_nobodys(
    client: httpx.AsyncClient, gateway: Any, at_https: None
) -> None:
    """That name any host of the domain could set, and any plain connection."""
    token = await sign_in_browser(client, await make_account("ada@example.com"))
    assert await whose(gateway, f"{COOKIE}={token}") is None
    assert await whose(gateway, f"{SECURE_COOKIE}={token}") == "ada"
