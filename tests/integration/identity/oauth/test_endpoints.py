"""The endpoints that programs call: who they must show to be, what they are told, how a token ends."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

from shop.kernel import clock
from shop.kernel.db import engine, write
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE
from shop.modules.identity.service import access_tokens
from shop.modules.identity.service.oauth.endpoints import PresentedToken, find_presented
from tests.factories.identity import bearer, make_account
from tests.factories.oauth import INTROSPECT, REVOKE, TOKEN, bearing, make_program

NOBODY = "00000000-0000-7000-8000-000000000000"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def urlsafe(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
async def test_a_header_that_is_no_basic_authentication_shows_nobody(api, path):
    for strange in ("é", "YTpi\xff", "=", "a b"):
        header = {"authorization": f"Basic {strange}".encode("latin-1")}
        answer = await api.post(path, headers=header, data={"grant_type": "client_credentials", "token": "x"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_programs_find_everything_by_the_issuers_name_alone(api):
    path = get_well_known_url("http://testserver")
    answer = await api.get(path)
    told = answer.json()
    AuthorizationServerMetadata(told | {"issuer": "https://shop.example.com"}).validate()
    assert path == "/.well-known/oauth-authorization-server"
    assert told["issuer"] == "http://testserver"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    assert sorted(told["grant_types_supported"]) == ["authorization_code", "client_credentials", "refresh_token"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert {"profile.read", "orders.view"} <= set(told["scopes_supported"])
    assert "public" in answer.headers["cache-control"]
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert (await api.post(httpx.URL(told[name]).path)).status_code == 400
    assert (await api.get(httpx.URL(told["jwks_uri"]).path)).json()["keys"] is not None


@pytest.mark.parametrize(
    "grant_type", [None, "", "password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", 'a"b']
)
async def test_there_are_no_other_ways_to_tokens(api, grant_type):
    """None by password and none in the address of a page (RFC 9700, 2.1.2 and 2.4)."""
    program = await make_program("orders.view")
    form = {"grant_type": grant_type, "username": "ada@example.com", "password": "correct horse battery"}
    answer = await program.post(api, TOKEN, form)
    assert (answer.status_code, "access_token" in answer.text) == (400, False)
    assert answer.json()["error"] in {"unsupported_grant_type", "invalid_request"}


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
async def test_whoever_can_not_show_to_be_a_program_gets_401(api, path):
    program = await make_program("orders.view")
    public = await make_program("profile.read", confidential=False)
    form = {"grant_type": "client_credentials", "token": "x"}
    wrong = [
        ({}, {}),
        ({"authorization": basic(program.id, "wrong")}, {}),
        ({"authorization": basic(program.id, "")}, {}),
        ({"authorization": basic(NOBODY, "x")}, {}),
        ({"authorization": basic("", "")}, {}),
        ({"authorization": basic("é", "ü")}, {}),
        ({"authorization": "Basic /w=="}, {}),
        ({"authorization": "Basic !!!"}, {}),
        ({"authorization": "Basic"}, {}),
        ({"authorization": f"Bearer {program.secret}"}, {}),
        ({}, {"client_id": program.id}),
        ({}, {"client_id": program.id, "client_secret": "wrong"}),
        ({}, {"client_id": NOBODY, "client_secret": "x"}),
        ({}, {"client_id": NOBODY}),
        ({}, {"client_id": "' or 1=1 --"}),
        ({}, {"client_id": public.id, "client_secret": "x"}),
        ({"authorization": basic(public.id, "x")}, {}),
        ({"authorization": basic(public.id, "None")}, {}),
    ]
    for headers, parameters in wrong:
        answer = await api.post(path, data={**form, **parameters}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), (headers, parameters)
        assert answer.headers["www-authenticate"] == 'Basic realm="oauth"'
        assert answer.headers["cache-control"] == "no-store"


async def test_a_public_program_asks_what_no_token_is_good_for(api):
    public = await make_program("profile.read", confidential=False)
    answer = await public.post(api, INTROSPECT, {"token": "x"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_two_ways_at_once_to_show_who_one_is_are_one_too_many(api):
    program = await make_program("orders.view")
    form = {"grant_type": "client_credentials", "client_id": program.id, "client_secret": program.secret}
    answer = await api.post(TOKEN, data=form, headers={"authorization": basic(program.id, program.secret)})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    other = {"grant_type": "client_credentials", "client_id": NOBODY}
    answer = await api.post(TOKEN, data=other, headers={"authorization": basic(program.id, program.secret)})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"grant_type": "client_credentials"}', {"content-type": "application/json"}),
        (b"grant_type=client_credentials", {}),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM),
        (b"grant_type=client_credentials&scope=a&scope=b", FORM),
        (b"grant_type=client_credentials&token=x&token=y", FORM),
        (b"grant_type", FORM),
        (b"\xff\xfe", FORM),
        (b"grant_type=%ff", FORM),
        (b"grant_type=%00", FORM),
        (b"&".join(b"p%d=1" % number for number in range(100)), FORM),
    ],
)
async def test_bodies_that_are_no_form_are_refused(api, path, body, headers):
    program = await make_program("orders.view")
    headers = {**headers, "authorization": basic(program.id, program.secret or "")}
    answer = await api.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text


async def test_a_body_of_any_size_is_not_read(api):
    answer = await api.post(TOKEN, content=b"a=" + b"b" * 40_000, headers=FORM)
    assert answer.status_code == 413


async def test_cookies_count_for_nothing_at_the_endpoints(browser):
    """So that no form of another site can have one send something."""
    answer = await browser.post(
        TOKEN, data={"grant_type": "client_credentials"}, headers={"origin": "https://evil.example"}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "set-cookie" not in answer.headers


async def test_a_program_acts_for_itself_with_permissions_alone(api, db):
    program = await make_program("orders.view", "profile.read", redirect_uris=())
    answer = await program.own_tokens(api)
    tokens = answer.json()
    assert (answer.status_code, tokens["scope"]) == (200, "orders.view")
    assert "refresh_token" not in tokens
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert (await api.get("/api/v1/admin/orders", headers=bearing(tokens))).status_code == 200
    for path in ("/api/v1/me", "/api/v1/orders", "/api/v1/admin/oauth/clients", "/api/v1/admin/staff"):
        assert (await api.get(path, headers=bearing(tokens))).status_code == 403, path
    with clock.shifted(ACCESS_TOKEN_LIFE + timedelta(seconds=1)):
        assert (await api.get("/api/v1/admin/orders", headers=bearing(tokens))).status_code == 401


@pytest.mark.parametrize(
    "scope", ["profile.read", "orders.view profile.read", "products.edit", "*", "orders.view staff.manage"]
)
async def test_a_program_gets_no_more_for_itself_than_it_was_registered_for(api, scope):
    program = await make_program("orders.view", "profile.read")
    answer = await program.own_tokens(api, scope=scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_less_can_be_asked_for(api, db):
    program = await make_program("orders.view", "products.view")
    tokens = (await program.own_tokens(api, scope="products.view")).json()
    assert tokens["scope"] == "products.view"
    assert (await api.get("/api/v1/admin/orders", headers=bearing(tokens))).status_code == 403


async def test_what_keeps_no_secret_never_acts_for_itself(api):
    public = await make_program("orders.view", confidential=False)
    answer = await public.own_tokens(api)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    customers_only = await make_program("profile.read")
    answer = await customers_only.own_tokens(api)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_a_program_without_an_address_asks_nobody(browser):
    program = await make_program("orders.view", redirect_uris=())
    assert (await browser.get(program.question(redirect_uri="https://app.example.com/callback"))).status_code == 400


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "no_such_kind"])
@pytest.mark.parametrize("confidential", [True, False])
async def test_ending_either_token_ends_both(browser, api, confidential, kind, hint):
    program = await make_program(confidential=confidential)
    tokens = await program.tokens(browser)
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 200
    answer = await program.post(api, REVOKE, {"token": tokens[kind], "token_type_hint": hint})
    assert answer.status_code == 200
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 401
    assert (await program.refresh(api, tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_ending_what_is_none_or_over_is_no_error(browser, api):
    program = await make_program()
    tokens = await program.tokens(browser)
    for token in ("none", "a.b.c", tokens["access_token"] + "x", tokens["refresh_token"] + "x"):
        assert (await program.post(api, REVOKE, {"token": token})).status_code == 200
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 200
    assert (await program.post(api, REVOKE, {})).json()["error"] == "invalid_request"


async def test_nobody_ends_what_is_anothers(browser, api):
    program, other = await make_program(), await make_program()
    tokens = await program.tokens(browser)
    for kind in ("access_token", "refresh_token"):
        answer = await other.post(api, REVOKE, {"token": tokens[kind]})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await api.get("/api/v1/me", headers=bearing(tokens))).status_code == 200


async def test_a_program_is_told_what_its_own_tokens_are_good_for(browser, api, ada):
    program = await make_program("profile.read", "profile.write")
    tokens = await program.tokens(browser, scope="profile.read")
    answer = await program.post(api, INTROSPECT, {"token": tokens["access_token"]})
    told = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (told["active"], told["scope"], told["client_id"], told["sub"]) == (
        True,
        "profile.read",
        program.id,
        str(ada),
    )
    assert (told["iss"], told["aud"], told["token_type"]) == ("http://testserver", "http://testserver/api", "Bearer")
    assert told["exp"] - told["iat"] == ACCESS_TOKEN_LIFE.seconds
    assert not {"email", "username", "name"} & set(told)
    renewal = (await program.post(api, INTROSPECT, {"token": tokens["refresh_token"]})).json()
    assert (renewal["active"], renewal["scope"], renewal["client_id"]) == (True, "profile.read", program.id)
    own = (await (await make_program("orders.view")).own_tokens(api)).json()
    assert (await program.post(api, INTROSPECT, {"token": own["access_token"]})).json() == {"active": False}


async def test_of_what_is_over_used_or_anothers_it_is_told_nothing(browser, api, ada):
    program, other = await make_program(), await make_program()
    tokens = await program.tokens(browser)
    front = (await bearer(ada))["Authorization"].removeprefix("Bearer ")
    strange = ["", "x", "a.b.c", front, tokens["access_token"][:-2]]
    for token in strange[1:]:
        assert (await program.post(api, INTROSPECT, {"token": token})).json() == {"active": False}
    for kind in ("access_token", "refresh_token"):
        assert (await other.post(api, INTROSPECT, {"token": tokens[kind]})).json() == {"active": False}
    with clock.shifted(ACCESS_TOKEN_LIFE + timedelta(seconds=1)):
        assert (await program.post(api, INTROSPECT, {"token": tokens["access_token"]})).json() == {"active": False}
    await program.refresh(api, tokens["refresh_token"])
    assert (await program.post(api, INTROSPECT, {"token": tokens["refresh_token"]})).json() == {"active": False}
    await program.post(api, REVOKE, {"token": tokens["access_token"]})
    assert (await program.post(api, INTROSPECT, {"token": tokens["access_token"]})).json() == {"active": False}


async def test_made_up_tokens_at_once_never_wait_for_connections_that_they_hold_themselves(db, monkeypatch):
    monkeypatch.setattr(access_tokens._ring, "_looked_at", 0.0)
    pool: Any = engine("write").pool
    all_hold_one = asyncio.Barrier(pool.size() + pool._max_overflow)

    async def present(uow: UnitOfWork) -> PresentedToken | None:
        await all_hold_one.wait()
        header, claims = (urlsafe(text) for text in ('{"alg":"ES256","kid":"made up","typ":"at+jwt"}', "{}"))
        return await find_presented(uow, f"{header}.{claims}.{'A' * 86}", clock.now())

    async with asyncio.timeout(5):
        found = await asyncio.gather(*(write(present) for _ in range(all_hold_one.parties)))
    assert set(found) == {None}


async def test_a_program_that_guesses_is_slowed_down_by_client_and_address(api, rate_limits):
    program, neighbour = await make_program("orders.view"), await make_program("orders.view")
    answers = [await program.own_tokens(api) for _ in range(125)]
    assert [answer.status_code for answer in answers].count(200) == 120
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) >= 1
    assert (await neighbour.own_tokens(api)).status_code == 200


async def test_no_token_or_secret_is_logged(browser, api, caplog):
    import logging

    caplog.set_level(logging.DEBUG)
    program = await make_program("profile.read", "orders.view")
    code = await program.code(browser)
    tokens = (await program.exchange(api, code)).json()
    await program.own_tokens(api)
    await program.refresh(api, tokens["refresh_token"])
    said = caplog.text
    for secret in (code, tokens["access_token"], tokens["refresh_token"], program.secret, program.verifier):
        assert secret not in said


async def test_a_key_of_a_member_of_staff_is_no_client(api):
    await make_account("clerk@example.com", permissions=("orders.view",))
    answer = await api.post(
        TOKEN, data={"grant_type": "client_credentials"}, headers={"authorization": basic("clerk@example.com", "x")}
    )
    assert answer.status_code == 401
