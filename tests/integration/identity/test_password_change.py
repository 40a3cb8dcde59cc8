"""Another password for somebody who is signed in: what has to be shown for it, and what it ends."""

import asyncio
import re

import pytest

from shop.contracts.identity import PasswordChanged
from shop.kernel.db import read, write
from shop.kernel.errors import NotSignedIn
from shop.kernel.http.sessions import SessionStore
from shop.kernel.ports import port
from shop.modules.identity.service import change_password, profile, sessions
from tests.conftest import as_owner, new_client
from tests.factories.identity import AUTH, PASSWORD, bearer, hash_of, make_account, mint, sign_in_browser

NEW = "a brand new password"
CHANGE = "/api/v1/me/password"


async def csrf_of(client, path="/account/password") -> str:
    return (await client.get(path)).text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def sign_in(client, password) -> int:
    answer = await client.post(f"{AUTH}/signin", json={"email": "ada@example.com", "password": password})
    return answer.status_code


async def test_the_form_changes_the_password_and_keeps_this_browser_under_another_token(client, facts, rows):
    account_id = await make_account()
    before = await sign_in_browser(client, account_id, {"orders": ["one"]})
    form = {"current_password": PASSWORD, "password": NEW, "csrf_token": await csrf_of(client)}
    answer = await client.post("/account/password", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/security")
    assert facts == [PasswordChanged(account_id=account_id)]
    assert (await client.get("/account")).status_code == 200
    after = re.search(r"shop_session=([^;]+)", answer.headers["set-cookie"])[1]
    assert after != before
    assert await read(port(SessionStore).load_session, before) is None
    [session] = await rows("session")
    assert session.data["orders"] == ["one"]
    assert (await sign_in(client, PASSWORD), await sign_in(client, NEW)) == (401, 200)


async def test_everything_else_that_was_signed_in_ends(client, gateway, rows):
    account_id, other = await make_account(), await make_account("grace@example.com")
    await sign_in_browser(client, account_id)
    headers, hers = await bearer(account_id), await bearer(other)
    reset, verify = await mint("reset", account_id), await mint("verify", account_id)
    async with new_client(gateway) as phone:
        await sign_in_browser(phone, account_id)
        form = {"current_password": PASSWORD, "password": NEW, "csrf_token": await csrf_of(client)}
        await client.post("/account/password", data=form)
        assert (await phone.get("/account")).status_code == 303
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
    assert (await client.get("/api/v1/me", headers=hers)).status_code == 200
    assert (await client.get(f"/reset/{reset}")).status_code == 404
    assert (await client.get(f"/verify/{verify}")).status_code == 404
    assert {row.account_id for row in await rows("token_family")} == {other}


async def test_over_the_api_new_tokens_take_the_place_of_all_others(client):
    account_id = await make_account()
    await sign_in_browser(client, account_id)
    caller, other = await bearer(account_id), await bearer(account_id)
    answer = await client.post(CHANGE, json={"current_password": PASSWORD, "password": NEW}, headers=caller)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    for headers in (caller, other):
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
    fresh = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await client.get("/api/v1/me", headers=fresh)).status_code == 200
    renewed = await client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert renewed.status_code == 200
    assert (await client.get("/account")).status_code == 303


@pytest.mark.parametrize("current", [None, "not the password", PASSWORD.upper()])
async def test_without_the_current_password_nothing_changes(client, facts, rows, current):
    headers = await bearer(await make_account(), strong=False)
    before = await rows("account")
    body = {"password": NEW} if current is None else {"password": NEW, "current_password": current}
    answer = await client.post(CHANGE, json=body, headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["current_password"]
    assert (await rows("account"), facts) == (before, [])


async def test_a_sign_in_by_two_factors_does_not_stand_in_for_the_password(client, rows):
    headers = await bearer(await make_account(), strong=True)
    before = await rows("account")
    answer = await client.post(CHANGE, json={"password": NEW}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "current_password")
    assert await rows("account") == before


async def bearer_of_then(account_id):
    """Signed in 16 minutes ago: tokens of now, whose owner confirmed nothing since."""
    headers = await bearer(account_id, strong=True)
    as_owner("update identity.token_family set signed_in_at = signed_in_at - interval '16 minutes'")
    return headers


async def test_an_account_without_a_password_gets_one_by_a_fresh_sign_in_alone(client):
    account_id = await make_account()
    as_owner("update identity.account set password_hash = null")
    late = await client.post(CHANGE, json={"password": NEW}, headers=await bearer_of_then(account_id))
    assert late.json()["code"] == "confirmation_required"
    headers = await bearer(account_id, strong=False)
    assert (await client.post(CHANGE, json={"password": NEW}, headers=headers)).status_code == 200
    assert await sign_in(client, NEW) == 200


async def test_a_password_that_everybody_uses_is_refused_in_words(client, rows):
    headers = await bearer(await make_account())
    before = await rows("account")
    for password in ("password123", "AdaLovelace1", "short"):
        body = {"current_password": PASSWORD, "password": password}
        answer = await client.post(CHANGE, json=body, headers=headers)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == "password"
    assert await rows("account") == before


async def test_guessing_the_current_password_is_slowed_down(client, rate_limits):
    headers = await bearer(await make_account(), strong=False)
    body = {"current_password": "not the password", "password": NEW}
    answers = [(await client.post(CHANGE, json=body, headers=headers)).status_code for _ in range(7)]
    assert answers[0] == 422
    assert answers[-1] == 429


async def test_a_request_under_way_revives_nothing_and_takes_nothing_along(client, gateway, rows):
    """It has read its session, the password changes, then it saves."""
    from shop.kernel.http.sessions import SCOPE_KEY, Session, keep_session

    account_id = await make_account()
    stolen = await sign_in_browser(client, account_id, {"cart": "abc", "orders": ["secret"]})
    session = Session(await read(port(SessionStore).load_session, stolen))
    await write(change_by_owner, account_id)
    session["flashes"] = []
    cookie = await keep_session({SCOPE_KEY: session})
    assert cookie is None
    assert await read(port(SessionStore).load_session, stolen) is None
    assert await rows("session") == []


async def change_by_owner(uow, account_id):
    await change_password.set_password(uow, account_id, hash_of())


async def test_a_request_under_way_changes_no_credentials_and_hands_out_no_way_in(client, rows):
    """Its access rule let it in, the password changes, then its transaction begins."""
    account_id = await make_account()
    stolen = await sign_in_browser(client, account_id)
    principal = (await read(port(SessionStore).load_session, stolen)).principal
    await write(change_by_owner, account_id)
    before = await rows("account")
    for use_case, args in (
        (change_password.change_password_on_page, (principal, before[0].credentials_version, "hash", stolen)),
        (sessions.end_others, (principal,)),
    ):
        with pytest.raises(NotSignedIn):
            await write(use_case, *args)
    with pytest.raises(NotSignedIn):
        await write(sessions.rotate, stolen, methods=("password",), strong=True)
    assert await rows("account") == before
    assert await rows("session") == []


async def test_sessions_that_are_used_all_the_while_are_all_dead_afterwards(client, gateway):
    """Ten browsers that keep saving their sessions, while the password is changed."""
    account_id = await make_account()
    browsers = [new_client(gateway) for _ in range(10)]
    tokens = [await sign_in_browser(browser, account_id) for browser in browsers]
    forms = [await csrf_of(browser, "/account") for browser in browsers]

    async def keep_busy(browser, token):
        for name in "abcdef":
            await browser.post("/account", data={"name": name, "csrf_token": token})

    await sign_in_browser(client, account_id)
    form = {"current_password": PASSWORD, "password": NEW, "csrf_token": await csrf_of(client)}
    *_, changed = await asyncio.gather(
        *(keep_busy(browser, token) for browser, token in zip(browsers, forms, strict=True)),
        client.post("/account/password", data=form),
    )
    assert changed.status_code == 303
    for browser, token in zip(browsers, tokens, strict=True):
        assert await read(port(SessionStore).load_session, token) is None
        answer = await browser.get("/account")
        assert answer.status_code == 303
        await browser.aclose()
    assert (await client.get("/account")).status_code == 200


async def test_two_changes_at_once_let_one_through(client, facts):
    account_id = await make_account()
    callers = [await bearer(account_id) for _ in range(4)]
    answers = await asyncio.gather(
        *(
            client.post(CHANGE, json={"current_password": PASSWORD, "password": f"{NEW} {n}"}, headers=headers)
            for n, headers in enumerate(callers)
        )
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 200
    assert set(codes[1:]) <= {401, 422}
    assert facts == [PasswordChanged(account_id=account_id)]


async def test_the_name_may_still_be_changed_by_a_request_that_came_before(client, rows):
    """What ADR 0020 decides: a request that was let in before the change counts as before it, but for what it is entered by."""
    account_id = await make_account()
    await write(change_by_owner, account_id)
    await write(profile.rename, account_id, "Ada King")
    assert (await rows("account"))[0].name == "Ada King"
