"""Webhooks: events are written with what caused them, signed as PayPal signs, and told until somebody says 2xx; or doubled,
out of order, early, never, or by a forger, as the test ordered."""

import asyncio
import base64
import contextlib
import json
import secrets
import time
import uuid
import zlib
from typing import Any, Final

import aiohttp
import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.fakes.paypal_api.books import Books, stamp
from tests.fakes.paypal_api.certificates import Identity, make_identity
from tests.fakes.paypal_api.desk import Answer, Call, Control, Desk

ALGORITHM: Final = "SHA256withRSA"
CERTIFICATES: Final = "/v1/notifications/certs"
SUMMARIES: Final = {"checkout-order": "An order has been approved by buyer", "dispute": "A dispute was updated"}
MOST_TRIES: Final = 25
AT_ONCE: Final = 50
FORGERIES: Final = ("body", "key", "webhook", "elsewhere", "unsigned")


class Webhook(msgspec.Struct):
    """Where a shop listens."""

    id: str
    url: str


class Teller:
    """`tell` belongs to the transaction under way; what it wrote is delivered by `run`."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.identity = self._recall("identity")
        self.stranger = self._recall("stranger")
        self._early: list[str] = []
        self.desk: Desk | None = None

    def _recall(self, name: str) -> Identity:
        """Made once and kept, so that certificates outlive a restart."""
        if (known := self._books.recall(name)) is not None:
            return msgspec.json.decode(known, type=Identity)
        made = make_identity()
        self._books.remember(name, msgspec.json.encode(made).decode())
        return made

    @property
    def webhook(self) -> Webhook | None:
        known = self._books.recall("webhook")
        return None if known is None else msgspec.json.decode(known, type=Webhook)

    def tell(self, kind: str, resource_type: str, resource: dict[str, Any]) -> None:
        webhook, desk = self.webhook, self.desk
        if webhook is None or desk is None:
            return
        orders, chance = desk.control.webhooks, desk.chance
        event = self._event(desk, kind, resource_type, resource)
        if chance.random() < orders.dropped:
            return
        early = chance.random() < orders.early
        if early:
            self._early.append(event["id"])
        for _ in range(2 if chance.random() < orders.doubled else 1):
            due = 0.0 if early else time.time() + orders.delay + chance.random() * orders.shuffle
            body = json.dumps(event).encode()
            self._books.queue(event["id"], due, self.sign(body, webhook.id, desk.base), body)
        if chance.random() < orders.forged:
            self.forge(chance.choice(FORGERIES), event, webhook, desk.base)

    def _event(self, desk: Desk, kind: str, resource_type: str, resource: dict[str, Any]) -> dict[str, Any]:
        event_id = f"WH-{desk.books.new_id()}-{desk.books.new_id()}"
        own = f"{desk.base}/v1/notifications/webhooks-events/{event_id}"
        return {
            "id": event_id,
            "event_version": "1.0",
            "create_time": stamp(desk.books.now()),
            "resource_type": resource_type,
            "resource_version": "2.0",
            "event_type": kind,
            "summary": SUMMARIES.get(resource_type, kind.replace(".", " ").lower()),
            "resource": resource,
            "links": [
                {"href": own, "rel": "self", "method": "GET"},
                {"href": f"{own}/resend", "rel": "resend", "method": "POST"},
            ],
        }

    def sign(self, body: bytes, webhook_id: str, base: str, identity: Identity | None = None) -> dict[str, str]:
        transmission, at = str(uuid.uuid4()), stamp(self._books.now())
        signed = f"{transmission}|{at}|{webhook_id}|{zlib.crc32(body)}".encode()
        key = serialization.load_pem_private_key((identity or self.identity).key.encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return {
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-TIME": at,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(key.sign(signed, padding.PKCS1v15(), hashes.SHA256())).decode(),
            "PAYPAL-CERT-URL": f"{base}{CERTIFICATES}/{'CERT-signer' if identity is None else 'CERT-stranger'}",
            "PAYPAL-AUTH-ALGO": ALGORITHM,
        }

    def forge(self, how: str, true_event: dict[str, Any], webhook: Webhook, base: str) -> str:
        """An event that says what never happened; its id, which nobody may ever take."""
        event = {**true_event, "id": f"WH-FORGED-{secrets.token_hex(8)}"}
        body = json.dumps(event).encode()
        match how:
            case "body":
                headers = self.sign(json.dumps(true_event).encode(), webhook.id, base)
            case "key":
                headers = self.sign(body, webhook.id, base, self.stranger) | {
                    "PAYPAL-CERT-URL": f"{base}{CERTIFICATES}/CERT-signer"
                }
            case "webhook":
                headers = self.sign(body, "0AB12345CD678901E", base)
            case "elsewhere":
                headers = self.sign(body, webhook.id, base, self.stranger) | {
                    "PAYPAL-CERT-URL": "https://api.paypal.com.attacker.example/v1/notifications/certs/CERT-stranger"
                }
            case _:
                headers = {}
        self._books.queue(event["id"], 0, headers, body)
        return event["id"]

    def verify(self, _desk: Desk, call: Call) -> Answer:
        """`POST /v1/notifications/verify-webhook-signature`: the event is signed over as PayPal would write it again."""
        told = call.body
        body = json.dumps(told.get("webhook_event")).encode()
        signed = "|".join(
            (
                str(told["transmission_id"]),
                str(told["transmission_time"]),
                str(told["webhook_id"]),
                str(zlib.crc32(body)),
            )
        )
        certificate = x509.load_pem_x509_certificates(self.identity.chain.encode())[0]
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        webhook = self.webhook
        try:
            key.verify(base64.b64decode(told["transmission_sig"]), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            right = webhook is not None and told["webhook_id"] == webhook.id
        except (InvalidSignature, ValueError):
            right = False
        return Answer(200, {"verification_status": "SUCCESS" if right else "FAILURE"})

    async def tell_early(self) -> None:
        """What chance wants told before the call that caused it is answered."""
        waiting, self._early = set(self._early), []
        if waiting:
            due = [each for each in self._books.due_deliveries(10_000) if each[1] in waiting]
            async with aiohttp.ClientSession() as http:
                await asyncio.gather(*(self._deliver(http, each) for each in due))

    async def run(self, control: "ControlOf") -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                due = [] if control().webhooks.paused else self._books.due_deliveries(AT_ONCE)
                if due:
                    await asyncio.gather(*(self._deliver(http, each) for each in due))
                else:
                    await asyncio.sleep(0.02)

    async def _deliver(
        self, http: aiohttp.ClientSession, delivery: tuple[int, str, int, dict[str, str], bytes]
    ) -> None:
        seq, _, tries, headers, body = delivery
        webhook = self.webhook
        if webhook is None or self.desk is None:
            return
        status = 0
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            sent = headers | {"Content-Type": "application/json", "User-Agent": "PayPal/AUHD-214.0-56844265"}
            timeout = aiohttp.ClientTimeout(total=30)
            async with http.post(webhook.url, data=body, headers=sent, timeout=timeout, allow_redirects=False) as told:
                status = told.status
        if 200 <= status < 300:
            self._books.end_delivery(seq, "taken")
        elif 400 <= status < 500 and _is_forged(body):
            self._books.end_delivery(seq, "refused")
        elif tries + 1 >= MOST_TRIES:
            self._books.end_delivery(seq, "given_up")
        else:
            wait = self.desk.control.webhooks.retry_seconds * 2**tries
            self._books.try_delivery_later(seq, time.time() + min(wait, 60))


class ControlOf:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self) -> Control:
        return self._desk.control


def _is_forged(body: bytes) -> bool:
    return b'"id": "WH-FORGED-' in body
