"""How soon a payment provider's webhook is acknowledged: events of Stripe's, signed, at a steady rate. Each is verified and
stored before the answer; what it means is found out by the worker afterwards."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from uuid import uuid4

from bench.client import Connection, request
from bench.steady import SteadyRate, p95

RATE = 100.0
"""A second."""
SECONDS = 10.0
SECRET = "whsec_of_the_bench"
SETTINGS = {
    "SHOP_STRIPE_SECRET_KEY": "sk_test_bench",
    "SHOP_STRIPE_PUBLISHABLE_KEY": "pk_test_bench",
    "SHOP_STRIPE_WEBHOOK_SECRET": SECRET,
    "SHOP_STRIPE_API_BASE": "http://127.0.0.1:9",  # of payments that this shop doesn't know nobody is asked
}


def p95_of_acknowledgements(connections: Sequence[Connection]) -> float:
    """Milliseconds."""
    until = time.perf_counter() + SECONDS
    load = SteadyRate(connections, signed_event, RATE)
    load.run(lambda: time.perf_counter() < until, {})
    return p95(load.milliseconds)


def signed_event() -> bytes:
    """One that was never sent before, with a PaymentIntent of a usual size."""
    intent = {
        "id": f"pi_{uuid4().hex}",
        "object": "payment_intent",
        "amount": 4488,
        "currency": "eur",
        "status": "succeeded",
        "description": "x" * 2000,
        "metadata": {"payment_id": str(uuid4()), "order_id": str(uuid4())},
    }
    event = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": intent},
    }
    body = json.dumps(event).encode()
    at = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return request(
        "POST", "/webhooks/stripe", body, Content_Type="application/json", Stripe_Signature=f"t={at},v1={digest}"
    )
