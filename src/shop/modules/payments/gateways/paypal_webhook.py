"""PayPal's webhooks, told from forgeries without asking PayPal: the certificate that it names, if it is PayPal's, signs the
transmission's id and time, the id of our webhook, and a checksum of the body.

PayPal tells an event again for three days, with the time of the first attempt; so an old one is no forgery, and each is
taken once by its id.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from shop.contracts.payment_providers import NotFromProvider, ProviderNews
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import refuse_open_transaction
from shop.modules.payments.gateways.paypal_answers import payment_id_in
from shop.modules.payments.gateways.paypal_certificates import PayPalCertificates

ALGORITHM: Final = "SHA256withRSA"
OLDEST: Final = timedelta(days=4)
AHEAD: Final = timedelta(minutes=5)
REF: Final = re.compile(r"[A-Z0-9]{1,36}")
NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")
RELATED: Final = ("supplementary_data", "related_ids", "order_id")
LONGEST_HEADER: Final = 1000


class PayPalEvent(msgspec.Struct):
    id: str
    event_type: str
    resource_type: str = ""
    resource: dict[str, Any] = {}


class PayPalWebhooks:
    """`contracts.payment_providers.ProviderWebhooks`."""

    def __init__(self, certificates: PayPalCertificates) -> None:
        self._certificates = certificates

    async def read(self, body: bytes, headers: Mapping[str, str]) -> ProviderNews:
        refuse_open_transaction("reading PayPal's certificate")
        await self._check(body, headers)
        try:
            event = msgspec.json.decode(body, type=PayPalEvent)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise NotFromProvider("The body is no event of PayPal's") from error
        if not NAME.fullmatch(event.id) or not NAME.fullmatch(event.event_type):
            raise NotFromProvider("The body is no event of PayPal's")
        return ProviderNews(
            provider="paypal",
            event_id=event.id,
            type=event.event_type,
            payload=body,
            payment_id=payment_id_in(_custom_id(event)),
            provider_ref=_usable(_order_ref(event), REF),
            dispute_ref=_usable(event.resource.get("dispute_id"), NAME),
        )

    async def _check(self, body: bytes, headers: Mapping[str, str]) -> None:
        transmission, stamp, signature, address, algorithm = (
            headers.get(f"paypal-{name}", "")
            for name in ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
        )
        told = (transmission, stamp, signature, address, algorithm)
        if not settings().paypal_webhook_id or not all(told) or any(len(each) > LONGEST_HEADER for each in told):
            raise NotFromProvider("The signature is missing")
        if algorithm != ALGORITHM:
            raise NotFromProvider("The signature is of another kind than PayPal's")
        _check_time(stamp)
        key = await self._certificates.key_at(address)
        signed = f"{transmission}|{stamp}|{settings().paypal_webhook_id}|{zlib.crc32(body)}"
        try:
            signature_bytes = base64.b64decode(signature, validate=True)
            key.verify(signature_bytes, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise NotFromProvider("The signature does not fit the body") from error


def _check_time(stamp: str) -> None:
    try:
        sent_at = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise NotFromProvider("The signature has no time") from error
    if sent_at.tzinfo is None:
        sent_at = sent_at.replace(tzinfo=UTC)
    if sent_at < clock.now() - OLDEST:
        raise NotFromProvider("The signature is too old")
    if sent_at > clock.now() + AHEAD:
        raise NotFromProvider("The signature's time lies in the future")


def _custom_id(event: PayPalEvent) -> object:
    """A capture, an authorization and a refund carry it themselves; an order and a dispute in what they are about."""
    for name in ("purchase_units", "disputed_transactions"):
        parts = event.resource.get(name)
        if isinstance(parts, list) and parts and isinstance(parts[0], dict):
            return parts[0].get("custom_id") or parts[0].get("custom")
    return event.resource.get("custom_id")


def _order_ref(event: PayPalEvent) -> object:
    """Of the order itself, or of the one that a capture or an authorization belongs to, or that kept its payer."""
    if event.resource_type == "checkout-order":
        return event.resource.get("id")
    way = ("metadata", "order_id") if event.resource_type == "payment_token" else RELATED
    found: Any = event.resource
    for name in way:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _usable(name: object, form: re.Pattern[str]) -> str | None:
    return name if isinstance(name, str) and form.fullmatch(name) else None
