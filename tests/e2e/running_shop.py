"""A whole shop in processes of its own, as `make run` starts one, and what its staff see of it over the JSON API."""

import contextlib
import fcntl
import json
import math
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil

ROOT = Path(__file__).parents[2]
ADMIN = "admin@example.com"
PASSWORD = "adminadmin123"
READY_SECONDS = 180
STOP_SECONDS = 60
MAIL_SECONDS = 15
_started: list["subprocess.Popen[bytes]"] = []
ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "Seestraße 12",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}


class SignedIn(httpx.Auth):
    """Signs in to the API, and anew before the access token is over or the sign-in no longer recent."""

    AGAIN_SECONDS = 300

    def __init__(self, url: str, email: str, password: str) -> None:
        self._url = url
        self._body = {"email": email, "password": password}
        self._token = ""
        self._since = -math.inf

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() - self._since > self.AGAIN_SECONDS:
            answer = httpx.post(f"{self._url}/api/v1/auth/signin", json=self._body, timeout=30)
            assert answer.is_success, answer.text
            self._token, self._since = answer.json()["access_token"], time.monotonic()
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


@dataclass(frozen=True)
class Shop:
    """Where it listens, and what staff and guests ask of it over HTTP."""

    url: str
    staff: httpx.Client
    guest: httpx.Client
    settings: dict[str, str]

    def message(self, to: str, template: str) -> dict[str, Any]:
        """The newest message of that template, once it is written."""
        deadline = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < deadline:
            items = self._asked(self.staff.get("/api/v1/admin/messages", params={"to": to}))["items"]
            if found := next((m for m in items if m["template"] == template and m["status"] == "captured"), None):
                return self._asked(self.staff.get(f"/api/v1/admin/messages/{found['id']}"))
            time.sleep(0.1)
        raise AssertionError(f"no {template} for {to} within {MAIL_SECONDS} s, only {items}")

    def link_in(self, message: dict[str, Any]) -> str:
        """The path of the first link of a mail's text."""
        found = re.search(rf"{re.escape(self.url)}(/\S+)", message["text"])
        assert found, message["text"]
        return found[1]

    def orders_of(self, email: str) -> list[dict[str, Any]]:
        return self._asked(self.staff.get("/api/v1/admin/orders", params={"q": email}))["items"]

    def product(self, slug: str) -> dict[str, Any]:
        return self._asked(self.guest.get(f"/api/v1/products/{slug}"))

    def count_stock(self, variant_id: str, on_hand: int) -> None:
        self._asked(self.staff.put(f"/api/v1/admin/stock/{variant_id}", json={"on_hand": on_hand}))

    def place_order(
        self, email: str, card: str, slug: str = "vesper-candle", name: str = ADDRESS["name"], provider: str = "sandbox"
    ) -> dict[str, Any]:
        """A guest's order over the API, with its `access_token`. Only the sandbox takes cards."""
        variant = next(each for each in self.product(slug)["variants"] if each["available"])
        cart = self._asked(self.guest.post("/api/v1/carts"))
        line = {"variant_id": variant["id"], "quantity": 1}
        self._asked(self.guest.post(f"/api/v1/carts/{cart['id']}/lines", json=line))
        there = {"country": "DE", "postal_code": "10115"}
        offers = self._asked(self.guest.get(f"/api/v1/carts/{cart['id']}/shipping-methods", params=there))
        method = offers["items"][0]
        return self._asked(
            self.guest.post(
                f"/api/v1/carts/{cart['id']}/checkout",
                headers={"Idempotency-Key": f"e2e-{cart['id']}"},
                json={
                    "email": email,
                    "shipping_address": ADDRESS | {"name": name},
                    "shipping_method": method["code"],
                    "payment": {"provider": provider} | ({"token": card} if provider == "sandbox" else {}),
                    "expected_total": method["totals"]["total"],
                },
            )
        )

    def sign_up(self, email: str, password: str, name: str) -> None:
        """A customer whose address is confirmed."""
        person = {"email": email, "password": password, "name": name}
        assert self.guest.post("/api/v1/auth/signup", json=person).status_code == 202
        link = self.link_in(self.message(email, "verify_email"))
        proof = {"token": link.rsplit("/", 1)[1]}
        assert self.guest.post("/api/v1/auth/email/verify", json=proof).is_success

    def fill_wallet(self, email: str, password: str, amount: int, reason: str = "For a test") -> None:
        """By staff, in minor units."""
        me = self._asked(self.guest.get("/api/v1/me", headers=self.bearer(email, password)))
        self._asked(
            self.staff.post(
                f"/api/v1/admin/wallets/{me['id']}/transactions",
                json={"operation": "deposit", "amount": {"amount": amount, "currency": "EUR"}, "reason": reason},
                headers={"Idempotency-Key": str(uuid4())},
            )
        )

    def balance_of(self, email: str, password: str) -> int:
        found = self._asked(self.guest.get("/api/v1/wallet", headers=self.bearer(email, password)))
        return int(found["available"]["amount"])

    def begin_method(self, email: str, password: str) -> str:
        """Of a means of payment to be stored: the id of what is still to be done."""
        headers = self.bearer(email, password) | {"Idempotency-Key": str(uuid4())}
        begun = self.guest.post("/api/v1/me/payment-methods", json={"provider": "sandbox"}, headers=headers)
        return str(self._asked(begun)["id"])

    def keep_method(self, email: str, password: str) -> None:
        setup_id = self.begin_method(email, password)
        headers = self.bearer(email, password)
        self._asked(self.guest.post(f"/api/v1/me/payment-methods/{setup_id}/finish", headers=headers))

    def bearer(self, email: str, password: str) -> dict[str, str]:
        signed_in = self._asked(self.guest.post("/api/v1/auth/signin", json={"email": email, "password": password}))
        return {"Authorization": f"Bearer {signed_in['access_token']}"}

    def wait_for(self, path: str, words: str) -> None:
        """Until the page at `path` has these words: lists and the tree of categories follow an import by events."""
        deadline = time.monotonic() + READY_SECONDS
        while words not in self.guest.get(path).text:
            assert time.monotonic() < deadline, f"{path} does not show {words!r} within {READY_SECONDS} s"
            time.sleep(0.2)

    def command(self, *args: str, **settings: str) -> "subprocess.Popen[str]":
        """`shop ARGS` beside the running shop, on its data folder."""
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "shop.cli", *args],
            cwd=ROOT,
            env=_environment() | self.settings | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @staticmethod
    def _asked(answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
        return answer.json()


@contextlib.contextmanager
def open_shop(meeting_place: Path, **settings: str) -> Iterator[Shop]:
    """The shop of all test workers that meet in this folder: the first to come starts it, with these variables set, the
    last to go stops it."""
    meeting_place.mkdir(exist_ok=True)
    with _alone(meeting_place) as state:
        running = json.loads(state.read_text()) if state.exists() else _start(**settings) | {"users": 0}
        state.write_text(json.dumps(running | {"users": running["users"] + 1}))
    url = running["url"]
    try:
        with (
            httpx.Client(base_url=url, timeout=30) as guest,
            httpx.Client(base_url=url, timeout=30, auth=SignedIn(url, ADMIN, PASSWORD)) as staff,
        ):
            yield Shop(url, staff, guest, running["settings"])
    finally:
        with _alone(meeting_place) as state:
            running = json.loads(state.read_text())
            left = running["users"] - 1
            state.write_text(json.dumps(running | {"users": left}))
            if not left:
                state.unlink()
                _stop(running["pid"])
                shutil.rmtree(running["folder"], ignore_errors=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """No other test worker is in here meanwhile."""
    with (folder / "shop.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / "shop.json"


def _start(**settings: str) -> dict[str, Any]:
    """A shop on a free port with the demo goods, ready to serve."""
    folder = tempfile.mkdtemp(prefix="shop-e2e-")
    port = free_port()
    settings = _settings(folder, port) | settings
    url = f"http://localhost:{port}"
    log = Path(folder) / "shop.log"
    with log.open("wb") as written:
        command = [sys.executable, "-P", "-m", "shop.cli", "serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=_environment() | settings, stdout=written, stderr=written)
    _started.append(process)
    try:
        _wait_until_ready(process, url, log)
    except BaseException:
        _stop(process.pid)
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return {"url": url, "pid": process.pid, "folder": folder, "settings": settings}


def _stop(pid: int) -> None:
    """As Ctrl-C would. The process may be another test worker's child, which can't be waited for but looked at."""
    deadline = time.monotonic() + STOP_SECONDS
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.terminate()
        while process.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline, f"the shop did not stop within {STOP_SECONDS} s"
            time.sleep(0.05)
    for started in _started:
        if started.pid == pid:
            started.wait()


def _environment() -> dict[str, str]:
    """This process's, without the settings that other tests run on."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}


def _settings(folder: str, port: int) -> dict[str, str]:
    return {
        "SHOP_DATA_DIR": f"{folder}/data",
        "SHOP_PORT": str(port),
        "SHOP_DEMO": "1",
        "SHOP_RATE_LIMITS": "off",
        "SHOP_ADMIN_EMAIL": ADMIN,
        "SHOP_ADMIN_PASSWORD": PASSWORD,
        "SHOP_WEB_WORKERS": "1",
        "SHOP_WALLET_WITHDRAWALS": "on",
        # A second way to pay on the checkout; nobody chooses it, so that nothing ever calls.
        "SHOP_STRIPE_SECRET_KEY": "sk_test_nobody",
        "SHOP_STRIPE_PUBLISHABLE_KEY": "pk_test_nobody",
        "SHOP_STRIPE_WEBHOOK_SECRET": "whsec_nobody",
        "SHOP_STRIPE_API_BASE": "http://127.0.0.1:9",
        "SHOP_BANK_TRANSFER_TO": "Fernweh Goods, IBAN DE02 1203 0000 0000 2020 51",
        "SHOP_CASH_ON_DELIVERY": "1",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lists_are_built(url: str) -> bool:
    """The demo goods come to the lists by events, and their filters by a job within two seconds more; a browser that
    opens a list in between would wait in vain for a filter to appear."""
    listing = httpx.get(f"{url}/api/v1/products", params={"category": "coffee-kitchen"})
    return listing.is_success and bool(listing.json()["facets"])


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/readyz").status_code == 200 and _lists_are_built(url):
                return
        time.sleep(0.1)
    raise AssertionError(f"the shop did not get ready:\n{log.read_text(errors='replace')[-4000:]}")
