"""How soon a payment provider's webhook is acknowledged: of orders that wait for their money, signed as Stripe signs, at a
steady rate. Each is verified and stored before the answer; the worker asks Stripe and pays the order afterwards, beside the
next ones. Stripe is the tests' fake of it, which would send its webhooks itself if it knew where to."""

import json
import sys
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, Self
from uuid import uuid4

from bench.checkouts import Order, ShopBuyers
from bench.client import Connection, LoadError, json_request, request, run
from bench.servers import ROOT, Server
from bench.steady import SteadyRate, p95
from tests.fakes.stripe_api.deliveries import sign
from tests.fakes.stripe_api.process import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET

RATE = 100.0
"""A second."""
SECONDS = 5.0
ORDERS = int(RATE * SECONDS)


class Waiting(NamedTuple):
    order: Order
    intent: dict[str, Any]


class Stripe(Server):
    """Keeps its books in a file, as `tests/fakes/stripe_api` says."""

    name = "stripe"

    @property
    def settings(self) -> dict[str, str]:
        """What the shop is told of it."""
        return {
            "SHOP_STRIPE_SECRET_KEY": SECRET_KEY,
            "SHOP_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
            "SHOP_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "SHOP_STRIPE_API_BASE": f"http://127.0.0.1:{self.port}",
        }

    def start(self) -> Self:
        """Raises StartError."""
        command = [sys.executable, "-m", "tests.fakes.stripe_api", "--port", str(self.port)]
        command += ["--log", str(self.log_file.with_suffix(".sqlite"))]
        self._launch(command, {"PYTHONPATH": str(ROOT)}, "/_state")
        return self

    def pay(self, connection: Connection, intent: str) -> dict[str, Any]:
        """The buyer's card is charged. The PaymentIntent. Raises LoadError."""
        answer = connection.ask(json_request("POST", "/_control", {"action": "pay", "intent": intent}))
        paid: dict[str, Any] = answer.json()
        if paid.get("status") != "succeeded":
            raise LoadError(f"a card was not charged: {paid}")
        return paid


def place_orders(stripe: Stripe, connections: Sequence[Connection], variants: Sequence[str]) -> list[Waiting]:
    """Orders whose buyers have paid at Stripe, which nobody has told the shop. Raises LoadError."""
    orders: list[Order] = []
    buyers = ShopBuyers(variants, {"provider": "stripe"}, "pending_payment")
    scripts = [buyers.script(orders.append) for _ in range(ORDERS)]
    run(connections, lambda: scripts.pop() if scripts else None)
    counter = Connection(stripe.port)
    paid = [Waiting(order, stripe.pay(counter, intent_of(order))) for order in orders]
    counter.close()
    return paid


def p95_of_acknowledgements(connections: Sequence[Connection], waiting: Sequence[Waiting]) -> float:
    """Milliseconds."""
    bodies = [signed(succeeded(each.intent)) for each in waiting]
    load = SteadyRate(connections, bodies.pop, RATE)
    load.run(lambda: bool(bodies), {})
    return p95(load.milliseconds)


def expect_paid(connection: Connection, waiting: Sequence[Waiting]) -> None:
    """Raises LoadError where a webhook has paid no order."""
    for order, _ in waiting:
        question = request("GET", f"/api/v1/orders/{order['id']}", Order_Token=order["access_token"])
        answer = connection.ask(question)
        if answer.json().get("status") != "paid":
            raise LoadError(f"an order that no webhook has paid: {answer.status} {answer.body[:500]!r}")


def intent_of(order: Order) -> str:
    secret: str = order["payments"][0]["client_secret"]
    return secret.partition("_secret_")[0]


def succeeded(intent: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": intent},
    }


def signed(event: dict[str, Any]) -> bytes:
    body = json.dumps(event, indent=2).encode()
    signature = sign(body, WEBHOOK_SECRET, int(time.time()))
    return request("POST", "/webhooks/stripe", body, Content_Type="application/json", Stripe_Signature=signature)
