"""What is remembered of a token ends with what it rests on: at once in the process that ended it, within two seconds in
others, whether Valkey is there, hangs or is gone."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shop.kernel import cache, clock
from shop.kernel.db import write
from shop.kernel.http.principals import REMEMBERED_AT_MOST, Principal, TokenVerifier, VerifiedToken, holder_of
from shop.kernel.ids import new_id
from shop.kernel.ports import overridden
from shop.modules.identity.repository import accounts, staff
from shop.modules.identity.roles import Role
from shop.modules.identity.rules import ACCESS_TOKEN_LIFE
from shop.modules.identity.service import api_sessions, change_password, sessions, signing_keys
from tests.conftest import as_owner
from tests.factories.identity import AUTH, PASSWORD, bearer, hash_of, make_account, mint
from tests.fakes.valkey import OwnValkey
from tests.integration.test_two_web_processes import web_processes
from tests.waiting import until

SIGN_IN = {"email": "ada@example.com", "password": PASSWORD}
WITHIN = 2.0  # seconds


@pytest.fixture
def remembering(db):
    """As a process that hears of invalidations."""
    cache.principals.clear()
    cache.principals.trusted = True
    yield
    cache.principals.clear()
    cache.principals.trusted = False


async def me(client, headers) -> int:
    return (await client.get("/api/v1/me", headers=headers)).status_code


async def remembered(client, headers) -> dict[str, str]:
    """`headers`, known to this process: what goes on behind its back it doesn't see."""
    assert await me(client, headers) == 200
    as_owner("alter table identity.token_family rename to gone_for_a_moment")
    try:
        assert await me(client, headers) == 200, "not remembered: the test would show nothing"
    finally:
        as_owner("alter table identity.gone_for_a_moment rename to token_family")
    return headers


async def test_the_second_time_a_token_costs_no_statement(client, remembering, record_statements):
    headers = await bearer(await make_account())
    await me(client, headers)
    with record_statements() as sent:
        assert await me(client, headers) == 200
    assert [each for each in sent if "identity.token_family" in each] == []
    assert len(sent) == 1, "who it is"


async def test_nothing_is_remembered_of_what_opens_nothing(client, remembering):
    await make_account()
    for token in ("", "wrong", "a.b.c", "a" * 4000):
        assert await me(client, {"Authorization": f"Bearer {token}"}) == 401
    assert len(cache.principals) == 0


async def test_a_process_that_hears_of_nothing_remembers_nothing(client, remembering):
    headers = await bearer(await make_account())
    cache.principals.trusted = False
    assert await me(client, headers) == 200
    assert len(cache.principals) == 0


async def test_a_remembered_token_ends_by_the_clock(client, remembering):
    headers = await remembered(client, await bearer(await make_account()))
    with clock.shifted(ACCESS_TOKEN_LIFE + timedelta(seconds=1)):
        assert await me(client, headers) == 401


async def test_nothing_is_remembered_for_longer_than_ten_minutes(remembering):
    """However long it may be good, such as an API key."""
    asked = []

    class Good:
        async def verify(self, token: str) -> VerifiedToken:
            asked.append(token)
            return VerifiedToken(Principal(new_id(), "", ""), clock.now() + timedelta(days=365), frozenset())

    with overridden(TokenVerifier, Good()):
        await holder_of("key")
        await holder_of("key")
        assert asked == ["key"]
        with clock.shifted(REMEMBERED_AT_MOST + timedelta(seconds=1)):
            await holder_of("key")
    assert asked == ["key", "key"]


async def test_the_token_itself_is_not_kept(client, remembering):
    headers = await bearer(await make_account())
    await me(client, headers)
    [(key, kept)] = cache.principals._entries.items()
    token = headers["Authorization"].removeprefix("Bearer ")
    assert len(key) == 32
    assert token not in repr(kept)


async def test_many_tokens_take_bounded_memory(remembering):
    class Good:
        async def verify(self, token: str) -> VerifiedToken:
            return VerifiedToken(Principal(new_id(), "", ""), clock.now() + timedelta(hours=1), frozenset({token}))

    with overridden(TokenVerifier, Good()):
        for number in range(8000):
            await holder_of(f"token {number}")
    assert 1000 < len(cache.principals) < 7000
    assert cache.principals._bytes <= 12 * 1024 * 1024


async def test_what_ends_while_it_is_looked_up_is_not_remembered(remembering):
    account_id = await make_account()
    token = (await bearer(account_id))["Authorization"].removeprefix("Bearer ")

    class Slow:
        async def verify(self, token: str) -> VerifiedToken:
            async def end(uow: Any) -> None:
                uow.invalidate(f"account:{account_id}")

            await write(end)
            return VerifiedToken(
                Principal(account_id, "", ""), clock.now() + timedelta(hours=1), frozenset({f"account:{account_id}"})
            )

    with overridden(TokenVerifier, Slow()):
        assert await holder_of(token) is not None
    assert len(cache.principals) == 0


async def sign_out(client, account_id, headers) -> None:
    assert (await client.post(f"{AUTH}/signout", headers=headers)).status_code == 204


async def end_family(client, account_id, headers) -> None:
    who = await holder_of(headers["Authorization"].removeprefix("Bearer "))
    assert who is not None
    assert who.session_id is not None
    await write(api_sessions.end_family, who.session_id)


async def reset_password(client, account_id, headers) -> None:
    form = {"token": await mint("reset", account_id), "password": "quite another password"}
    assert (await client.post(f"{AUTH}/password/reset", json=form)).status_code == 200


async def set_password(client, account_id, headers) -> None:
    await write(change_password.replace_password, "ada@example.com", hash_of())


async def end_everything(client, account_id, headers) -> None:
    await write(accounts.end_everything, account_id)


async def end_from_the_list(client, account_id, headers) -> None:
    who = await holder_of(headers["Authorization"].removeprefix("Bearer "))
    assert who is not None
    assert who.session_id is not None
    await write(sessions.end_one, account_id, who.session_id)


async def replace_keys(client, account_id, headers) -> None:
    await write(signing_keys.replace_keys)


ENDINGS = [sign_out, end_family, reset_password, set_password, end_everything, end_from_the_list, replace_keys]
Ending = Callable[[httpx.AsyncClient, Any, dict[str, str]], Awaitable[None]]


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
async def test_a_remembered_token_ends_at_once(client, remembering, end: Ending):
    account_id = await make_account()
    other = await remembered(client, await bearer(await make_account("eve@example.com")))
    headers = await remembered(client, await bearer(account_id))
    await end(client, account_id, headers)
    assert await me(client, headers) == 401
    assert await me(client, other) == (401 if end is replace_keys else 200)


async def test_a_refresh_token_used_again_ends_remembered_tokens_too(client, remembering):
    await make_account()
    first = (await client.post(f"{AUTH}/signin", json=SIGN_IN)).json()
    headers = await remembered(client, {"Authorization": f"Bearer {first['access_token']}"})
    for _ in range(2):
        await client.post(f"{AUTH}/refresh", json={"refresh_token": first["refresh_token"]})
    assert await me(client, headers) == 401


async def test_roles_given_and_taken_count_at_once(client, remembering):
    account_id = await make_account(permissions=("backoffice.view",))
    headers = await remembered(client, await bearer(account_id))

    async def orders() -> int:
        return (await client.get("/api/v1/admin/orders", headers=headers)).status_code

    assert await orders() == 403
    await write(staff.set_roles, account_id, ["orders"])
    assert await orders() == 200
    await write(staff.set_roles, account_id, [])
    assert await orders() == 403


async def test_a_role_of_the_shop_s_own_that_is_changed_or_deleted_counts_at_once(client, remembering):
    account_id = await make_account(permissions=("orders.view",))
    headers = await remembered(client, await bearer(account_id))
    code = (await write(staff.find_own_roles))[0].code

    async def orders() -> int:
        return (await client.get("/api/v1/admin/orders", headers=headers)).status_code

    assert await orders() == 200
    await write(staff.change_role, Role(code, "Other", frozenset({"stock.view"})))
    assert await orders() == 403
    await write(staff.change_role, Role(code, "Other", frozenset({"orders.view"})))
    assert await orders() == 200
    await write(staff.delete_role, code)
    assert await orders() == 403


async def test_a_new_name_is_seen_at_once(client, remembering):
    headers = await remembered(client, await bearer(await make_account()))
    token = headers["Authorization"].removeprefix("Bearer ")
    await client.patch("/api/v1/me", headers=headers, json={"name": "Ada King"})
    who = await holder_of(token)
    assert who is not None
    assert who.name == "Ada King"


async def test_a_process_that_cannot_ask_what_it_missed_remembers_nothing(client, db, monkeypatch):
    """Messages get lost without a word: the number in PostgreSQL tells, and where it can't be read nothing does."""
    headers = await bearer(await make_account())
    sync = asyncio.create_task(cache.CacheSync().run())
    try:
        await until(lambda: cache.principals.trusted)
        assert await me(client, headers) == 200
        assert len(cache.principals) == 1

        async def unanswered(uow: Any) -> int:
            await asyncio.sleep(60)
            return 0

        with monkeypatch.context() as broken:
            broken.setattr(cache, "_generation", unanswered)
            await until(lambda: not cache.principals.trusted)
            assert len(cache.principals) == 0
            assert cache.values.trusted, "goods may be a moment old, rights may not"
        await until(lambda: cache.principals.trusted)
    finally:
        sync.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sync
        for each in (cache.pages, cache.values, cache.principals):
            each.clear()
            each.trusted = False


class Two:
    """Web processes that a token is asked at in turn."""

    def __init__(self, urls: list[str], client: httpx.AsyncClient, valkey: OwnValkey) -> None:
        self.urls, self.client, self.valkey = urls, client, valkey

    async def me(self, url: str, headers: dict[str, str]) -> int:
        return (await self.client.get(f"{url}/api/v1/me", headers=headers)).status_code

    async def both(self, headers: dict[str, str]) -> list[int]:
        return [await self.me(url, headers) for url in self.urls]

    async def sign_out(self, url: str, headers: dict[str, str]) -> None:
        assert (await self.client.post(f"{url}{AUTH}/signout", headers=headers)).status_code == 204

    async def remember(self, headers: dict[str, str]) -> None:
        """Whether they do: they still answer when the family's row was renamed behind their backs."""
        deadline = time.monotonic() + 10
        while True:
            assert await self.both(headers) == [200, 200]
            as_owner("update identity.token_family set expires_at = expires_at - interval '1000 days'")
            answers = await self.both(headers)
            as_owner("update identity.token_family set expires_at = expires_at + interval '1000 days'")
            if answers == [200, 200]:
                return
            assert time.monotonic() < deadline, "they never remember anything"
            await asyncio.sleep(0.3)

    async def refused_by_both(self, headers: dict[str, str], since: float) -> float:
        """Seconds until it was."""
        while await self.both(headers) != [401, 401]:
            assert time.monotonic() - since < WITHIN, f"still good after {WITHIN} s"
            await asyncio.sleep(0.02)
        return time.monotonic() - since


@pytest.fixture
async def two(db):
    valkey = OwnValkey()
    valkey.start()
    try:
        with web_processes(SHOP_REDIS_URL=valkey.url, SHOP_RATE_LIMITS="off") as urls:
            async with httpx.AsyncClient(timeout=30) as client:
                yield Two(urls, client, valkey)
    finally:
        valkey.close()


async def test_what_one_process_ends_another_refuses_within_two_seconds(two):
    account_id = await make_account()
    for _ in range(3):
        headers = await bearer(account_id)
        await two.remember(headers)
        started = time.monotonic()
        await two.sign_out(two.urls[0], headers)
        assert await two.me(two.urls[0], headers) == 401, "at once where it was ended"
        await two.refused_by_both(headers, started)

    headers = await bearer(account_id)
    await two.remember(headers)
    two.valkey.hang()
    started = time.monotonic()
    await two.sign_out(two.urls[0], headers)
    assert await two.me(two.urls[0], headers) == 401
    await two.refused_by_both(headers, started)

    two.valkey.kill()
    headers = await bearer(account_id)
    assert await two.both(headers) == [200, 200], "without Valkey they look each time"
    await two.sign_out(two.urls[1], headers)
    assert await two.both(headers) == [401, 401]


async def test_a_leaked_key_replaced_by_the_command_is_refused_by_running_processes(two):
    headers = await bearer(await make_account())
    await two.remember(headers)
    started = time.monotonic()
    await write(signing_keys.replace_keys)
    await two.refused_by_both(headers, started)
