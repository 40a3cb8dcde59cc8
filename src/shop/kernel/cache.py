"""Cached pages and values by tags, in process memory, right within a second across all processes.

Invalidation travels three ways: a transaction that called `uow.invalidate("product:42")` bumps a generation number in
PostgreSQL; after its commit the tags are published over Valkey, so that every process drops just those entries at
once; and because pub/sub drops messages, each process also compares the generation number twice a second and clears
everything when it missed one. While a process isn't subscribed it bypasses its cache.

What `principals` remembers opens doors, so it is bypassed too while the generation number can't be read: then nothing would
tell of a message that got lost.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar

import msgspec
import structlog
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import after_commit, read, sql
from shop.kernel.redis_client import RedisError, channel, client, pubsub_client
from shop.kernel.uow import UnitOfWork

T = TypeVar("T")

log = structlog.get_logger(__name__)

CHANNEL: Final = "invalidate"
POLL_SECONDS: Final = 0.5
POLL_PATIENCE_SECONDS: Final = 2.0
RESUBSCRIBE_SECONDS: Final = 0.5


class Invalidation(msgspec.Struct):
    generation: int
    tags: list[str]


class TaggedCache:
    """Least recently used entries go first when `max_bytes` is passed."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[Any, tuple[Any, int, frozenset[str]]] = OrderedDict()
        self._keys_by_tag: dict[str, set[Any]] = {}
        self._dropped_at: dict[str, int] = {}
        self._cleared_at = 0
        self._moment = 0
        self.trusted = False
        """Whether invalidations reach this process; nothing is kept or served before."""

    def find(self, key: Any) -> Any | None:
        if not self.trusted:
            return None
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def moment(self) -> int:
        """Take one before loading what `put` will keep: an invalidation in between must win."""
        return self._moment

    def put(self, key: Any, value: Any, size: int, tags: Iterable[str], moment: int) -> None:
        tags = frozenset(tags)
        stale = self._cleared_at > moment or any(self._dropped_at.get(tag, 0) > moment for tag in tags)
        if not self.trusted or stale or size > self._max_bytes // 4:
            return
        self._forget(key)
        self._entries[key] = (value, size, tags)
        self._bytes += size
        for tag in tags:
            self._keys_by_tag.setdefault(tag, set()).add(key)
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._entries)))

    def drop(self, tags: Iterable[str]) -> None:
        self._moment += 1
        for tag in tags:
            self._dropped_at[tag] = self._moment
            for key in list(self._keys_by_tag.get(tag, ())):
                self._forget(key)
        if len(self._dropped_at) > 50_000:
            self.clear()

    def dropped_at(self, tag: str) -> int:
        """The moment of the last invalidation of `tag`; for what is kept elsewhere."""
        return max(self._cleared_at, self._dropped_at.get(tag, 0))

    def clear(self) -> None:
        self._moment += 1
        self._cleared_at = self._moment
        self._dropped_at.clear()
        self._entries.clear()
        self._keys_by_tag.clear()
        self._bytes = 0

    def _forget(self, key: Any) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._bytes -= entry[1]
        for tag in entry[2]:
            keys = self._keys_by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._keys_by_tag[tag]

    def __len__(self) -> int:
        return len(self._entries)


pages = TaggedCache(max_bytes=32 * 1024 * 1024)
values = TaggedCache(max_bytes=48 * 1024 * 1024)
principals = TaggedCache(max_bytes=12 * 1024 * 1024)
"""Whom bearer tokens belong to: see `kernel.http.principals`."""
_ALL: Final = (pages, values, principals)


async def cached(
    key: str, tags: Iterable[str], load: Callable[[], Awaitable[T]], *, size: Callable[[T], int] = lambda _: 1024
) -> T:
    """A value that many pages need and few changes touch, such as the category menu. Never anything personal.

    `size` tells about how many bytes a value takes that is more than a handful of texts."""
    found = values.find(key)
    if found is not None:
        return found  # type: ignore[no-any-return]  # what was put under this key
    moment = values.moment()
    value = await load()
    values.put(key, value, size(value), tags, moment)
    return value


async def _generation(uow: UnitOfWork) -> int:
    return int((await sql(uow).execute(text("select value from kernel.cache_generation where id = 1"))).scalar_one())


class CacheSync:
    """Keeps this process's caches in step with the others; `run()` until cancelled."""

    def __init__(self) -> None:
        self._seen: int | None = None
        self._behind_since: int | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._poll())

    async def _listen(self) -> None:
        while True:
            try:
                async with pubsub_client().pubsub() as subscription:
                    await subscription.subscribe(channel(CHANNEL))
                    self._start_over(await read(_generation))
                    _trust(trusted=True)
                    while True:
                        message = await subscription.get_message(ignore_subscribe_messages=True, timeout=None)
                        if message is not None:
                            self._apply(msgspec.json.decode(message["data"], type=Invalidation))
            except (RedisError, OSError, RuntimeError) as error:
                log.info("cache_bypassed", reason=repr(error)[:120])
            except Exception:
                log.exception("cache_bypassed")
            _trust(trusted=False)
            await asyncio.sleep(RESUBSCRIBE_SECONDS)

    async def _poll(self) -> None:
        """A generation we have not been told of for a whole interval is one whose message got lost."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                async with asyncio.timeout(POLL_PATIENCE_SECONDS):
                    current = await read(_generation)
            except Exception as error:
                if principals.trusted:
                    log.info("principals_bypassed", reason=repr(error)[:120])
                    principals.trusted = False
                    principals.clear()
                continue
            if self._seen is None:
                continue
            if current > self._seen:
                if self._behind_since == self._seen:
                    self._start_over(current)
                else:
                    self._behind_since = self._seen
            principals.trusted = values.trusted

    def _apply(self, message: Invalidation) -> None:
        for each in _ALL:
            each.drop(message.tags)
        if self._seen is not None and message.generation == self._seen + 1:
            self._seen = message.generation

    def _start_over(self, generation: int) -> None:
        for each in _ALL:
            each.clear()
        self._seen, self._behind_since = generation, None


def _trust(*, trusted: bool) -> None:
    values.trusted = principals.trusted = trusted
    pages.trusted = trusted and settings().page_cache == "on"
    if not trusted:
        for each in _ALL:
            each.clear()


async def _publish(message: Invalidation) -> None:
    with contextlib.suppress(RedisError, OSError):
        await client().publish(channel(CHANNEL), msgspec.json.encode(message))


_tasks: set[asyncio.Task[None]] = set()


def _tell_everyone(_rows: int, generation: int | None, tags: frozenset[str]) -> None:
    if generation is None:
        return
    for each in _ALL:
        each.drop(tags)
    task = asyncio.get_running_loop().create_task(_publish(Invalidation(generation, sorted(tags))))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


after_commit.append(_tell_everyone)
