"""Refunds: never more than was captured; at once, pending first, or failing after all, as the card has it."""

from typing import Any

import stripe.params as known

from tests.fakes.stripe_api import charges
from tests.fakes.stripe_api.amounts import words
from tests.fakes.stripe_api.books import Books, new_id
from tests.fakes.stripe_api.errors import StripeRefusal
from tests.fakes.stripe_api.listing import listed
from tests.fakes.stripe_api.routes import Call, Route

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
REFUND_SECONDS = 1.0
"""Until a pending refund arrives, or one that looked well is sent back."""


def create(call: Call) -> dict[str, Any]:
    params, books = call.params, call.books
    named = params.text("payment_intent"), params.text("charge")
    if all(named) or not any(named):
        words_ = "One of the following params should be provided for this request: payment_intent or charge."
        raise StripeRefusal(words_, code="parameter_missing")
    amount = params.positive("amount")
    charge = _charge_of_intent(books, named[0]) if named[0] else books.get("charge", str(named[1]), "charge")
    reason = params.choice("reason", *REASONS)
    return give_back(books, charge, amount, params.metadata({}), reason)


def _charge_of_intent(books: Books, id_: str) -> dict[str, Any]:
    intent = books.get("payment_intent", id_, "payment_intent")
    if intent["status"] != "succeeded":
        text = f"This PaymentIntent ({id_}) does not have a successful charge to refund."
        raise StripeRefusal(text, code="payment_intent_unexpected_state", stored=True)
    return books.get("charge", intent["latest_charge"])


def give_back(
    books: Books, charge: dict[str, Any], amount: int | None, metadata: dict[str, str], reason: str | None
) -> dict[str, Any]:
    id_, left = charge["id"], charges.remaining(charge)
    if charge["disputed"] and not charge.get("_refundable"):
        text = f"Charge {id_} has been charged back; cannot issue a refund."
        raise StripeRefusal(text, code="charge_disputed", stored=True)
    if not charge["captured"]:
        text = f"Charge {id_} has not been captured; cancel its PaymentIntent instead."
        raise StripeRefusal(text, code="charge_not_refundable", stored=True)
    if left <= 0:
        text = f"Charge {id_} has already been refunded."
        raise StripeRefusal(text, code="charge_already_refunded", stored=True)
    amount = left if amount is None else amount
    if amount > left:
        currency = charge["currency"]
        text = f"Refund amount ({words(amount, currency)}) is greater than unrefunded amount on charge ({words(left, currency)})"
        raise StripeRefusal(text, param="amount", stored=True)
    kind = charges.card_of(books, charge).refund
    pending = kind == "pending"
    refund = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": id_,
        "created": books.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "type": "card",
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
        },
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    refund["balance_transaction"] = charges.enter(books, "refund", -amount, refund)["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charges.remaining(charge) == 0
    books.save(refund)
    books.save(charge)
    books.tell("refund.created", refund)
    books.tell("charge.refunded", charge)
    if kind != "at_once":
        books.later("refund_seconds", REFUND_SECONDS, "arrive" if pending else "send_back", refund["id"])
    return refund


def arrive(books: Books, refund: dict[str, Any]) -> dict[str, Any]:
    """A pending refund has reached its card."""
    if refund["status"] == "pending":
        refund["status"] = "succeeded"
        books.save(refund)
        books.tell("refund.updated", refund, {"status": "pending"})
        books.tell("charge.refund.updated", refund, {"status": "pending"})
    return refund


def send_back(books: Books, refund: dict[str, Any]) -> dict[str, Any]:
    """The card takes no money: it is ours again, and the charge counts it as not given back."""
    if refund["status"] in {"failed", "canceled"}:
        return refund
    was = refund["status"]
    refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    back = charges.enter(books, "refund_failure", refund["amount"], refund)
    refund["failure_balance_transaction"] = back["id"]
    charge = books.get("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    books.save(refund)
    books.save(charge)
    books.tell("refund.updated", refund, {"status": was})
    books.tell("charge.refund.updated", refund, {"status": was})
    books.tell("refund.failed", refund, {"status": was})
    return refund


def retrieve(call: Call) -> dict[str, Any]:
    return call.of("refund")


def update(call: Call) -> dict[str, Any]:
    refund = call.of("refund")
    refund["metadata"] = call.params.metadata(refund["metadata"])
    call.books.save(refund)
    call.books.tell("refund.updated", refund)
    return refund


def list_all(call: Call) -> dict[str, Any]:
    facts = {name: call.params.text(name) for name in ("payment_intent", "charge")}
    return listed(call.books, "refund", call.params, call.path, **facts)


def list_of_charge(call: Call) -> dict[str, Any]:
    call.of("charge")
    return listed(call.books, "refund", call.params, call.path, charge=call.id)


ROUTES = [
    Route("POST", "/v1/refunds", create, known.RefundCreateParams),
    Route("GET", "/v1/refunds", list_all, known.RefundListParams),
    Route("GET", "/v1/refunds/{id}", retrieve),
    Route("POST", "/v1/refunds/{id}", update, known.RefundUpdateParams),
    Route("GET", "/v1/charges/{id}/refunds", list_of_charge),
]
