"""The gateway's own account of every payment, for tests that hold it against the shop's."""

import json
from typing import Any

from tests.fakes.stripe_api.store import Store


def state(store: Store) -> dict[str, Any]:
    """By metadata.payment_id what was charged and given back; `foreign`: what nobody's payment_id stands on."""
    payments: dict[str, dict[str, Any]] = {}
    foreign: list[dict[str, Any]] = []
    charges, refunds, disputes = _by_intent(store, "charge"), _by_intent(store, "refund"), _by_intent(store, "dispute")
    intents = store.having("payment_intent")
    for intent in intents:
        captured = [each for each in charges.get(intent["id"], []) if each["captured"]]
        given = [each for each in refunds.get(intent["id"], []) if each["status"] in {"succeeded", "pending"}]
        told = {
            "id": intent["id"],
            "status": intent["status"],
            "amount": intent["amount"],
            "currency": intent["currency"],
            "amount_capturable": intent["amount_capturable"],
            "amount_received": intent["amount_received"],
            "charges": len(captured),
            "captured": sum(each["amount_captured"] for each in captured),
            "refunds": len(given),
            "refunded": sum(each["amount"] for each in given),
            "disputed": sum(each["amount"] for each in disputes.get(intent["id"], [])),
            "metadata": intent["metadata"],
        }
        payment_id = intent["metadata"].get("payment_id")
        if payment_id is None:
            foreign.append(told)
            continue
        payment = payments.setdefault(
            payment_id, {"intents": [], "charges": 0, "captured": 0, "refunds": 0, "refunded": 0, "disputed": 0}
        )
        payment["intents"].append(told)
        for name in ("charges", "captured", "refunds", "refunded", "disputed"):
            payment[name] += told[name]
    return {"payments": payments, "foreign": foreign, "intents": len(intents), "deliveries": _deliveries(store)}


def _by_intent(store: Store, kind: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for each in store.having(kind):
        found.setdefault(each["payment_intent"], []).append(each)
    return found


def _deliveries(store: Store) -> dict[str, int]:
    (row,) = store.rows(
        "select count(*) as made, coalesce(sum(done_at is not null), 0) as done, coalesce(sum(dropped), 0) as dropped,"
        " coalesce(sum(done_at is null and not dropped), 0) as waiting, coalesce(sum(forged), 0) as forged from delivery"
    )
    return dict(row)


def log(store: Store) -> list[dict[str, Any]]:
    """Every request that was to have an effect, with its true outcome, in order."""
    return [
        dict(row) | {"params": json.loads(row["params"]), "answer": json.loads(row["answer"])}
        for row in store.rows("select * from request order by n")
    ]


def deliveries(store: Store) -> list[dict[str, Any]]:
    """Every webhook made, and what became of it; `subject` is the intent that it tells of, or another object."""
    return [
        dict(row)
        for row in store.rows(
            "select delivery.*, json_extract(body, '$.type') as type, coalesce("
            "json_extract(body, '$.data.object.payment_intent'), json_extract(body, '$.data.object.id')) as subject from delivery"
            " join object on object.id = delivery.event order by delivery.n"
        )
    ]
