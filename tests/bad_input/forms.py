"""Every form that a visitor can reach: found by walking the pages as a browser would, from the home page and the doors.

What counts as one form is its method, the route behind its address and the names of its fields.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import html5lib
import httpx

from tests.bad_input.people import PEOPLE, Shop

PAGES_PER_ROUTE = 3
"""So many pages of one kind are walked; the next ones hold the same forms."""

FILLED_IN = {
    "email": "ada@example.com",
    "password": "correct horse battery",
    "name": "Ada Lovelace",
    "line1": "Unter den Linden 5",
    "city": "Berlin",
    "postal_code": "10117",
    "token": "ok",
}
"""What a visitor types into fields that the page leaves empty, by the last part of their name."""


@dataclass
class Form:
    who: str
    page: str
    door: str | None
    method: str
    route: str
    action: str
    fields: dict[str, str]
    """What the controls hold as the page comes, the empty ones filled in."""
    kinds: dict[str, str]
    """Type of each control by name: text, number, hidden, select, textarea, button ..."""
    buttons: dict[str, str]
    """Values of the buttons that have a name; a browser sends that of the one pressed."""
    names: frozenset[str] = field(default=frozenset())

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.route} by {self.who}"

    async def send(self, browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
        return await self.send_fields(browser, {**self.fields, **changes})

    async def send_fields(self, browser: httpx.AsyncClient, fields: dict[str, str]) -> httpx.Response:
        if self.method == "get":
            return await browser.get(self.action, params=fields)
        return await browser.post(self.action, data=fields)


class Routes:
    """Which route answers an address."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._patterns = [
            (path, re.compile(_pattern(path))) for path in sorted(set(paths), key=lambda path: (path.count("{"), path))
        ]

    def find(self, path: str) -> str | None:
        return next((route for route, pattern in self._patterns if pattern.fullmatch(path)), None)


def without_types(path: str) -> str:
    """As the API's description writes a path."""
    return re.sub(r":\w+}", "}", path)


def _pattern(path: str) -> str:
    kinds = {"uuid": r"[0-9a-f-]{36}", "path": ".+"}
    return re.sub(r"/\{\w+:(\w+)\}", lambda found: "/" + kinds.get(found[1], "[^/]+"), path)


async def forms_of(shop: Shop, routes: Routes, who: str) -> list[Form]:
    """Forms that `who` can reach."""
    browser = shop.browsers[who]
    queue: deque[tuple[str, str | None]] = deque([("/", None)])
    if who == "staff":
        queue.append(("/admin", None))
    for name, door in shop.doors.items():
        if door.who == who:
            queue.append((await door.find(), name))
    walked: dict[str, int] = {}
    seen: set[str] = set()
    found: dict[tuple[str, str, frozenset[str]], Form] = {}
    while queue:
        url, door = queue.popleft()
        route = routes.find(urlsplit(url).path)
        if url in seen or route is None or route.startswith(("/static", "/media", "/api/", "/openapi")):
            continue
        seen.add(url)
        if door is None and walked.get(route, 0) >= PAGES_PER_ROUTE:
            continue
        walked[route] = walked.get(route, 0) + 1
        url, page = await _open(browser, url)
        for form in forms_on(page, url, routes, who, door):
            found.setdefault((form.method, form.route, form.names), form)
        queue.extend((link, None) for link in _links(page, url))
    return list(found.values())


async def all_forms(shop: Shop, routes: Routes) -> list[Form]:
    """Each form once, of whoever meets it first."""
    found: dict[tuple[str, str, frozenset[str]], Form] = {}
    for who in PEOPLE:
        for form in await forms_of(shop, routes, who):
            found.setdefault((form.method, form.route, form.names - {"csrf_token"}), form)
    return list(found.values())


async def find_again(shop: Shop, routes: Routes, form: Form) -> Form:
    """The same form on a fresh page; the shop is renewed where the page holds it no more."""
    for renew in (False, True):
        if renew:
            await shop.renew([form.who])
        url = await shop.doors[form.door].find() if form.door and renew else form.page
        url, page = await _open(shop.browsers[form.who], url)
        for each in forms_on(page, url, routes, form.who, form.door):
            if (each.method, each.route, each.names) == (form.method, form.route, form.names):
                return each
    # Names may hold ids of things that were made anew, so that the route alone has to do.
    same = [
        f for f in forms_on(page, url, routes, form.who, form.door) if (f.method, f.route) == (form.method, form.route)
    ]
    assert same, f"{form} is not on {url} any more:\n{page}"
    return same[0]


async def _open(browser: httpx.AsyncClient, url: str) -> tuple[str, str]:
    """The page that a visitor ends up on, and its address."""
    for _ in range(5):
        answer = await browser.get(url)
        assert answer.status_code < 500, f"{url}: {answer.text}"
        if not answer.is_redirect:
            break
        url = urljoin(url, answer.headers["location"]).removeprefix("http://testserver")
    return url, answer.text if answer.headers.get("content-type", "").startswith("text/html") else ""


def _parsed(html: str) -> Any:
    return html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)


def _links(html: str, url: str) -> Iterator[str]:
    for link in _parsed(html).iter("a"):
        target = urljoin(url, link.get("href") or "").removeprefix("http://testserver").partition("#")[0]
        if target.startswith("/"):
            yield target


def forms_on(html: str, url: str, routes: Routes, who: str, door: str | None) -> Iterator[Form]:
    for element in _parsed(html).iter("form"):
        action = urljoin(url, element.get("action") or url).removeprefix("http://testserver")
        fields, kinds, buttons = _controls(element)
        parts = urlsplit(action)
        route = routes.find(parts.path)
        assert route is not None, f"a form on {url} leads to {action}, where nothing is"
        method = (element.get("method") or "get").lower()
        fields = {**dict(parse_qsl(parts.query)), **fields}
        yield Form(who, url, door, method, route, parts.path, fields, kinds, buttons, frozenset(kinds))


def _controls(form: Any) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    fields: dict[str, str] = {}
    buttons: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for control in form.iter():
        name = control.get("name")
        if not name or control.tag not in {"input", "select", "textarea", "button"}:
            continue
        kind = control.get("type") or control.tag
        if control.tag == "select":
            kind = "select"
            options = list(control.iter("option"))
            chosen = next((each for each in options if each.get("selected") is not None), options[0])
            fields[name] = chosen.get("value") or ""
        elif control.tag == "textarea":
            fields[name] = (control.text or "").removeprefix("\n")
        elif control.tag == "button":
            kind = "button"
            buttons[name] = control.get("value") or ""
        elif kind not in {"radio", "checkbox"} or control.get("checked") is not None:
            fields[name] = control.get("value") or ""
        kinds[name] = kind
        if not fields.get(name) and (typed := FILLED_IN.get(name.rpartition(".")[2])):
            fields[name] = typed
    return fields, kinds, buttons
