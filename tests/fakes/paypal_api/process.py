"""The fake PayPal as tests meet it: started once, ordered about, killed and started again."""

import asyncio
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from shop.kernel.config import settings
from tests.fakes.paypal_api.server import CLIENT_ID, CLIENT_SECRET
from tests.waiting import until

ROOT: Final = Path(__file__).parents[3]
WEBHOOK_ID: Final = "1JE4291016473214C"


@pytest.fixture(scope="session")
async def paypal_process() -> AsyncIterator["PayPalFake"]:
    fake = PayPalFake()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def paypal(paypal_process: "PayPalFake", monkeypatch: pytest.MonkeyPatch) -> AsyncIterator["PayPalFake"]:
    """Up, well behaved, knowing nothing, and what this shop's settings name."""
    await paypal_process.reset()
    for name, value in paypal_process.settings.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield paypal_process
    monkeypatch.undo()
    settings.cache_clear()


class PayPalFake:
    """`base` is what SHOP_PAYPAL_API_BASE names; it stays the same over `restart`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="paypal-", ignore_cleanup_errors=True)
        self.port = _free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.AsyncClient(base_url=self.base, timeout=30)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "SHOP_PAYPAL_CLIENT_ID": CLIENT_ID,
            "SHOP_PAYPAL_CLIENT_SECRET": CLIENT_SECRET,
            "SHOP_PAYPAL_WEBHOOK_ID": WEBHOOK_ID,
            "SHOP_PAYPAL_API_BASE": self.base,
        }

    async def start(self) -> None:
        file = Path(self._folder.name) / "paypal.sqlite"
        command = [sys.executable, "-m", "tests.fakes.paypal_api", "--port", str(self.port), "--log", str(file)]
        self._process = subprocess.Popen(command, cwd=ROOT)
        for _ in range(400):
            try:
                await self._http.get("/_deliveries")
                return
            except httpx.TransportError:
                assert self._process.poll() is None, "the fake PayPal did not start"
                await asyncio.sleep(0.05)
        raise AssertionError("the fake PayPal did not answer within 20 s")

    async def stop(self) -> None:
        self._end(signal.SIGTERM)
        await self._http.aclose()
        self._folder.cleanup()

    def kill(self) -> None:
        """As `kill -9` does; what it knew is still on disk."""
        self._end(signal.SIGKILL)

    async def restart(self) -> None:
        self.kill()
        await self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(10)
            self._process = None

    async def reset(self) -> None:
        await self._post("/_control/reset", {})
        (await self._http.delete("/_webhook")).raise_for_status()

    async def control(self, **orders: Any) -> None:
        """`desk.Control` names them."""
        await self._post("/_control", orders)

    async def plan(self, *faults: str, path: str = "", method: str = "") -> None:
        """Each befalls the next call that fits, in this order."""
        await self.control(planned=[{"fault": fault, "path": path, "method": method} for fault in faults])

    async def register_webhook(self, url: str, webhook_id: str = WEBHOOK_ID) -> None:
        """From now on events go there."""
        (await self._http.put("/_webhook", json={"id": webhook_id, "url": url})).raise_for_status()

    async def do(self, deed: str, **told: Any) -> Any:
        """What PayPal or the payer does: `doors.TestDoors` names the deeds."""
        return (await self._post(f"/_control/{deed}", told))["done"]

    async def approve(self, order_id: str) -> None:
        """The payer's yes, without a browser."""
        await self.do("approve", order_id=order_id)

    async def state(self, custom_id: object = None) -> dict[str, Any]:
        """Of one custom id: orders, authorizations, captures, refunds; else `by_custom_id` and `payment_tokens`."""
        found: dict[str, Any] = (await self._http.get("/_state")).json()
        if custom_id is None:
            return found
        nothing: dict[str, Any] = {"orders": [], "authorizations": [], "captures": [], "refunds": []}
        return found["by_custom_id"].get(str(custom_id), nothing)

    async def taken(self, custom_id: object) -> Decimal:
        """By captures that stand, before refunds."""
        captures = (await self.state(custom_id))["captures"]
        return sum(
            (Decimal(each["value"]) for each in captures if each["status"] not in {"DECLINED", "PENDING"}), Decimal(0)
        )

    async def given_back(self, custom_id: object) -> Decimal:
        refunds = (await self.state(custom_id))["refunds"]
        return sum(
            (Decimal(each["value"]) for each in refunds if each["status"] in {"COMPLETED", "PENDING"}), Decimal(0)
        )

    async def log(self, after: int = 0) -> list[dict[str, Any]]:
        """seq, at, method, path, request_id, status, fault of every call to the API."""
        return (await self._http.get("/_log", params={"after": after})).json()["calls"]

    async def deliveries(self) -> dict[str, int]:
        """Webhooks by what became of them: waiting, taken, refused, given_up."""
        return (await self._http.get("/_deliveries")).json()

    async def delivered(self) -> None:
        """Returns when nothing is left to deliver."""

        async def nothing_waits() -> bool:
            return "waiting" not in await self.deliveries()

        await until(nothing_waits)

    async def root_certificate(self) -> str:
        return (await self._http.get("/_root.pem")).text

    async def _post(self, path: str, told: dict[str, Any]) -> dict[str, Any]:
        answer = await self._http.post(path, json=told)
        assert answer.is_success, answer.text
        return answer.json()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
