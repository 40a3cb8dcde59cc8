"""Orders v2: created, approved by the payer on PayPal's page, then captured or authorized, once."""

import re
from typing import Any, Final

from tests.fakes.paypal_api import vault
from tests.fakes.paypal_api.amounts import read_amount, written
from tests.fakes.paypal_api.books import moment, stamp
from tests.fakes.paypal_api.captures import (
    make_authorization,
    make_capture,
    shown_authorization,
    shown_capture,
    shown_refund,
)
from tests.fakes.paypal_api.desk import Answer, Call, Desk, link
from tests.fakes.paypal_api.refusals import malformed, not_found, unprocessable

OPEN: Final = ("CREATED", "PAYER_ACTION_REQUIRED", "APPROVED")
LONGEST: Final = {"reference_id": 256, "custom_id": 127, "invoice_id": 127, "description": 127}
PATCHED: Final = re.compile(r"/purchase_units/@reference_id=='([^']+)'/(amount|custom_id|invoice_id|description)")
BUYER: Final[dict[str, Any]] = {
    "name": {"given_name": "Ada", "surname": "Lovelace"},
    "email_address": "ada@example.com",
    "payer_id": "QYR5Z8XDVJNXQ",
    "address": {"country_code": "DE"},
}


def create_order(desk: Desk, call: Call) -> Answer:
    intent = call.body.get("intent")
    if intent not in {"CAPTURE", "AUTHORIZE"}:
        raise malformed("MISSING_REQUIRED_PARAMETER" if intent is None else "INVALID_PARAMETER_VALUE", "/intent")
    units = call.body.get("purchase_units")
    if not isinstance(units, list) or len(units) != 1:
        raise malformed("INVALID_PARAMETER_VALUE", "/purchase_units")
    source = call.body.get("payment_source") or {}
    now = desk.books.now()
    order: dict[str, Any] = {
        "id": desk.books.new_id(),
        "intent": intent,
        "status": "CREATED",
        "purchase_units": [_read_unit(units[0])],
        "create_time": stamp(now),
        "context": {},
        "vaulting": None,
    }
    if (wallet := source.get("paypal")) is not None:
        order["context"] = _read_context(wallet.get("experience_context") or {})
        order["vaulting"] = vault.read_instruction(desk, wallet.get("attributes") or {})
        order["status"] = "PAYER_ACTION_REQUIRED"
    if vault.names_token(source):
        if call.request_id is None:
            raise malformed("PAYPAL_REQUEST_ID_REQUIRED", "/payment_source")
        _pay_with_token(desk, order, source)
        _take(desk, order)
    else:
        desk.books.put("order", order)
    return Answer(201, shown_order(desk, order, call.representation), ("order", order["id"]))


def _read_unit(unit: Any) -> dict[str, Any]:
    amount, currency = read_amount(unit.get("amount"), "/purchase_units/@reference_id=='default'/amount")
    read: dict[str, Any] = {"reference_id": "default", "amount": written(amount, currency)}
    for name, longest in LONGEST.items():
        if (value := unit.get(name)) is None:
            continue
        if not isinstance(value, str) or not value:
            raise malformed("INVALID_PARAMETER_VALUE", f"/purchase_units/0/{name}")
        if len(value) > longest:
            raise malformed("INVALID_STRING_MAX_LENGTH", f"/purchase_units/0/{name}")
        read[name] = value
    return read


def _read_context(context: dict[str, Any]) -> dict[str, str]:
    for name in ("return_url", "cancel_url"):
        url = context.get(name)
        if url is not None and not re.match(r"https?://", str(url)):
            raise malformed("INVALID_PARAMETER_SYNTAX", f"/payment_source/paypal/experience_context/{name}")
    return {name: str(value) for name, value in context.items()}


def get_order(desk: Desk, order_id: str) -> dict[str, Any]:
    """Raises Refusal for one that was never made, or that nobody approved or captured in time."""
    order = desk.books.get("order", order_id)
    if order is None:
        raise not_found()
    if order["status"] in OPEN:
        approved = order.get("approve_time")
        began, lasts = (
            (approved, desk.control.approval_seconds)
            if approved
            else (order["create_time"], desk.control.order_seconds)
        )
        if desk.books.now() > moment(began) + lasts:
            raise not_found()
    return order


def show_order(desk: Desk, call: Call) -> Answer:
    return Answer(200, shown_order(desk, get_order(desk, call.ids["id"]), whole=True))


def patch_order(desk: Desk, order_id: str, operations: Any) -> Answer:
    order = get_order(desk, order_id)
    if order["status"] not in OPEN:
        raise unprocessable("ORDER_ALREADY_COMPLETED")
    if not isinstance(operations, list) or not operations:
        raise malformed("MISSING_REQUIRED_PARAMETER", "/")
    unit = order["purchase_units"][0]
    for operation in operations:
        target = PATCHED.fullmatch(str(operation.get("path")))
        if target is None or target[1] != unit["reference_id"]:
            raise unprocessable("NOT_PATCHABLE", field=str(operation.get("path")))
        if operation.get("op") == "remove":
            unit.pop(target[2], None)
        elif target[2] == "amount":
            unit["amount"] = written(*read_amount(operation.get("value"), operation["path"]))
        else:
            unit |= _read_unit({**unit, target[2]: operation.get("value")})
    desk.books.put("order", order)
    return Answer(204, None)


def approve_order(desk: Desk, order_id: str) -> dict[str, Any]:
    """What the payer does on PayPal's page; a second time changes nothing."""
    order = get_order(desk, order_id)
    if order["status"] in {"CREATED", "PAYER_ACTION_REQUIRED"}:
        order |= {"status": "APPROVED", "payer": BUYER, "approve_time": stamp(desk.books.now())}
        order["update_time"] = order["approve_time"]
        desk.books.put("order", order)
        desk.tell("CHECKOUT.ORDER.APPROVED", "checkout-order", shown_order(desk, order, whole=True))
    return order


def capture_order(desk: Desk, call: Call) -> Answer:
    return _finish(desk, call, "CAPTURE")


def authorize_order(desk: Desk, call: Call) -> Answer:
    return _finish(desk, call, "AUTHORIZE")


def _finish(desk: Desk, call: Call, intent: str) -> Answer:
    order = get_order(desk, call.ids["id"])
    if order["intent"] != intent:
        raise unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
    if order["status"] == "COMPLETED":
        raise unprocessable("ORDER_ALREADY_CAPTURED" if intent == "CAPTURE" else "ORDER_ALREADY_AUTHORIZED")
    source = call.body.get("payment_source") or {}
    if vault.names_token(source):
        _pay_with_token(desk, order, source)
    if order["status"] != "APPROVED":
        raise unprocessable("ORDER_NOT_APPROVED")
    _take(desk, order)
    return Answer(201, shown_order(desk, order, call.representation), ("order", order["id"]))


def _pay_with_token(desk: Desk, order: dict[str, Any], source: dict[str, Any]) -> None:
    token = vault.get_token(desk, vault.names_token(source) or "")
    now = stamp(desk.books.now())
    order |= {"status": "APPROVED", "payer": BUYER, "approve_time": now, "token_id": token["id"]}


def _take(desk: Desk, order: dict[str, Any]) -> None:
    amount = order["purchase_units"][0]["amount"]
    taken, currency = read_amount(amount, "/amount")
    if order["intent"] == "CAPTURE":
        capture = make_capture(desk, order, taken, currency)
        went_well = capture["status"] != "DECLINED"
    else:
        make_authorization(desk, order, amount)
        went_well = True
    order |= {"status": "COMPLETED", "update_time": stamp(desk.books.now())}
    if went_well and order.get("vaulting"):
        order["vaulted"] = vault.store_buyer(desk, order["id"], order["vaulting"])
    desk.books.put("order", order)


def shown_order(desk: Desk, order: dict[str, Any], whole: bool = False) -> dict[str, Any]:
    unit = dict(order["purchase_units"][0])
    payments = _payments_of(desk, order["id"])
    if payments:
        unit["payments"] = payments
    shown: dict[str, Any] = {"id": order["id"], "status": order["status"]}
    if order["context"] or order.get("payer"):
        shown["payment_source"] = {"paypal": _shown_wallet(desk, order)}
    if whole:
        shown["intent"] = order["intent"]
    if whole or payments:
        kept = unit if whole else {name: unit[name] for name in ("reference_id", "payments") if name in unit}
        shown["purchase_units"] = [kept]
        if "payer" in order:
            shown["payer"] = order["payer"]
    if whole:
        shown |= {name: order[name] for name in ("create_time", "update_time") if name in order}
    return {**shown, "links": _links(desk, order)}


def _shown_wallet(desk: Desk, order: dict[str, Any]) -> dict[str, Any]:
    if "payer" not in order:
        return {}
    buyer = order["payer"]
    wallet: dict[str, Any] = {
        "email_address": buyer["email_address"],
        "account_id": buyer["payer_id"],
        "account_status": "VERIFIED",
        "name": buyer["name"],
        "address": buyer["address"],
    }
    if vaulted := order.get("vaulted"):
        later = {"status": "APPROVED", "customer": vaulted["customer"], "links": []}
        wallet["attributes"] = {"vault": later if desk.control.vaults_later else vaulted}
    return wallet


def _payments_of(desk: Desk, order_id: str) -> dict[str, list[dict[str, Any]]]:
    captures = desk.books.children("capture", order_id)
    refunds = [refund for capture in captures for refund in desk.books.children("refund", capture["id"])]
    found = {
        "authorizations": [shown_authorization(desk, each) for each in desk.books.children("authorization", order_id)],
        "captures": [_without_ids(shown_capture(desk, each)) for each in captures],
        "refunds": [shown_refund(desk, each) for each in refunds],
    }
    return {kind: things for kind, things in found.items() if things}


def _without_ids(capture: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in capture.items() if name != "supplementary_data"}


def _links(desk: Desk, order: dict[str, Any]) -> list[dict[str, str]]:
    path, pays = f"/v2/checkout/orders/{order['id']}", order["intent"].lower()
    links = [link(desk.base, path, "self")]
    approval = f"/checkoutnow?token={order['id']}"
    match order["status"]:
        case "CREATED":
            links += [
                link(desk.base, approval, "approve"),
                link(desk.base, path, "update", "PATCH"),
                link(desk.base, f"{path}/{pays}", pays, "POST"),
            ]
        case "PAYER_ACTION_REQUIRED":
            links.append(link(desk.base, approval, "payer-action"))
        case "APPROVED":
            links += [link(desk.base, path, "update", "PATCH"), link(desk.base, f"{path}/{pays}", pays, "POST")]
    return links
