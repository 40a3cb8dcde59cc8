"""What happens between the confirmation of a PaymentIntent and the money: the bank's question, the decline, the capture."""

from typing import Any

from tests.fakes.stripe_api import charges, disputes, payment_methods
from tests.fakes.stripe_api.books import Books, public
from tests.fakes.stripe_api.cards import Card
from tests.fakes.stripe_api.errors import card_error, unexpected_state

UNAUTHENTICATED = {
    "code": "payment_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new"
    " PaymentMethod to attempt to fulfill this PaymentIntent again.",
}
PROCESSING_SECONDS = 1.0


def confirm(
    books: Books, intent: dict[str, Any], method: dict[str, Any], *, off_session: bool, return_url: str | None
) -> dict[str, Any]:
    """Raises card_error when the bank refuses; the intent then waits for another method."""
    card = payment_methods.behaviour(method)
    intent |= {"payment_method": method["id"], "last_payment_error": None, "next_action": None}
    intent["_return_url"] = return_url or intent.get("_return_url")
    intent["_off_session"] = off_session
    if asks_its_holder(card, method, intent):
        if off_session:
            return _refused(books, intent, method, card.refusal("authentication_required"), told=True)
        intent |= {"status": "requires_action", "next_action": next_action(books, intent)}
        books.save(intent)
        books.tell("payment_intent.requires_action", intent)
        return intent
    return _charge(books, intent, method, told=True, authenticated=False)


def asks_its_holder(card: Card, method: dict[str, Any], intent: dict[str, Any]) -> bool:
    wished = (intent["payment_method_options"].get("card") or {}).get("request_three_d_secure")
    if card.method_type != "card":
        return False
    if card.three_ds == "unless_set_up" and method.get("_set_up"):
        return False
    return card.three_ds != "no" or wished in {"any", "challenge"}


def next_action(books: Books, intent: dict[str, Any]) -> dict[str, Any]:
    """A page of ours where the holder answers; opened by Stripe.js where the shop named no way back."""
    base = books.store.setting("base", "")
    url = f"{base}/3ds/{intent['id']}?client_secret={intent['client_secret']}"
    if intent["_return_url"]:
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": intent["_return_url"], "url": url}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}


def authenticate(books: Books, intent: dict[str, Any], *, success: bool) -> dict[str, Any]:
    """The holder's answer at the bank. A decline after it is told by the intent, as no request waits for it."""
    if intent["status"] != "requires_action":
        raise unexpected_state(f"This PaymentIntent's status is {intent['status']}; nothing is asked.", public(intent))
    method = books.get("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if success:
        return _charge(books, intent, method, told=False, authenticated=True)
    return _fail(books, intent, method, UNAUTHENTICATED, None)


def _charge(
    books: Books, intent: dict[str, Any], method: dict[str, Any], *, told: bool, authenticated: bool
) -> dict[str, Any]:
    card = payment_methods.behaviour(method)
    if card.decline and card.bank_days == "no":
        return _refused(books, intent, method, card.refusal(), told=told)
    charge = charges.build(books, intent, method, authenticated=authenticated)
    intent["latest_charge"] = charge["id"]
    _keep_method(books, intent, method)
    if card.bank_days != "no":
        charge |= {"status": "pending", "paid": False}
        intent |= {"status": "processing", "processing": {"type": method["type"]}}
        books.save(charge)
        books.save(intent)
        books.tell("charge.pending", charge)
        books.tell("payment_intent.processing", intent)
        if card.bank_days != "stays":
            books.later("processing_seconds", PROCESSING_SECONDS, "end_processing", intent["id"])
        return intent
    if _captured_by_hand(intent):
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        books.save(charge)
        books.save(intent)
        books.tell("charge.succeeded", charge)
        books.tell("payment_intent.amount_capturable_updated", intent)
        return intent
    charges.capture(books, charge, intent["amount"], settles_later=intent["capture_method"] == "automatic_async")
    return succeed(books, intent, charge, "charge.succeeded", card)


def succeed(books: Books, intent: dict[str, Any], charge: dict[str, Any], told_as: str, card: Card) -> dict[str, Any]:
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": charge["amount_captured"]}
    intent["processing"] = None
    books.save(charge)
    books.save(intent)
    books.tell(told_as, charge)
    books.tell("payment_intent.succeeded", intent)
    if card.dispute:
        disputes.open_one(books, charge, card.dispute, inquiry=card.inquiry)
    return intent


def end_processing(books: Books, intent: dict[str, Any], *, success: bool) -> dict[str, Any]:
    """The bank has decided on a debit."""
    if intent["status"] != "processing":
        return intent
    method = books.get("payment_method", intent["payment_method"])
    card, charge = payment_methods.behaviour(method), books.get("charge", intent["latest_charge"])
    if success:
        charges.capture(books, charge, intent["amount"], settles_later=False)
        return succeed(books, intent, charge, "charge.succeeded", card)
    return _fail(books, intent, method, card.refusal(), charge)


def _refused(
    books: Books, intent: dict[str, Any], method: dict[str, Any], facts: dict[str, Any], *, told: bool
) -> dict[str, Any]:
    """`told`: a request waits for the answer, which is a card_error then."""
    charge = charges.build(books, intent, method, authenticated=False)
    _fail(books, intent, method, facts, charge)
    if not told:
        return intent
    raise card_error(facts, charge=charge["id"], payment_intent=public(intent), payment_method=public(method))


def _fail(
    books: Books,
    intent: dict[str, Any],
    method: dict[str, Any],
    facts: dict[str, Any],
    charge: dict[str, Any] | None,
) -> dict[str, Any]:
    """The intent goes back to waiting for a method, and remembers why."""
    error = facts | {
        "payment_method": public(method),
        "doc_url": f"https://stripe.com/docs/error-codes/{facts['code']}",
    }
    if charge is not None:
        charges.refuse(charge, facts)
        books.save(charge)
        intent["latest_charge"] = error["charge"] = charge["id"]
    if method["customer"] is None:
        books.save(method | {"_used": True})
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "processing": None,
        "next_action": None,
        "last_payment_error": error | {"type": "card_error" if charge else "invalid_request_error"},
    }
    books.save(intent)
    if charge is not None:
        books.tell("charge.failed", charge)
    books.tell("payment_intent.payment_failed", intent)
    return intent


def _keep_method(books: Books, intent: dict[str, Any], method: dict[str, Any]) -> None:
    """Kept for the next time where that was asked for; else it was good for this once."""
    if intent["setup_future_usage"]:
        method["_set_up"] = True
    if method["customer"] is None and intent["customer"] and intent["setup_future_usage"]:
        method["customer"] = intent["customer"]
        books.save(method)
        books.tell("payment_method.attached", method)
        return
    books.save(method | {"_used": True})


def _captured_by_hand(intent: dict[str, Any]) -> bool:
    own = (intent["payment_method_options"].get("card") or {}).get("capture_method")
    return (own or intent["capture_method"]) == "manual"
