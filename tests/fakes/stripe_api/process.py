"""The gateway as a process that tests start, kill and start again with the same books, and the fixtures for it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from shop.kernel.config import settings
from tests.fakes.stripe_api import summary
from tests.fakes.stripe_api.store import Store

ROOT: Final = Path(__file__).parents[3]
SECRET_KEY: Final = "sk_test_12345"
PUBLISHABLE_KEY: Final = "pk_test_12345"
WEBHOOK_SECRET: Final = "whsec_of_the_fake"


@pytest.fixture(scope="session")
async def stripe_fake_process() -> AsyncIterator["StripeFake"]:
    with tempfile.TemporaryDirectory(prefix="stripe-fake-", ignore_cleanup_errors=True) as folder:
        fake = StripeFake(Path(folder) / "gateway.sqlite")
        await fake.start()
        yield fake
        await fake.stop()


@pytest.fixture
async def stripe_fake(
    stripe_fake_process: "StripeFake", monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator["StripeFake"]:
    """Up, empty, well behaved, and what this shop's settings name."""
    if not stripe_fake_process.up:
        await stripe_fake_process.start()
    await stripe_fake_process.control("reset")
    for name, value in stripe_fake_process.environment.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield stripe_fake_process
    monkeypatch.undo()
    settings.cache_clear()


class StripeFake:
    """`base` is what SHOP_STRIPE_API_BASE names. The books stay in `path` whatever becomes of the process."""

    def __init__(self, path: Path, port: int | None = None) -> None:
        self.path, self.port = path, port or _free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a shop is told, in a process of its own or in this one."""
        return {
            "SHOP_STRIPE_SECRET_KEY": SECRET_KEY,
            "SHOP_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
            "SHOP_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "SHOP_STRIPE_API_BASE": self.base,
        }

    @property
    def up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.stripe_api", "--port", str(self.port), "--log", str(self.path)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        self._http = httpx.AsyncClient(base_url=self.base, timeout=40)
        for _ in range(400):
            try:
                await self._http.get("/_state")
                return
            except httpx.TransportError:
                assert self.up, "the fake of Stripe did not start"
                await asyncio.sleep(0.05)
        raise AssertionError("the fake of Stripe did not answer within 20 s")

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """As when the machine dies: nothing is said or written any more."""
        await self._end(signal.SIGKILL)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self.up:
            self._process.send_signal(how)
            await asyncio.to_thread(self._process.wait, 10)
        await self._http.aclose()

    async def control(self, action: str, **asked: Any) -> dict[str, Any]:
        """An act of control.py; raises with its words when it is refused."""
        answer = await self._http.post("/_control", json={"action": action, **asked})
        assert answer.is_success, answer.text
        return answer.json()

    async def away(self, seconds: float) -> None:
        """Connections are refused for so long."""
        (await self._http.post("/_away", json={"seconds": seconds})).raise_for_status()
        await asyncio.sleep(0.05)

    async def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """What a test asks of the API directly."""
        answer = await self._http.request(method, path, auth=(SECRET_KEY, ""), **options)
        answer.raise_for_status()
        return answer.json()

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """As anybody, without the secret key; whatever the answer."""
        return await self._http.request(method, path, **options)

    async def register_webhook(self, url: str, secret: str = WEBHOOK_SECRET, events: list[str] | None = None) -> None:
        """From now on `url` hears of what happens, signed with `secret`."""
        await self.control("register_webhook", url=url, secret=secret, events=events)

    async def delivered(self, seconds: float = 20) -> None:
        """Returns when nothing is left to deliver or to be done later."""
        for _ in range(int(seconds / 0.05)):
            if not self._rows("select 1 from later") and not self._rows(
                "select 1 from delivery where done_at is null and not dropped"
            ):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("webhooks are still under way")

    def _rows(self, statement: str) -> list[Any]:
        return self._read(lambda store: store.rows(statement))

    def _read(self, question: Any) -> Any:
        """From the file, so that it can be asked when the process is dead too."""
        store = Store(self.path)
        try:
            return question(store)
        finally:
            store.close()

    def log(self) -> list[dict[str, Any]]:
        return self._read(summary.log)

    def state(self) -> dict[str, Any]:
        return self._read(summary.state)

    def deliveries(self) -> list[dict[str, Any]]:
        return self._read(summary.deliveries)

    def at_the_bank(self) -> list[str]:
        """Ids of intents whose buyers are asked to confirm at this moment."""
        rows = self._rows(
            "select id from object where kind = 'payment_intent' and json_extract(body, '$.status') = 'requires_action'"
        )
        return [row["id"] for row in rows]

    def intents_of(self, payment_id: Any) -> list[dict[str, Any]]:
        found = self.state()["payments"].get(str(payment_id))
        return found["intents"] if found else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
