"""Limits that are exact: by one script in Valkey, in any window, whatever asks at once; and what counts while it is away."""

import asyncio
import sys
import time
from uuid import uuid4

import pytest
import redis.asyncio

from shop.kernel import redis_client
from shop.kernel.errors import TooMany
from shop.kernel.http import exact_counts, ratelimit
from shop.kernel.http.exact_counts import Count, ExactCounts, Verdict
from shop.kernel.http.ratelimit import Limits, limit, limits
from tests.fakes.valkey import OwnValkey

pytestmark = pytest.mark.usefixtures("booted", "rate_limits")


@pytest.fixture
def who() -> str:
    return uuid4().hex


@pytest.fixture
async def own_valkey(monkeypatch):
    """A server that this test may kill; the process's counters begin anew with it."""
    server = OwnValkey()
    server.start()
    made = redis.asyncio.Redis.from_url(server.url, socket_timeout=2, socket_connect_timeout=2)
    monkeypatch.setitem(redis_client._clients, "main", made)
    monkeypatch.setattr(exact_counts, "AWAY_SECONDS", 0.2)
    limits.cache_clear()
    yield server
    await made.aclose()
    server.close()
    limits.cache_clear()


def count(key: str, at_most: int, seconds: int = 60, alone: int | None = None) -> Count:
    return Count(f"shop:test:{key}", at_most, seconds, at_most if alone is None else alone)


async def test_the_verdict_tells_what_is_left_and_when_there_is_more(who):
    counts = ExactCounts()
    verdicts = [await counts.ask([count(who, 3)]) for _ in range(4)]
    assert [(each.passed, each.left) for each in verdicts] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert all(58 <= each.reset <= 60 for each in verdicts)


async def test_all_of_a_question_are_counted_or_none(who):
    counts = ExactCounts()
    address, account = count(f"{who}-address", 5), count(f"{who}-account", 2)
    passed = [await counts.ask([address, account]) for _ in range(4)]
    assert [each.passed for each in passed] == [True, True, False, False]
    assert {each.scarce for each in passed} == {1}
    left = [await counts.ask([address]) for _ in range(4)]
    assert [each.passed for each in left] == [True, True, True, False], "a refused question was counted"


async def test_a_window_slides_and_never_lets_twice_as_many_through_at_its_edge(who):
    counts = ExactCounts()
    passed = []
    end = time.monotonic() + 3.2
    while (asked := time.monotonic()) < end:
        if (await counts.ask([count(who, 5, 1)])).passed:
            passed.append((asked, time.monotonic()))
        await asyncio.sleep(0.02)
    for (asked, _), (_, answered) in zip(passed, passed[5:], strict=False):
        assert answered - asked > 0.99, "it was counted somewhere between the two"
    assert len(passed) > 10


async def test_knocking_on_does_not_keep_a_door_shut(who):
    counts = ExactCounts()
    for _ in range(30):
        await counts.ask([count(who, 2, 1)])
    await asyncio.sleep(1.05)
    assert (await counts.ask([count(who, 2, 1)])).passed


async def test_those_who_wait_together_go_together_and_each_gets_its_own_verdict(who, monkeypatch):
    calls = []
    run = exact_counts.run_script

    async def counted(script, digest, keys, arguments):
        calls.append(len(keys))
        return await run(script, digest, keys, arguments)

    monkeypatch.setattr(exact_counts, "run_script", counted)
    counts = ExactCounts()
    verdicts = await asyncio.gather(*(counts.ask([count(f"{who}{number % 3}", 50)]) for number in range(300)))
    assert sum(each.passed for each in verdicts) == 150
    assert sum(calls) == 300
    assert len(calls) <= 4


async def test_one_who_gives_up_waiting_does_not_take_the_others_along(who):
    counts = ExactCounts()
    tasks = [asyncio.create_task(counts.ask([count(who, 50)])) for _ in range(20)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(done[3], asyncio.CancelledError)
    assert sum(isinstance(each, Verdict) and each.passed for each in done) == 19


async def test_a_script_that_valkey_has_forgotten_is_sent_again(own_valkey, who):
    counts = ExactCounts()
    assert (await counts.ask([count(who, 2)])).passed
    await redis_client.client().script_flush()
    assert (await counts.ask([count(who, 2)])).passed
    assert not (await counts.ask([count(who, 2)])).passed


RUSH = """
import asyncio, sys
from shop.kernel.errors import TooMany
from shop.kernel.http.ratelimit import limit

async def once():
    try:
        await limit("rush", sys.argv[1], 137, 60)
    except TooMany:
        return 0
    return 1

async def main():
    await limit("warm", sys.argv[1], 10, 60)
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum(await asyncio.gather(*(once() for _ in range(500)))))

asyncio.run(main())
"""


async def test_of_500_at_once_in_each_of_two_processes_exactly_so_many_pass(who):
    pipe = asyncio.subprocess.PIPE
    rushes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", RUSH, who, stdin=pipe, stdout=pipe) for _ in range(2)
    ]
    for each in rushes:
        assert each.stdout is not None
        assert await each.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(each.communicate(b"go\n") for each in rushes))
    passed = [int(output.split()[-1]) for output, _ in told]
    assert sum(passed) == 137, passed
    assert [each.returncode for each in rushes] == [0, 0]


async def test_with_valkey_killed_guessing_is_limited_more_strictly_and_comes_back_by_itself(own_valkey, who):
    await limit("test", who, 9, 60)
    own_valkey.kill()
    for _ in range(3):
        await limit("test", who, 9, 60)
    with pytest.raises(TooMany):
        await limit("test", who, 9, 60)
    own_valkey.start()
    await asyncio.sleep(0.3)
    for _ in range(9):
        await limit("test", who, 9, 60)
    with pytest.raises(TooMany):
        await limit("test", who, 9, 60)


async def test_a_valkey_that_hangs_holds_nobody_for_long(own_valkey, who, monkeypatch):
    monkeypatch.setattr(exact_counts, "PATIENCE_SECONDS", 0.3)
    await limit("test", who, 9, 60)
    own_valkey.hang()
    started = time.monotonic()
    tries = await asyncio.gather(*(limit("test", who, 9, 60) for _ in range(20)), return_exceptions=True)
    assert time.monotonic() - started < 3, "not one after the other"
    assert sum(each is None for each in tries) == 3


async def test_browsing_goes_on_without_valkey_and_is_still_counted(own_valkey):
    own = Limits("browse=5/60")
    own_valkey.kill()
    told = [own.count_reader("browse", "198.51.100.7") for _ in range(3)]
    await own.settling.settle()
    told += [own.count_reader("browse", "198.51.100.7") for _ in range(4)]
    assert [each is None for each in told] == [True] * 5 + [False] * 2


async def test_what_two_processes_counted_is_brought_together(own_valkey):
    one, other = Limits("browse=10/60"), Limits("browse=10/60")
    for _ in range(4):
        one.count_reader("browse", "198.51.100.7")
        other.count_reader("browse", "198.51.100.7")
    for each in (one, other, one):
        await each.settling.settle()
    other.count_reader("browse", "198.51.100.7")
    await other.settling.settle()
    one.count_reader("browse", "198.51.100.7")
    await one.settling.settle()
    assert one.count_reader("browse", "198.51.100.7") is not None
    refused = one.standing("browse", "198.51.100.7")
    assert refused.left == 0
    assert one.count_reader("browse", "198.51.100.8") is None


async def test_every_count_of_browsing_ends_by_itself_and_names_nobody(own_valkey):
    own = Limits()
    own.count_reader("browse", "198.51.100.7")
    await own.settling.settle()
    keys = [key async for key in redis_client.client().scan_iter("shop:limit:browse:*")]
    assert len(keys) == 1
    assert b"198.51" not in keys[0]
    assert 60 < await redis_client.client().ttl(keys[0]) <= 120


async def test_ipv6_neighbours_of_one_network_share_their_limit(who):
    network = f"2001:db8:{who[:4]}:{who[4:8]}"
    for host in range(3):
        await limit(f"test-{who}", f"{network}::{host}", 3, 60)
    with pytest.raises(TooMany):
        await limit(f"test-{who}", f"{network}:1:2:3:4", 3, 60)


def test_an_override_of_a_class_that_is_not_there_is_refused_with_the_names_of_those_that_are():
    from shop.kernel.config import SettingsError

    with pytest.raises(SettingsError, match=r"SHOP_RATE_LIMITS_BY_CLASS: 'browze=1/60'.*browse"):
        Limits("browze=1/60")
    assert ratelimit.CLASSES["browse"] == Limits().classes["browse"]
    assert Limits("checkout=7/30").classes["checkout"][:2] == (7, 30)
