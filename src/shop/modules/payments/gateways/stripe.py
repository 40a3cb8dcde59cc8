"""Stripe's PaymentIntents: confirmed by us when a means of payment came with the order, else by its buyer on the page.

Gotchas: what is sent under an idempotency key must be the same on every repeat, or Stripe answers an idempotency error.
Keys are forgotten after a day, and an answer of 500 is repeated like any other: so what is so is looked up, and the state
of the PaymentIntent decides, wherever a key might not. An intent that the buyer confirms falls back to
`requires_payment_method` when a card is declined, and the buyer simply takes another; one that we confirmed has then
failed. Its metadata says which kind it is. Stripe's search lags by up to a minute: "never heard of it" may be wrong for
that long.
"""

from typing import Any, Final
from uuid import UUID

import msgspec
import stripe
import structlog

from shop.contracts.payment_providers import ProviderAnswer, ProviderAway, ProviderIntent, ProviderRefused, RefundAnswer
from shop.contracts.payments import PaymentMethod, PaymentRequest
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.modules.payments.gateways.stripe_answers import (
    CARD_REFUSED,
    EXPAND,
    StripeIntent,
    StripeRefund,
    answer_of,
    refund_answer_of,
    to_stripe,
)
from shop.modules.payments.gateways.stripe_client import (
    PAGE,
    StripeClients,
    all_pages,
    conversation,
    is_customer_gone,
    plain,
)

log = structlog.get_logger(__name__)

TOKEN_PREFIXES: Final = ("pm_", "tok_")
LISTED_AT_MOST: Final = 2000
NOT_CHARGEABLE: Final = "This card can't be charged. Please try another one."
NOT_THIS_AMOUNT: Final = "This amount can't be paid by card."
AUTHORIZATION_ENDED: Final = "The authorization has ended; nothing can be captured of it any more."
NOTHING_TO_REFUND: Final = "There is nothing to give back."
SOURCES: Final = {
    "csp.script-src": "https://js.stripe.com https://*.js.stripe.com",
    "csp.frame-src": "https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
    "csp.connect-src": "https://api.stripe.com",
}
"""What docs.stripe.com/security/guide asks for."""


class StripeProvider:
    """`contracts.payment_providers.PaymentProvider` over the official client."""

    name = "stripe"

    def __init__(self, clients: StripeClients) -> None:
        self._clients = clients

    def offer(self) -> PaymentMethod | None:
        if not settings().stripe_secret_key:
            return None
        public = {"publishable_key": settings().stripe_publishable_key, **SOURCES}
        return PaymentMethod(
            self.name, "Card", "payments/stripe_form.html", public, setup_template="payments/stripe_setup.html"
        )

    def check(self, request: PaymentRequest) -> None:
        if request.token is not None and request.method_id is not None:
            raise Invalid.field("payment.token", "Either a token or a stored method, not both")
        if request.token is not None and not request.token.startswith(TOKEN_PREFIXES):
            raise Invalid.field("payment.token", "A token of Stripe's begins with pm_ or tok_")

    async def prepare(self, intent: ProviderIntent) -> str:
        with conversation():
            return await self._prepare(intent)

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        with conversation():
            ref = intent.provider_ref or await self._prepare(intent)
            if intent.token is None and intent.method_id is None:
                found = await self._get(ref)
                if found.begun:
                    return answer_of(found)
            return await self._confirm(intent, ref)

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        with conversation():
            found = await self._find(intent)
            return None if found is None else answer_of(found)

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        with conversation():
            found = await self._must_find(intent)
            if found.status != "requires_capture":
                return _after_capture(found)
            try:
                captured = await self._clients.api().payment_intents.capture_async(
                    found.id,
                    {"amount_to_capture": to_stripe(amount), "expand": EXPAND},
                    {"idempotency_key": f"{intent.payment_id}:capture"},
                )
            except stripe.InvalidRequestError as error:
                found = await self._get(found.id)
                if found.status == "requires_capture":
                    raise ProviderRefused(error.user_message or AUTHORIZATION_ENDED) from error
                return _after_capture(found)
            return answer_of(_read(captured))

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        with conversation():
            found = await self._must_find(intent)
            try:
                return answer_of(
                    _read(await self._clients.api().payment_intents.cancel_async(found.id, {"expand": EXPAND}))
                )
            except stripe.InvalidRequestError:
                # Succeeded or cancelled before we asked: what it is now is the answer.
                return answer_of(await self._get(found.id))

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        with conversation():
            found = await self._find(intent)
            if found is None:
                raise ProviderRefused(NOTHING_TO_REFUND)
            earlier = await self._find_refund(found.id, refund_id)
            if earlier is not None:
                return earlier
            try:
                made = await self._clients.api().refunds.create_async(
                    {
                        "payment_intent": found.id,
                        "amount": to_stripe(amount),
                        "metadata": {"refund_id": str(refund_id), "payment_id": str(intent.payment_id)},
                    },
                    {"idempotency_key": str(refund_id)},
                )
            except (stripe.InvalidRequestError, stripe.CardError) as error:
                raise ProviderRefused(error.user_message or NOTHING_TO_REFUND) from error
            return refund_answer_of(msgspec.convert(plain(made), StripeRefund))

    async def look_up_refund(
        self, intent: ProviderIntent, refund_id: UUID, provider_ref: str | None
    ) -> RefundAnswer | None:
        with conversation():
            if provider_ref is not None:
                try:
                    found = await self._clients.api().refunds.retrieve_async(provider_ref)
                except stripe.InvalidRequestError as error:
                    if error.http_status == 404:
                        return None
                    raise
                return refund_answer_of(msgspec.convert(plain(found), StripeRefund))
            charged = await self._find(intent)
            return None if charged is None else await self._find_refund(charged.id, refund_id)

    async def _prepare(self, intent: ProviderIntent) -> str:
        customer = intent.customer_ref
        if intent.save and customer is None and intent.account_id is not None:
            customer = await self._clients.customer_of(intent.account_id)
        try:
            created = await self._create(intent, customer)
        except (stripe.APIError, stripe.IdempotencyError):
            # Made all the same, perhaps: the key would repeat this answer for a day.
            found = await self._search(intent)
            if found is None:
                raise
            return found.id
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            log.warning("stripe_refused_intent", payment_id=str(intent.payment_id), reason=str(error)[:300])
            raise ProviderRefused(_words_of(error)) from error
        return created.id

    async def _create(self, intent: ProviderIntent, customer: str | None) -> stripe.PaymentIntent:
        """For a new customer where ours was deleted at Stripe, unless it is to be paid by what was deleted with it."""
        create, key = self._clients.api().payment_intents.create_async, str(intent.payment_id)
        try:
            return await create(_wanted(intent, customer), {"idempotency_key": key})  # type: ignore[arg-type]  # a TypedDict of some hundred keys
        except stripe.InvalidRequestError as error:
            if not is_customer_gone(error) or intent.account_id is None or intent.method_id is not None:
                raise
            customer = await self._clients.customer_of(intent.account_id, instead_of=customer)
            return await create(_wanted(intent, customer), {"idempotency_key": f"{key}:{customer}"})  # type: ignore[arg-type]  # as above

    async def _confirm(self, intent: ProviderIntent, ref: str) -> ProviderAnswer:
        """Only an intent that waits for it takes a confirmation, so that a second one can't charge again."""
        try:
            confirmed = await self._clients.api().payment_intents.confirm_async(
                ref,
                {"return_url": intent.return_url, "expand": EXPAND},
                {"idempotency_key": f"{intent.payment_id}:confirm"},
            )
        except stripe.CardError as error:
            answer = answer_of(await self._get(ref))
            return msgspec.structs.replace(answer, failure=answer.failure or error.user_message or CARD_REFUSED)
        except stripe.InvalidRequestError as error:
            found = await self._get(ref)
            if found.begun:
                return answer_of(found)
            log.warning("stripe_refused_charge", payment_id=str(intent.payment_id), reason=str(error)[:300])
            raise ProviderRefused(NOT_CHARGEABLE) from error
        return answer_of(_read(confirmed))

    async def _must_find(self, intent: ProviderIntent) -> StripeIntent:
        found = await self._find(intent)
        if found is None:
            raise ProviderAway(f"Stripe doesn't know {intent.provider_ref or intent.payment_id}")
        return found

    async def _find(self, intent: ProviderIntent) -> StripeIntent | None:
        if intent.provider_ref is None:
            return await self._search(intent)
        try:
            return await self._get(intent.provider_ref)
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                return None
            raise

    async def _get(self, ref: str) -> StripeIntent:
        return _read(await self._clients.api().payment_intents.retrieve_async(ref, {"expand": EXPAND}))

    async def _search(self, intent: ProviderIntent) -> StripeIntent | None:
        query = f"metadata['payment_id']:'{intent.payment_id}'"
        expand = [f"data.{each}" for each in EXPAND]
        try:
            hits = await self._clients.api().payment_intents.search_async(
                {"query": query, "limit": 1, "expand": expand}
            )
        except stripe.InvalidRequestError:
            return await self._find_in_list(intent)
        return next((_read(hit) for hit in hits.data), None)

    async def _find_in_list(self, intent: ProviderIntent) -> StripeIntent | None:
        """Where search is not to be had (accounts in India, stand-ins)."""
        seen = 0
        async for each in all_pages(await self._clients.api().payment_intents.list_async({"limit": PAGE})):
            if each.get("metadata", {}).get("payment_id") == str(intent.payment_id):
                return await self._get(each["id"])
            seen += 1
            if seen >= LISTED_AT_MOST:
                break
        return None

    async def _find_refund(self, intent_ref: str, refund_id: UUID) -> RefundAnswer | None:
        """By its metadata, which Stripe doesn't forget after a day."""
        listed = await self._clients.api().refunds.list_async({"payment_intent": intent_ref, "limit": PAGE})
        async for each in all_pages(listed):
            if (each.get("metadata") or {}).get("refund_id") == str(refund_id):
                return refund_answer_of(msgspec.convert(each, StripeRefund))
        return None


def _wanted(intent: ProviderIntent, customer: str | None) -> dict[str, Any]:
    """The same on every repeat, as the idempotency key demands."""
    by_shop = intent.token is not None or intent.method_id is not None
    metadata = {
        "payment_id": str(intent.payment_id),
        "order_id": str(intent.order_id) if intent.order_id else "",
        "deposit_id": str(intent.deposit_id) if intent.deposit_id else "",
        "confirmed_by": "shop" if by_shop else "buyer",
    }
    wanted: dict[str, Any] = {
        "amount": to_stripe(intent.amount),
        "currency": intent.amount.currency.lower(),
        "automatic_payment_methods": {"enabled": True},
        "metadata": {name: value for name, value in metadata.items() if value},
    }
    if intent.manual_capture:
        wanted["capture_method"] = "manual"
    if customer is not None:
        wanted["customer"] = customer
        if intent.save and intent.method_id is None:
            wanted["setup_future_usage"] = "on_session"
    if intent.method_id is not None:
        wanted["payment_method"] = intent.method_id
    elif intent.token is not None and intent.token.startswith("tok_"):
        wanted["payment_method_data"] = {"type": "card", "card": {"token": intent.token}}
    elif intent.token is not None:
        wanted["payment_method"] = intent.token
    return wanted


def _after_capture(found: StripeIntent) -> ProviderAnswer:
    """Of an intent that can't be captured now. Raises ProviderRefused when it never will be again."""
    answer = answer_of(found)
    if answer.status in {"cancelled", "failed", "requires_action"}:
        raise ProviderRefused(AUTHORIZATION_ENDED)
    return answer


def _words_of(error: stripe.InvalidRequestError | stripe.CardError) -> str:
    if isinstance(error, stripe.CardError):
        return error.user_message or CARD_REFUSED
    return NOT_THIS_AMOUNT if error.param in {"amount", "currency"} else NOT_CHARGEABLE


def _read(resource: stripe.StripeObject) -> StripeIntent:
    return msgspec.convert(plain(resource), StripeIntent)
