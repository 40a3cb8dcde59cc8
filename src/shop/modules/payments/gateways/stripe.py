"""Stripe's PaymentIntents: confirmed by us when a card's token came with the order, else by its buyer on the order's page.

Gotchas: what `charge` asks for must be the same on every repeat, or Stripe answers an idempotency error. An intent that
the buyer confirms falls back to `requires_payment_method` when a card is declined, and the buyer simply takes another;
one that we confirmed has then failed. Its metadata says which kind it is. Stripe's search lags by up to a minute, so
"never heard of it" may be wrong for that long: the idempotency key covers it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

import httpx
import msgspec
import stripe
import structlog

from shop.contracts.payments import (
    PaymentMethod,
    PaymentRequest,
    PaymentStatus,
    ProviderAnswer,
    ProviderAway,
    ProviderIntent,
    ProviderRefused,
)
from shop.kernel.config import settings
from shop.kernel.db import refuse_open_transaction
from shop.kernel.errors import Invalid
from shop.kernel.money import Money

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS: Final = 10
"""Of one request; a call makes at most three, each tried twice, within the lease of a check."""
TOKEN_PREFIXES: Final = ("pm_", "tok_")
LISTED_AT_MOST: Final = 2000
IN_HUNDREDTHS: Final = {"ISK", "UGX"}
"""Stripe counts these in hundredths although they have no minor unit (docs.stripe.com/currencies)."""
CARD_REFUSED: Final = "Your card was declined. Please try another one."
NOT_CHARGEABLE: Final = "This card can't be charged. Please try another one."
SOURCES: Final = {
    "csp.script-src": "https://js.stripe.com https://*.js.stripe.com",
    "csp.frame-src": "https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
    "csp.connect-src": "https://api.stripe.com",
}
"""What docs.stripe.com/security/guide asks for."""
STATUS: Final[dict[str, PaymentStatus]] = {
    "requires_payment_method": "requires_action",
    "requires_confirmation": "requires_action",
    "requires_action": "requires_action",
    "processing": "pending",
    "requires_capture": "authorized",
    "succeeded": "captured",
    "canceled": "cancelled",
}


class LastError(msgspec.Struct):
    message: str | None = None


class RedirectToUrl(msgspec.Struct):
    url: str | None = None


class NextAction(msgspec.Struct):
    redirect_to_url: RedirectToUrl | None = None


class StripeIntent(msgspec.Struct):
    """The part of a PaymentIntent that we read. `amount` in Stripe's smallest unit."""

    id: str
    status: str
    amount: int
    currency: str
    amount_received: int | None = None
    client_secret: str | None = None
    metadata: dict[str, str] = {}
    last_payment_error: LastError | None = None
    next_action: NextAction | None = None


class Connections(stripe.HTTPXClient):
    """The client hands its encoded body to httpx in a way that httpx has deprecated."""

    def _get_request_args_kwargs(self, method: Any, url: Any, headers: Any, post_data: Any) -> Any:
        args, options = super()._get_request_args_kwargs(method, url, headers, None)
        del options["data"]
        return args, {**options, "content": post_data or None}


class StripeProvider:
    """`contracts.payments.PaymentProvider` over the official client."""

    name = "stripe"

    def __init__(self) -> None:
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[tuple[str, str], stripe.StripeClient]] = (
            WeakKeyDictionary()
        )

    def offer(self) -> PaymentMethod | None:
        if not settings().stripe_secret_key:
            return None
        public = {"publishable_key": settings().stripe_publishable_key, **SOURCES}
        return PaymentMethod(self.name, "Card", "payments/stripe_form.html", public)

    def check(self, request: PaymentRequest) -> None:
        if request.method_id is not None:
            raise Invalid.field("payment.method_id", "Cards are not kept yet; send a token")
        if request.token is not None and not request.token.startswith(TOKEN_PREFIXES):
            raise Invalid.field("payment.token", "A token of Stripe's begins with pm_ or tok_")

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        with _conversation():
            try:
                created = await self._client().v1.payment_intents.create_async(
                    _wanted(intent),  # type: ignore[arg-type]  # a TypedDict of some hundred keys
                    {"idempotency_key": str(intent.payment_id)},
                )
            except stripe.CardError as error:
                return await self._declined(intent, error)
            except stripe.InvalidRequestError as error:
                if isinstance(error, stripe.IdempotencyError):
                    raise
                log.warning("stripe_refused_charge", payment_id=str(intent.payment_id), reason=str(error)[:300])
                raise ProviderRefused(NOT_CHARGEABLE) from error
            return _answer(_read(created))

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        with _conversation():
            found = await self._find(intent)
            return None if found is None else _answer(found)

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        with _conversation():
            found = await self._find(intent)
            if found is None:
                raise ProviderAway("Stripe doesn't know what to cancel")
            try:
                return _answer(_read(await self._client().v1.payment_intents.cancel_async(found.id)))
            except stripe.InvalidRequestError:
                # Succeeded or cancelled before we asked: what it is now is the answer.
                return _answer(_read(await self._client().v1.payment_intents.retrieve_async(found.id)))

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> None:
        with _conversation():
            found = await self._find(intent)
            if found is None:
                raise ProviderRefused("There is nothing to give back.")
            refunds = self._client().v1.refunds
            # Idempotency keys are forgotten after a day; the refund's own metadata is not.
            listed = await refunds.list_async({"payment_intent": found.id, "limit": 100})
            async for earlier in listed.auto_paging_iter():
                if _plain(earlier).get("metadata", {}).get("refund_id") == str(refund_id):
                    return
            try:
                made = await refunds.create_async(
                    {
                        "payment_intent": found.id,
                        "amount": to_stripe(amount),
                        "metadata": {"refund_id": str(refund_id), "payment_id": str(intent.payment_id)},
                    },
                    {"idempotency_key": str(refund_id)},
                )
            except stripe.InvalidRequestError as error:
                if isinstance(error, stripe.IdempotencyError):
                    raise
                raise ProviderRefused(str(error.user_message or error)) from error
            if made.status in {"failed", "canceled"}:
                raise ProviderRefused(f"Stripe reports the refund as {made.status}.")

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        _, client = self._clients.pop(asyncio.get_running_loop(), (None, None))
        if client is not None:
            await client._requestor._get_http_client().close_async()  # type: ignore[no-untyped-call]  # noqa: SLF001  # no public way

    def _client(self) -> stripe.StripeClient:
        """One per event loop, whose connections it holds; a new one when the settings changed."""
        loop = asyncio.get_running_loop()
        facts = (settings().stripe_secret_key, settings().stripe_api_base.rstrip("/"))
        known = self._clients.get(loop)
        if known is None or known[0] != facts:
            if not facts[0]:
                raise ProviderAway("SHOP_STRIPE_SECRET_KEY is not set any more")
            client = stripe.StripeClient(
                facts[0],
                base_addresses={"api": facts[1]} if facts[1] else None,
                http_client=Connections(timeout=httpx.Timeout(TIMEOUT_SECONDS)),
                max_network_retries=1,
            )
            known = self._clients[loop] = (facts, client)
        return known[1]

    async def _declined(self, intent: ProviderIntent, error: stripe.CardError) -> ProviderAnswer:
        """Stripe sends the intent along with the bad news; a stand-in may not."""
        body = error.json_body if isinstance(error.json_body, dict) else {}
        raw = body.get("error", {}).get("payment_intent")
        found = msgspec.convert(raw, StripeIntent) if isinstance(raw, dict) else await self._find(intent)
        words = error.user_message or CARD_REFUSED
        if found is None:
            raise ProviderRefused(words) from error
        answer = _answer(found)
        return msgspec.structs.replace(answer, failure=answer.failure or words)

    async def _find(self, intent: ProviderIntent) -> StripeIntent | None:
        intents = self._client().v1.payment_intents
        if intent.provider_ref is not None:
            try:
                return _read(await intents.retrieve_async(intent.provider_ref))
            except stripe.InvalidRequestError as error:
                if error.http_status == 404:
                    return None
                raise
        try:
            hits = await intents.search_async({"query": f"metadata['payment_id']:'{intent.payment_id}'", "limit": 1})
            return next((_read(hit) for hit in hits.data), None)
        except stripe.InvalidRequestError:
            return await self._find_in_list(intent)

    async def _find_in_list(self, intent: ProviderIntent) -> StripeIntent | None:
        """Where search is not to be had (accounts in India, stand-ins)."""
        seen = 0
        listed = await self._client().v1.payment_intents.list_async({"limit": 100})
        async for each in listed.auto_paging_iter():
            found = _read(each)
            if found.metadata.get("payment_id") == str(intent.payment_id):
                return found
            seen += 1
            if seen >= LISTED_AT_MOST:
                break
        return None


@contextmanager
def _conversation() -> Iterator[None]:
    """Whatever leaves open what became of the charge is ProviderAway."""
    refuse_open_transaction("talking to Stripe")
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("stripe_refuses_our_key", reason=str(error)[:300])  # noqa: TRY400  # the trace says nothing more
        raise ProviderAway("Stripe refuses our key") from error
    except (stripe.StripeError, msgspec.ValidationError) as error:
        raise ProviderAway(f"Stripe: {error!r}"[:300]) from error


def _wanted(intent: ProviderIntent) -> dict[str, Any]:
    """The same on every repeat, as the idempotency key demands."""
    wanted: dict[str, Any] = {
        "amount": to_stripe(intent.amount),
        "currency": intent.amount.currency.lower(),
        "metadata": {
            "payment_id": str(intent.payment_id),
            "order_id": str(intent.order_id),
            "confirmed_by": "shop" if intent.token else "buyer",
        },
    }
    if intent.token is None:
        return wanted
    if intent.token.startswith("tok_"):
        wanted["payment_method_data"] = {"type": "card", "card": {"token": intent.token}}
    else:
        wanted["payment_method"] = intent.token
    return wanted | {"payment_method_types": ["card"], "confirm": True}


def _plain(resource: stripe.StripeObject) -> dict[str, Any]:
    return resource.to_dict()


def _read(resource: stripe.StripeObject) -> StripeIntent:
    return msgspec.convert(_plain(resource), StripeIntent)


def _answer(found: StripeIntent) -> ProviderAnswer:
    """Raises ProviderAway for a status that we have never heard of."""
    status = STATUS.get(found.status)
    if status is None:
        raise ProviderAway(f"Stripe reports the unknown status {found.status!r}")
    error = found.last_payment_error
    if found.status == "requires_payment_method" and error and found.metadata.get("confirmed_by") == "shop":
        status = "failed"
    acting = status == "requires_action"
    redirect = found.next_action.redirect_to_url if acting and found.next_action else None
    received = found.amount_received if status == "captured" and found.amount_received is not None else found.amount
    return ProviderAnswer(
        provider_ref=found.id,
        status=status,
        amount=from_stripe(received, found.currency),
        payment_id=_id_in(found.metadata, "payment_id"),
        order_id=_id_in(found.metadata, "order_id"),
        client_secret=found.client_secret if acting else None,
        redirect_url=redirect.url if redirect else None,
        failure=(error.message or CARD_REFUSED) if error and status in {"failed", "requires_action"} else None,
    )


def _id_in(metadata: Mapping[str, str], name: str) -> UUID | None:
    try:
        return UUID(metadata.get(name, ""))
    except ValueError:
        return None


def to_stripe(money: Money) -> int:
    return money.amount * 100 if money.currency in IN_HUNDREDTHS else money.amount


def from_stripe(amount: int, currency: str) -> Money:
    """An amount that is no whole unit of ours stays distinguishable: it must never look like what we asked for."""
    code = currency.upper()
    if code not in IN_HUNDREDTHS:
        return Money(amount, code)
    return Money(amount // 100, code) if amount % 100 == 0 else Money(amount, f"{code}/100")
