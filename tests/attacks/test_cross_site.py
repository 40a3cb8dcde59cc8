"""Every form that a page could send for its visitor, sent by somebody else: with a token that is missing, foreign, planted or
old, and from another origin. And what a browser fetches by itself, a link or a picture, changes nothing."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shop.kernel import clock
from shop.kernel.http.access import customer
from shop.kernel.http.csrf import FIELD, HEADER
from shop.kernel.http.sessions import cookie_name
from tests.attacks.estate import Estate, csrf_of, tampered
from tests.attacks.routes import Route
from tests.bad_input.extent import part
from tests.conftest import new_client
from tests.factories.identity import sign_in_browser

HERE = "http://testserver"
FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "https://evil.example"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://eviltestserver"},
    {"origin": "http://testserver:8080"},
    {"origin": "http://testserver@evil.example"},
    {"origin": "file://"},
    {"origin": "http://["},
    {"origin": "http://testserver http://evil.example"},
    {"origin": "chrome-extension://testserver"},
    {"origin": HERE, "sec-fetch-site": "cross-site"},
    {"origin": HERE, "sec-fetch-site": "same-site"},
    {"origin": HERE, "sec-fetch-site": "none"},
    {"origin": HERE, "sec-fetch-site": "SAME-ORIGIN, cross-site"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "cross-site"},
    {"referer": f"{HERE}/account"},
)
"""Headers of requests that no page of ours sends."""
OUR_OWN: tuple[tuple[dict[str, str], str], ...] = (
    ({"origin": HERE}, FIELD),
    ({"origin": HERE}, HEADER),
    ({"sec-fetch-site": "same-origin"}, FIELD),
    ({"sec-fetch-site": "same-origin"}, HEADER),
)
"""How a form of ours comes, and where its token stands."""
MOVES = {
    "/orders/{order_id:uuid}": "remembers in the session that this browser may see the order",
    "/api/v1/admin/customers/{account_id:uuid}/export": "is told of in the audit log: somebody's data left the shop",
    "/admin/customers/{account_id:uuid}/export": "likewise",
    "/account/payment-methods/{setup_id:uuid}/return": "asks the provider what it has stored for this very customer",
    "/payments/{payment_id:uuid}/return": "asks the provider what became of the payment",
}
"""What a GET may note, and why."""


@pytest.fixture(scope="session")
def unsafe_pages(every_route: list[Route]) -> list[Route]:
    found = [route for route in every_route if route.takes_cookies and route.changes]
    assert len(found) > 15
    return found


def rightful(route: Route) -> str:
    return "staff" if route.rule.kind == "staff" else "customer"


async def send(
    estate: Estate, route: Route, url: str, session: str | None, headers: dict[str, str], form: dict[str, str]
) -> httpx.Response:
    """As a browser that holds `session`, and names no origin but that in `headers`."""
    async with new_client(estate.gateway) as browser:
        del browser.headers["origin"]
        if session is not None:
            browser.cookies.set(cookie_name(), session, domain="testserver.local")
        return await browser.request(route.method, url, headers=headers, data=form)


def is_refused(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and "sent from another site" in answer.text


async def test_no_form_is_taken_without_the_token_of_its_own_session(
    estate: Estate, unsafe_pages: list[Route], nothing_changes: Any
) -> None:
    """Missing, empty, made up; of somebody else's session, or of this person's own that has ended or is a year old."""
    stale = {who: estate.csrf(who) for who in ("customer", "staff")}
    await estate.renew(["customer", "staff"])
    for route in unsafe_pages:
        who, url = rightful(route), route.url(await estate.values(route))
        foreign = [estate.csrf(each) for each in ("stranger", "guest", "clerk")]
        wrong: list[dict[str, str]] = [{}, {FIELD: ""}, *({FIELD: token} for token in (*foreign, stale[who]))]
        wrong += [{FIELD: token} for token in tampered(estate.csrf(who))]
        wrong += [{FIELD: estate.sessions[who]}, {"CSRF_TOKEN": estate.csrf(who)}, {f"{FIELD}[]": estate.csrf(who)}]
        async with nothing_changes(f"forms without their token at {route}"):
            for form in wrong:
                answer = await send(estate, route, url, estate.sessions[who], {"origin": HERE}, form)
                assert is_refused(answer), f"{route} with {form}: {answer.status_code}"
            for token in foreign:
                answer = await send(estate, route, url, estate.sessions[who], {"origin": HERE, HEADER: token}, {})
                assert is_refused(answer), f"{route} with a foreign header: {answer.status_code}"


async def test_no_form_is_taken_from_another_origin_though_its_token_is_right(
    estate: Estate, unsafe_pages: list[Route], nothing_changes: Any
) -> None:
    for route in unsafe_pages:
        who, url = rightful(route), route.url(await estate.values(route))
        async with nothing_changes(f"forms from elsewhere at {route}"):
            for headers in FOREIGN:
                answer = await send(estate, route, url, estate.sessions[who], headers, {FIELD: estate.csrf(who)})
                assert is_refused(answer), f"{route} from {headers}: {answer.status_code}"


async def test_a_visitor_without_a_session_is_told_apart_by_origin_alone(
    estate: Estate, unsafe_pages: list[Route], nothing_changes: Any
) -> None:
    for route in unsafe_pages:
        url = route.url(await estate.values(route))
        async with nothing_changes(f"forms of strangers' sites at {route}"):
            for headers in FOREIGN:
                answer = await send(estate, route, url, None, headers, {})
                turned_away = route.rule.kind != "public" and answer.headers.get("location", "").startswith("/signin?")
                assert is_refused(answer) or turned_away, f"{route} from {headers}: {answer.status_code}"


async def test_the_same_forms_are_taken_from_our_own_pages(estate: Estate, unsafe_pages: list[Route]) -> None:
    """So that the refusals above are for token and origin alone."""
    for route in unsafe_pages:
        who, url = rightful(route), route.url(await estate.values(route))
        for headers, place in part(OUR_OWN, len(OUR_OWN), route.path):
            token = {place: estate.csrf(who)}
            form, header = (token, {}) if place == FIELD else ({}, token)
            answer = await send(estate, route, url, estate.sessions[who], {**headers, **header}, form)
            assert not is_refused(answer), f"{route}: {answer.text[:300]}"
            if answer.status_code < 400:
                await estate.go_back()
                url = route.url(await estate.values(route))
        if route.rule.kind == "public":
            answer = await send(estate, route, url, None, {"origin": HERE}, {})
            assert not is_refused(answer), f"{route} without a session: {answer.text[:300]}"


async def test_the_token_of_before_signing_in_is_no_good_after_it(estate: Estate) -> None:
    """Somebody who saw the guest's form, or planted the guest's session, can't send the customer's."""
    before = estate.csrf("guest")
    browser = estate.browsers["guest"]
    session = await sign_in_browser(browser, estate.customer)
    assert csrf_of(session) != before
    answer = await browser.post("/account", data={"name": "Eve", FIELD: before})
    assert is_refused(answer)


async def test_what_browsers_fetch_by_themselves_changes_nothing(
    estate: Estate, every_route: list[Route], nothing_changes: Any
) -> None:
    """Every GET as each kind of visitor, from another site, with names of things that are there."""
    links = {"sec-fetch-site": "cross-site", "referer": "https://evil.example/"}
    for route in every_route:
        if route.changes or route.path in MOVES:
            continue
        url = route.url(await estate.values(route))
        query = {each.name: "DE" for each in (route.endpoint.parameters if route.endpoint else ()) if each.required}
        async with nothing_changes(f"GET {route.path}"):
            for who in ("guest", "customer", "staff"):
                given = {"params": {name: "DE" for name in query if name == "country"}} if route.is_api else {}
                for headers in (links, {}):
                    if route.is_api:
                        answer = await estate.api.get(url, headers={**estate.headers[who], **headers}, **given)
                    else:
                        answer = await estate.browsers[who].get(url, headers=headers)
                    assert answer.status_code < 500, f"{route}: {answer.text[:300]}"
                assert (await estate.api.head(url)).status_code < 500


async def test_signing_in_from_another_site_signs_nobody_in(estate: Estate, nothing_changes: Any) -> None:
    """Else people could be made to shop, and leave their address, in somebody else's account."""
    form = {"email": "stranger@example.com", "password": "correct horse battery"}
    async with nothing_changes("signing in from elsewhere"), new_client(estate.gateway) as browser:
        for headers in FOREIGN:
            browser.headers.pop("origin", None)
            answer = await browser.post("/signin", data=form, headers=headers)
            assert is_refused(answer)
            assert "set-cookie" not in answer.headers


async def test_a_token_does_not_outlive_its_session(estate: Estate) -> None:
    with clock.shifted(timedelta(days=365)):
        answer = await send(
            estate,
            Route("POST", "/account", customer, None, frozenset()),
            "/account",
            estate.sessions["customer"],
            {"origin": HERE},
            {FIELD: estate.csrf("customer"), "name": "Eve"},
        )
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?next=")
