"""What it costs to know who is asking: a token against the same handler without its access rule, a session against none."""

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, Self

import httpx

from bench.checkouts import ADDRESS, sign_in
from bench.client import Connection, LoadError, connect, json_request, request, requests_a_second
from bench.servers import Server, Shop, StartError
from shop.kernel import embedded
from shop.kernel.config import parse_settings
from shop.serve import child_environment

ORDERS = "/api/v1/orders?limit=1"
WARM_UP_SECONDS = 1.0
ORDERED_WITHIN = 10.0  # seconds

ACCOUNT = {"email": "customer@example.com", "password": "a kettle on the moon"}

Ask = Callable[[float], float]
"""Requests a second, asked for so many seconds."""


class Customer(NamedTuple):
    """Signed in to the pages by `cookies` and to the API by `token`."""

    cookies: str
    token: str


class OwnWeb(Server):
    """A web server on the shop's own services, so that both sides run the same way: as it is, or, where `caller` is given,
    without the access rule of one route, whose caller it knows beforehand."""

    def __init__(self, folder: Path, shop: Shop, caller: str = "") -> None:
        self.name = "web-without-rule" if caller else "web"
        super().__init__(folder)
        self._shop, self._caller = shop, caller

    def start(self, workers: int) -> Self:
        """Raises StartError."""
        urls = embedded.discover(self._shop.data_dir)
        if urls is None:
            raise StartError("the shop's services can't be found")
        chosen = parse_settings({**os.environ, **self._shop.environment})
        own = {
            "SHOP_PORT": str(self.port),
            "SHOP_WEB_WORKERS": str(workers),
            "SHOP_RATE_LIMITS": "off",
            "SHOP_BASE_URL": f"http://localhost:{self._shop.port}",  # that tokens are issued by
            "BENCH_CALLER": self._caller,
        }
        environment = {**child_environment(chosen, urls), **own}
        self._launch([sys.executable, "-m", "bench.without_rule"], environment, "/healthz")
        return self

    def workers(self) -> list[int]:
        return sorted(
            each.pid for each in self.process.children() if "resource_tracker" not in " ".join(each.cmdline())
        )


def in_turns(one: Ask, other: Ask, rounds: int, seconds: float, tell: Callable[[str], None]) -> tuple[float, float]:
    """Medians of both."""
    one(WARM_UP_SECONDS)
    other(WARM_UP_SECONDS)
    ours, theirs = [], []
    for number in range(1, rounds + 1):
        tell(f"round {number} of {rounds}")
        ours.append(one(seconds))
        theirs.append(other(seconds))
    return median(ours), median(theirs)


def order_something(connection: Connection, token: str, variant: str) -> str:
    """The account's id, whose list of orders is no longer empty."""
    bearer = {"Authorization": f"Bearer {token}"}

    def ask(question: bytes, what: str) -> dict[str, object]:
        answer = connection.ask(question)
        if answer.status not in {200, 201}:
            raise LoadError(f"{what}: {answer.status} {answer.body[:500]!r}")
        found: dict[str, object] = answer.json()
        return found

    cart = ask(json_request("POST", "/api/v1/carts", {}), "cart")["id"]
    line = {"variant_id": variant, "quantity": 1}
    ask(json_request("POST", f"/api/v1/carts/{cart}/lines", line), "line")
    offers = ask(request("GET", f"/api/v1/carts/{cart}/shipping-methods?country=DE&postal_code=10115"), "offers")
    offer = offers["items"][0]  # type: ignore[index]  # a list, or the measurement fails here
    form = {
        "email": "bench@example.com",
        "shipping_address": ADDRESS,
        "shipping_method": offer["code"],
        "payment": {"provider": "sandbox", "token": "ok"},
        "expected_total": offer["totals"]["total"],
    }
    checkout = json_request("POST", f"/api/v1/carts/{cart}/checkout", form, Idempotency_Key=f"own-{cart}", **bearer)
    ask(checkout, "checkout")
    deadline = time.monotonic() + ORDERED_WITHIN
    while not ask(request("GET", ORDERS, **bearer), "orders")["items"]:
        if time.monotonic() > deadline:
            raise LoadError("the account's order is not in its list")
        time.sleep(0.1)
    return str(ask(request("GET", "/api/v1/me", **bearer), "me")["id"])


def token_check(
    shop: Shop,
    connections: Sequence[Connection],
    token: str,
    variant: str,
    measure: Callable[[Ask, Ask], tuple[float, float]],
) -> tuple[float, float]:
    """Requests a second with the access rule, and without. Raises LoadError, StartError."""
    account_id = order_something(connections[0], token, variant)
    headers = {"Authorization": f"Bearer {token}"}
    question = request("GET", ORDERS, **headers)
    folder, workers = shop.log_file.parent, len(shop.workers())
    with OwnWeb(folder, shop).start(workers) as one, OwnWeb(folder, shop, account_id).start(workers) as other:
        ours, theirs = (connect(each.port, each.workers(), len(connections)) for each in (one, other))
        if ours[0].ask(question).body != theirs[0].ask(question).body:
            raise LoadError("without its access rule the route answers something else")
        return measure(
            lambda seconds: requests_a_second(ours, ORDERS, seconds, **headers),
            lambda seconds: requests_a_second(theirs, ORDERS, seconds, **headers),
        )


def session_page(
    connections: Sequence[Connection],
    path: str,
    customer: Customer,
    measure: Callable[[Ask, Ask], tuple[float, float]],
) -> tuple[float, float]:
    """Requests a second by somebody who signed in, and by nobody, of a page that is not kept. Raises LoadError."""
    return measure(
        lambda seconds: requests_a_second(connections, path, seconds, Cookie=customer.cookies),
        lambda seconds: requests_a_second(connections, path, seconds),
    )


def become_customer(shop: Shop, connection: Connection, token: str) -> Customer:
    """By the pages and the mail that any customer comes by; `token` is the administrator's. Raises LoadError."""
    base = f"http://localhost:{shop.port}"
    with httpx.Client(base_url=base, headers={"Origin": base}) as browser:
        _sign_up_and_in(browser, connection, token)
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return Customer(cookies, sign_in(connection, ACCOUNT["email"], ACCOUNT["password"]))


def _sign_up_and_in(browser: httpx.Client, connection: Connection, token: str) -> None:
    def send(path: str, form: dict[str, str]) -> None:
        answer = browser.post(path, data=form)
        if answer.status_code != 303:
            raise LoadError(f"POST {path.partition('/verify/')[0]}: {answer.status_code} {answer.text[:500]}")

    def ask(path: str) -> dict[str, Any]:
        answer = connection.ask(request("GET", path, Authorization=f"Bearer {token}"))
        found: dict[str, Any] = answer.json()
        return found

    send("/signup", {**ACCOUNT, "name": "Ada Lovelace"})
    deadline = time.monotonic() + ORDERED_WITHIN
    while not (mails := ask(f"/api/v1/admin/messages?to={ACCOUNT['email']}")["items"]):
        if time.monotonic() > deadline:
            raise LoadError("no mail asks the new customer to confirm the address")
        time.sleep(0.1)
    mail = ask(f"/api/v1/admin/messages/{mails[0]['id']}")
    link = re.search(r"/verify/([\w-]+)", mail["text"])
    if link is None:
        raise LoadError(f"no link in the mail to the new customer: {mail['text'][:500]}")
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/signin").text)
    if csrf is None:
        raise LoadError("no token in the form to sign in")
    send(f"/verify/{link[1]}", {"csrf_token": csrf[1]})
    send("/signin", {**ACCOUNT, "csrf_token": csrf[1]})
    browser.get("/account")  # where the words of welcome are said, once
