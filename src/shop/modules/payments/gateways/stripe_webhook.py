"""Stripe's webhooks, told from forgeries. The signature is checked by Stripe's own client; stamps from the future, which it
lets pass, are refused here."""

from typing import Any, Final
from uuid import UUID

import msgspec

from shop.kernel import clock
from shop.kernel.config import settings
from shop.modules.payments.errors import NotFromProvider
from shop.modules.payments.schemas import ProviderNews

TOLERANCE_SECONDS: Final = 300


class EventData(msgspec.Struct):
    object: dict[str, Any] = {}


class StripeEvent(msgspec.Struct):
    id: str
    type: str
    data: EventData = msgspec.field(default_factory=EventData)


def read_webhook(body: bytes, signature: str | None) -> ProviderNews:
    """Raises NotFromProvider for whatever Stripe did not send just now."""
    _check(body, signature)
    try:
        event = msgspec.json.decode(body, type=StripeEvent)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotFromProvider("The body is no event of Stripe's") from error
    if not _usable(event.id) or not _usable(event.type):
        raise NotFromProvider("The body is no event of Stripe's")
    return ProviderNews(
        provider="stripe",
        event_id=event.id,
        type=event.type,
        payload=body,
        payment_id=_payment_id(event.data.object),
        provider_ref=_intent_ref(event.data.object),
    )


def _check(body: bytes, signature: str | None) -> None:
    secret = settings().stripe_webhook_secret
    if not secret or not signature:
        raise NotFromProvider("The signature is missing")
    import stripe  # a large library, which many shops never need

    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
        stamp = int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
    except (stripe.SignatureVerificationError, ValueError, TypeError, StopIteration) as error:
        raise NotFromProvider("The signature does not fit the body, or is too old") from error
    if stamp > clock.now().timestamp() + TOLERANCE_SECONDS:
        raise NotFromProvider("The signature's time lies in the future")


def _usable(name: str) -> bool:
    return 1 <= len(name) <= 255 and name.isascii() and name.isprintable()


def _intent_ref(subject: dict[str, Any]) -> str | None:
    """Of the PaymentIntent itself, or of the one that a charge, refund or dispute belongs to."""
    ref = subject.get("id") if subject.get("object") == "payment_intent" else subject.get("payment_intent")
    return ref if isinstance(ref, str) and ref.startswith("pi_") and _usable(ref) else None


def _payment_id(subject: dict[str, Any]) -> UUID | None:
    metadata = subject.get("metadata")
    try:
        return UUID(metadata["payment_id"]) if isinstance(metadata, dict) else None
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
