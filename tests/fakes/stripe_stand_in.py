"""Stripe on this machine: localstripe as a process of its own, behind a small proxy that adds what it lacks of Stripe's
manners (idempotency keys, parameters it never heard of, what was received) and what the network lacks of them (answers that
get lost)."""

import asyncio
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import httpx
import msgspec
import pytest
from aiohttp import web

from shop.kernel.config import settings

API_KEY: Final = "sk_test_12345"
WEBHOOK_SECRET: Final = "whsec_of_the_stand_in"
UNHEARD_OF: Final = {"automatic_payment_methods", "return_url", "setup_future_usage"}
"""What localstripe refuses as unexpected; it offers cards alone, and never sends a buyer anywhere."""


@pytest.fixture(scope="session")
async def stripe_process() -> AsyncIterator["StripeStandIn"]:
    stand_in = StripeStandIn()
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
def stripe(stripe_process: "StripeStandIn", monkeypatch: pytest.MonkeyPatch) -> Iterator["StripeStandIn"]:
    """Up, well behaved, and what this shop's settings name."""
    stripe_process.behave()
    monkeypatch.setenv("SHOP_STRIPE_SECRET_KEY", API_KEY)
    monkeypatch.setenv("SHOP_STRIPE_PUBLISHABLE_KEY", "pk_test_12345")
    monkeypatch.setenv("SHOP_STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
    monkeypatch.setenv("SHOP_STRIPE_API_BASE", stripe_process.base)
    settings.cache_clear()
    yield stripe_process
    monkeypatch.undo()
    settings.cache_clear()


class Delivery(msgspec.Struct):
    """A webhook as localstripe sent it."""

    body: bytes
    signature: str


class StripeStandIn:
    """`base` is what SHOP_STRIPE_API_BASE names; `raw_base` is localstripe itself."""

    def __init__(self) -> None:
        self.loses_answers = False
        """Those to calls with an effect."""
        self.away = False
        self.requests: list[tuple[str, str]] = []
        self.deliveries: asyncio.Queue[Delivery] = asyncio.Queue()
        self._answers: dict[str, tuple[bytes, int, bytes]] = {}

    async def start(self) -> None:
        port = _free_port()
        self.raw_base = f"http://127.0.0.1:{port}"
        self._folder = tempfile.TemporaryDirectory(prefix="localstripe-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [Path(sys.executable).parent / "localstripe", "--from-scratch", "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
        )
        self._http = httpx.AsyncClient(base_url=self.raw_base, timeout=10)
        await self._wait_until_up()
        app = web.Application()
        app.router.add_post("/deliver", self._receive)
        app.router.add_route("*", "/{path:.*}", self._forward)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        proxy_port = _free_port()
        await web.TCPSite(self._runner, "127.0.0.1", proxy_port).start()
        self.base = f"http://127.0.0.1:{proxy_port}"

    async def stop(self) -> None:
        await self._runner.cleanup()
        await self._http.aclose()
        self._process.terminate()
        self._process.wait(10)
        self._folder.cleanup()

    def behave(self) -> None:
        self.loses_answers = self.away = False
        self.requests.clear()

    async def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """What a test asks of localstripe directly, as buyer or as Stripe's dashboard."""
        answer = await self._http.request(method, path, auth=(API_KEY, ""), **options)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    async def intents_of(self, payment_id: Any) -> list[dict[str, Any]]:
        listed = await self.call("GET", "/v1/payment_intents?limit=10000")
        return [each for each in listed["data"] if each["metadata"].get("payment_id") == str(payment_id)]

    async def received(self, provider_ref: str) -> int:
        """In all, whatever was given back of it since."""
        answer = await self._http.get(f"/v1/payment_intents/{provider_ref}", auth=(API_KEY, ""))
        return msgspec.json.decode(_completed(answer.content)).get("amount_received", 0)

    async def refunded(self, provider_ref: str) -> int:
        """Without what a partial capture released."""
        listed = await self.call("GET", f"/v1/refunds?limit=100&payment_intent={provider_ref}")
        return sum(each["amount"] for each in listed["data"] if each["payment_intent"] is not None)

    async def register_webhook(self) -> None:
        """From now on events come to `deliveries`, a second after they happened."""
        target = {"url": f"{self.base}/deliver", "secret": WEBHOOK_SECRET}
        await self.call("POST", "/_config/webhooks/shop", json=target)

    async def _forward(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path))
        if self.away:
            return web.json_response({"error": {"type": "api_error", "message": "away"}}, status=503)
        key, body = request.headers.get("Idempotency-Key"), await request.read()
        if key not in self._answers or request.method != "POST":
            answer = await self._http.request(
                request.method,
                str(request.rel_url),
                content=_spoken(body),
                headers={
                    name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers
                },
            )
            told = (body, answer.status_code, _completed(answer.content))
            if key and request.method == "POST":
                self._answers[key] = told
        else:
            told = self._answers[key]
            if told[0] != body:
                error = {"type": "idempotency_error", "message": "Keys can only be used with the same parameters"}
                return web.json_response({"error": error}, status=400)
        if self.loses_answers and request.method == "POST" and request.transport is not None:
            request.transport.close()
        return web.Response(status=told[1], body=told[2], content_type="application/json")

    async def _receive(self, request: web.Request) -> web.Response:
        self.deliveries.put_nowait(Delivery(await request.read(), request.headers["Stripe-Signature"]))
        return web.Response()

    async def _wait_until_up(self) -> None:
        for _ in range(200):
            try:
                await self._http.get("/js.stripe.com/v3/")
                return
            except httpx.TransportError:
                assert self._process.poll() is None, "localstripe did not start"
                await asyncio.sleep(0.1)
        raise AssertionError("localstripe did not answer within 20 s")


def _spoken(body: bytes) -> bytes:
    """In parameters that localstripe knows."""
    asked = parse_qsl(body.decode(), keep_blank_values=True)
    return urlencode([(name, value) for name, value in asked if name.partition("[")[0] not in UNHEARD_OF]).encode()


def _completed(answer: bytes) -> bytes:
    """PaymentIntents say what was received: their amount, less what a partial capture released."""
    told = msgspec.json.decode(answer) if answer else {}
    for each in told.get("data", [told]):
        charge = each.get("latest_charge") if each.get("object") == "payment_intent" else None
        if charge and each["status"] == "succeeded":
            released = sum(refund["amount"] for refund in charge["refunds"]["data"] if refund["payment_intent"] is None)
            each["amount_received"] = each["amount"] - released
    return msgspec.json.encode(told)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
