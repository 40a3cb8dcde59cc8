"""PayPal's Orders v2: made unpaid, approved by the buyer at PayPal, then captured by us.

Gotchas: an order is captured or authorized once, whatever key a call carries, so the order's own state decides what is
still to do. Orders that nobody pays vanish after some hours. PayPal has no way to end an unpaid order: it is marked by
its description, and never captured. Keys of orders are forgotten after six hours, those of captures after 45 days; a
second order for the same payment could not be captured beside the first, as both carry the same `invoice_id`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NoReturn
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec
import structlog

from shop.contracts.payment_providers import ProviderAnswer, ProviderAway, ProviderIntent, ProviderRefused, RefundAnswer
from shop.contracts.payments import PaymentMethod, PaymentRequest
from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.modules.payments.gateways.paypal_answers import (
    CANCELLED_MARK,
    CURRENCIES,
    DECLINED,
    DECLINED_MARK,
    NOT_THIS_AMOUNT,
    PayPalOrder,
    PayPalRefund,
    answer_of,
    invoice_id,
    refund_answer_of,
    refund_custom_id,
    to_paypal,
)
from shop.modules.payments.gateways.paypal_client import PayPalClient, PayPalRefusal, conversation

log = structlog.get_logger(__name__)

ORDERS: Final = "/v2/checkout/orders"
AUTHORIZATIONS: Final = "/v2/payments/authorizations"
CAPTURES: Final = "/v2/payments/captures"
REFUNDS: Final = "/v2/payments/refunds"
GONE_AFTER: Final = timedelta(hours=73)
"""PayPal keeps an unpaid order for three hours, for 72 where a merchant has asked for it."""
NOT_POSSIBLE: Final = "PayPal can't take this payment. Please choose another way to pay."
ONLY_WHOLE: Final = "This PayPal payment can only be taken as a whole."
AUTHORIZATION_ENDED: Final = "The authorization has ended; nothing can be captured of it any more."
NOTHING_TO_REFUND: Final = "There is nothing to give back."
UNDERSTOOD: Final = frozenset({httpx.codes.BAD_REQUEST, httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY})
DECLINING: Final = frozenset(
    {"INSTRUMENT_DECLINED", "TRANSACTION_REFUSED", "PAYER_CANNOT_PAY", "PAYER_ACCOUNT_RESTRICTED"}
)
DECIDED: Final = frozenset({"ORDER_ALREADY_CAPTURED", "ORDER_ALREADY_AUTHORIZED", "ORDER_NOT_APPROVED"})
"""The order is not what it was a moment ago: what it is now is the answer."""
UNCLEAR: Final = frozenset({"DUPLICATE_INVOICE_ID", "DUPLICATE_REQUEST_ID"})
"""Something of this payment happened under another order: that must be found, and nothing be told before."""


class PayPalProvider:
    """`contracts.payment_providers.PaymentProvider` over HTTP."""

    name = "paypal"

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    def offer(self) -> PaymentMethod | None:
        if not settings().paypal_client_id or settings().currency not in CURRENCIES:
            return None
        return PaymentMethod(self.name, "PayPal", "payments/paypal_form.html", {})

    def check(self, request: PaymentRequest) -> None:
        if request.token is not None:
            raise Invalid.field("payment.token", "PayPal takes no tokens: the buyer approves the payment there")

    async def prepare(self, intent: ProviderIntent) -> str:
        async with conversation():
            return (await self._create(intent)).id

    async def charge(self, intent: ProviderIntent) -> ProviderAnswer:
        async with conversation():
            if intent.provider_ref is None:
                order = await self._create(intent)
            else:
                order = await self._must_get(intent)
            if not _is_meant(order, intent) or answer_of(order).begun:
                return answer_of(order)
            source = {"payment_source": {"paypal": {"vault_id": intent.method_id}}} if intent.method_id else {}
            return await self._finish(order, intent, source)

    async def look_up(self, intent: ProviderIntent) -> ProviderAnswer | None:
        async with conversation():
            order = await self._find(intent)
            return _lapsed(intent) if order is None else answer_of(order)

    async def capture(self, intent: ProviderIntent, amount: Money) -> ProviderAnswer:
        async with conversation():
            order = await self._must_get(intent)
            if answer_of(order).status != "authorized" or not _is_meant(order, intent):
                return _after_capture(order)
            held = order.open_authorization
            if held is not None:
                return await self._capture_held(order, held.id, intent, amount)
            if amount != intent.amount:
                raise ProviderRefused(ONLY_WHOLE)
            return await self._finish(order, intent, {})

    async def cancel(self, intent: ProviderIntent) -> ProviderAnswer:
        async with conversation():
            order = await self._find(intent)
            if order is None:
                return _lapsed(intent) or _unknown(intent)
            held = order.open_authorization
            if held is not None and not order.captures:
                await self._void(held.id, intent)
                return answer_of(await self._must_get(intent))
            if not order.is_unpaid or answer_of(order).status in {"cancelled", "failed"}:
                return answer_of(order)
            await self._mark(order.id, CANCELLED_MARK)
            order = await self._must_get(intent)
            # Whether PayPal let it be marked or not: nobody but us captures it, and we never will.
            return _ended(order, "cancelled") if order.is_unpaid else answer_of(order)

    async def refund(self, intent: ProviderIntent, amount: Money, refund_id: UUID) -> RefundAnswer:
        async with conversation():
            order = await self._find(intent)
            captured = answer_of(order).capture_ref if order is not None else None
            if order is None or captured is None:
                raise ProviderRefused(NOTHING_TO_REFUND)
            if (earlier := _refund_in(order, intent, refund_id)) is not None:
                return refund_answer_of(earlier)
            wanted = {"amount": to_paypal(amount), "custom_id": refund_custom_id(intent, refund_id)}
            try:
                made = await self._client.post(f"{CAPTURES}/{captured}/refund", wanted, str(refund_id))
            except PayPalRefusal as refusal:
                if refusal.status == httpx.codes.UNPROCESSABLE_ENTITY and not refusal.issues & UNCLEAR:
                    log.warning("paypal_refused_refund", payment_id=str(intent.payment_id), reason=str(refusal)[:300])
                    raise ProviderRefused(_refund_words(refusal)) from refusal
                raise
            return refund_answer_of(msgspec.json.decode(made, type=PayPalRefund))

    async def look_up_refund(
        self, intent: ProviderIntent, refund_id: UUID, provider_ref: str | None
    ) -> RefundAnswer | None:
        async with conversation():
            if provider_ref is not None:
                found = await self._client.find(f"{REFUNDS}/{quote(provider_ref, safe='')}")
                return None if found is None else refund_answer_of(msgspec.json.decode(found, type=PayPalRefund))
            order = await self._find(intent)
            refund = None if order is None else _refund_in(order, intent, refund_id)
            return None if refund is None else refund_answer_of(refund)

    async def _create(self, intent: ProviderIntent) -> PayPalOrder:
        """Unpaid: no money moves before the buyer says yes, or before we pay it with a stored method."""
        try:
            made = await self._client.post(ORDERS, _wanted(intent, save=intent.save), str(intent.payment_id))
        except PayPalRefusal as refusal:
            if intent.save and refusal.status in {httpx.codes.FORBIDDEN, httpx.codes.UNPROCESSABLE_ENTITY}:
                # A merchant may not be allowed to keep payers; paying is possible all the same.
                made = await self._create_unsaved(intent)
            elif refusal.status in {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}:
                raise _refused(intent, refusal) from refusal
            else:
                raise
        return msgspec.json.decode(made, type=PayPalOrder)

    async def _create_unsaved(self, intent: ProviderIntent) -> bytes:
        try:
            return await self._client.post(ORDERS, _wanted(intent, save=False), f"{intent.payment_id}:unsaved")
        except PayPalRefusal as refusal:
            raise _refused(intent, refusal) from refusal

    async def _finish(self, order: PayPalOrder, intent: ProviderIntent, source: dict[str, Any]) -> ProviderAnswer:
        """Capture or authorize, as the order was made for."""
        what = order.intent.lower()
        try:
            await self._client.post(f"{ORDERS}/{order.id}/{what}", source, f"{intent.payment_id}:{what}")
        except PayPalRefusal as refusal:
            if refusal.status not in UNDERSTOOD or refusal.issues & UNCLEAR:
                raise
            found = await self._must_get(intent, order.id)
            if refusal.issues & DECIDED or not found.is_unpaid:
                return answer_of(found)
            log.info("paypal_declined", payment_id=str(intent.payment_id), reason=str(refusal)[:300])
            if not refusal.issues & DECLINING:
                raise ProviderRefused(NOT_POSSIBLE) from refusal
            await self._mark(order.id, DECLINED_MARK)
            return _ended(found, "failed")
        return answer_of(await self._must_get(intent, order.id))

    async def _capture_held(
        self, order: PayPalOrder, authorization_id: str, intent: ProviderIntent, amount: Money
    ) -> ProviderAnswer:
        wanted = {"amount": to_paypal(amount), "final_capture": True, "invoice_id": invoice_id(intent)}
        try:
            await self._client.post(
                f"{AUTHORIZATIONS}/{authorization_id}/capture", wanted, f"{intent.payment_id}:capture"
            )
        except PayPalRefusal as refusal:
            if refusal.status != httpx.codes.UNPROCESSABLE_ENTITY or refusal.issues & UNCLEAR:
                raise
            found = await self._must_get(intent, order.id)
            if found.captures:
                return answer_of(found)
            log.warning("paypal_refused_capture", payment_id=str(intent.payment_id), reason=str(refusal)[:300])
            raise ProviderRefused(AUTHORIZATION_ENDED) from refusal
        return answer_of(await self._must_get(intent, order.id))

    async def _void(self, authorization_id: str, intent: ProviderIntent) -> None:
        """Voided or captured before we asked is no fault: what it is now is told afterwards."""
        try:
            await self._client.post(f"{AUTHORIZATIONS}/{authorization_id}/void", {}, f"{intent.payment_id}:void")
        except PayPalRefusal as refusal:
            if refusal.status != httpx.codes.UNPROCESSABLE_ENTITY:
                raise

    async def _mark(self, order_id: str, mark: str) -> None:
        operation = {"op": "replace", "path": "/purchase_units/@reference_id=='default'/description", "value": mark}
        try:
            await self._client.patch(f"{ORDERS}/{order_id}", [operation])
        except PayPalRefusal as refusal:
            if refusal.status not in {httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY}:
                raise
            log.info("paypal_order_not_marked", provider_ref=order_id, reason=str(refusal)[:300])

    async def _find(self, intent: ProviderIntent) -> PayPalOrder | None:
        """Without its reference an order can't be found, and needs not be: nobody was sent to approve it."""
        if intent.provider_ref is None:
            return None
        return await self._get(intent.provider_ref)

    async def _must_get(self, intent: ProviderIntent, order_id: str | None = None) -> PayPalOrder:
        ref = order_id or intent.provider_ref
        order = await self._get(ref) if ref is not None else None
        return _unknown(intent) if order is None else order

    async def _get(self, order_id: str) -> PayPalOrder | None:
        found = await self._client.find(f"{ORDERS}/{quote(order_id, safe='')}")
        return None if found is None else msgspec.json.decode(found, type=PayPalOrder)


def _wanted(intent: ProviderIntent, *, save: bool) -> dict[str, Any]:
    """The same on every repeat, as the request id demands."""
    wanted: dict[str, Any] = {
        "intent": "AUTHORIZE" if intent.manual_capture else "CAPTURE",
        "purchase_units": [
            {
                "reference_id": "default",
                "description": "Deposit to your wallet" if intent.deposit_id else "Your order",
                "custom_id": str(intent.payment_id),
                "invoice_id": invoice_id(intent),
                "amount": to_paypal(intent.amount),
            }
        ],
    }
    if intent.method_id is not None:
        return wanted
    wallet: dict[str, Any] = {
        "experience_context": {
            "brand_name": settings().name[:127],
            "shipping_preference": "NO_SHIPPING",
            "user_action": "PAY_NOW",
            "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
            "return_url": intent.return_url,
            "cancel_url": intent.return_url,
        }
    }
    if save and intent.account_id is not None:
        customer = {"merchant_customer_id": str(intent.account_id)}
        if intent.customer_ref is not None:
            customer["id"] = intent.customer_ref
        vault = {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT", "customer_type": "CONSUMER"}
        wallet["attributes"] = {"customer": customer, "vault": vault}
    return wanted | {"payment_source": {"paypal": wallet}}


def _is_meant(order: PayPalOrder, intent: ProviderIntent) -> bool:
    """Nothing is taken of an order that is not this payment's, or whose amount changed."""
    answer = answer_of(order)
    return (answer.payment_id, answer.amount) == (intent.payment_id, intent.amount)


def _after_capture(order: PayPalOrder) -> ProviderAnswer:
    """Of an order that can't be captured now. Raises ProviderRefused when it never will be again."""
    answer = answer_of(order)
    if answer.status in {"cancelled", "failed", "requires_action"}:
        raise ProviderRefused(AUTHORIZATION_ENDED)
    return answer


def _ended(order: PayPalOrder, status: Literal["cancelled", "failed"]) -> ProviderAnswer:
    """An order that is marked by now."""
    failure = DECLINED if status == "failed" else None
    return msgspec.structs.replace(answer_of(order), status=status, failure=failure, redirect_url=None, begun=True)


def _lapsed(intent: ProviderIntent) -> ProviderAnswer | None:
    """Of an order that PayPal has forgotten: it was never paid, if it is old enough for that. One of which PayPal held money
    is never forgotten before it let go of it: another account was asked. PayPal says no more than that it is gone, so what
    is told of it is what it was made for."""
    made_at = datetime.fromtimestamp((intent.payment_id.int >> 80) / 1000, UTC)
    gone_at = max(made_at + GONE_AFTER, intent.holds_until or made_at)
    if intent.provider_ref is None or clock.now() < gone_at:
        return None
    return ProviderAnswer(
        provider_ref=intent.provider_ref,
        status="cancelled",
        amount=intent.amount,
        payment_id=intent.payment_id,
        order_id=intent.order_id,
        deposit_id=intent.deposit_id,
    )


def _unknown(intent: ProviderIntent) -> NoReturn:
    raise ProviderAway(f"PayPal doesn't know {intent.provider_ref or intent.payment_id}")


def _refused(intent: ProviderIntent, refusal: PayPalRefusal) -> Exception:
    if refusal.issues & UNCLEAR:
        return ProviderAway(f"PayPal: {refusal}"[:300])
    log.warning("paypal_refused_order", payment_id=str(intent.payment_id), reason=str(refusal)[:300])
    about_amount = {"MAX_VALUE_EXCEEDED", "CURRENCY_NOT_SUPPORTED", "CANNOT_BE_ZERO_OR_NEGATIVE"}
    return ProviderRefused(NOT_THIS_AMOUNT if refusal.issues & about_amount else NOT_POSSIBLE)


def _refund_in(order: PayPalOrder, intent: ProviderIntent, refund_id: UUID) -> PayPalRefund | None:
    named = refund_custom_id(intent, refund_id)
    return next((each for each in order.unit.payments.refunds if each.custom_id == named), None)


def _refund_words(refusal: PayPalRefusal) -> str:
    if refusal.issues & {"CAPTURE_FULLY_REFUNDED", "REFUND_AMOUNT_EXCEEDED"}:
        return "PayPal has given back all, or more than would leave enough for this."
    if "REFUND_TIME_LIMIT_EXCEEDED" in refusal.issues:
        return "PayPal gives nothing back of payments older than 180 days."
    return f"PayPal refuses the refund: {', '.join(sorted(refusal.issues - {'UNPROCESSABLE_ENTITY'}))}"[:200]
