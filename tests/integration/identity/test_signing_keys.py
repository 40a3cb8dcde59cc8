"""Keys that sign access tokens: made ahead, published before they sign, kept until nobody needs them; and a leaked one."""

import asyncio
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.modules.identity.repository import housekeeping
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE, KEY_AHEAD, KEY_LIFE, KEY_SIGNS_FOR
from shop.modules.identity.service import signing_keys
from shop.modules.identity.service.signing_keys import make_next_key, replace_keys, signing_key
from tests.conftest import as_owner
from tests.factories.identity import AUTH, PASSWORD, bearer, make_account

JWKS = "/oauth/jwks"
SIGN_IN = {"email": "ada@example.com", "password": PASSWORD}


async def published(client) -> list[str]:
    return [key["kid"] for key in (await client.get(JWKS)).json()["keys"]]


async def kid_in_use() -> str:
    return (await write(signing_key, clock.now())).kid


async def me(client, headers) -> int:
    return (await client.get("/api/v1/me", headers=headers)).status_code


async def test_programs_of_others_check_tokens_by_the_published_keys(client):
    token = (await bearer(await make_account()))["Authorization"].removeprefix("Bearer ")
    answer = await client.get(JWKS)
    [key] = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}, "and nothing private"
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
    assert jwt.decode(token, KeySet.import_key_set(answer.json()), algorithms=["ES256"]).header["kid"] == key["kid"]


async def test_the_key_set_may_be_kept_for_minutes_and_asked_for_again_cheaply(client):
    await kid_in_use()
    first = await client.get(JWKS)
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await client.get(JWKS, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await write(replace_keys)
    assert (await client.get(JWKS, headers={"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_the_first_key_is_there_before_anybody_asks(client):
    assert await published(client) == []
    assert await write(make_next_key)
    assert await published(client) == [await kid_in_use()]
    assert not await write(make_next_key)


async def test_processes_that_need_the_first_key_at_once_make_one(rows):
    await asyncio.gather(*(write(signing_key, clock.now()) for _ in range(8)))
    assert len(await rows("signing_key")) == 1


async def test_the_next_key_is_published_a_day_before_it_signs_and_the_last_one_until_its_tokens_are_over(client, rows):
    account_id = await make_account()
    first = await kid_in_use()
    with clock.shifted(KEY_SIGNS_FOR - KEY_AHEAD - timedelta(minutes=1)):
        assert not await write(make_next_key)
    with clock.shifted(KEY_SIGNS_FOR - KEY_AHEAD + timedelta(minutes=1)):
        assert await write(make_next_key)
        assert not await write(make_next_key), "once"
        [second] = set(await published(client)) - {first}
        assert await kid_in_use() == first
    with clock.shifted(KEY_SIGNS_FOR - timedelta(minutes=1)):
        assert await kid_in_use() == first
        last = await bearer(account_id)
    with clock.shifted(KEY_SIGNS_FOR + timedelta(minutes=2)):
        assert await kid_in_use() == second
        assert await me(client, await bearer(account_id)) == await me(client, last) == 200
        await write(housekeeping.purge, clock.now(), 100)
        assert await published(client) == [second, first]
    with clock.shifted(KEY_SIGNS_FOR + ACCESS_TOKEN_LIFE + timedelta(minutes=2)):
        await write(housekeeping.purge, clock.now(), 100)
        assert await published(client) == [second]
        assert [key.kid for key in await rows("signing_key")] == [second]


async def test_a_shop_that_was_shut_for_months_signs_with_a_key_that_outlives_its_tokens(client):
    account_id = await make_account()
    first = await kid_in_use()
    with clock.shifted(KEY_LIFE - ACCESS_TOKEN_LIFE - timedelta(minutes=1)):
        assert await kid_in_use() == first
    with clock.shifted(KEY_LIFE - timedelta(minutes=1)):
        headers = await bearer(account_id)
        assert await kid_in_use() != first
    with clock.shifted(KEY_LIFE + timedelta(minutes=1)):
        assert await me(client, headers) == 200


async def test_a_successor_that_comes_late_is_published_for_a_day_all_the_same(client):
    first = await kid_in_use()
    with clock.shifted(KEY_SIGNS_FOR + timedelta(days=3)):
        assert await write(make_next_key)
        assert len(await published(client)) == 2
        assert await kid_in_use() == first
    with clock.shifted(KEY_SIGNS_FOR + timedelta(days=3) + KEY_AHEAD + timedelta(minutes=1)):
        assert await kid_in_use() != first


async def test_a_leaked_key_is_replaced_at_once_and_sign_ins_last(client):
    await make_account()
    tokens = (await client.post(f"{AUTH}/signin", json=SIGN_IN)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    leaked = await kid_in_use()
    assert await me(client, headers) == 200
    assert await write(replace_keys) == 1
    assert await me(client, headers) == 401
    assert await published(client) == [await kid_in_use()] != [leaked]
    renewed = await client.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert await me(client, {"Authorization": f"Bearer {renewed.json()['access_token']}"}) == 200


async def test_a_key_that_was_made_ahead_goes_with_the_leaked_one(client):
    await kid_in_use()
    with clock.shifted(KEY_SIGNS_FOR - timedelta(hours=1)):
        await write(make_next_key)
        both = set(await published(client))
        assert await write(replace_keys) == len(both) == 2
        assert both.isdisjoint(await published(client))


async def test_another_secret_key_of_the_shop_makes_another_signing_key(client, monkeypatch):
    """What was sealed under the old one can't be read; nobody may be locked out for that."""
    account_id = await make_account()
    before, headers = await kid_in_use(), await bearer(account_id)
    signing_keys._opened.cache_clear()
    monkeypatch.setenv("SHOP_SECRET_KEY", "another-secret-key-of-more-than-32-characters")
    settings.cache_clear()
    try:
        assert await kid_in_use() != before
        assert await me(client, await bearer(account_id)) == 200
        assert await me(client, headers) == 200, "its signature is as good as before"
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        signing_keys._opened.cache_clear()


async def test_a_key_moved_to_another_row_signs_nothing(rows):
    await kid_in_use()
    as_owner("update identity.signing_key set kid = 'moved'")
    assert await kid_in_use() != "moved"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nobody_changes_the_key_set_from_outside(client, method):
    await kid_in_use()
    before = await published(client)
    assert (await client.request(method, JWKS, json={"keys": []})).status_code == 405
    assert await published(client) == before
