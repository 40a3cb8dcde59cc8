"""Who may call what: every route of the application asked by everybody, and a route that says nothing."""

import re
from uuid import uuid4

import pytest
from litestar import Litestar, get

from shop import wiring
from shop.app import build_litestar
from shop.kernel.http.access import AccessRule, MissingRule, check_rules, customer, public, rules_of, staff
from tests.conftest import new_client
from tests.fakes.staff import BEARER, signed_in

NOBODY_S = "/api/"


def _routes(kind: str) -> list[tuple[str, str, AccessRule]]:
    found = [(method, path, rule) for method, path, rule in rules_of(build_litestar()) if rule and rule.kind == kind]
    assert found
    return found


def _address(path: str) -> str:
    return re.sub(r"{\w+:(\w+)}", lambda found: str(uuid4()) if found[1] == "uuid" else "some", path)


async def _ask(client, method: str, path: str, **headers: str):
    return await client.request(method, _address(path), headers=headers)


@pytest.mark.parametrize("kind", ["customer", "staff"])
async def test_without_signing_in_nobody_gets_in(client, kind, booted):
    for method, path, _ in _routes(kind):
        answer = await _ask(client, method, path)
        if path.startswith(NOBODY_S):
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "not_signed_in"
        else:
            assert answer.status_code == 303, f"{method} {path}"
            assert answer.headers["location"].startswith("/signin?next=%2F")


async def test_a_customer_gets_into_nothing_of_the_staffs(client, booted):
    """Permissions without being staff are worth nothing."""
    with signed_in(client, "*", is_staff=False) as fake:
        fake.data["csrf"] = "none"
        for method, path, _ in _routes("staff"):
            if method != "GET" and not path.startswith(NOBODY_S):
                continue  # a form without its token is refused before; test_csrf shows that
            answer = await _ask(client, method, path, **BEARER)
            assert answer.status_code == 403, f"{method} {path}"


async def test_staff_need_the_permission_of_the_route(client, booted):
    known = set(wiring.permissions(wiring.boot()))
    for method, path, rule in _routes("staff"):
        if method != "GET" and not path.startswith(NOBODY_S):
            continue
        assert rule.permission in known
        with signed_in(client, *(known - {rule.permission})):
            assert (await _ask(client, method, path, **BEARER)).status_code == 403, f"{method} {path}"
        with signed_in(client, str(rule.permission)):
            answer = await _ask(client, method, path, **BEARER)
        assert answer.status_code not in {401, 403}, f"{method} {path} refuses {rule.permission}"
        assert answer.status_code < 500


async def test_a_customer_gets_to_what_is_for_customers(client, booted):
    with signed_in(client, is_staff=False):
        for method, path, _ in _routes("customer"):
            if method == "GET":
                answer = await _ask(client, method, path, **BEARER)
                # The account of this fake is in no table: some answer as for one that is gone.
                assert answer.status_code in {200, 303, 400, 401, 404, 422}, path
        assert (await client.get("/account")).status_code == 200


async def test_what_is_public_asks_nobody(client, booted):
    for method, path, _ in _routes("public"):
        if method == "GET":
            answer = await _ask(client, method, path)
            assert answer.status_code not in {401, 403}, path
            assert not answer.headers.get("location", "").startswith("/signin?"), path


async def test_what_is_signed_is_refused_without_a_signature_and_asks_for_no_form_token(client, booted):
    for method, path, _ in _routes("signature"):
        for headers in ({}, {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}):
            named = path.replace("{provider:str}", "stripe")
            answer = await client.request(method, named, content=b"{}", headers=headers)
            assert answer.status_code == (401 if path.startswith("/api/") else 400), f"{method} {path}"
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] != "cross_site"


async def test_the_api_takes_no_cookies_and_pages_take_no_bearer_tokens(client, gateway):
    with signed_in(client, "*"):
        assert (await client.get("/api/v1/me")).status_code == 401
        async with new_client(gateway) as other:
            assert (await other.get("/account", headers=BEARER)).status_code == 303


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer  x", "bearer\tx", "Token x", "Bearer " + "x" * 5000]
)
async def test_an_odd_authorization_header_is_nobodys(client, header):
    answer = await client.get("/api/v1/orders", headers={"authorization": header})
    assert answer.status_code == 401


def test_a_route_without_a_rule_refuses_to_boot():
    @get("/open")
    async def unguarded() -> str:
        return "anybody"

    @get("/typo", guards=[staff("orders.veiw")])
    async def mistyped() -> str:
        return "nobody"

    @get("/fine", guards=[public])
    async def fine() -> str:
        return "all"

    with pytest.raises(MissingRule) as told:
        check_rules(Litestar([unguarded, mistyped, fine], openapi_config=None), {"orders.view"}, set())
    assert "GET /open: no access rule" in str(told.value)
    assert "GET /typo: unknown 'orders.veiw'" in str(told.value)
    assert "/fine" not in str(told.value)


def test_the_innermost_rule_of_a_route_counts():
    from litestar import Router

    @get("/inner", guards=[staff("orders.view")])
    async def inner() -> str:
        return ""

    app = Litestar([Router("/outer", guards=[customer], route_handlers=[inner])], openapi_config=None)
    assert [(path, rule.kind) for _, path, rule in rules_of(app) if rule] == [("/outer/inner", "staff")]
