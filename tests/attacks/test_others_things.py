"""Whatever an address names, everybody but its owner asks for it, with every kind of token there is: refused as API.md says
(401 unknown, 403 not allowed, 404 as if it weren't there), and not a row has changed."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shop.kernel.http.sessions import cookie_name
from tests.attacks.estate import BACK_TO_ONES_OWN, NOTHING, Estate, csrf_of, tampered, whose
from tests.attacks.routes import Route
from tests.bad_input.forms import Routes, forms_of
from tests.conftest import new_client

ADVICE = (
    "say in tests/attacks/estate.py, WHOSE, whose things these addresses name, and let Estate.renew_things make one"
    " that is the customer's"
)
NO_TOKENS = ("", "Bearer", "Bearer ", "Bearer null", "Bearer undefined", "Bearer 0", "Bearer []", "null", "Basic Og==")
"""What is sent by programs that hold none."""
Send = Callable[..., Any]


@pytest.fixture(scope="session")
def naming(every_route: list[Route]) -> list[Route]:
    """Routes that name things."""
    found = [route for route in every_route if route.parameters]
    unowned = [str(route) for route in found if whose(route) is None]
    assert unowned == [], f"{ADVICE}: {unowned}"
    return found


def body_of(estate: Estate, route: Route) -> dict[str, Any]:
    """A body that nobody could find fault with, for httpx."""
    if route.endpoint is None or route.endpoint.body is None:
        return {}
    return {"json": route.endpoint.example(estate.known)}


def needed_headers(estate: Estate, route: Route) -> dict[str, str]:
    required = [each for each in route.endpoint.parameters if each.place == "header"] if route.endpoint else []
    return {each.name: "x" for each in required if each.required} | {"Idempotency-Key": str(uuid4())}


async def call(
    estate: Estate, route: Route, url: str, headers: dict[str, str], params: dict[str, str] | None = None
) -> httpx.Response:
    query = {each.name: "DE" for each in (route.endpoint.parameters if route.endpoint else ()) if each.required}
    return await estate.api.request(
        route.method,
        url,
        headers=needed_headers(estate, route) | headers,
        params=params or ({"country": "DE"} if "country" in query else None),
        **body_of(estate, route),
    )


def is_hidden(estate: Estate, answer: httpx.Response) -> bool:
    """Nothing of the customer is told."""
    return not any(each in answer.text for each in ("customer@example.com", "ada@example.com", "Unter den Linden"))


def unknown_callers(estate: Estate) -> Iterator[tuple[str, dict[str, str]]]:
    """Headers of those whom the API does not know, by what they try."""
    yield "nobody", {}
    for header in NO_TOKENS:
        yield f"Authorization: {header!r}", {"Authorization": header}
    good = estate.headers["customer"]["Authorization"].removeprefix("Bearer ")
    for token in tampered(good):
        yield f"bearer {token[:20]}…", {"Authorization": f"Bearer {token}"}
    for why, headers in estate.bearers.items():
        yield f"a token that is {why}", headers
    yield "a session token as bearer", {"Authorization": f"Bearer {estate.sessions['customer']}"}
    yield "a session's cookie", {"Cookie": f"{cookie_name()}={estate.sessions['customer']}"}


async def test_the_api_gives_nobody_what_is_somebodys(
    estate: Estate, naming: list[Route], nothing_changes: Any
) -> None:
    tried = 0
    for route in naming:
        owner = whose(route)
        if not route.is_api or owner in {"anybody", "holder"}:
            continue
        url = route.url(await estate.values(route))
        nowhere = route.url(dict.fromkeys(route.parameters, NOTHING))
        refusals: set[int] = {401, 404} if route.rule.kind == "public" else {401}
        async with nothing_changes(f"callers unknown at {route}"):
            for what, headers in unknown_callers(estate):
                answer = await call(estate, route, url, headers)
                assert answer.status_code in refusals, f"{what} at {route}: {answer.status_code} {answer.text[:300]}"
                assert is_hidden(estate, answer), f"{what} at {route}: {answer.text[:300]}"
                tried += 1
            for who in ("stranger", "clerk"):
                answer = await call(estate, route, url, estate.headers[who])
                expected = 403 if route.rule.kind == "staff" else 404
                assert answer.status_code == expected, f"{who} at {route}: {answer.status_code} {answer.text[:300]}"
                assert is_hidden(estate, answer), f"{who} at {route}: {answer.text[:300]}"
                if expected == 404:
                    missing = await call(estate, route, nowhere, estate.headers[who])
                    assert told(missing) == told(answer), f"{who} learns at {route} that it is there"
    assert tried > 100


def told(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    """What an answer says, but for the number of the request."""
    return answer.status_code, {name: value for name, value in answer.json().items() if name != "request_id"}


async def test_the_order_token_of_another_order_opens_nothing(
    estate: Estate, naming: list[Route], nothing_changes: Any
) -> None:
    """Nor does one that is empty, cut off, spelt otherwise, or comes beside a stranger's own token."""
    of_orders = [route for route in naming if route.path.startswith("/api/v1/orders/")]
    assert of_orders
    token = estate.known["Order-Token"]
    for route in of_orders:
        url = route.url(await estate.values(route))
        async with nothing_changes(f"order tokens at {route}"):
            for who in ("guest", "stranger"):
                for given in ("", *tampered(token), estate.others["order_token"]):
                    answer = await call(estate, route, url, {**estate.headers[who], "Order-Token": given})
                    assert answer.status_code == 404, f"{who} with {given[:8]!r} at {route}: {answer.text[:300]}"


async def test_a_holders_secret_is_not_guessed(estate: Estate, naming: list[Route], nothing_changes: Any) -> None:
    """Carts of guests and links in mails are open to whoever knows their name: so no name that is nearly right will do."""
    tried = 0
    for route in naming:
        if whose(route) != "holder":
            continue
        values = await estate.values(route)
        async with nothing_changes(f"guessed names at {route}"):
            for guess in tampered(values["token"]):
                url = route.url({**values, "token": guess})
                for who in ("guest", "customer", "stranger"):
                    if route.is_api:
                        answer = await call(estate, route, url, estate.headers[who])
                    else:
                        answer = await send_page(estate, route, url, who)
                    strangers = route.rule.kind == "public" or who != "guest"
                    assert is_turned_away(route, answer, {404}, known=strangers), (
                        f"{who} at {url}: {answer.status_code}"
                    )
                    tried += 1
    assert tried > 100


async def send_page(
    estate: Estate, route: Route, url: str, who: str, form: dict[str, str] | None = None
) -> httpx.Response:
    browser = estate.browsers[who]
    if not route.changes:
        return await browser.get(url)
    fields = {"password": "correct horse battery", "quantity": "7", **(form or {}), "csrf_token": estate.csrf(who)}
    return await browser.request(route.method, url, data=fields)


@asynccontextmanager
async def faceless(estate: Estate, session: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser with just this session."""
    async with new_client(estate.gateway) as browser:
        if session is not None:
            browser.cookies.set(cookie_name(), session, domain="testserver.local")
        yield browser


async def old_session(estate: Estate) -> str:
    """That of the customer, from before they signed out."""
    token = estate.sessions["customer"]
    answer = await estate.browsers["customer"].post("/signout", data={"csrf_token": csrf_of(token)})
    assert answer.status_code == 303, answer.text
    await estate.renew(["customer"])
    return token


async def test_no_page_shows_or_does_for_others_what_is_somebodys(
    estate: Estate, naming: list[Route], routes: Routes, nothing_changes: Any
) -> None:
    forms = {
        (form.method.upper(), form.route): form.fields
        for who in ("staff", "customer")
        for form in await forms_of(estate, routes, who)
    }
    ended = await old_session(estate)
    tried = 0
    for route in naming:
        owner = whose(route)
        if route.is_api or owner in {"anybody", "holder"}:
            continue
        url = route.url(await estate.values(route))
        form = forms.get((route.method, route.path), {})
        async with nothing_changes(f"others at {route}"):
            for session in (None, "", "null", "chosen-by-me", ended, *tampered(estate.sessions["customer"])):
                async with faceless(estate, session) as browser:
                    fields = {**form, "csrf_token": csrf_of(session or "x")}
                    sent = {"data": fields} if route.changes else {}
                    answer = await browser.request(route.method, url, **sent)
                assert is_turned_away(route, answer, {404}), f"{session!r} at {route}: {answer.status_code}"
                assert is_hidden(estate, answer), f"{session!r} at {route}"
                tried += 1
            for who in ("guest", "stranger", "clerk"):
                answer = await send_page(estate, route, url, who, form)
                refusals = {403} if route.rule.kind == "staff" and who != "guest" else {404}
                assert is_turned_away(route, answer, refusals, known=who != "guest"), (
                    f"{who} at {route}: {answer.status_code} {answer.headers.get('location')}"
                )
                assert is_hidden(estate, answer), f"{who} at {route}"
    assert tried > 100


def is_turned_away(route: Route, answer: httpx.Response, refusals: set[int], *, known: bool = False) -> bool:
    """Refused, or led to sign in when nobody knows who it is."""
    if answer.status_code in refusals:
        return True
    target = answer.headers.get("location", "") if answer.status_code == 303 else ""
    return target == BACK_TO_ONES_OWN.get(route.path) or (not known and target.startswith("/signin?next="))


async def test_who_may_is_not_refused(estate: Estate, naming: list[Route]) -> None:
    """So that the refusals above are for who asks, and not for a thing that isn't there."""
    nothing_there = []
    for route in naming:
        if whose(route) == "anybody":
            continue
        who = "staff" if route.rule.kind == "staff" else "customer"
        url = route.url(await estate.values(route))
        if route.is_api:
            answer = await call(estate, route, url, estate.headers[who])
        else:
            answer = await send_page(estate, route, url, who)
        must_sign_in = route.rule.kind != "public" and answer.headers.get("location", "").startswith("/signin?next=")
        if answer.status_code in {401, 403, 404, 405} or must_sign_in:
            nothing_there.append(f"{route} ({url}): {answer.status_code}")
        if route.changes:
            await estate.go_back()
    assert nothing_there == [], ADVICE


BODY_IDS = {
    "cart_id": "a guest's is open to whoever knows it; a customer's stays where it is (tests/bad_input/test_others_things.py)",
    "variant_id": "what is sold, which anybody may name",
    "order_id": "a wallet pays its owner's orders alone (tests/integration/wallet/test_api.py, test_admin_api.py)",
    "parent_id": "of the same wallet, or it isn't there (tests/integration/wallet/test_admin_api.py)",
    "counterparty_id": "whom staff transfer to; a customer's is not looked at",
    "method_id": "another's is none: tests/integration/orders/test_paying_pages.py",
}
"""Ids within bodies, and why a stranger who sends another's gains nothing."""


def test_every_id_in_a_body_is_somebodys(every_route: list[Route]) -> None:
    named = {
        path[-1]
        for route in every_route
        if route.endpoint is not None
        for path in route.endpoint.texts()
        if path and path[-1].endswith(("_id", "_ids"))
    }
    unsaid = named - set(BODY_IDS)
    assert unsaid == set(), "say in BODY_IDS why nothing is gained by sending another's, and test it"


async def test_a_strangers_body_names_the_customers_things_in_vain(estate: Estate, every_route: list[Route]) -> None:
    """Whatever is sent in the body, the customer's order, cart and account stay as they are."""
    named = {name: estate.known[name] for name in ("order_id", "payment_id", "line_id")}
    named["account_id"] = str(estate.customer)
    before = await what_the_customer_has(estate)
    tried = 0
    for route in every_route:
        if route.endpoint is None or route.endpoint.body is None or route.rule.kind == "staff":
            continue
        body = route.endpoint.example({**estate.known, "email": "stranger@example.com"})
        if not isinstance(body, dict):
            continue
        url = route.url(dict.fromkeys(route.parameters, NOTHING))
        headers = {**needed_headers(estate, route), **estate.headers["stranger"]}
        await estate.api.request(route.method, url, json={**body, **named}, headers=headers)
        assert await what_the_customer_has(estate) == before, f"{route} changed what is another's"
        tried += 1
        if answer_ends_tokens(route):
            await estate.go_back()
            before = await what_the_customer_has(estate)
    assert tried > 8


def answer_ends_tokens(route: Route) -> bool:
    return route.path.endswith("signout")


async def what_the_customer_has(estate: Estate) -> list[Any]:
    mine = estate.headers["customer"]
    urls = (f"/api/v1/orders/{estate.known['order_id']}", f"/api/v1/carts/{estate.known['cart_id']}", "/api/v1/me")
    return [(await estate.api.get(url, headers=mine)).json() for url in urls]
