"""Authorization codes: good once, for one program, at one address, with one verifier, for a minute."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.errors import NotSignedIn
from shop.kernel.http.principals import Principal
from shop.modules.identity.repository import accounts, oauth_clients
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, token_hash
from shop.modules.identity.service.oauth import authorization
from shop.modules.identity.service.oauth.request import AskedRequest, query_parameters
from tests.factories.identity import bearer, make_account, mint, sign_in_browser
from tests.factories.oauth import AUTHORIZE, CALLBACK, asked, bearing, challenge_of, make_program, sent_back

GOOD = "the-verifier-that-was-made-for-this-request-alone"


async def me(api, tokens) -> int:
    return (await api.get("/api/v1/me", headers=bearing(tokens))).status_code


def refused(answer, error: str = "invalid_grant") -> bool:
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    return "access_token" not in answer.text


@pytest.mark.parametrize("confidential", [True, False])
async def test_a_program_gets_what_it_was_allowed_and_no_more(browser, api, ada, confidential):
    program = await make_program("profile.read", "profile.write", confidential=confidential)
    answer = await program.exchange(api, await program.code(browser))
    tokens = answer.json()
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.headers["content-type"] == "application/json"
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == (
        "Bearer",
        ACCESS_TOKEN_LIFE.seconds,
        "profile.read",
    )
    who = await api.get("/api/v1/me", headers=bearing(tokens))
    assert who.json()["id"] == str(ada)
    change = await api.patch("/api/v1/me", json={"name": "Eve"}, headers=bearing(tokens))
    assert (change.status_code, change.json()["code"]) == (403, "insufficient_scope")
    for path in ("/api/v1/me/api-keys", "/api/v1/orders"):
        assert (await api.get(path, headers=bearing(tokens))).status_code == 403


@pytest.mark.parametrize(("scope", "days"), [("profile.read", 90), ("orders.view", 7), ("profile.read orders.view", 7)])
async def test_with_any_right_of_staff_a_program_is_let_in_for_as_long_as_a_session_of_theirs(
    client, api, rows, scope, days
):
    await sign_in_browser(client, await make_account("clerk@example.com", permissions=("orders.view",)))
    program = await make_program("profile.read", "orders.view")
    tokens = await program.tokens(client, scope=scope)
    [family] = await rows("token_family")
    assert family.expires_at - family.created_at == timedelta(days=days)
    with clock.shifted(timedelta(days=6, hours=23)):
        tokens = (await program.refresh(api, tokens["refresh_token"])).json()
    with clock.shifted(timedelta(days=7, minutes=1)):
        assert (await program.refresh(api, tokens["refresh_token"])).status_code == (200 if days > 7 else 400)


async def test_a_program_is_not_told_what_staff_may_do_beyond_what_it_was_given(client, api):
    await sign_in_browser(client, await make_account("clerk@example.com", permissions=("orders.view", "stock.view")))
    for scope, told in (("profile.read", []), ("profile.read orders.view", ["orders.view"])):
        program = await make_program("profile.read", "profile.write", "orders.view")
        headers = bearing(await program.tokens(client, scope=f"{scope} profile.write"))
        rename = await api.patch("/api/v1/me", json={"name": "Grace"}, headers=headers)
        for answer in (await api.get("/api/v1/me", headers=headers), rename):
            assert (answer.json()["permissions"], answer.json()["is_staff"]) == (told, bool(told))
    own = await api.get("/api/v1/me", headers=await bearer(UUID(rename.json()["id"])))
    assert (own.json()["permissions"], own.json()["is_staff"]) == (["orders.view", "stock.view"], True)


async def test_only_the_hash_of_a_code_is_stored_and_it_has_192_bits(browser, rows):
    program = await make_program()
    code = await program.code(browser)
    [stored] = await rows("oauth_code")
    assert stored.token_hash == token_hash(code)
    assert len(code) == 32
    assert code not in str(stored)


async def test_a_code_that_comes_twice_ends_what_it_was_exchanged_for(browser, api, rows):
    program = await make_program()
    code = await program.code(browser)
    tokens = (await program.exchange(api, code)).json()
    assert await me(api, tokens) == 200
    assert refused(await program.exchange(api, code))
    assert await me(api, tokens) == 401
    assert refused(await program.refresh(api, tokens["refresh_token"]))
    assert await rows("token_family") == []


async def test_of_fifty_at_once_with_one_code_one_gets_tokens(browser, api, rows):
    program = await make_program(confidential=False)
    code = await program.code(browser)
    answers = await asyncio.gather(*(program.exchange(api, code) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 49
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert await me(api, won) == 401, "the others have shown that the code was copied"
    assert await rows("token_family") == []


async def test_a_code_is_good_for_a_minute(browser, api):
    program = await make_program()
    code, late = await program.code(browser), await program.code(browser)
    with clock.shifted(timedelta(seconds=59)):
        assert (await program.exchange(api, code)).status_code == 200
    with clock.shifted(timedelta(seconds=61)):
        assert refused(await program.exchange(api, late))


async def test_a_code_of_another_program_is_no_good_and_then_not_for_that_program_either(browser, api):
    program, thief = await make_program(), await make_program()
    code = await program.code(browser)
    assert refused(await thief.exchange(api, code, code_verifier=program.verifier))
    assert refused(await program.exchange(api, code))


async def test_a_stranger_who_presents_an_exchanged_code_ends_it_too(browser, api):
    program, thief = await make_program(), await make_program(confidential=False)
    code = await program.code(browser)
    tokens = (await program.exchange(api, code)).json()
    assert refused(await thief.exchange(api, code, code_verifier=program.verifier))
    assert await me(api, tokens) == 401


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "",
        "https://app.example.com/other",
        f"{CALLBACK}/",
        f"{CALLBACK}?a=1",
        CALLBACK.upper(),
        "https://evil.example/",
    ],
)
async def test_a_code_is_bound_to_the_address_it_was_sent_to(browser, api, redirect_uri):
    program = await make_program(redirect_uris=(CALLBACK, "https://app.example.com/other"))
    code = await program.code(browser)
    assert refused(await program.exchange(api, code, redirect_uri=redirect_uri))
    assert refused(await program.exchange(api, code)), "a code that was tried is used up"


@pytest.mark.parametrize(
    ("verifier", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        ("x", "invalid_request"),
        ("another-verifier-than-the-one-that-was-made-before", "invalid_grant"),
        ("x" * 129, "invalid_request"),
        (challenge_of(GOOD), "invalid_grant"),
    ],
)
@pytest.mark.parametrize("confidential", [True, False])
async def test_no_tokens_without_the_verifier(browser, api, rows, confidential, verifier, error):
    program = await make_program(confidential=confidential)
    code = await program.code(browser, code_challenge=challenge_of(GOOD))
    assert refused(await program.exchange(api, code, code_verifier=verifier), error)
    assert await rows("token_family") == []
    program.verifier = GOOD
    assert refused(await program.exchange(api, code))


@pytest.mark.parametrize(
    "weaker",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge_method": "S256 plain"},
        {"code_challenge": "short"},
        {"code_challenge": "x" * 129},
    ],
)
@pytest.mark.parametrize("confidential", [True, False])
async def test_pkce_can_be_neither_left_out_nor_weakened(browser, rows, confidential, weaker):
    program = await make_program(confidential=confidential)
    back = sent_back(await browser.get(program.question(**weaker)))
    assert back["error"] == "invalid_request"
    assert (back["state"], back["iss"]) == ("a state", "http://testserver")
    assert await rows("oauth_code") == []


async def test_a_verifier_in_the_clear_does_not_stand_for_its_hash(browser, api):
    """A downgrade at the token endpoint: the challenge is presented as if it had been plain."""
    program = await make_program(confidential=False)
    code = await program.code(browser)
    answer = await program.exchange(
        api, code, code_verifier=challenge_of(program.verifier), code_challenge_method="plain"
    )
    assert refused(answer)


async def test_a_code_dies_with_the_password_it_was_given_under(browser, api, ada, rows):
    program = await make_program()
    code = await program.code(browser)
    tokens = await program.tokens(browser)
    reset = {"token": await mint("reset", ada), "password": "another long password"}
    assert (await api.post("/api/v1/auth/password/reset", json=reset)).status_code == 200
    assert refused(await program.exchange(api, code))
    assert await me(api, tokens) == 401
    assert await rows("token_family") == []


async def test_consent_under_way_while_the_password_is_reset_gives_nothing_that_lives(browser, api, ada, rows):
    """The session is looked at again under the account's lock: without that a code made late would survive."""
    program = await make_program()
    for number in range(6):
        await sign_in_browser(browser, ada)
        form = {"decision": "allow", "csrf_token": await asked(browser, program.question())}
        reset = {"token": await mint("reset", ada), "password": f"password number {number}"}
        waits = asyncio.sleep(number * 0.03)
        answer, _ = await asyncio.gather(
            _after(waits, browser.post(program.question(), data=form)),
            api.post("/api/v1/auth/password/reset", json=reset),
        )
        assert answer.status_code == 303
        assert await rows("oauth_code") == []


async def test_consent_of_a_session_that_ended_in_between_gives_no_code(browser, rows, ada):
    """The same without the race: the request has read its session, then the session ends, then the code is to be made."""
    session = await find_session_of(rows)
    program = await make_program()
    who = Principal(ada, "ada@example.com", "Ada", session_id=session.id)
    asked_for = AskedRequest("POST", AUTHORIZE, query_parameters(program.question().partition("?")[2]), giver=who)
    await write(accounts.end_sign_ins, ada)
    with pytest.raises(NotSignedIn):
        await write(authorization.allow, asked_for)
    assert await rows("oauth_code") == []
    assert await rows("oauth_consent") == []


async def find_session_of(rows):
    [session] = await rows("session")
    return session


async def _after(wait, work):
    await wait
    return await work


async def test_a_code_of_a_program_that_was_disabled_gives_nothing(browser, api):
    program = await make_program()
    code = await program.code(browser)
    held = await read(oauth_clients.find_client, program.id)
    await write(oauth_clients.change_client, held, clock.now())
    answer = await program.exchange(api, code)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_request_that_can_not_be_read_uses_up_nothing(browser, api):
    program = await make_program()
    code = await program.code(browser)
    assert refused(await program.exchange(api, code, code_verifier=f"{program.verifier}\n"), "invalid_request")
    assert (await program.exchange(api, code)).status_code == 200
