"""`python -m tests.fakes.paypal_api --port P --log FILE` serves PayPal on loopback until it is ended."""

import argparse
import asyncio
from pathlib import Path

from aiohttp import web

from tests.fakes.paypal_api.books import Books
from tests.fakes.paypal_api.server import Server


async def serve(port: int, file: Path) -> None:
    runner = web.AppRunner(Server(Books(file), f"http://127.0.0.1:{port}").app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.paypal_api")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True, help="SQLite file that everything is kept in")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.log))
