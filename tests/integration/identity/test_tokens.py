"""Signing in to the API: what tokens open, how they are renewed, and how a stolen one betrays itself."""

import asyncio
from datetime import timedelta

import pytest

from shop.kernel import clock
from shop.kernel.db import write
from shop.modules.identity.repository import housekeeping
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, FAMILY_LIFE, token_hash
from tests.conftest import as_owner
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account, mint

SIGN_IN = {"email": "ada@example.com", "password": PASSWORD}


async def sign_in(client) -> dict[str, str]:
    return (await client.post(f"{AUTH}/signin", json=SIGN_IN)).json()


async def me(client, tokens) -> int:
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return (await client.get("/api/v1/me", headers=headers)).status_code


async def renew(client, tokens):
    return await client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})


async def test_an_access_token_tells_who_one_is(client):
    account_id = await make_account()
    answer = await client.get("/api/v1/me", headers=await bearer(account_id))
    body = answer.json()
    assert answer.status_code == 200
    assert (body["id"], body["email"], body["name"]) == (str(account_id), "ada@example.com", "Ada Lovelace")
    assert "password_hash" not in body


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Bearer \x7f", "Bearer " + "a" * 5000]
)
async def test_anything_else_is_nobody(client, header):
    await make_account()
    answer = await client.get("/api/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_refresh_token_is_no_access_token(client):
    await make_account()
    tokens = await sign_in(client)
    assert await me(client, {"access_token": tokens["refresh_token"]}) == 401
    assert (await renew(client, {"refresh_token": tokens["access_token"]})).status_code in {401, 422}
    assert await me(client, tokens) == 200


async def test_a_session_cookie_opens_nothing_under_the_api(client):
    from tests.factories.identity import sign_in_browser

    await sign_in_browser(client, await make_account())
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_only_hashes_of_refresh_tokens_are_stored_and_nothing_of_access_tokens(client, rows):
    await make_account()
    tokens = await sign_in(client)
    [stored] = await rows("refresh_token")
    assert stored.token_hash == token_hash(tokens["refresh_token"])
    for table in ("refresh_token", "token_family", "account"):
        kept = str(await rows(table))
        assert tokens["refresh_token"] not in kept
        assert tokens["access_token"].rsplit(".", 1)[1] not in kept


async def test_an_access_token_lives_for_minutes_as_it_is_told(client):
    await make_account()
    tokens = await sign_in(client)
    assert tokens["expires_in"] == ACCESS_TOKEN_LIFE.total_seconds() <= 900
    with clock.shifted(timedelta(seconds=tokens["expires_in"] - 5)):
        assert await me(client, tokens) == 200
    with clock.shifted(timedelta(seconds=tokens["expires_in"] + 1)):
        assert await me(client, tokens) == 401


async def test_a_refresh_token_gives_a_new_pair_for_thirty_days(client):
    await make_account()
    first = await sign_in(client)
    with clock.shifted(timedelta(days=29)):
        answer = await renew(client, first)
        assert answer.status_code == 200
        second = answer.json()
        assert await me(client, second) == 200
        assert second["refresh_token"] != first["refresh_token"]
    with clock.shifted(timedelta(days=29 + 31)):
        assert (await renew(client, second)).status_code == 401


async def test_a_refresh_token_used_again_ends_all_that_came_of_the_sign_in(client, rows):
    await make_account()
    first = await sign_in(client)
    second = (await renew(client, first)).json()
    again = await renew(client, first)
    assert (again.status_code, again.json()["code"]) == (401, "refresh_refused")
    assert await me(client, second) == 401
    assert (await renew(client, second)).status_code == 401
    assert await rows("token_family") == []


async def test_a_sign_in_ends_after_ninety_days_however_often_it_was_renewed(client, rows):
    await make_account()
    tokens, day = await sign_in(client), timedelta(days=1)
    for passed in (25, 50, 75, 89):
        with clock.shifted(passed * day):
            tokens = (await renew(client, tokens)).json()
    [family] = await rows("token_family")
    assert {each.expires_at <= family.expires_at for each in await rows("refresh_token")} == {True}
    with clock.shifted(FAMILY_LIFE - timedelta(minutes=5)):
        last = (await renew(client, tokens)).json()
        assert 200 < last["expires_in"] <= 300, "nor does an access token outlive it"
        assert await me(client, last) == 200
    with clock.shifted(FAMILY_LIFE + timedelta(seconds=1)):
        assert await me(client, last) == 401
        assert (await renew(client, last)).status_code == 401


async def test_a_sign_in_of_staff_ends_after_a_week(client):
    await make_account(permissions=("orders.view",))
    tokens = await sign_in(client)
    with clock.shifted(timedelta(days=6)):
        tokens = (await renew(client, tokens)).json()
    with clock.shifted(timedelta(days=7, seconds=1)):
        assert (await renew(client, tokens)).status_code == 401


async def test_a_sign_in_that_nobody_renewed_is_cleared_away(client, rows):
    await make_account()
    await sign_in(client)
    with clock.shifted(timedelta(days=29)):
        await write(housekeeping.purge, clock.now(), 100)
        assert len(await rows("token_family")) == 1
    with clock.shifted(timedelta(days=31)):
        await write(housekeeping.purge, clock.now(), 100)
        assert await rows("token_family") == []


async def test_a_refresh_token_ends_with_its_account(client):
    await make_account()
    tokens = await sign_in(client)
    as_owner("update identity.account set closed_at = now()")
    assert (await renew(client, tokens)).status_code == 401


async def test_a_refresh_token_of_a_program_is_none_here(client, rows):
    """Programs renew theirs at /oauth/token, where they show who they are."""
    await make_account()
    tokens = await sign_in(client)
    as_owner(
        "insert into identity.oauth_client (id, name, redirect_uris, scopes, created_at)"
        " values ('c0ffee00-0000-4000-8000-000000000000', 'Till', '{}', '{}', now())"
    )
    as_owner("update identity.token_family set client_id = 'c0ffee00-0000-4000-8000-000000000000', scopes = '{}'")
    assert (await renew(client, tokens)).status_code == 401
    assert [each.used_at for each in await rows("refresh_token")] == [None]


async def test_a_token_used_again_is_told_of_in_the_log_without_the_token(client, capsys):
    await make_account()
    tokens = await sign_in(client)
    await renew(client, tokens)
    await renew(client, tokens)
    told = capsys.readouterr().out
    assert "refresh_token_used_again" in told
    assert tokens["refresh_token"] not in told


async def test_a_family_that_ends_leaves_other_sign_ins_alone(client):
    await make_account()
    phone, laptop = await sign_in(client), await sign_in(client)
    await renew(client, phone)
    await renew(client, phone)
    assert await me(client, phone) == 401
    assert await me(client, laptop) == 200


async def test_a_refresh_token_used_at_once_by_two_gives_at_most_one_pair_and_then_ends_it(client, rows):
    await make_account()
    for _ in range(5):
        tokens = await sign_in(client)
        answers = await asyncio.gather(*(renew(client, tokens) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert await me(client, won) == 401
        assert await rows("token_family") == []


async def test_a_rotation_under_way_while_an_old_token_comes_back_does_not_survive(client, rows):
    await make_account()
    for _ in range(5):
        first = await sign_in(client)
        second = (await renew(client, first)).json()
        await asyncio.gather(renew(client, second), renew(client, first), renew(client, first))
        assert await rows("token_family") == []


async def test_a_rotation_under_way_while_the_password_is_reset_does_not_survive(client, rows):
    account_id = await make_account()
    passwords = [f"password number {number}" for number in range(4)]
    current = PASSWORD
    for password in passwords:
        tokens = (await client.post(f"{AUTH}/signin", json={**SIGN_IN, "password": current})).json()
        reset = {"token": await mint("reset", account_id), "password": password}
        answer, _ = await asyncio.gather(client.post(f"{AUTH}/password/reset", json=reset), renew(client, tokens))
        assert answer.status_code == 200
        assert await rows("token_family") == []
        current = password


async def test_signing_out_ends_access_and_refresh_tokens(client, rows):
    await make_account()
    tokens = await sign_in(client)
    answer = await client.post(f"{AUTH}/signout", headers={"Authorization": f"bearer {tokens['access_token']}"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert await me(client, tokens) == 401
    assert (await renew(client, tokens)).status_code == 401
    assert await rows("token_family") == []


async def test_signing_out_without_a_token_is_refused(client):
    assert (await client.post(f"{AUTH}/signout")).status_code == 401


async def test_me_changes_what_is_given_and_leaves_the_rest(client):
    headers = await bearer(await make_account())
    changed = await client.patch("/api/v1/me", headers=headers, json={"name": "Ada King"})
    assert (changed.status_code, changed.json()["name"], changed.json()["email"]) == (
        200,
        "Ada King",
        "ada@example.com",
    )
    untouched = await client.patch("/api/v1/me", headers=headers, json={})
    assert untouched.json() == changed.json()


@pytest.mark.parametrize("name", ["", "  ", None, 7, "a\nb", "x" * 201])
async def test_me_refuses_a_name_that_is_none_and_changes_nothing(client, rows, name):
    headers = await bearer(await make_account())
    answer = await client.patch("/api/v1/me", headers=headers, json={"name": name})
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["name"])
    assert (await rows("account"))[0].name == "Ada Lovelace"


async def test_nobody_makes_themselves_staff_or_changes_another_field(client, rows):
    headers = await bearer(await make_account())
    mischief = {"is_staff": True, "permissions": ["*"], "email": "root@example.com", "id": "1", "name": "Ada"}
    assert (await client.patch("/api/v1/me", headers=headers, json=mischief)).status_code == 200
    [account] = await rows("account")
    assert (account.is_staff, account.email, account.name) == (False, "ada@example.com", "Ada")
    assert await rows("account_role") == []
