"""Events as programs send them, signed by the words of the Standard Webhooks specification alone: none of the shop's code."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from uuid import uuid4

from tests.factories.oauth import Program

EVENTS = "/api/v1/events"
CLOUD_EVENT = "application/cloudevents+json"


def key_of(secret: str) -> bytes:
    """As clients of the specification read a secret."""
    return base64.b64decode(secret.removeprefix("whsec_"))


def signature_of(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers_of(secret: str, body: bytes, *, at: float = 0, message_id: str | None = None) -> dict[str, str]:
    """Of a message signed `at` seconds from now."""
    message_id, timestamp = message_id or f"msg_{uuid4().hex}", str(int(time.time() + at))
    return {
        "content-type": CLOUD_EVENT,
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature_of(key_of(secret), message_id, timestamp, body),
    }


def body_of(program: Program, data: Any, event_type: str, event_id: str | None = None, **changes: Any) -> bytes:
    """A change to None leaves an attribute out."""
    event = {
        "specversion": "1.0",
        "id": event_id or str(uuid4()),
        "source": program.id,
        "type": event_type,
        "time": "2026-11-21T10:00:00Z",
        "data": data,
    }
    return json.dumps({name: each for name, each in {**event, **changes}.items() if each is not None}).encode()
