"""After signing in or confirming somebody is led on (`next`): never off this site, whatever is written there."""

import re
from collections.abc import Iterator
from typing import Any

import html5lib
import httpx
import pytest

from shop.kernel.http.csrf import FIELD
from shop.modules.identity import credentials
from shop.modules.identity.passwords import Verdict
from tests.attacks.estate import Estate, csrf_of
from tests.attacks.routes import Route
from tests.attacks.tricks import HOST, TRICKS, leads_away
from tests.bad_input.extent import part
from tests.conftest import new_client
from tests.factories.identity import sign_in_browser

LEADING = {"href", "action", "formaction", "src", "srcset", "hx-get", "hx-post", "hx-push-url", "content", "data-next"}
"""Attributes that take a browser somewhere."""
A_FEW = (f"//{HOST}", f"/\\{HOST}", f"https://{HOST}", f"javascript:alert('{HOST}')", f"/\t/{HOST}")


@pytest.fixture
def any_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is typed is right, at once: it is what comes after it that is tried."""

    async def checked(password: str, stored: str | None) -> Verdict:
        return Verdict(right=stored is not None)

    monkeypatch.setattr(credentials, "check_password", checked)


def ways_out(answer: httpx.Response) -> Iterator[str]:
    """Where an answer may take a browser."""
    for name in ("location", "refresh", "hx-redirect", "hx-location", "hx-push-url", "content-location", "link"):
        if name in answer.headers:
            yield answer.headers[name]
    if answer.headers.get("content-type", "").startswith("text/html"):
        page: Any = html5lib.parse(answer.text, treebuilder="etree", namespaceHTMLElements=False)
        for element in page.iter():
            yield from (value for name, value in element.attrib.items() if name in LEADING and HOST in value)


def stays(answer: httpx.Response, trick: str) -> bool:
    assert answer.status_code < 500, f"{trick!r}: {answer.text[:300]}"
    assert "shop_session=evil" not in answer.headers.get("set-cookie", "")
    return not any(leads_away(way) for way in ways_out(answer))


def test_the_judge_knows_what_leads_away() -> None:
    assert len(TRICKS) > 60
    assert all(HOST in trick for trick in TRICKS)
    for away in (f"//{HOST}", f"/\\{HOST}", f"\\/{HOST}", f"/\t/{HOST}", f" https:{HOST}", "javascript:x", "\x01//x"):
        assert leads_away(away), away
    for here in ("/account", "/account?next=//evil.example", "http://testserver/", "?q=a:b", "#x", "p/a:b"):
        assert not leads_away(here), here


async def test_no_page_leads_away_by_next(estate: Estate, every_route: list[Route]) -> None:
    """Every page, signed in or not; those that ask for `next` together with every trick there is."""
    tried = 0
    for route in every_route:
        if route.changes or route.is_api:
            continue
        url = route.url(await estate.values(route))
        asks = "next" in route.query
        for trick in part(TRICKS, 4, route.path) if asks else A_FEW[:1]:
            for who in ("guest", "customer", "staff"):
                answer = await estate.browsers[who].get(url, params={"next": trick})
                assert stays(answer, trick), f"{who} at {route} with {trick!r}: {list(ways_out(answer))}"
                tried += asks
    assert tried > len(TRICKS), "no page asks for `next` any more?"


async def test_no_form_leads_away_by_next(estate: Estate, every_route: list[Route]) -> None:
    """Every form that a page could send, refused or taken."""
    for route in every_route:
        if not route.changes or not route.takes_cookies:
            continue
        who = "staff" if route.rule.kind == "staff" else "customer"
        url = route.url(await estate.values(route))
        for trick in part(A_FEW, 3, route.path):
            form = {"next": trick, "target": trick, "return_to": trick, FIELD: estate.csrf(who)}
            answer = await estate.browsers[who].request(route.method, url, data=form, params={"next": trick})
            assert stays(answer, trick), f"{route} with {trick!r}: {list(ways_out(answer))}"
            if route.path.endswith("signout"):
                await estate.go_back()
        if answer.status_code < 400:
            await estate.go_back()


async def test_signing_in_leads_nobody_away(estate: Estate, any_password: None) -> None:
    for trick in TRICKS:
        async with new_client(estate.gateway) as browser:
            form = {"email": "stranger@example.com", "password": "whatever it is", "next": trick}
            answer = await browser.post("/signin", data=form)
            assert answer.status_code == 303, answer.text
            assert stays(answer, trick), f"{trick!r} leads to {answer.headers['location']!r}"
            again = await browser.get("/signin", params={"next": trick})
            assert again.status_code == 303
            assert stays(again, trick), f"{trick!r} leads to {again.headers['location']!r}"


async def test_signing_in_leads_on_where_it_should(estate: Estate, any_password: None) -> None:
    """So that the refusals above aren't of everything."""
    for good in ("/account/orders", "/account/orders?cursor=x", "/p/mug?variant=1"):
        async with new_client(estate.gateway) as browser:
            form = {"email": "stranger@example.com", "password": "whatever it is", "next": good}
            assert (await browser.post("/signin", data=form)).headers["location"] == good


async def test_who_must_sign_in_first_is_led_back_to_a_page_of_ours(estate: Estate, every_route: list[Route]) -> None:
    """The way back is made from the address asked for, which may be made up as well."""
    for path in ("//evil.example/..%2faccount", "/account//evil.example", "/account?next=//evil.example"):
        async with new_client(estate.gateway) as browser:
            answer = await browser.get(f"http://testserver{path}")
            assert stays(answer, path)
    async with new_client(estate.gateway) as browser:
        session = await sign_in_browser(browser, estate.customer)
        for path in ("/orders/x?token=//evil.example", "/p//evil.example", "/c//evil.example", "//evil.example"):
            answer = await browser.get(f"http://testserver{path}")
            assert stays(answer, path)
            assert re.match(r"[1-5]", str(answer.status_code))
            posted = await browser.post(f"http://testserver{path}", data={FIELD: csrf_of(session)})
            assert stays(posted, path)
