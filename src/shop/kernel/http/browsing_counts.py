"""Roughly exact counts of what must stay cheap, such as a page from memory: counted in process, settled in batches.

Every quarter of a second a process adds what it counted to Valkey and learns what all processes counted together. In
between it knows its own share alone, so an address may get through some requests more than its limit, for that long.
Windows are fixed, by the clock of the machine. Without Valkey each process goes by its own share.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from shop.kernel.redis_client import RedisError, client

log = structlog.get_logger(__name__)

SETTLE_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 2.0
MOST_AT_ONCE: Final = 1000
MOST_KEPT: Final = 50_000
"""Keys of one window; past it the settled ones are forgotten here, and come back from Valkey when they are seen again."""

SCRIPT: Final = """
local totals = {}
for i, key in ipairs(KEYS) do
  totals[i] = redis.call('INCRBY', key, ARGV[i + 1])
  redis.call('EXPIRE', key, ARGV[1])
end
return totals
"""


class Tally:
    """What one key has used up of a window: `here` not yet settled, `settled` by all processes together."""

    __slots__ = ("here", "settled")

    def __init__(self) -> None:
        self.here = 0
        self.settled = 0


class BrowsingCounts:
    """The counts of one class of requests in this process: at most `at_most` per key and `per_seconds`."""

    def __init__(self, name: str, at_most: int, per_seconds: int) -> None:
        self.name, self.at_most, self.per_seconds = name, at_most, per_seconds
        self._tallies: dict[str, Tally] = {}
        self._touched: dict[str, Tally] = {}
        self._window = 0
        self._ends = 0.0

    def count(self, key: str) -> int:
        """Counts one by `key`. What is left of its window after it; below zero: one too many, which isn't counted."""
        if time.time() >= self._ends:
            self._begin_window()
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._new_tally(key)
        left = self.at_most - tally.settled - tally.here - 1
        if left >= 0:
            if not tally.here:
                self._touched[key] = tally
            tally.here += 1
        return left

    def left(self, key: str) -> int:
        tally = self._tallies.get(key)
        return max(0, self.at_most - tally.settled - tally.here) if tally is not None else self.at_most

    @property
    def seconds_left(self) -> int:
        """Until the window ends, rounded up."""
        return max(1, int(self._ends - time.time()) + 1)

    def take_unsettled(self, most: int) -> tuple[int, dict[str, tuple[Tally, int]]]:
        """The window and up to `most` keys with what each counted since they were settled; taken off `here`."""
        taken: dict[str, tuple[Tally, int]] = {}
        while self._touched and len(taken) < most:
            key, tally = self._touched.popitem()
            # What is under way counts as settled, lest it be overlooked for as long as Valkey takes.
            taken[key] = (tally, tally.here)
            tally.settled += tally.here
            tally.here = 0
        return self._window, taken

    def settled(self, window: int, taken: dict[str, tuple[Tally, int]], totals: list[int]) -> None:
        if window == self._window:
            for (tally, _), total in zip(taken.values(), totals, strict=True):
                tally.settled = total

    def _begin_window(self) -> None:
        self._window = int(time.time() // self.per_seconds)
        self._ends = (self._window + 1) * self.per_seconds
        self._tallies, self._touched = {}, {}

    def _new_tally(self, key: str) -> Tally:
        if len(self._tallies) >= MOST_KEPT:
            self._tallies = dict(self._touched)
        tally = self._tallies[key] = Tally()
        return tally


class Settling:
    """Brings the counts of this process together with those of the others, until cancelled."""

    def __init__(self, counts: Iterable[BrowsingCounts], name_of: Callable[[str, str], str]) -> None:
        """`name_of(class, key)` is what Valkey calls a count, without its window."""
        self._counts, self._name_of = tuple(counts), name_of
        self._away = False

    async def run(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            try:
                await self.settle()
            except Exception:
                log.exception("rate_limits_not_settled")

    async def settle(self) -> None:
        for counts in self._counts:
            while True:
                window, taken = counts.take_unsettled(MOST_AT_ONCE)
                if not taken or not await self._settle(counts, window, taken):
                    break

    async def _settle(self, counts: BrowsingCounts, window: int, taken: dict[str, tuple[Tally, int]]) -> bool:
        keys = [f"{self._name_of(counts.name, key)}:{window}" for key in taken]
        amounts = [amount for _, amount in taken.values()]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                totals = await client().eval(SCRIPT, len(keys), *keys, 2 * counts.per_seconds, *amounts)
        except (RedisError, OSError, TimeoutError) as error:
            if not self._away:
                log.warning("rate_limits_not_shared", reason=repr(error)[:120])
            self._away = True
            return False
        self._away = False
        counts.settled(window, taken, totals)
        return True
