"""A guest who buys over the JSON API, and a member of staff who looks after it; nothing but the standard library."""

import json
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ADDRESS = {"name": "Ada Lovelace", "line1": "Seestraße 12", "city": "Berlin", "postal_code": "10115", "country": "DE"}
EVENTUALLY = 30.0  # seconds until the worker has done what follows from an order
QUANTITY = 2


class Refused(Exception):
    """The shop answered with an error."""


@dataclass(frozen=True)
class Purchase:
    """An order that was paid, and how much of its variant was in stock once it was done."""

    order_id: str
    number: str
    access_token: str
    email: str
    variant_id: str
    left: int


class Visitor:
    """Asks the shop at `url`, and nobody else: a proxy of this machine is passed by."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._token = ""
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The JSON of the answer; headers are written with underscores. Raises Refused, OSError."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, sent, method=method)
        try:
            with self._opener.open(request, timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {path}: {error.code} {error.read(2000).decode(errors='replace')}") from error

    def is_ready(self) -> bool:
        try:
            return bool(self.ask("GET", "/readyz")["ready"])
        except (Refused, OSError):
            return False

    def has_goods(self) -> bool:
        return bool(self._goods())

    def _goods(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "/api/v1/products?in_stock=true&limit=24")["items"])

    def sign_in(self, email: str, password: str) -> None:
        answer = self.ask("POST", "/api/v1/auth/signin", {"email": email, "password": password})
        self._token = f"Bearer {answer['access_token']}"

    def ask_as_staff(self, path: str) -> Any:
        return self.ask("GET", f"/api/v1/admin{path}", Authorization=self._token)

    def buy(self) -> Purchase:
        """Two pieces of something, by a card of the sandbox. Raises Refused, AssertionError."""
        variant = self._plentiful_variant()
        before = self.stock(variant)["on_hand"]
        cart = self.ask("POST", "/api/v1/carts", {})["id"]
        self.ask("POST", f"/api/v1/carts/{cart}/lines", {"variant_id": variant, "quantity": QUANTITY})
        offers = self.ask("GET", f"/api/v1/carts/{cart}/shipping-methods?country=DE&postal_code=10115")
        method = offers["items"][0]
        email = f"buyer-{secrets.token_hex(4)}@example.com"
        form = {
            "email": email,
            "shipping_address": ADDRESS,
            "shipping_method": method["code"],
            "payment": {"provider": "sandbox", "token": "ok"},
            "expected_total": method["totals"]["total"],
        }
        order = self.ask("POST", f"/api/v1/carts/{cart}/checkout", form, Idempotency_Key=f"image-{cart}")
        left = before - QUANTITY
        bought = Purchase(order["id"], order["number"], order["access_token"], email, variant, left)
        _eventually(lambda: self.is_paid(bought), f"order {bought.number} is not paid")
        _eventually(lambda: self.has_mail(bought), f"no confirmation for {bought.number}")
        _eventually(lambda: self.is_counted(bought), f"the stock is {self.stock(variant)}, not {left}")
        return bought

    def is_paid(self, bought: Purchase) -> bool:
        order = self.ask("GET", f"/api/v1/orders/{bought.order_id}", Order_Token=bought.access_token)
        return bool(order["status"] == "paid" and order["number"] == bought.number)

    def has_mail(self, bought: Purchase) -> bool:
        """Whether the confirmation was captured, once, and tells the order's number."""
        there = urllib.parse.quote(bought.email)
        messages = [
            message
            for message in self.ask_as_staff(f"/messages?to={there}")["items"]
            if message["template"] == "order_confirmation" and message["status"] == "captured"
        ]
        return len(messages) == 1 and bought.number in self.ask_as_staff(f"/messages/{messages[0]['id']}")["text"]

    def is_counted(self, bought: Purchase) -> bool:
        stock = self.stock(bought.variant_id)
        return bool(stock["on_hand"] == bought.left and stock["reserved"] == 0)

    def stock(self, variant_id: str) -> dict[str, int]:
        return dict(self.ask_as_staff(f"/stock/{variant_id}"))

    def _plentiful_variant(self) -> str:
        for item in self._goods():
            for variant in self.ask("GET", f"/api/v1/products/{item['slug']}")["variants"]:
                if variant["available"] >= 3 * QUANTITY:
                    return str(variant["id"])
        raise AssertionError("nothing that could be bought is on sale")


def _eventually(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + EVENTUALLY
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)
