"""Disputes: the holder wants the money back through the bank, which takes it at once and decides later.

An inquiry takes nothing yet. Test evidence decides: `winning_evidence` or `losing_evidence` as uncategorized_text.
"""

from typing import Any

import stripe.params as known

from tests.fakes.stripe_api import charges
from tests.fakes.stripe_api.books import Books, new_id
from tests.fakes.stripe_api.errors import StripeRefusal
from tests.fakes.stripe_api.listing import listed
from tests.fakes.stripe_api.routes import Call, Route

EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip",
    "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation",
    "service_date", "service_documentation", "shipping_address", "shipping_carrier", "shipping_date",
    "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip
DAYS_TO_ANSWER = 9
FEE = 2000
ENDED = {"won", "lost", "warning_closed"}


def open_one(
    books: Books, charge: dict[str, Any], reason: str, *, inquiry: bool, amount: int | None = None
) -> dict[str, Any]:
    """`amount` may be less than the charge; its default is what was not given back yet."""
    amount = charges.remaining(charge) if amount is None else amount
    details = charge["payment_method_details"]
    dispute = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": books.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": books.now + DAYS_TO_ANSWER * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": (details.get("card") or {}).get("brand", "visa"),
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": (details.get("card") or {}).get("network", "visa"),
                "network_reason_code": "10.4",
            },
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    charge |= {"disputed": True, "_refundable": inquiry}
    books.save(charge)
    books.save(dispute)
    books.tell("charge.dispute.created", dispute)
    if not inquiry:
        _move(books, dispute, -amount, FEE)
        books.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _move(books: Books, dispute: dict[str, Any], amount: int, fee: int = 0) -> None:
    entry = charges.enter(books, "adjustment", amount, dispute, fee=fee)
    dispute["balance_transactions"].append(entry)
    books.save(dispute)


def update(call: Call) -> dict[str, Any]:
    """Evidence is handed in at once unless submit=false; the test words decide the case."""
    dispute, params, books = call.of("dispute"), call.params, call.books
    _must_be_open(dispute)
    dispute["metadata"] = params.metadata(dispute["metadata"])
    evidence = params.part("evidence")
    dispute["evidence"] |= {name: evidence.text(name) for name in EVIDENCE if name in evidence}
    dispute["evidence_details"]["has_evidence"] = any(dispute["evidence"][name] for name in EVIDENCE)
    if evidence and params.boolean("submit", default=True):
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "warning_under_review" if dispute["status"].startswith("warning") else "under_review"
    books.save(dispute)
    books.tell("charge.dispute.updated", dispute)
    decided = {"winning_evidence": True, "losing_evidence": False}.get(evidence.text("uncategorized_text") or "")
    if decided is not None and dispute["status"].endswith("under_review"):
        return decide(books, dispute, won=decided)
    return dispute


def _must_be_open(dispute: dict[str, Any]) -> None:
    if dispute["status"] in ENDED:
        raise StripeRefusal("This dispute is already closed", code="dispute_closed", stored=True)


def decide(books: Books, dispute: dict[str, Any], *, won: bool) -> dict[str, Any]:
    """The bank's verdict; a won one brings the money back, without the fee."""
    _must_be_open(dispute)
    inquiry = dispute["status"].startswith("warning")
    if inquiry and not won:
        charge = books.get("charge", dispute["charge"])
        charge["_refundable"] = False
        books.save(charge)
        _move(books, dispute, -dispute["amount"], FEE)
        books.tell("charge.dispute.funds_withdrawn", dispute)
    dispute["status"] = ("warning_closed" if inquiry else "won") if won else "lost"
    dispute["is_charge_refundable"] = inquiry and won
    books.save(dispute)
    books.tell("charge.dispute.closed", dispute)
    if won and not inquiry:
        _move(books, dispute, dispute["amount"])
        books.tell("charge.dispute.funds_reinstated", dispute)
    return dispute


def close(call: Call) -> dict[str, Any]:
    """The shop gives in."""
    return decide(call.books, call.of("dispute"), won=False)


def retrieve(call: Call) -> dict[str, Any]:
    return call.of("dispute")


def list_all(call: Call) -> dict[str, Any]:
    facts = {name: call.params.text(name) for name in ("payment_intent", "charge")}
    return listed(call.books, "dispute", call.params, call.path, **facts)


ROUTES = [
    Route("GET", "/v1/disputes", list_all, known.DisputeListParams),
    Route("GET", "/v1/disputes/{id}", retrieve),
    Route("POST", "/v1/disputes/{id}", update, known.DisputeUpdateParams),
    Route("POST", "/v1/disputes/{id}/close", close, known.DisputeCloseParams),
]
