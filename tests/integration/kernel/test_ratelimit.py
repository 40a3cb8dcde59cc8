"""What a stranger may do only so often: counted across processes, switched off, and with Valkey away."""

import asyncio
import subprocess
import sys
from uuid import uuid4

import pytest

from shop.kernel.config import settings
from shop.kernel.errors import TooMany
from shop.kernel.http.ratelimit import limit
from shop.kernel.redis_client import PREFIX, client


@pytest.fixture(autouse=True)
def _on(booted, rate_limits):
    """All tests here are of limits."""


@pytest.fixture
def who() -> str:
    return uuid4().hex


async def test_so_many_pass_and_the_next_is_told_when_to_come_back(who):
    for _ in range(3):
        await limit("test", who, 3, 60)
    with pytest.raises(TooMany) as told:
        await limit("test", who, 3, 60)
    assert 0 < told.value.extra["retry_after"] <= 60
    assert "second" in told.value.detail


async def test_what_and_who_are_counted_apart(who):
    await limit("test", who, 1, 60)
    await limit("another", who, 1, 60)
    await limit("test", f"{who}2", 1, 60)
    with pytest.raises(TooMany):
        await limit("test", who, 1, 60)


async def test_the_next_window_is_free_again(who):
    await limit("test", who, 1, 1)
    with pytest.raises(TooMany):
        await limit("test", who, 1, 1)
    await asyncio.sleep(1.1)
    await limit("test", who, 1, 1)


async def test_many_at_once_don_t_slip_through(who):
    tries = await asyncio.gather(*(limit("test", who, 10, 60) for _ in range(50)), return_exceptions=True)
    assert sum(each is None for each in tries) == 10


async def test_another_process_counts_along(who):
    script = f"import asyncio; from shop.kernel.http.ratelimit import limit; asyncio.run(limit('test', {who!r}, 2, 60))"
    for _ in range(2):
        done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], check=False)
        assert done.returncode == 0
    with pytest.raises(TooMany):
        await limit("test", who, 2, 60)


async def test_the_address_is_not_kept_as_it_is(who):
    await limit("test", f"ada-{who}@example.com", 5, 60)
    keys = [key async for key in client().scan_iter(f"{PREFIX}limit:*")]
    assert keys
    assert not any(who.encode() in key for key in keys)


async def test_every_count_ends_by_itself(who):
    await limit("ending", who, 5, 60)
    async for key in client().scan_iter(f"{PREFIX}limit:ending:*"):
        assert 0 < await client().ttl(key) <= 60


async def test_switched_off_nothing_is_counted(who, monkeypatch):
    monkeypatch.setenv("SHOP_RATE_LIMITS", "off")
    settings.cache_clear()
    for _ in range(20):
        await limit("test", who, 1, 60)


async def test_over_http_it_is_429_with_a_time_to_wait(client, who):
    answers = []
    for number in range(80):
        body = {"email": f"{who}@example.com", "password": f"wrong {number}"}
        answers.append(await client.post("/api/v1/auth/password/forgot", json=body))
        if answers[-1].status_code == 429:
            break
    refused = answers[-1]
    assert refused.status_code == 429, f"{len(answers)} were let through"
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
