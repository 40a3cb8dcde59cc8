"""Tokens of the API: what they open, how they are renewed, and how a stolen one betrays itself."""

import asyncio
from datetime import timedelta

import pytest

from shop.kernel import clock
from shop.modules.identity.rules import token_hash
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


async def test_checking_a_token_is_one_statement(client, record_statements):
    headers = await bearer(await make_account())
    with record_statements() as sent:
        await client.get("/api/v1/me", headers=headers)
    assert len([statement for statement in sent if "identity.api_token" in statement]) == 1
    assert len(sent) == 2


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
    assert (await renew(client, {"refresh_token": tokens["access_token"]})).status_code == 401


async def test_a_session_cookie_opens_nothing_under_the_api(client):
    from tests.factories.identity import sign_in_browser

    await sign_in_browser(client, await make_account())
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_only_hashes_of_tokens_are_stored(client, rows):
    await make_account()
    tokens = await sign_in(client)
    stored = await rows("api_token")
    assert {each.token_hash for each in stored} == {
        token_hash(tokens["access_token"]),
        token_hash(tokens["refresh_token"]),
    }
    assert tokens["access_token"] not in str(stored)


async def test_an_access_token_lives_for_an_hour(client):
    await make_account()
    tokens = await sign_in(client)
    with clock.shifted(timedelta(minutes=59)):
        assert await me(client, tokens) == 200
    with clock.shifted(timedelta(minutes=61)):
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
    assert await rows("api_token") == []


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
        assert await rows("api_token") == []


async def test_a_rotation_under_way_while_an_old_token_comes_back_does_not_survive(client, rows):
    await make_account()
    for _ in range(5):
        first = await sign_in(client)
        second = (await renew(client, first)).json()
        await asyncio.gather(renew(client, second), renew(client, first), renew(client, first))
        assert await rows("api_token") == []


async def test_a_rotation_under_way_while_the_password_is_reset_does_not_survive(client, rows):
    account_id = await make_account()
    passwords = [f"password number {number}" for number in range(4)]
    current = PASSWORD
    for password in passwords:
        tokens = (await client.post(f"{AUTH}/signin", json={**SIGN_IN, "password": current})).json()
        reset = {"token": await mint("reset", account_id), "password": password}
        answer, _ = await asyncio.gather(client.post(f"{AUTH}/password/reset", json=reset), renew(client, tokens))
        assert answer.status_code == 200
        assert await rows("api_token") == []
        current = password


async def test_signing_out_ends_access_and_refresh_tokens(client, rows):
    await make_account()
    tokens = await sign_in(client)
    answer = await client.post(f"{AUTH}/signout", headers={"Authorization": f"bearer {tokens['access_token']}"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert await me(client, tokens) == 401
    assert (await renew(client, tokens)).status_code == 401
    assert await rows("api_token") == []


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
    assert (account.is_staff, account.permissions, account.email) == (False, [], "ada@example.com")
