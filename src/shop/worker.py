"""The worker: runs event handlers and scheduled jobs when the relay wakes it."""

import asyncio

import uvloop

from shop import wiring
from shop.kernel.jobs import run_worker
from shop.kernel.logs import configure_logs
from shop.relay import poke_after_commits


async def _started() -> None:
    poke_after_commits()


def main() -> None:
    """`shop worker`: until SIGTERM or SIGINT, then what is in hand is finished."""
    configure_logs("worker")
    wiring.boot()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    run_worker(_started)
