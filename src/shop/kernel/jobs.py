"""Dramatiq: wake-ups from the relay to the workers. The only file that knows it.

A message says "look at outbox row X" or "run job Y", nothing more; what is to be done, how often it was tried and when
it falls due again stands in PostgreSQL. Hence no Retries middleware (a message that fails is replaced by the sweeper)
and no TimeLimit (it raises in the middle of any line; handlers get `asyncio.timeout`).
"""

import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

import dramatiq
import structlog
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, ShutdownNotifications
from dramatiq.worker import Worker

from shop.kernel import outbox, schedule
from shop.kernel.config import settings
from shop.kernel.redis_client import blocking_client

log = structlog.get_logger(__name__)

NAMESPACE: Final = "shop:jobs"
QUEUE: Final = "shop"


class Wakeups:
    """The broker and the two messages it carries."""

    def __init__(self) -> None:
        self.broker = RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq types its public face only
            client=blocking_client(), namespace=NAMESPACE, middleware=[AsyncIO(), ShutdownNotifications()]
        )
        self._deliver = self._actor("deliver", _deliver)
        self._run_job = self._actor("run_job", _run_job)

    def _actor(self, name: str, work: Callable[[str], Awaitable[None]]) -> "dramatiq.Actor[[str], None]":
        return dramatiq.actor(actor_name=name, broker=self.broker, queue_name=QUEUE)(_guarded(work))

    def waiting(self) -> int:
        """Messages that no worker has fetched; those that a dead one had are not counted. Raises as `wake_for_row` does."""
        return int(self.broker.client.llen(f"{NAMESPACE}:{QUEUE}"))

    def wake_for_row(self, row_id: UUID) -> None:
        """Raises dramatiq's ConnectionError subclasses or RedisError when the broker is away."""
        self._deliver.send(str(row_id))

    def wake_for_job(self, name: str) -> None:
        self._run_job.send(name)


def _guarded(work: Callable[[str], Awaitable[None]]) -> Callable[[str], Awaitable[None]]:
    """Whatever goes wrong is logged and left to the sweeper: a failed message would only fill Dramatiq's dead letters."""

    async def run(argument: str) -> None:
        structlog.contextvars.clear_contextvars()
        try:
            await work(argument)
        except Exception:
            log.exception("wake_up_failed", work=work.__name__, argument=argument)

    return run


async def _deliver(row_id: str) -> None:
    await outbox.deliver(UUID(row_id))


async def _run_job(name: str) -> None:
    await schedule.run_job(name)


def run_worker(started: Callable[[], Awaitable[None]]) -> None:
    """Work until SIGTERM or SIGINT, then finish what is in hand. `started` runs once on the workers' event loop."""
    wakeups = Wakeups()
    worker = Worker(wakeups.broker, worker_threads=settings().worker_threads, worker_timeout=200)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.start()
    loop = get_event_loop_thread()
    if loop is None:
        raise RuntimeError("the AsyncIO middleware starts the loop")
    loop.run_coroutine(started())
    log.info("worker_started", threads=settings().worker_threads)
    stop.wait()
    worker.stop(timeout=15_000)
    wakeups.broker.close()
