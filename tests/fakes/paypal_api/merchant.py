"""Who meets the fake PayPal in tests of the fake itself: a client as a shop would be, and an ear for webhooks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
from aiohttp import web

from shop.kernel.ids import new_id
from tests.fakes.paypal_api.process import PayPalFake
from tests.fakes.paypal_api.server import CLIENT_ID, CLIENT_SECRET

WHOLE: Final = {"Prefer": "return=representation"}


class Merchant:
    """A client of PayPal's, as a shop would be."""

    def __init__(self, fake: PayPalFake) -> None:
        self.fake = fake
        self.http = httpx.AsyncClient(base_url=fake.base, timeout=10)

    async def sign_in(self) -> None:
        answer = await self.http.post(
            "/v1/oauth2/token", auth=(CLIENT_ID, CLIENT_SECRET), data={"grant_type": "client_credentials"}
        )
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> httpx.Response:
        sent = {"PayPal-Request-Id": key or str(new_id()), **headers}
        return await self.http.post(path, json=body or {}, headers=sent)

    async def order(self, value: str = "19.99", currency: str = "EUR", **fields: Any) -> dict[str, Any]:
        answer = await self.post("/v2/checkout/orders", wanted(value, currency, **fields))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def captured(self, value: str = "19.99", currency: str = "EUR", **fields: Any) -> str:
        """The id of a capture."""
        order = await self.order(value, currency, **fields)
        await self.fake.approve(order["id"])
        answer = await self.post(f"/v2/checkout/orders/{order['id']}/capture")
        return answer.json()["purchase_units"][0]["payments"]["captures"][0]["id"]

    async def authorized(self, value: str = "19.99") -> str:
        """The id of an authorization."""
        order = await self.order(value, intent="AUTHORIZE")
        await self.fake.approve(order["id"])
        answer = await self.post(f"/v2/checkout/orders/{order['id']}/authorize")
        return answer.json()["purchase_units"][0]["payments"]["authorizations"][0]["id"]

    async def refund(self, capture_id: str, value: str | None = None, key: str | None = None) -> httpx.Response:
        body = None if value is None else {"amount": {"currency_code": "EUR", "value": value}}
        return await self.post(f"/v2/payments/captures/{capture_id}/refund", body, key, **WHOLE)


def wanted(value: str = "19.99", currency: str = "EUR", **fields: Any) -> dict[str, Any]:
    unit = {"amount": {"currency_code": currency, "value": value}, "custom_id": fields.pop("custom_id", str(new_id()))}
    unit |= {name: fields.pop(name) for name in ("invoice_id",) if name in fields}
    context = {"return_url": "http://testserver/return", "cancel_url": "http://testserver/cancel"}
    source = {"paypal": {"experience_context": context}}
    return {"intent": "CAPTURE", "purchase_units": [unit], "payment_source": source, **fields}


def issue(answer: httpx.Response) -> str:
    return answer.json()["details"][0]["issue"]


@pytest.fixture
async def merchant(paypal: PayPalFake) -> AsyncIterator[Merchant]:
    client = Merchant(paypal)
    await client.sign_in()
    yield client
    await client.http.aclose()


class Listener:
    """A shop that hears webhooks: bodies, headers, and what it says to each."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, dict[str, str]]] = []
        self.says = 200

    async def start(self, fake: PayPalFake) -> None:
        app = web.Application()
        app.router.add_post("/hear", self.hear)
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        await fake.register_webhook(f"http://127.0.0.1:{port}/hear")

    async def hear(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.heard.append((await request.read(), headers))
        return web.Response(status=self.says)

    async def until(self, count: int) -> list[dict[str, Any]]:
        for _ in range(300):
            if len(self.heard) >= count:
                return [httpx.Response(200, content=body).json() for body, _ in self.heard]
            await asyncio.sleep(0.02)
        raise AssertionError(f"{len(self.heard)} webhooks came, not {count}")

    def kinds(self) -> list[str]:
        return [httpx.Response(200, content=body).json()["event_type"] for body, _ in self.heard]


@pytest.fixture
async def listener(paypal: PayPalFake) -> AsyncIterator[Listener]:
    heard = Listener()
    await heard.start(paypal)
    yield heard
    await heard.runner.cleanup()
