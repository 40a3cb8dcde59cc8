"""The way from a provider's fake, a process of its own, to the shop that a test has in its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
from aiohttp import web

SIGNED = ("stripe-", "paypal-", "content-type")


class Post:
    """`answers` is what the shop said to each. `when_taken` runs when it has said so, before the provider hears of it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.answers: list[int] = []
        self.when_taken: Callable[[], Awaitable[object]] | None = None
        self._client = client

    async def hand_on(self, request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower().startswith(SIGNED)}
        told = await self._client.post(request.path, content=await request.read(), headers=headers)
        self.answers.append(told.status_code)
        if self.when_taken is not None:
            await self.when_taken()
        return web.Response(status=told.status_code)


@asynccontextmanager
async def open_post(client: httpx.AsyncClient) -> AsyncIterator[tuple[Post, str]]:
    """With the address at which it takes `/webhooks/<provider>`."""
    post, app = Post(client), web.Application()
    app.router.add_post("/webhooks/{provider}", post.hand_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield post, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
