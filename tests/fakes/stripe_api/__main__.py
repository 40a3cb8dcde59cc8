"""`python -m tests.fakes.stripe_api --port 12111 --log gateway.sqlite` runs the gateway until it is ended or killed."""

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.fakes.stripe_api import later, pages
from tests.fakes.stripe_api.control import Control
from tests.fakes.stripe_api.deliveries import Deliveries
from tests.fakes.stripe_api.server import Api
from tests.fakes.stripe_api.store import Store

PUBLISHABLE_KEY = "pk_test_12345"
SECRET_KEY = "sk_test_12345"
HOST = "127.0.0.1"


class Gateway:
    """The listening side, which can go away and come back while the books stay open."""

    def __init__(self, app: web.Application, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        app.router.add_post("/_away", self._go_away)

    async def open(self) -> None:
        await self._runner.setup()
        await self._listen()

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, HOST, self._port, reuse_address=True)
        await self._site.start()

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _go_away(self, request: web.Request) -> web.Response:
        """Refuse connections for so many seconds, and drop those that are open."""
        seconds = float((await request.json())["seconds"])
        task = asyncio.create_task(self._be_away(seconds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return web.json_response({})

    async def _be_away(self, seconds: float) -> None:
        await asyncio.sleep(0.02)  # the answer to this wish still goes out
        await self._site.stop()
        server = self._runner.server
        for connection in list(server.connections) if server is not None else []:
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(seconds)
        await self._listen()


async def run(port: int, log: Path, secret_key: str, publishable_key: str) -> None:
    store = Store(log)
    store.set("base", f"http://{HOST}:{port}")
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with aiohttp.ClientSession() as http:
        deliveries = Deliveries(store, http)
        app = web.Application()
        Control(store).add_to(app)
        pages.add_to(app, store)
        Api(store, deliveries, secret_key, publishable_key).add_to(app)
        gateway = Gateway(app, port)
        await gateway.open()
        tasks = [asyncio.create_task(deliveries.keep_sending()), asyncio.create_task(later.keep_doing(store))]
        waiting = asyncio.create_task(ended.wait())
        # One of ours that breaks ends the process, so that no test runs against half a gateway.
        done, _ = await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
        for task in (*tasks, waiting):
            task.cancel()
        await gateway.close()
    with contextlib.suppress(asyncio.CancelledError):
        for task in done:
            task.result()
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--secret-key", default=SECRET_KEY)
    parser.add_argument("--publishable-key", default=PUBLISHABLE_KEY)
    asked = parser.parse_args()
    asyncio.run(run(asked.port, asked.log, asked.secret_key, asked.publishable_key))


main()
