"""Stripe's webhooks, told from forgeries. The signature is checked by Stripe's own client; stamps from the future, which it
lets pass, are refused here."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
import stripe

from shop.contracts.payment_providers import NotFromProvider, ProviderNews
from shop.kernel import clock
from shop.kernel.config import settings

TOLERANCE_SECONDS: Final = 300
OWN_REFS: Final = {"payment_intent": "pi_", "setup_intent": "seti_"}
"""Objects that are themselves what the shop knows by their id; all others name the PaymentIntent they belong to."""


class EventData(msgspec.Struct):
    object: dict[str, Any] = {}


class StripeEvent(msgspec.Struct):
    id: str
    type: str
    data: EventData = msgspec.field(default_factory=EventData)


class StripeWebhooks:
    """`contracts.payment_providers.ProviderWebhooks`."""

    async def read(self, body: bytes, headers: Mapping[str, str]) -> ProviderNews:
        _check(body, headers.get("stripe-signature"))
        try:
            event = msgspec.json.decode(body, type=StripeEvent)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise NotFromProvider("The body is no event of Stripe's") from error
        if not _usable(event.id) or not _usable(event.type):
            raise NotFromProvider("The body is no event of Stripe's")
        subject = event.data.object
        return ProviderNews(
            provider="stripe",
            event_id=event.id,
            type=event.type,
            payload=body,
            payment_id=_payment_id(subject),
            provider_ref=_ref(subject),
            dispute_ref=_dispute_ref(subject),
        )


def _check(body: bytes, signature: str | None) -> None:
    secret = settings().stripe_webhook_secret
    if not secret or not signature:
        raise NotFromProvider("The signature is missing")
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
        stamp = int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
    except (stripe.SignatureVerificationError, ValueError, TypeError, StopIteration) as error:
        raise NotFromProvider("The signature does not fit the body, or is too old") from error
    if stamp > clock.now().timestamp() + TOLERANCE_SECONDS:
        raise NotFromProvider("The signature's time lies in the future")


def _usable(name: str) -> bool:
    return 1 <= len(name) <= 255 and name.isascii() and name.isprintable()


def _ref(subject: dict[str, Any]) -> str | None:
    """Of the intent itself, or of the one that a charge, refund or dispute belongs to."""
    kind = subject.get("object")
    prefix = OWN_REFS.get(kind) if isinstance(kind, str) else None
    ref = subject.get("payment_intent") if prefix is None else subject.get("id")
    if not isinstance(ref, str) or not ref.startswith(prefix or "pi_") or not _usable(ref):
        return None
    return ref


def _dispute_ref(subject: dict[str, Any]) -> str | None:
    ref = subject.get("id") if subject.get("object") == "dispute" else None
    return ref if isinstance(ref, str) and _usable(ref) else None


def _payment_id(subject: dict[str, Any]) -> UUID | None:
    metadata = subject.get("metadata")
    try:
        return UUID(metadata["payment_id"]) if isinstance(metadata, dict) else None
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
