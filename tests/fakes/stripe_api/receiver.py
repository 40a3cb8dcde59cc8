"""An endpoint for webhooks that keeps what it is sent, for tests of the gateway that need no shop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
import stripe
from aiohttp import web

from tests.fakes.stripe_api.process import WEBHOOK_SECRET


class Delivery(msgspec.Struct):
    body: bytes
    signature: str

    def event(self, secret: str = WEBHOOK_SECRET) -> dict[str, Any]:
        """Raises stripe.SignatureVerificationError for a forged one."""
        return stripe.Webhook.construct_event(self.body, self.signature, secret).to_dict()


class Receiver:
    """`answers` are the statuses given next, 200 after those; `on_delivery` runs before the answer."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answers: list[int] = []
        self.on_delivery: Callable[[Delivery], Awaitable[None]] | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/webhooks/stripe", self._receive)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/webhooks/stripe"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        delivery = Delivery(await request.read(), request.headers["Stripe-Signature"])
        self.deliveries.append(delivery)
        if self.on_delivery is not None:
            await self.on_delivery(delivery)
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    def types(self) -> list[str]:
        return [delivery.event()["type"] for delivery in self.deliveries]

    async def heard(self, *types: str, seconds: float = 10) -> None:
        """Returns when each of these has come."""
        for _ in range(int(seconds / 0.02)):
            if set(types) <= set(self.types()):
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"only {self.types()} came")


@pytest.fixture
async def shop_endpoint() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()
