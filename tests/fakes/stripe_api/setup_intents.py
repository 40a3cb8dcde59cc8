"""SetupIntents: keeping a card for later without charging it; the bank may ask its holder then."""

from typing import Any

import stripe.params as known

from tests.fakes.stripe_api import payment_methods
from tests.fakes.stripe_api.books import Books, new_id, public
from tests.fakes.stripe_api.errors import card_error, unexpected_state
from tests.fakes.stripe_api.forms import Params
from tests.fakes.stripe_api.listing import listed
from tests.fakes.stripe_api.routes import Call, Route

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
UNAUTHENTICATED = {
    "code": "setup_intent_authentication_failure",
    "message": "The latest attempt to set up the payment method has failed because authentication failed.",
}
SEEN_BY_BROWSERS = {
    "id", "object", "automatic_payment_methods", "cancellation_reason", "client_secret", "created", "description",
    "last_setup_error", "livemode", "next_action", "payment_method", "payment_method_types", "status", "usage",
}  # fmt: skip


def create(call: Call) -> dict[str, Any]:
    books, params = call.books, call.params
    customer = params.text("customer")
    if customer is not None:
        books.get("customer", customer, "customer")
    id_, types = new_id("seti"), payment_methods.asked_types(books, params)
    intent: dict[str, Any] = {
        "id": id_,
        "object": "setup_intent",
        "allowed_payment_method_types": params.texts("allowed_payment_method_types") or None,
        "application": None,
        "automatic_payment_methods": None if types else {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": f"{id_}_{new_id('secret', 31)}",
        "created": books.now,
        "customer": customer,
        "customer_account": None,
        "description": params.text("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": params.metadata({}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": types or ["card", "link"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.choice("usage", "off_session", "on_session") or "off_session",
    }
    method = _chosen(books, intent, params, publishable=False)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    books.save(intent)
    books.tell("setup_intent.created", intent)
    return _confirmed(books, intent, method, params) if params.boolean("confirm") else intent


def _chosen(books: Books, intent: dict[str, Any], params: Params, *, publishable: bool) -> dict[str, Any] | None:
    if params.get("payment_method_data"):
        return books.save(payment_methods.from_data(books, params.part("payment_method_data"), publishable))
    named = params.text("payment_method")
    return payment_methods.usable(books, named, intent["customer"]) if named else None


def _confirmed(books: Books, intent: dict[str, Any], method: dict[str, Any] | None, params: Params) -> dict[str, Any]:
    if method is None:
        words = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise unexpected_state(words, public(intent))
    card = payment_methods.behaviour(method)
    intent |= {"payment_method": method["id"], "last_setup_error": None, "next_action": None}
    intent["_return_url"] = params.text("return_url")
    if card.decline and not card.kept:
        _fail(books, intent, method, card.refusal())
        raise card_error(card.refusal(), setup_intent=public(intent), payment_method=public(method))
    if card.three_ds != "no":
        base = books.store.setting("base", "")
        url = f"{base}/3ds/{intent['id']}?client_secret={intent['client_secret']}"
        redirect = {"return_url": intent["_return_url"], "url": url}
        by_script = {"type": "three_d_secure_redirect", "stripe_js": url}
        intent["status"] = "requires_action"
        intent["next_action"] = (
            {"type": "redirect_to_url", "redirect_to_url": redirect}
            if intent["_return_url"]
            else {"type": "use_stripe_sdk", "use_stripe_sdk": by_script}
        )
        books.save(intent)
        books.tell("setup_intent.requires_action", intent)
        return intent
    return _succeed(books, intent, method)


def _succeed(books: Books, intent: dict[str, Any], method: dict[str, Any]) -> dict[str, Any]:
    method["_set_up"] = True
    intent |= {"status": "succeeded", "next_action": None}
    books.save(method)
    if intent["customer"]:
        payment_methods.attach_to(books, method, intent["customer"])
    books.save(intent)
    books.tell("setup_intent.succeeded", intent)
    return intent


def _fail(books: Books, intent: dict[str, Any], method: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": facts | {"payment_method": public(method), "type": "card_error"},
    }
    books.save(intent)
    books.tell("setup_intent.setup_failed", intent)
    return intent


def authenticate(books: Books, intent: dict[str, Any], *, success: bool) -> dict[str, Any]:
    """The holder's answer at the bank."""
    if intent["status"] != "requires_action":
        raise unexpected_state(f"This SetupIntent's status is {intent['status']}; nothing is asked.", public(intent))
    method = books.get("payment_method", intent["payment_method"])
    return _succeed(books, intent, method) if success else _fail(books, intent, method, UNAUTHENTICATED)


def confirm(call: Call) -> dict[str, Any]:
    intent, books = call.of("setup_intent"), call.books
    if intent["status"] not in OPEN:
        words = f"You cannot confirm this SetupIntent because it has a status of {intent['status']}."
        raise unexpected_state(words, public(intent))
    method = _chosen(books, intent, call.params, publishable=call.publishable)
    if method is None and intent["payment_method"] is not None:
        method = books.get("payment_method", intent["payment_method"])
    return _shown(call, _confirmed(books, intent, method, call.params))


def _shown(call: Call, intent: dict[str, Any]) -> dict[str, Any]:
    return {name: intent[name] for name in intent if name in SEEN_BY_BROWSERS} if call.publishable else intent


def cancel(call: Call) -> dict[str, Any]:
    intent = call.of("setup_intent")
    if intent["status"] not in OPEN:
        words = (
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent with"
            f" one of the following statuses may be canceled: {', '.join(OPEN)}."
        )
        raise unexpected_state(words, public(intent))
    reason = call.params.choice("cancellation_reason", "abandoned", "requested_by_customer", "duplicate")
    intent |= {"status": "canceled", "cancellation_reason": reason, "next_action": None}
    call.books.save(intent)
    call.books.tell("setup_intent.canceled", intent)
    return intent


def update(call: Call) -> dict[str, Any]:
    intent, books, params = call.of("setup_intent"), call.books, call.params
    intent["metadata"] = params.metadata(intent["metadata"])
    if "customer" in params:
        customer = params.text("customer")
        intent["customer"] = customer and books.get("customer", customer, "customer")["id"]
    if "description" in params:
        intent["description"] = params.text("description")
    method = _chosen(books, intent, params, publishable=False)
    if method is not None and intent["status"] in OPEN:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation", "next_action": None}
    return books.save(intent)


def retrieve(call: Call) -> dict[str, Any]:
    return _shown(call, call.of("setup_intent"))


def list_all(call: Call) -> dict[str, Any]:
    facts = {name: call.params.text(name) for name in ("customer", "payment_method")}
    return listed(call.books, "setup_intent", call.params, call.path, **facts)


ROUTES = [
    Route("POST", "/v1/setup_intents", create, known.SetupIntentCreateParams),
    Route("GET", "/v1/setup_intents", list_all, known.SetupIntentListParams),
    Route("GET", "/v1/setup_intents/{id}", retrieve, publishable=True),
    Route("POST", "/v1/setup_intents/{id}", update, known.SetupIntentUpdateParams),
    Route("POST", "/v1/setup_intents/{id}/confirm", confirm, known.SetupIntentConfirmParams, publishable=True),
    Route("POST", "/v1/setup_intents/{id}/cancel", cancel, known.SetupIntentCancelParams),
]
