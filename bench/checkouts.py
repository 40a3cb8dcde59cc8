"""Guests who buy: the same five calls of the shop and of the bare limit."""

import itertools
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.client import Answer, Connection, LoadError, Script, json_request, request, run

ADDRESS = {
    "name": "Ada Example",
    "line1": "Example Street 1",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}
Order = dict[str, Any]
"""As the checkout answers."""
SANDBOX = {"provider": "sandbox", "token": "ok"}
DRAINED_WITHIN = 120.0  # seconds


def _made(answer: Answer, what: str) -> Answer:
    if answer.status not in {200, 201}:
        raise LoadError(f"{what}: {answer.status} {answer.body[:500]!r}")
    return answer


class ShopBuyers:
    """`variants` are taken in turn. Each buyer has an address of their own, as each order's confirmation shows. The checkout's
    answer is an order that `becomes` this."""

    def __init__(self, variants: Sequence[str], payment: Mapping[str, str] = SANDBOX, becomes: str = "paid") -> None:
        self._numbers = itertools.count(random.randrange(10**9))
        self._variants, self._payment, self._becomes = variants, payment, becomes

    def script(self, done: Callable[[Order], None]) -> Script:
        number = next(self._numbers)
        variant = self._variants[number % len(self._variants)]
        cart = _made((yield json_request("POST", "/api/v1/carts", {})), "cart").json()["id"]
        _made(
            (yield json_request("POST", f"/api/v1/carts/{cart}/lines", {"variant_id": variant, "quantity": 1})), "line"
        )
        offers = _made(
            (yield request("GET", f"/api/v1/carts/{cart}/shipping-methods?country=DE&postal_code=10115")), "offers"
        )
        offer = offers.json()["items"][0]
        form = {
            "email": f"buyer-{number}@example.com",
            "shipping_address": ADDRESS,
            "shipping_method": offer["code"],
            "payment": self._payment,
            "expected_total": offer["totals"]["total"],
        }
        order = _made(
            (yield json_request("POST", f"/api/v1/carts/{cart}/checkout", form, Idempotency_Key=f"buyer-{number}")),
            "checkout",
        ).json()
        if order["status"] != self._becomes:
            raise LoadError(f"an order that is {order['status']}: {order}")
        _made((yield request("GET", f"/api/v1/orders/{order['id']}", Order_Token=order["access_token"])), "order")
        done(order)


class BareBuyers:
    def __init__(self, products: int) -> None:
        self._numbers = itertools.count(random.randrange(10**9))
        self._products = products

    def script(self, done: Callable[[Order], None]) -> Script:
        number = next(self._numbers)
        cart = _made((yield json_request("POST", "/carts", {})), "cart").json()["id"]
        line = {"variant_id": 1 + number % self._products, "quantity": 1}
        _made((yield json_request("POST", f"/carts/{cart}/lines", line)), "line")
        offers = _made((yield request("GET", f"/carts/{cart}/shipping-methods")), "offers").json()
        form = {
            "email": f"buyer-{number}@example.com",
            "shipping_address": ADDRESS,
            "shipping_method": offers["items"][0]["code"],
        }
        order = _made((yield json_request("POST", f"/carts/{cart}/checkout", form)), "checkout").json()
        _made((yield request("GET", f"/orders/{order['id']}")), "order")
        done(order)


def buy(buyers: ShopBuyers | BareBuyers, connections: Sequence[Connection], seconds: float) -> tuple[int, float]:
    """Buyers on each connection, one after the other, who begin within `seconds`. How many bought, and how long it took
    until the last had."""
    end = time.perf_counter() + seconds
    bought = 0

    def done(_: Order) -> None:
        nonlocal bought
        bought += 1

    took = run(connections, lambda: buyers.script(done) if time.perf_counter() < end else None)
    return bought, took


def sign_in(connection: Connection, email: str, password: str) -> str:
    """An access token."""
    answer = connection.ask(json_request("POST", "/api/v1/auth/signin", {"email": email, "password": password}))
    return str(_made(answer, "sign-in").json()["access_token"])


def wait_until_drained(connection: Connection, token: str) -> float:
    """Seconds until the outbox is empty. Raises LoadError when it never is, or when a row died."""
    question = request("GET", "/api/v1/admin/outbox", Authorization=f"Bearer {token}")
    started = time.perf_counter()
    while True:
        state = _made(connection.ask(question), "outbox").json()
        if state["dead"]:
            raise LoadError(f"dead rows in the outbox: {state}")
        took = time.perf_counter() - started
        if not state["pending"]:
            return took
        if took > DRAINED_WITHIN:
            raise LoadError(f"the outbox was not empty within {DRAINED_WITHIN:.0f} s: {state}")
        time.sleep(0.02)
