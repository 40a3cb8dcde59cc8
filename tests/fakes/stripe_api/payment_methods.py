"""PaymentMethods and the tokens they are made of. One without a customer is good for a single payment."""

import hashlib
from typing import Any

import stripe.params as known

from tests.fakes.stripe_api import cards
from tests.fakes.stripe_api.books import Books, new_id
from tests.fakes.stripe_api.cards import Card
from tests.fakes.stripe_api.errors import StripeRefusal, card_error, missing, no_such
from tests.fakes.stripe_api.forms import Params
from tests.fakes.stripe_api.listing import listed
from tests.fakes.stripe_api.routes import Call, Route

CONSUMED = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a"
    " connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a"
    " PaymentMethod multiple times, you must attach it to a Customer first."
)
RAW = (
    "Sending credit card numbers directly to the Stripe API is generally unsafe. To continue processing use Stripe.js,"
    " the Stripe mobile bindings, or Stripe Elements."
)
NO_MORE_TYPES_SINCE = "2026-09-30"
"""From this version of the API on, payment_method_types is only read (docs.stripe.com/changelog/endive)."""
TYPES = ["card", "link", "sepa_debit", "us_bank_account"]
NOWHERE = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
NOBODY = {"address": NOWHERE, "email": None, "name": None, "phone": None, "tax_id": None}


def create(call: Call) -> dict[str, Any]:
    if call.params.text("type") is None and "card" not in call.params:
        raise missing("type")
    made = from_data(call.books, call.params, call.publishable)
    made["metadata"] = call.params.metadata({})
    return call.books.save(made)


def from_data(books: Books, data: Params, publishable: bool) -> dict[str, Any]:
    """What `payment_method_data`, or the body of POST /v1/payment_methods, describes; not saved yet."""
    billing = data.part("billing_details")
    if data.text("type") == "sepa_debit":
        iban = "".join(data.part("sepa_debit").need("iban").split())
        if iban not in cards.IBANS:
            raise StripeRefusal("The IBAN you provided is invalid.", code="invalid_bank_account_iban")
        return build(books, cards.IBANS[iban], billing)
    part = data.part("card")
    token = part.text("token")
    if token is not None:
        card = cards.named(token)
        if card is not None:
            return build(books, card, billing)
        kept = books.get("token", token, data.name("card[token]"))
        if kept["used"]:
            words = f"You cannot use a Stripe token more than once: {token}."
            raise StripeRefusal(words, code="token_already_used")
        kept["used"] = True
        books.save(kept)
        return build(books, cards.NUMBERS.get(kept["_number"], Card(kept["_number"])), billing, kept["card"])
    return build(books, _entered(books, part, publishable), billing, _expiry(part))


def _entered(books: Books, part: Params, publishable: bool) -> Card:
    number = part.need("number")
    if not publishable and not books.store.setting("raw_cards"):
        raise StripeRefusal(RAW, status=402)
    card = cards.numbered(number)
    if card is None:
        raise card_error({"code": "incorrect_number", "message": cards.MESSAGES["incorrect_number"]}, param="number")
    cvc = part.text("cvc")
    if cvc is not None and not (cvc.isdigit() and len(cvc) in {3, 4}):
        raise card_error({"code": "invalid_cvc", "message": "Your card's security code is invalid."}, param="cvc")
    return card


def _expiry(part: Params) -> dict[str, int]:
    month, year = part.integer("exp_month"), part.integer("exp_year")
    if month is None or not 1 <= month <= 12:
        facts = {"code": "invalid_expiry_month", "message": "Your card's expiration month is invalid."}
        raise card_error(facts, param="exp_month")
    year = 2000 + year if year is not None and year < 100 else year
    if year is None or not 2026 <= year <= 2076:
        facts = {"code": "invalid_expiry_year", "message": "Your card's expiration year is invalid."}
        raise card_error(facts, param="exp_year")
    return {"exp_month": month, "exp_year": year}


def build(
    books: Books, card: Card, billing: dict[str, Any] | None = None, expiry: dict[str, int] | None = None
) -> dict[str, Any]:
    method: dict[str, Any] = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": NOBODY | (billing or {}) | {"address": NOWHERE | ((billing or {}).get("address") or {})},
        "created": books.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": card.method_type,
        "_number": card.number,
    }
    if card.method_type == "card":
        method["card"] = card_facts(card, expiry or {}) | {
            "display_brand": card.brand,
            "generated_from": None,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
        }
    else:
        method[card.method_type] = {"country": card.country, "fingerprint": fingerprint(card), "last4": card.last4}
    return method


def asked_types(books: Books, params: Params) -> list[str]:
    """What an intent is limited to; empty where Stripe is to pick."""
    if "payment_method_types" in params and books.version >= NO_MORE_TYPES_SINCE:
        words = (
            "The `payment_method_types` parameter is no longer supported. Use `allowed_payment_method_types` instead."
        )
        raise StripeRefusal(words, code="payment_method_types_no_longer_supported", param="payment_method_types")
    allowed = params.texts("allowed_payment_method_types")
    exclusive = {"automatic_payment_methods", "excluded_payment_method_types", "payment_method_configuration"}
    if allowed and exclusive & set(params):
        words = f"You may only specify one of these parameters: {', '.join(sorted(exclusive))}, allowed_payment_method_types."
        raise StripeRefusal(words, param="allowed_payment_method_types")
    return [each for each in allowed if each in TYPES] or params.texts("payment_method_types")


def card_facts(card: Card, expiry: dict[str, int]) -> dict[str, Any]:
    """What PaymentMethods and charges both tell of a card."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": card.country,
        "exp_month": expiry.get("exp_month", 12),
        "exp_year": expiry.get("exp_year", 2034),
        "fingerprint": fingerprint(card),
        "funding": card.funding,
        "last4": card.last4,
        "regulated_status": "unregulated",
        "wallet": None,
    }


def fingerprint(card: Card) -> str:
    return hashlib.sha256(card.number.encode()).hexdigest()[:16]


def behaviour(method: dict[str, Any]) -> Card:
    return cards.NUMBERS.get(method["_number"], Card(method["_number"]))


def usable(books: Books, id_: str, customer: str | None) -> dict[str, Any]:
    """The PaymentMethod to pay with: pm_card_... makes a new one every time; a consumed or foreign one is refused."""
    card = cards.named(id_)
    if card is not None:
        return books.save(build(books, card))
    method = books.get("payment_method", id_, "payment_method")
    owner = method["customer"]
    if owner is not None and customer is None:
        words = (
            "The provided PaymentMethod cannot be attached. To reuse a PaymentMethod, you must attach it to a Customer"
            f" first. The PaymentMethod {id_} belongs to a Customer; please include the Customer in the `customer`"
            " parameter."
        )
        raise StripeRefusal(words, param="payment_method", stored=True)
    if owner is not None and owner != customer:
        words = f"The customer does not have a payment method with the ID {id_}. The payment method must be attached"
        raise StripeRefusal(f"{words} to the customer.", param="payment_method", stored=True)
    if owner is None and method.get("_used"):
        raise StripeRefusal(CONSUMED, param="payment_method", stored=True)
    return method


def attach_to(books: Books, method: dict[str, Any], customer: str) -> dict[str, Any]:
    """Raises card_error for a card that its bank refuses to keep."""
    if method["customer"] not in {None, customer}:
        words = "The payment method you provided has already been attached to a customer."
        raise StripeRefusal(words, code="payment_method_unexpected_state", stored=True)
    if method["customer"] is None and method.get("_used"):
        raise StripeRefusal(CONSUMED, stored=True)
    card = behaviour(method)
    if card.decline and not card.kept:
        raise card_error(card.refusal())
    if method["customer"] is None:
        method["customer"] = customer
        books.save(method)
        books.tell("payment_method.attached", method)
    return method


def attach(call: Call) -> dict[str, Any]:
    card = cards.named(call.id)
    customer = call.books.get("customer", call.params.need("customer"), "customer")
    method = build(call.books, card) if card is not None else call.of("payment_method")
    return attach_to(call.books, method, customer["id"])


def detach(call: Call) -> dict[str, Any]:
    method = call.of("payment_method")
    if method["customer"] is None:
        words = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise StripeRefusal(words, stored=True)
    was, method["customer"], method["_used"] = method["customer"], None, True
    call.books.save(method)
    owner = call.books.store.find(was)
    if owner is not None and owner["invoice_settings"]["default_payment_method"] == method["id"]:
        owner["invoice_settings"]["default_payment_method"] = None
        call.books.save(owner)
    call.books.tell("payment_method.detached", method, {"customer": was})
    return method


def retrieve(call: Call) -> dict[str, Any]:
    return call.of("payment_method")


def update(call: Call) -> dict[str, Any]:
    method, params = call.of("payment_method"), call.params
    method["metadata"] = params.metadata(method["metadata"])
    billing = params.part("billing_details")
    address = NOWHERE | (method["billing_details"]["address"] or {}) | (billing.get("address") or {})
    method["billing_details"] |= dict(billing) | {"address": address}
    method["allow_redisplay"] = params.text("allow_redisplay") or method["allow_redisplay"]
    if "card" in params and method["type"] == "card":
        card = params.part("card")
        method["card"] |= {name: card.integer(name) for name in ("exp_month", "exp_year") if name in card}
    call.books.save(method)
    call.books.tell("payment_method.updated", method)
    return method


def list_of(call: Call) -> dict[str, Any]:
    """A customer's, by /v1/customers/{id}/payment_methods or ?customer=; Stripe lists none without."""
    customer = call.id or call.params.need("customer")
    call.books.get("customer", customer, None if call.id else "customer")
    return listed(
        call.books, "payment_method", call.params, call.path, customer=customer, type=call.params.text("type")
    )


def retrieve_of_customer(call: Call) -> dict[str, Any]:
    customer, method_id = call.id.split("/payment_methods/")
    method = call.books.get("payment_method", method_id)
    if method["customer"] != customer:
        raise no_such("payment_method", method_id, None)
    return method


def create_token(call: Call) -> dict[str, Any]:
    part = call.params.part("card")
    card, expiry = _entered(call.books, part, call.publishable), _expiry(part)
    facts = card_facts(card, expiry)
    address = ("city", "country", "line1", "line1_check", "line2", "state", "zip", "zip_check")
    nothing = (*(f"address_{name}" for name in address), "dynamic_last4", "name", "tokenization_method")
    kept = ("country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status")
    token = {
        "id": new_id("tok"),
        "object": "token",
        "card": dict.fromkeys(nothing)
        | {name: facts[name] for name in kept}
        | {
            "id": new_id("card"),
            "object": "card",
            "brand": card.brand.title(),
            "cvc_check": "unchecked",
            "metadata": {},
            "networks": {"preferred": None},
        },
        "client_ip": "127.0.0.1",
        "created": call.books.now,
        "livemode": False,
        "type": "card",
        "used": False,
        "_number": card.number,
    }
    return call.books.save(token)


def retrieve_token(call: Call) -> dict[str, Any]:
    return call.books.get("token", call.id)


ROUTES = [
    Route("POST", "/v1/payment_methods", create, known.PaymentMethodCreateParams, publishable=True),
    Route("GET", "/v1/payment_methods", list_of, known.PaymentMethodListParams),
    Route("GET", "/v1/payment_methods/{id}", retrieve),
    Route("POST", "/v1/payment_methods/{id}", update, known.PaymentMethodUpdateParams),
    Route("POST", "/v1/payment_methods/{id}/attach", attach, known.PaymentMethodAttachParams),
    Route("POST", "/v1/payment_methods/{id}/detach", detach, known.PaymentMethodDetachParams),
    Route("GET", "/v1/customers/{id}/payment_methods", list_of, known.CustomerListPaymentMethodsParams),
    Route("GET", "/v1/customers/{id:[^/]+/payment_methods/[^/]+}", retrieve_of_customer),
    Route("POST", "/v1/tokens", create_token, publishable=True),
    Route("GET", "/v1/tokens/{id}", retrieve_token),
]
