"""Charges, the attempts to move money, and the balance transactions of those that moved it."""

from typing import Any

import stripe.params as known

from tests.fakes.stripe_api.amounts import words
from tests.fakes.stripe_api.books import Books, new_id
from tests.fakes.stripe_api.cards import Card
from tests.fakes.stripe_api.listing import listed, searched
from tests.fakes.stripe_api.payment_methods import behaviour, card_facts
from tests.fakes.stripe_api.routes import Call, Route

FEE_PER_MILLE, FEE_FIXED = 15, 25
SETTLE_SECONDS = 1.0
"""Until an automatic_async charge gets its balance transaction."""
APPROVED = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 24,
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def build(books: Books, intent: dict[str, Any], method: dict[str, Any], *, authenticated: bool) -> dict[str, Any]:
    """Uncaptured and not yet decided."""
    id_ = new_id("ch")
    return {
        "id": id_,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SHOP",
        "captured": False,
        "created": books.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": dict(APPROVED),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(intent, method, authenticated),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{id_}",
        "refunded": False,
        "refunds": None,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def _details(intent: dict[str, Any], method: dict[str, Any], authenticated: bool) -> dict[str, Any]:
    if method["type"] != "card":
        return {"type": method["type"], method["type"]: dict(method[method["type"]])}
    expiry = {name: method["card"][name] for name in ("exp_month", "exp_year")}
    unavailable = {"status": "unavailable"}
    three_ds = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("3ds"),
        "version": "2.2.0",
    }
    return {
        "type": "card",
        "card": card_facts(behaviour(method), expiry)
        | {
            "amount_authorized": intent["amount"],
            "authorization_code": "123456",
            "extended_authorization": {"status": "disabled"},
            "incremental_authorization": unavailable,
            "installments": None,
            "mandate": None,
            "multicapture": unavailable,
            "network": method["card"]["brand"],
            "network_token": {"used": False},
            "network_transaction_id": new_id("nti", 15),
            "overcapture": unavailable | {"maximum_amount_capturable": intent["amount"]},
            "three_d_secure": three_ds if authenticated else None,
            "transaction_link_id": None,
        },
    }


def refuse(charge: dict[str, Any], facts: dict[str, Any]) -> None:
    decline = facts.get("decline_code", facts["code"])
    charge |= {
        "paid": False,
        "status": "failed",
        "failure_code": facts["code"],
        "failure_message": facts["message"],
        "outcome": APPROVED
        | {
            "network_status": "declined_by_network",
            "reason": decline,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
    }


def capture(books: Books, charge: dict[str, Any], amount: int, *, settles_later: bool) -> None:
    """Take `amount`; what was authorized beyond it is released, which Stripe counts as refunded."""
    charge |= {"captured": True, "amount_captured": amount, "paid": True, "status": "succeeded"}
    charge["amount_refunded"] = charge["amount"] - amount
    if settles_later:
        books.later("settle_seconds", SETTLE_SECONDS, "settle", charge["id"])
    else:
        charge["balance_transaction"] = settle(books, charge)["id"]


def settle(books: Books, charge: dict[str, Any]) -> dict[str, Any]:
    amount = charge["amount_captured"]
    return enter(books, "charge", amount, charge, fee=amount * FEE_PER_MILLE // 1000 + FEE_FIXED)


def enter(books: Books, kind: str, amount: int, source: dict[str, Any], fee: int = 0) -> dict[str, Any]:
    """A balance transaction: what has changed on the account, negative where money left it."""
    fees = [{"amount": fee, "application": None, "currency": source["currency"], "type": "stripe_fee"}]
    fees[0]["description"] = f"Stripe processing fees of {words(fee, source['currency'])}"
    return books.save(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": books.now,
            "balance_type": "payments",
            "created": books.now,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": fees if fee else [],
            "net": amount - fee,
            "reporting_category": {"payment": "charge", "adjustment": "dispute"}.get(kind, kind),
            "source": source["id"],
            "status": "available",
            "type": kind,
        }
    )


def remaining(charge: dict[str, Any]) -> int:
    """What of it can still be given back."""
    return int(charge["amount"] - charge["amount_refunded"])


def card_of(books: Books, charge: dict[str, Any]) -> Card:
    return behaviour(books.get("payment_method", charge["payment_method"]))


def retrieve(call: Call) -> dict[str, Any]:
    return call.of("charge")


def update(call: Call) -> dict[str, Any]:
    charge = call.of("charge")
    charge["metadata"] = call.params.metadata(charge["metadata"])
    charge |= {name: call.params.text(name) for name in ("description", "receipt_email") if name in call.params}
    call.books.save(charge)
    call.books.tell("charge.updated", charge)
    return charge


def list_all(call: Call) -> dict[str, Any]:
    facts = {name: call.params.text(name) for name in ("payment_intent", "customer")}
    return listed(call.books, "charge", call.params, call.path, **facts)


def search(call: Call) -> dict[str, Any]:
    return searched(call.books, "charge", call.params, call.path)


def retrieve_transaction(call: Call) -> dict[str, Any]:
    return call.of("balance_transaction")


def list_transactions(call: Call) -> dict[str, Any]:
    facts = {name: call.params.text(name) for name in ("source", "type", "currency")}
    return listed(call.books, "balance_transaction", call.params, call.path, **facts)


def balance(call: Call) -> dict[str, Any]:
    found = call.books.store.rows(
        "select json_extract(body, '$.currency') as currency, sum(json_extract(body, '$.net')) as amount"
        " from object where kind = 'balance_transaction' group by 1 order by 1"
    )
    there = [dict(row) | {"source_types": {"card": row["amount"]}} for row in found]
    nothing = [{"amount": 0, "currency": "eur", "source_types": {"card": 0}}]
    return {
        "object": "balance",
        "available": there or nothing,
        "connect_reserved": [{"amount": 0, "currency": "eur"}],
        "livemode": False,
        "pending": nothing,
    }


ROUTES = [
    Route("GET", "/v1/charges", list_all, known.ChargeListParams),
    Route("GET", "/v1/charges/search", search, known.ChargeSearchParams),
    Route("GET", "/v1/charges/{id}", retrieve),
    Route("POST", "/v1/charges/{id}", update, known.ChargeUpdateParams),
    Route("GET", "/v1/balance_transactions", list_transactions, known.BalanceTransactionListParams),
    Route("GET", "/v1/balance_transactions/{id}", retrieve_transaction),
    Route("GET", "/v1/balance", balance),
]
