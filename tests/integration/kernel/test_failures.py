"""Soft locks: waits that grow with failures, shared by all processes, never for good."""

import asyncio
import sys
from uuid import uuid4

import pytest
import redis.asyncio

from shop.kernel import redis_client
from shop.kernel.config import settings
from shop.kernel.errors import TooMany
from shop.kernel.http import failures
from shop.kernel.http.ratelimit import begin_attempt, clear_failures, note_failure, wait_left

pytestmark = pytest.mark.usefixtures("booted", "rate_limits")


@pytest.fixture
def key() -> str:
    return f"signin:{uuid4().hex}@example.com"


async def has_passed(key: str) -> None:
    """As if the wait were over."""
    await redis_client.client().hset(failures._name(key), "until", "0")


async def test_the_wait_begins_with_the_fifth_failure_and_doubles_up_to_a_quarter_of_an_hour(key):
    waits = [await note_failure(key) for _ in range(17)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_what_is_left_of_a_wait_is_told_and_ends(key):
    for _ in range(5):
        await note_failure(key)
    assert await wait_left(key) == 1
    await asyncio.sleep(1.05)
    assert await wait_left(key) == 0
    assert await note_failure(key) == 2
    assert await wait_left(key) == 2


async def test_looking_costs_nothing(key):
    for _ in range(20):
        assert await wait_left(key) == 0
    assert await note_failure(key) == 0


async def test_success_begins_anew(key):
    for _ in range(9):
        await note_failure(key)
    await clear_failures(key)
    assert await wait_left(key) == 0
    assert await note_failure(key) == 0


async def test_one_key_does_not_make_another_wait(key):
    for _ in range(9):
        await note_failure(key)
    assert await wait_left(f"{key}x") == 0


async def test_never_for_good_not_even_after_a_thousand_failures(key):
    for _ in range(1000):
        longest = await note_failure(key)
    assert longest == await wait_left(key) == 900


async def test_failures_are_forgotten_after_a_day_and_name_nobody(key):
    await note_failure(key)
    name = failures._name(key)
    assert 86_390 < await redis_client.client().ttl(name) <= 86_400
    assert "example" not in name


async def test_tries_at_once_can_t_all_slip_in_before_the_first_has_failed(key):
    for _ in range(4):
        await note_failure(key)
    tries = await asyncio.gather(*(begin_attempt(key) for _ in range(50)), return_exceptions=True)
    assert sum(each is None for each in tries) == 1
    refusal = next(each for each in tries if isinstance(each, TooMany))
    assert refusal.extra["retry_after"] == 1
    assert "1 second" in refusal.detail
    await has_passed(key)
    await begin_attempt(key)
    assert await wait_left(key) == 2


TRY = """
import asyncio, sys
from shop.kernel.errors import TooMany
from shop.kernel.http.ratelimit import begin_attempt

async def once():
    try:
        await begin_attempt(sys.argv[1])
    except TooMany:
        return 0
    return 1

async def main():
    print(sum(await asyncio.gather(*(once() for _ in range(60)))))

asyncio.run(main())
"""


async def test_two_processes_let_five_tries_through_together(key):
    tries = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", TRY, key, stdout=asyncio.subprocess.PIPE)
        for _ in range(2)
    ]
    told = await asyncio.gather(*(each.communicate() for each in tries))
    assert sum(int(output.split()[-1]) for output, _ in told) == 5


async def test_without_valkey_a_process_counts_by_itself_and_sooner(key, monkeypatch):
    away = redis.asyncio.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    monkeypatch.setitem(redis_client._clients, "main", away)
    monkeypatch.setattr(failures, "_here", {})
    assert [await note_failure(key) for _ in range(4)] == [0, 1, 2, 4]
    assert await wait_left(key) == 4
    with pytest.raises(TooMany):
        await begin_attempt(key)
    await clear_failures(key)
    assert await wait_left(key) == 0
    await away.aclose()


async def test_switched_off_nobody_waits(key, monkeypatch):
    monkeypatch.setenv("SHOP_RATE_LIMITS", "off")
    settings.cache_clear()
    assert [await note_failure(key) for _ in range(9)] == [0] * 9
    await begin_attempt(key)
    await clear_failures(key)
    assert await wait_left(key) == 0
