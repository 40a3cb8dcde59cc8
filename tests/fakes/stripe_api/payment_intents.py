"""PaymentIntents: the requests, and in which status each is allowed (docs.stripe.com/payments/paymentintents/lifecycle)."""

from typing import Any

import stripe.params as known

from tests.fakes.stripe_api import amounts, charges, charging, payment_methods
from tests.fakes.stripe_api.books import Books, new_id, public
from tests.fakes.stripe_api.errors import StripeRefusal, unexpected_state
from tests.fakes.stripe_api.forms import Params
from tests.fakes.stripe_api.listing import listed, searched
from tests.fakes.stripe_api.routes import Call, Route

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELLABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
SEEN_BY_BROWSERS = {
    "id", "object", "amount", "amount_details", "automatic_payment_methods", "canceled_at", "cancellation_reason",
    "capture_method", "client_secret", "confirmation_method", "created", "currency", "description", "last_payment_error",
    "livemode", "next_action", "payment_method", "payment_method_types", "processing", "receipt_email",
    "setup_future_usage", "shipping", "status",
}  # fmt: skip
NEEDS_WAY_BACK = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment"
    " methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept"
    " redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and"
    " `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)


def create(call: Call) -> dict[str, Any]:
    books, params = call.books, call.params
    amount, currency = amounts.charged(params)
    customer = params.text("customer")
    if customer is not None:
        books.get("customer", customer, "customer")
    confirms = params.boolean("confirm")
    if not confirms and ("off_session" in params or "error_on_requires_action" in params):
        words = "You can only pass in `off_session` when also setting `confirm` to true."
        raise StripeRefusal(words, param="off_session")
    intent = build(books, amount, currency, params)
    intent["customer"] = customer
    method = chosen_method(books, intent, params, publishable=False)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    if confirms:
        _check_confirmable(intent, method, params)
    books.save(intent)
    books.tell("payment_intent.created", intent)
    if confirms and method is not None:
        return _confirmed(books, intent, method, params)
    return intent


def build(books: Books, amount: int, currency: str, params: Params) -> dict[str, Any]:
    """Waiting for a method. Without payment_method_types Stripe picks the methods itself."""
    id_ = new_id("pi")
    types = payment_methods.asked_types(books, params)
    automatic = params.part("automatic_payment_methods")
    if types and automatic.boolean("enabled"):
        words = "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
        raise StripeRefusal(words, param="automatic_payment_methods")
    chosen = None if types else {"enabled": automatic.boolean("enabled", default=True)}
    if chosen is not None:
        chosen["allow_redirects"] = automatic.choice("allow_redirects", "always", "never") or "always"
    return {
        "id": id_,
        "object": "payment_intent",
        "allowed_payment_method_types": params.texts("allowed_payment_method_types") or None,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": chosen,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.choice("capture_method", "automatic", "automatic_async", "manual")
        or "automatic_async",
        "client_secret": f"{id_}_{new_id('secret', 25)}",
        "confirmation_method": params.choice("confirmation_method", "automatic", "manual") or "automatic",
        "created": books.now,
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "description": params.text("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": params.metadata({}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None if types else {"id": new_id("pmc"), "parent": None},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"} | _card_options(params)},
        "payment_method_types": types or payment_methods.TYPES,
        "processing": None,
        "receipt_email": params.text("receipt_email"),
        "review": None,
        "setup_future_usage": params.choice("setup_future_usage", "off_session", "on_session"),
        "shipping": dict(params.part("shipping")) or None,
        "source": None,
        "statement_descriptor": params.text("statement_descriptor"),
        "statement_descriptor_suffix": params.text("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": params.text("transfer_group"),
    }


def _card_options(params: Params) -> dict[str, Any]:
    return dict(params.part("payment_method_options").part("card"))


def chosen_method(books: Books, intent: dict[str, Any], params: Params, *, publishable: bool) -> dict[str, Any] | None:
    """The method this request names, if it does."""
    method = None
    if params.get("payment_method_data"):
        method = payment_methods.from_data(books, params.part("payment_method_data"), publishable)
        books.save(method)
    elif params.text("payment_method"):
        method = payment_methods.usable(books, params.need("payment_method"), intent["customer"])
    if method is not None and method["type"] not in intent["payment_method_types"]:
        words = (
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. Please attempt again"
            f" using a payment method of one of these types: {', '.join(intent['payment_method_types'])}"
        )
        raise StripeRefusal(words, param="payment_method")
    return method


def _check_confirmable(intent: dict[str, Any], method: dict[str, Any] | None, params: Params) -> None:
    if method is None:
        words = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the"
            " PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment"
            " method or ConfirmationToken."
        )
        raise unexpected_state(words, public(intent))
    automatic = intent["automatic_payment_methods"] or {}
    redirects = automatic.get("enabled") and automatic["allow_redirects"] == "always"
    if redirects and not params.text("return_url") and not params.boolean("off_session"):
        raise StripeRefusal(NEEDS_WAY_BACK, param="return_url")


def _confirmed(books: Books, intent: dict[str, Any], method: dict[str, Any], params: Params) -> dict[str, Any]:
    off_session = params.text("off_session") not in {None, "false"}
    return charging.confirm(books, intent, method, off_session=off_session, return_url=params.text("return_url"))


def update(call: Call) -> dict[str, Any]:
    """Amounts and methods only while it is open; words at any time."""
    intent, params, books = call.of("payment_intent"), call.params, call.books
    money = {"amount", "currency", "payment_method", "payment_method_data", "setup_future_usage", "capture_method"}
    if money & set(params) and intent["status"] not in OPEN:
        words = (
            f"This PaymentIntent's {', '.join(sorted(money & set(params)))} could not be updated because it has a status"
            f" of {intent['status']}. You may only update the {', '.join(sorted(money & set(params)))} of a PaymentIntent"
            f" with one of the following statuses: {', '.join(OPEN)}."
        )
        raise unexpected_state(words, public(intent))
    types = payment_methods.asked_types(books, params)
    if types:
        intent |= {"payment_method_types": types, "automatic_payment_methods": None}
    intent["metadata"] = params.metadata(intent["metadata"])
    texts = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group")
    intent |= {name: params.text(name) for name in texts if name in params}
    if "customer" in params:
        customer = params.text("customer")
        intent["customer"] = customer and books.get("customer", customer, "customer")["id"]
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params.choice("setup_future_usage", "off_session", "on_session")
    if "capture_method" in params:
        intent["capture_method"] = params.choice("capture_method", "automatic", "automatic_async", "manual")
    if "shipping" in params:
        intent["shipping"] = dict(params.part("shipping")) or None
    if "amount" in params or "currency" in params:
        amount, currency = params.positive("amount") or intent["amount"], params.text("currency") or intent["currency"]
        amounts.check(amount, currency.lower())
        intent |= {"amount": amount, "currency": currency.lower()}
        if intent["status"] == "requires_action":
            intent |= {"status": "requires_confirmation", "next_action": None}
    method = chosen_method(books, intent, params, publishable=False)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    return books.save(intent)


def retrieve(call: Call) -> dict[str, Any]:
    return _shown(call, call.of("payment_intent"))


def _shown(call: Call, intent: dict[str, Any]) -> dict[str, Any]:
    return {name: intent[name] for name in intent if name in SEEN_BY_BROWSERS} if call.publishable else intent


def confirm(call: Call) -> dict[str, Any]:
    intent, params, books = call.of("payment_intent"), call.params, call.books
    if intent["status"] == "succeeded":
        words = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
        raise unexpected_state(words, public(intent))
    if intent["status"] not in OPEN:
        words = (
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent"
            " with one of the following statuses may be confirmed: requires_confirmation, requires_action."
        )
        raise unexpected_state(words, public(intent))
    if params.choice("setup_future_usage", "off_session", "on_session"):
        intent["setup_future_usage"] = params.text("setup_future_usage")
    method = chosen_method(books, intent, params, publishable=call.publishable)
    if method is None and intent["payment_method"] is not None:
        method = books.get("payment_method", intent["payment_method"])
    _check_confirmable(intent, method, params)
    assert method is not None
    try:
        return _shown(call, _confirmed(books, intent, method, params))
    except StripeRefusal as refusal:
        if "payment_intent" in refusal.error:
            refusal.error["payment_intent"] = _shown(call, refusal.error["payment_intent"])
        raise


def capture(call: Call) -> dict[str, Any]:
    intent, params, books = call.of("payment_intent"), call.params, call.books
    if intent["status"] != "requires_capture":
        words = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a PaymentIntent"
            " with one of the following statuses may be captured: requires_capture."
        )
        raise unexpected_state(words, public(intent))
    amount = params.positive("amount_to_capture") or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        words = f"The amount_to_capture ({amount}) is greater than what is capturable ({intent['amount_capturable']})."
        raise StripeRefusal(words, code="amount_too_large", param="amount_to_capture", stored=True)
    intent["metadata"] = params.metadata(intent["metadata"])
    charge = books.get("charge", intent["latest_charge"])
    charges.capture(books, charge, amount, settles_later=False)
    return charging.succeed(books, intent, charge, "charge.captured", charges.card_of(books, charge))


def cancel(call: Call) -> dict[str, Any]:
    intent = call.of("payment_intent")
    reason = call.params.choice("cancellation_reason", *REASONS)
    if intent["status"] not in CANCELLABLE:
        words = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent"
            f" with one of the following statuses may be canceled: {', '.join(CANCELLABLE)}, processing."
        )
        raise unexpected_state(words, public(intent))
    return cancelled(call.books, intent, reason)


def cancelled(
    books: Books, intent: dict[str, Any], reason: str | None, told_as: str = "charge.refunded"
) -> dict[str, Any]:
    """What was authorized is released: the charge counts as given back although it was never taken."""
    if intent["status"] == "requires_capture":
        charge = books.get("charge", intent["latest_charge"])
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        books.save(charge)
        books.tell(told_as, charge)
    intent |= {
        "status": "canceled",
        "canceled_at": books.now,
        "cancellation_reason": reason,
        "amount_capturable": 0,
        "next_action": None,
    }
    books.save(intent)
    books.tell("payment_intent.canceled", intent)
    return intent


def list_all(call: Call) -> dict[str, Any]:
    return listed(call.books, "payment_intent", call.params, call.path, customer=call.params.text("customer"))


def search(call: Call) -> dict[str, Any]:
    return searched(call.books, "payment_intent", call.params, call.path)


ROUTES = [
    Route("POST", "/v1/payment_intents", create, known.PaymentIntentCreateParams),
    Route("GET", "/v1/payment_intents", list_all, known.PaymentIntentListParams),
    Route("GET", "/v1/payment_intents/search", search, known.PaymentIntentSearchParams),
    Route("GET", "/v1/payment_intents/{id}", retrieve, publishable=True),
    Route("POST", "/v1/payment_intents/{id}", update, known.PaymentIntentUpdateParams),
    Route("POST", "/v1/payment_intents/{id}/confirm", confirm, known.PaymentIntentConfirmParams, publishable=True),
    Route("POST", "/v1/payment_intents/{id}/capture", capture, known.PaymentIntentCaptureParams),
    Route("POST", "/v1/payment_intents/{id}/cancel", cancel, known.PaymentIntentCancelParams),
]
