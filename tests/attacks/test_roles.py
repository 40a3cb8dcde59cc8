"""docs/roles.md says who may do what; here each built-in role does everything, and the application answers just as it says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from shop.kernel.config import settings
from shop.modules.identity.roles import BUILT_IN
from shop.roles_document import YES, roles_document
from shop.wiring import MODULES
from tests.attacks.estate import Estate, csrf_of
from tests.attacks.routes import Route
from tests.attacks.test_others_things import call
from tests.bad_input.forms import without_types
from tests.conftest import new_client
from tests.factories.identity import bearer, make_account, sign_in_browser

DOCUMENT = Path(__file__).parents[2] / "docs" / "roles.md"


@pytest.fixture(scope="session")
def of_staff(every_route: list[Route]) -> list[Route]:
    found = [route for route in every_route if route.rule.kind == "staff"]
    assert len(found) > 25
    return found


def table() -> dict[tuple[str, str], bool]:
    """May this role (by title) do this action? As the document says."""
    rows = [line.strip("|").split("|") for line in DOCUMENT.read_text().splitlines() if line.startswith("|")]
    said: dict[tuple[str, str], bool] = {}
    titles: list[str] = []
    for first, _, *cells in ([cell.strip() for cell in row] for row in rows):
        if first in {"action", "permission"}:
            titles = cells
        elif re.fullmatch(r"`[A-Z]+ /\S*`", first):
            said |= {(title, first.strip("`")): cell == YES for title, cell in zip(titles, cells, strict=True)}
    return said


def test_the_document_is_that_of_the_application(booted: None) -> None:
    assert DOCUMENT.read_text() == roles_document(MODULES), "run `make docs` and commit docs/roles.md"


def test_no_built_in_role_names_what_no_module_declares(booted: None) -> None:
    declared = {"*", *(code for manifest in MODULES for code in manifest.permissions)}
    assert {code for role in BUILT_IN.values() for code in role.permissions} - declared == set()


async def test_each_role_may_do_what_the_document_says_and_nothing_else(estate: Estate, of_staff: list[Route]) -> None:
    said, wrong = table(), []
    for role in BUILT_IN.values():
        account = await make_account(f"{role.code}@example.com", roles=(role.code,))
        async with new_client(estate.gateway) as browser:
            session = await sign_in_browser(browser, account)
            headers = await bearer(account)
            for route in of_staff:
                answer = await _try(estate, route, browser, session, headers)
                allowed = said.get((role.title, f"{route.method} {without_types(route.path)}"))
                assert answer.status_code < 500, f"{role.code} at {route}: {answer.text[:300]}"
                if (answer.status_code not in {401, 403}) is not allowed:
                    wrong.append(f"{role.code} at {route}: {answer.status_code}, but the document says {allowed}")
    assert wrong == []


async def _try(
    estate: Estate, route: Route, browser: httpx.AsyncClient, session: str, headers: dict[str, str]
) -> httpx.Response:
    url = route.url(await estate.values(route))
    if route.is_api:
        return await call(estate, route, url, headers)
    data = {"csrf_token": csrf_of(session)} if route.changes else None
    return await browser.request(route.method, url, data=data)


async def test_who_is_no_staff_may_do_nothing_of_it(
    estate: Estate, of_staff: list[Route], nothing_changes: Any
) -> None:
    async with nothing_changes("what staff do, tried by others"):
        for route in of_staff:
            url = route.url(await estate.values(route))
            for who in ("guest", "customer", "clerk"):
                if route.is_api:
                    answer = await call(estate, route, url, estate.headers[who])
                    assert answer.status_code == (401 if who == "guest" else 403), f"{who} at {route}: {answer.text}"
                else:
                    data = {"csrf_token": estate.csrf(who)} if route.changes else None
                    answer = await estate.browsers[who].request(route.method, url, data=data)
                    refused = (
                        answer.headers.get("location", "").startswith("/signin?next=") or answer.status_code == 403
                    )
                    assert refused, f"{who} at {route}: {answer.status_code}"


@pytest.fixture
def second_factor_required(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SHOP_STAFF_SECOND_FACTOR", "required")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def test_staff_with_a_password_alone_may_do_nothing_where_two_factors_are_required(
    estate: Estate, of_staff: list[Route], second_factor_required: None, nothing_changes: Any
) -> None:
    owner: UUID = estate.account("staff")
    headers = await bearer(owner, strong=False)
    async with new_client(estate.gateway) as browser:
        session = await sign_in_browser(browser, owner, strong=False)
        async with nothing_changes("an owner with one factor"):
            for route in of_staff:
                answer = await _try(estate, route, browser, session, headers)
                leads_to_setting_up = answer.headers.get("location", "").startswith("/account/security")
                assert answer.status_code == 403 or leads_to_setting_up, f"{route}: {answer.status_code}"
    strong = await bearer(owner)
    answer = await estate.api.get("/api/v1/admin/orders", headers=strong)
    assert answer.status_code == 200, answer.text
