"""Payments v2: authorizations, captures and refunds, and the rules that bound what is taken and given back."""

from decimal import Decimal
from typing import Any, Final

from tests.fakes.paypal_api.amounts import fee_on, read_amount, value_of, written
from tests.fakes.paypal_api.books import moment, stamp
from tests.fakes.paypal_api.desk import Answer, Call, Desk, link
from tests.fakes.paypal_api.refusals import not_found, unprocessable

DAY: Final = 86_400
HONOR_DAYS: Final = 3
AUTHORIZATION_DAYS: Final = 29
GIVES_BACK: Final = ("COMPLETED", "PENDING")
"""Statuses of refunds that count."""


def make_capture(
    desk: Desk,
    order: dict[str, Any],
    amount: Decimal,
    currency: str,
    *,
    authorization_id: str | None = None,
    invoice_id: str | None = None,
    final: bool = True,
) -> dict[str, Any]:
    """Takes the money, or what the test ordered instead. Raises Refusal."""
    unit = order["purchase_units"][0]
    invoice_id = invoice_id or unit.get("invoice_id")
    if desk.control.blocks_duplicate_invoices and invoice_id and desk.books.tagged("capture", invoice_id):
        raise unprocessable("DUPLICATE_INVOICE_ID")
    outcome = desk.next_of(desk.control.capture_outcomes, "COMPLETED")
    if outcome == "INSTRUMENT_DECLINED":
        again = link(desk.base, f"/checkoutnow?token={order['id']}", "redirect")
        raise unprocessable("INSTRUMENT_DECLINED", again)
    if outcome == "TRANSACTION_REFUSED":
        raise unprocessable("TRANSACTION_REFUSED")
    now = stamp(desk.books.now())
    capture: dict[str, Any] = {
        "id": desk.books.new_id(),
        "status": outcome,
        "amount": written(amount, currency),
        "final_capture": final,
        "seller_protection": {
            "status": "ELIGIBLE",
            "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"],
        },
        "create_time": now,
        "update_time": now,
        "supplementary_data": {"related_ids": {"order_id": order["id"]}},
    }
    if authorization_id:
        capture["supplementary_data"]["related_ids"]["authorization_id"] = authorization_id
    if invoice_id:
        capture["invoice_id"] = invoice_id
    if unit.get("custom_id"):
        capture["custom_id"] = unit["custom_id"]
    if outcome == "PENDING":
        capture["status_details"] = {"reason": "PENDING_REVIEW"}
    _break_down(capture, amount, currency)
    desk.books.put("capture", capture, order["id"], invoice_id)
    desk.tell(f"PAYMENT.CAPTURE.{outcome}", "capture", shown_capture(desk, capture))
    return capture


def _break_down(capture: dict[str, Any], amount: Decimal, currency: str) -> None:
    if capture["status"] != "COMPLETED":
        return
    fee = fee_on(amount, currency)
    capture["seller_receivable_breakdown"] = {
        "gross_amount": written(amount, currency),
        "paypal_fee": written(fee, currency),
        "net_amount": written(amount - fee, currency),
    }


def get_capture(desk: Desk, capture_id: str) -> dict[str, Any]:
    capture = desk.books.get("capture", capture_id)
    if capture is None:
        raise not_found()
    return capture


def shown_capture(desk: Desk, capture: dict[str, Any]) -> dict[str, Any]:
    path, related = f"/v2/payments/captures/{capture['id']}", capture["supplementary_data"]["related_ids"]
    up = (
        f"/v2/payments/authorizations/{related['authorization_id']}"
        if "authorization_id" in related
        else f"/v2/checkout/orders/{related['order_id']}"
    )
    links = [link(desk.base, path, "self"), link(desk.base, f"{path}/refund", "refund", "POST")]
    return {**capture, "links": [*links, link(desk.base, up, "up")]}


def settle_capture(desk: Desk, capture: dict[str, Any], status: str) -> None:
    """A pending one is decided: COMPLETED or DECLINED. Nothing happens to any other."""
    if capture["status"] != "PENDING":
        return
    capture |= {"status": status, "update_time": stamp(desk.books.now())}
    capture.pop("status_details", None)
    _break_down(capture, value_of(capture["amount"]), capture["amount"]["currency_code"])
    desk.books.put("capture", capture)
    name = "DENIED" if status == "DECLINED" else status
    desk.tell(f"PAYMENT.CAPTURE.{name}", "capture", shown_capture(desk, capture))


def reverse_capture(desk: Desk, capture: dict[str, Any]) -> None:
    """PayPal takes all that is left back, for the buyer's bank."""
    left = value_of(capture["amount"]) - refunded_of(desk, capture)
    capture |= {"status": "REFUNDED", "update_time": stamp(desk.books.now())}
    desk.books.put("capture", capture)
    refund = _make_refund(desk, capture, left, "COMPLETED", {"reversal": True})
    desk.tell("PAYMENT.CAPTURE.REVERSED", "refund", shown_refund(desk, refund))


def refunded_of(desk: Desk, capture: dict[str, Any]) -> Decimal:
    refunds = desk.books.children("refund", capture["id"])
    return sum((value_of(each["amount"]) for each in refunds if each["status"] in GIVES_BACK), Decimal(0))


def refund_capture(desk: Desk, call: Call) -> Answer:
    capture = get_capture(desk, call.ids["id"])
    if capture["status"] == "PENDING":
        raise unprocessable("PENDING_CAPTURE")
    if capture["status"] not in {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}:
        raise unprocessable("REFUND_NOT_ALLOWED")
    currency = capture["amount"]["currency_code"]
    left = value_of(capture["amount"]) - refunded_of(desk, capture)
    if left == 0:
        raise unprocessable("CAPTURE_FULLY_REFUNDED")
    amount = left
    if "amount" in call.body:
        amount, asked_in = read_amount(call.body["amount"], "/amount")
        if asked_in != currency:
            raise unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH")
    if amount > left:
        raise unprocessable("REFUND_AMOUNT_EXCEEDED")
    status = desk.next_of(desk.control.refund_outcomes, "COMPLETED")
    named = {name: call.body[name] for name in ("invoice_id", "custom_id", "note_to_payer") if name in call.body}
    refund = _make_refund(desk, capture, amount, status, {**named, "request_id": call.request_id})
    _tell_refund(desk, refund)
    return Answer(201, _preferred(call, shown_refund(desk, refund)), ("refund", refund["id"]))


def _make_refund(
    desk: Desk, capture: dict[str, Any], amount: Decimal, status: str, named: dict[str, Any]
) -> dict[str, Any]:
    now, currency = stamp(desk.books.now()), capture["amount"]["currency_code"]
    refund: dict[str, Any] = {
        "id": desk.books.new_id(),
        "status": status,
        "amount": written(amount, currency),
        "custom_id": capture.get("custom_id"),
        "invoice_id": capture.get("invoice_id"),
        "capture_id": capture["id"],
        "create_time": now,
        "update_time": now,
        **named,
    }
    if status == "PENDING":
        refund["status_details"] = {"reason": "ECHECK"}
    desk.books.put("refund", refund, capture["id"])
    _mark_refunded(desk, capture)
    return refund


def _mark_refunded(desk: Desk, capture: dict[str, Any]) -> None:
    given = refunded_of(desk, capture)
    whole = given == value_of(capture["amount"])
    status = "REFUNDED" if whole else "PARTIALLY_REFUNDED" if given else "COMPLETED"
    desk.books.put("capture", {**capture, "status": status, "update_time": stamp(desk.books.now())})


def _tell_refund(desk: Desk, refund: dict[str, Any]) -> None:
    if refund["status"] in {"COMPLETED", "PENDING", "FAILED"}:
        name = {"COMPLETED": "PAYMENT.CAPTURE.REFUNDED"}.get(refund["status"], f"PAYMENT.REFUND.{refund['status']}")
        desk.tell(name, "refund", shown_refund(desk, refund))


def settle_refund(desk: Desk, refund: dict[str, Any], status: str) -> None:
    if refund["status"] != "PENDING":
        return
    refund |= {"status": status, "update_time": stamp(desk.books.now())}
    refund.pop("status_details", None)
    desk.books.put("refund", refund)
    _mark_refunded(desk, get_capture(desk, refund["capture_id"]))
    _tell_refund(desk, refund)


def get_refund(desk: Desk, refund_id: str) -> dict[str, Any]:
    refund = desk.books.get("refund", refund_id)
    if refund is None:
        raise not_found()
    return refund


def shown_refund(desk: Desk, refund: dict[str, Any]) -> dict[str, Any]:
    hidden = {"capture_id", "request_id", "reversal"}
    told = {name: value for name, value in refund.items() if name not in hidden and value is not None}
    links = [
        link(desk.base, f"/v2/payments/refunds/{refund['id']}", "self"),
        link(desk.base, f"/v2/payments/captures/{refund['capture_id']}", "up"),
    ]
    return {**told, "links": links}


def make_authorization(desk: Desk, order: dict[str, Any], amount: dict[str, str]) -> dict[str, Any]:
    if desk.next_of(desk.control.capture_outcomes, "COMPLETED") == "INSTRUMENT_DECLINED":
        again = link(desk.base, f"/checkoutnow?token={order['id']}", "redirect")
        raise unprocessable("INSTRUMENT_DECLINED", again)
    now, unit = desk.books.now(), order["purchase_units"][0]
    authorization: dict[str, Any] = {
        "id": desk.books.new_id(),
        "status": "CREATED",
        "amount": amount,
        "seller_protection": {"status": "ELIGIBLE"},
        "expiration_time": stamp(now + AUTHORIZATION_DAYS * DAY),
        "create_time": stamp(now),
        "update_time": stamp(now),
        "supplementary_data": {"related_ids": {"order_id": order["id"]}},
        **{name: unit[name] for name in ("custom_id", "invoice_id") if unit.get(name)},
    }
    desk.books.put("authorization", authorization, order["id"])
    desk.tell("PAYMENT.AUTHORIZATION.CREATED", "authorization", shown_authorization(desk, authorization))
    return authorization


def get_authorization(desk: Desk, authorization_id: str) -> dict[str, Any]:
    authorization = desk.books.get("authorization", authorization_id)
    if authorization is None:
        raise not_found()
    return authorization


def shown_authorization(desk: Desk, authorization: dict[str, Any]) -> dict[str, Any]:
    path = f"/v2/payments/authorizations/{authorization['id']}"
    order_id = authorization["supplementary_data"]["related_ids"]["order_id"]
    open_ones = [("capture", "POST"), ("void", "POST"), ("reauthorize", "POST")]
    can_do = open_ones if authorization["status"] in {"CREATED", "PARTIALLY_CAPTURED"} else []
    links = [link(desk.base, path, "self"), *(link(desk.base, f"{path}/{rel}", rel, how) for rel, how in can_do)]
    return {**authorization, "links": [*links, link(desk.base, f"/v2/checkout/orders/{order_id}", "up")]}


def capture_authorization(desk: Desk, call: Call) -> Answer:
    authorization = _open_authorization(desk, call.ids["id"])
    held, currency = value_of(authorization["amount"]), authorization["amount"]["currency_code"]
    order_id = authorization["supplementary_data"]["related_ids"]["order_id"]
    taken = sum(
        (value_of(each["amount"]) for each in desk.books.children("capture", order_id) if each["status"] != "DECLINED"),
        Decimal(0),
    )
    amount = held - taken
    if "amount" in call.body:
        amount, asked_in = read_amount(call.body["amount"], "/amount")
        if asked_in != currency:
            raise unprocessable("AUTH_CAPTURE_CURRENCY_MISMATCH")
    if amount > held - taken:
        raise unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED")
    final = call.body.get("final_capture") is True
    order = desk.books.get("order", order_id)
    assert order is not None
    capture = make_capture(
        desk,
        order,
        amount,
        currency,
        authorization_id=authorization["id"],
        invoice_id=call.body.get("invoice_id"),
        final=final,
    )
    if capture["status"] != "DECLINED":
        closed = final or taken + amount == held
        authorization["status"] = "CAPTURED" if closed else "PARTIALLY_CAPTURED"
    desk.books.put("authorization", {**authorization, "update_time": stamp(desk.books.now())})
    return Answer(201, _preferred(call, shown_capture(desk, capture)), ("capture", capture["id"]))


def void_authorization(desk: Desk, call: Call) -> Answer:
    authorization = get_authorization(desk, call.ids["id"])
    if authorization["status"] == "VOIDED":
        raise unprocessable("PREVIOUSLY_VOIDED")
    if authorization["status"] == "CAPTURED":
        raise unprocessable("PREVIOUSLY_CAPTURED")
    authorization |= {"status": "VOIDED", "update_time": stamp(desk.books.now())}
    desk.books.put("authorization", authorization)
    shown = shown_authorization(desk, authorization)
    desk.tell("PAYMENT.AUTHORIZATION.VOIDED", "authorization", shown)
    return Answer(200, shown) if call.representation else Answer(204, None)


def reauthorize(desk: Desk, call: Call) -> Answer:
    authorization = _open_authorization(desk, call.ids["id"])
    if desk.books.now() < moment(authorization["create_time"]) + HONOR_DAYS * DAY:
        raise unprocessable("REAUTHORIZATION_TOO_SOON")
    amount = authorization["amount"]
    if "amount" in call.body:
        asked, currency = read_amount(call.body["amount"], "/amount")
        if currency != amount["currency_code"] or asked > value_of(amount):
            raise unprocessable("AUTH_CAPTURE_CURRENCY_MISMATCH")
        amount = written(asked, currency)
    order = desk.books.get("order", authorization["supplementary_data"]["related_ids"]["order_id"])
    assert order is not None
    desk.books.put("authorization", {**authorization, "status": "VOIDED"})
    renewed = make_authorization(desk, order, amount)
    renewed["expiration_time"] = authorization["expiration_time"]
    desk.books.put("authorization", renewed)
    return Answer(201, _preferred(call, shown_authorization(desk, renewed)), ("authorization", renewed["id"]))


def _open_authorization(desk: Desk, authorization_id: str) -> dict[str, Any]:
    authorization = get_authorization(desk, authorization_id)
    if authorization["status"] == "VOIDED":
        raise unprocessable("AUTHORIZATION_VOIDED")
    if authorization["status"] == "CAPTURED":
        raise unprocessable("AUTHORIZATION_ALREADY_CAPTURED")
    if desk.books.now() > moment(authorization["expiration_time"]):
        raise unprocessable("AUTHORIZATION_EXPIRED")
    return authorization


def _preferred(call: Call, shown: dict[str, Any]) -> dict[str, Any]:
    return shown if call.representation else {name: shown[name] for name in ("id", "status", "links")}
