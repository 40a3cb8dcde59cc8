"""The relay: turns due outbox rows into wake-ups for the workers, and ticks the scheduler.

It is woken through Valkey after each commit that wrote rows; being woken may fail, so it also sweeps once a second.
Any number of relays may run: rows and jobs are claimed with row locks.
"""

import asyncio
import contextlib
import signal
import time
from typing import Final

import structlog

from shop import wiring
from shop.kernel.db import after_commit, dispose_engines, write
from shop.kernel.jobs import Wakeups
from shop.kernel.logs import configure_logs
from shop.kernel.outbox import claim_due, unclaim
from shop.kernel.redis_client import RedisError, channel, client, close_clients, pubsub_client
from shop.kernel.schedule import claim_due_jobs

log = structlog.get_logger(__name__)

CHANNEL: Final = "outbox"
BATCH: Final = 200
SWEEP_SECONDS: Final = 1.0
MOST_WAITING: Final = 500
"""Wake-ups in the broker. Behind workers that are slow or away rows wait in PostgreSQL: woken for again and again they would
fill the broker, which then can't even hand out what it has."""
GATHER_SECONDS: Final = 0.02
"""After a poke, the time in which others may come: under load one claim then serves many commits."""


class Poke:
    """Tells the relay, after a commit, that rows are waiting; pokes close together are sent as one."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def __call__(self, rows: int, _generation: int | None, _tags: frozenset[str]) -> None:
        if not rows:
            return
        if self._task is not None and not self._task.done():
            self._again = True
            return
        self._task = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        while True:
            self._again = False
            with contextlib.suppress(RedisError, OSError):
                await client().publish(channel(CHANNEL), b"")
            if not self._again:
                return


def poke_after_commits() -> None:
    """Every process that writes calls this once at start."""
    after_commit.append(Poke())


class Relay:
    def __init__(self) -> None:
        self._wakeups = Wakeups()
        self._poked = asyncio.Event()
        self._next_tick = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        listener = asyncio.create_task(self._listen())
        log.info("relay_started")
        try:
            while not stop.is_set():
                await self._sweep_calmly()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._poked.wait(), SWEEP_SECONDS)
                    await asyncio.sleep(GATHER_SECONDS)
                self._poked.clear()
        finally:
            listener.cancel()

    async def _listen(self) -> None:
        while True:
            try:
                async with pubsub_client().pubsub() as pokes:
                    await pokes.subscribe(channel(CHANNEL))
                    while True:
                        await pokes.get_message(ignore_subscribe_messages=True, timeout=None)
                        self._poked.set()
            except Exception as error:
                log.info("relay_unpoked", reason=repr(error)[:120])
            await asyncio.sleep(0.5)

    async def _sweep_calmly(self) -> None:
        """The database or the broker may be away for a while; the next sweep finds what this one left."""
        try:
            if time.monotonic() >= self._next_tick and self._wakeups.waiting() < 2 * MOST_WAITING:
                self._next_tick = time.monotonic() + SWEEP_SECONDS
                for name in await write(claim_due_jobs):
                    self._wakeups.wake_for_job(name)
            while await self.wake_due_rows() == BATCH:
                pass
        except Exception as error:
            log.warning("sweep_failed", reason=repr(error)[:200])

    async def wake_due_rows(self) -> int:
        """One batch: claim, then send a wake-up each. Rows whose wake-up could not be sent are given back; none is claimed
        while MOST_WAITING wait already."""
        room = min(BATCH, MOST_WAITING - self._wakeups.waiting())
        if room <= 0:
            return 0
        ids = await write(claim_due, room)
        sent = 0
        try:
            for row_id in ids:
                self._wakeups.wake_for_row(row_id)
                sent += 1
        finally:
            if sent < len(ids):
                await write(unclaim, ids[sent:])
        return len(ids)


async def _main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    poke_after_commits()
    await Relay().run(stop)
    await close_clients()
    await dispose_engines()


def main() -> None:
    """`shop relay`: until SIGTERM or SIGINT."""
    configure_logs("relay")
    wiring.boot()
    asyncio.run(_main())
