"""Caches of many processes stay in step: by messages, and without them when those get lost."""

import asyncio
import contextlib
import subprocess
import sys

import msgspec
import pytest
from sqlalchemy import text

from shop.kernel import cache
from shop.kernel.cache import CHANNEL, CacheSync, Invalidation
from shop.kernel.db import engine, sql, write
from shop.kernel.redis_client import channel, client
from tests.conftest import new_client
from tests.factories.catalog import make_product
from tests.fakes.valkey import cut_subscriptions
from tests.waiting import PATIENCE, until

THREE_LOOKS = 3 * cache.POLL_SECONDS
"""Seconds in which the number in PostgreSQL is looked at often enough to find out a lost message."""


def keep(name: str, *tags: str) -> None:
    for each in (cache.pages, cache.values):
        each.put(name, name, 10, tags, each.moment())


def kept() -> set[str]:
    both = [set(each._entries) for each in (cache.pages, cache.values)]
    assert both[0] == both[1]
    return both[0]


@pytest.fixture
def told_by_messages_alone(monkeypatch):
    monkeypatch.setattr(cache, "POLL_SECONDS", 10 * PATIENCE)


@pytest.fixture
async def synced(db):
    """This process, subscribed."""
    for each in (cache.pages, cache.values):
        each.clear()
        each.trusted = False
    task = asyncio.create_task(CacheSync().run())
    await until(lambda: cache.pages.trusted and cache.values.trusted)
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    for each in (cache.pages, cache.values):
        each.clear()
        each.trusted = False


async def bump() -> int:
    """As another process does whose message gets lost."""
    async with engine("write").begin() as connection:
        return (
            await connection.execute(text("update kernel.cache_generation set value = value + 1 returning value"))
        ).scalar_one()


async def test_before_it_is_subscribed_a_process_keeps_nothing(db):
    cache.pages.trusted = cache.values.trusted = False
    keep("a", "x")
    assert kept() == set()


async def test_our_own_commit_drops_at_once(synced):
    keep("a", "x")
    keep("b", "y")

    async def change(uow) -> None:
        uow.invalidate("x")

    await write(change)
    assert kept() == {"b"}


async def test_another_process_drops_just_what_it_changed(synced):
    keep("a", "x")
    keep("b", "y")
    generation = await bump()
    await client().publish(channel(CHANNEL), msgspec.json.encode(Invalidation(generation, ["x"])))
    await until(lambda: kept() == {"b"})
    await asyncio.sleep(THREE_LOOKS)
    assert kept() == {"b"}, "a message that came is not taken for a lost one"


async def test_a_real_other_process_is_heard(synced):
    keep("a", "x")
    keep("b", "y")
    script = (
        "import asyncio\n"
        "from shop.kernel import cache\n"
        "from shop.kernel.db import dispose_engines, write\n"
        "async def change(uow): uow.invalidate('x')\n"
        "async def main():\n"
        "    await write(change)\n"
        "    await asyncio.gather(*cache._tasks)\n"
        "    await dispose_engines()\n"
        "asyncio.run(main())\n"
    )
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script], check=False)
    assert done.returncode == 0
    await until(lambda: kept() == {"b"})


async def test_a_lost_message_is_found_out(synced, monkeypatch):
    looks, look = [], cache._generation

    async def counted(uow) -> int:
        looks.append(await look(uow))
        return looks[-1]

    keep("a", "x")
    generation = await bump()
    monkeypatch.setattr(cache, "_generation", counted)
    await until(lambda: kept() == set())
    assert looks.count(generation) <= 2, "at the first it may still be on its way"
    keep("b", "x")
    await asyncio.sleep(THREE_LOOKS)
    assert kept() == {"b"}, "found out once, it is not cleared for again and again"


async def test_one_lost_message_among_others_is_found_out(synced):
    keep("a", "lost")
    await bump()
    later = await bump()
    await client().publish(channel(CHANNEL), msgspec.json.encode(Invalidation(later, ["another"])))
    await until(lambda: kept() == set())


async def test_messages_out_of_order_lose_nothing(told_by_messages_alone, synced):
    keep("a", "x")
    keep("b", "y")
    first, second = await bump(), await bump()
    for generation, tag in ((second, "y"), (first, "x")):
        await client().publish(channel(CHANNEL), msgspec.json.encode(Invalidation(generation, [tag])))
    await until(lambda: kept() == set())


async def test_a_cut_subscription_bypasses_and_comes_back_empty(synced, monkeypatch):
    monkeypatch.setattr(cache, "RESUBSCRIBE_SECONDS", 2.0)
    keep("a", "x")
    await cut_subscriptions()
    await until(lambda: not cache.pages.trusted)
    keep("b", "x")
    assert kept() == set()
    await until(lambda: cache.pages.trusted)
    assert kept() == set()
    keep("c", "x")
    assert kept() == {"c"}


@pytest.mark.parametrize("message", [b"", b"{", b"[]", b'{"generation": "x", "tags": 5}', b"\xff"])
async def test_a_message_that_is_none_does_not_end_the_listening(synced, message):
    await client().publish(channel(CHANNEL), message)
    await asyncio.sleep(0.1)
    await until(lambda: cache.pages.trusted)
    keep("a", "x")
    generation = await bump()
    await client().publish(channel(CHANNEL), msgspec.json.encode(Invalidation(generation, ["x"])))
    await until(lambda: kept() == set())


async def test_visitors_see_a_change_that_no_message_told_of(synced, client, gateway):
    mug = await make_product("Mug", refresh=True)
    await asyncio.sleep(0.1)
    async with new_client(gateway) as visitor:
        assert "Mug" in (await client.get(f"/p/{mug.slug}")).text
        assert len(cache.pages) == 1

        async def behind_its_back(uow) -> None:
            await sql(uow).execute(text("update catalog.product set title = 'Cup'"))

        await write(behind_its_back)
        await bump()
        await until(lambda: len(cache.pages) == 0)
        assert "Cup" in (await visitor.get(f"/p/{mug.slug}")).text
