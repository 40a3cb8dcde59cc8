"""What PayPal's books say: transaction search for reconciliation, and disputes that buyers open."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.fakes.paypal_api.amounts import value_of, written
from tests.fakes.paypal_api.books import moment, stamp
from tests.fakes.paypal_api.captures import get_capture
from tests.fakes.paypal_api.desk import Answer, Call, Desk, link
from tests.fakes.paypal_api.refusals import SYNTACTIC, Refusal, malformed, not_found, not_permitted

LONGEST: Final = timedelta(days=31)
STATUS: Final = {"PENDING": "P", "DECLINED": "D", "FAILED": "D"}
CHECKOUT, REFUND, REVERSAL, AUTHORIZATION = "T0006", "T1107", "T1106", "T1300"


def search(desk: Desk, call: Call) -> Answer:
    if not desk.control.reporting_allowed:
        raise not_permitted()
    since, until = _date(call, "start_date"), _date(call, "end_date")
    if until < since or until - since > LONGEST:
        raise malformed("INVALID_PARAMETER_VALUE", "/end_date")
    size, page = _number(call, "page_size", 100, 500), _number(call, "page", 1, 1000)
    refreshed = desk.books.now() - desk.control.reporting_lag
    if since.timestamp() > refreshed:
        raise Refusal(404, "INVALID_REQUEST", "Data for the given start date is not available.")
    first, last = since.timestamp(), min(until.timestamp(), refreshed)
    rows = [row for row in _rows(desk, call) if first <= row[0] <= last]
    wanted = call.query.get("transaction_id")
    if wanted:
        rows = [row for row in rows if row[1]["transaction_id"] == wanted]
    rows.sort(key=lambda row: row[0])
    shown = [{"transaction_info": info} for _, info in rows[(page - 1) * size : page * size]]
    return Answer(
        200,
        {
            "transaction_details": shown,
            "account_number": "XZXSPECPDZHZU",
            "start_date": _written(since),
            "end_date": _written(until),
            "last_refreshed_datetime": _written(datetime.fromtimestamp(refreshed, UTC)),
            "page": page,
            "total_items": len(rows),
            "total_pages": -(-len(rows) // size),
            "links": [link(desk.base, f"{call.path}?page={page}&page_size={size}", "self")],
        },
    )


def _rows(desk: Desk, call: Call) -> list[tuple[float, dict[str, Any]]]:
    rows = [
        _row(
            each, CHECKOUT, value_of(each["amount"]), each["supplementary_data"]["related_ids"].get("authorization_id")
        )
        for each in desk.books.all("capture")
    ]
    rows += [
        _row(each, REVERSAL if each.get("reversal") else REFUND, -value_of(each["amount"]), each["capture_id"])
        for each in desk.books.all("refund")
    ]
    if call.query.get("balance_affecting_records_only") == "N":
        held = desk.books.all("authorization")
        rows += [_row(each, AUTHORIZATION, value_of(each["amount"]), None) for each in held]
    return rows


def _row(thing: dict[str, Any], code: str, amount: Decimal, reference: str | None) -> tuple[float, dict[str, Any]]:
    began, currency = moment(thing["create_time"]), thing["amount"]["currency_code"]
    info: dict[str, Any] = {
        "transaction_id": thing["id"],
        "transaction_event_code": code,
        "transaction_initiation_date": _written(datetime.fromtimestamp(began, UTC)),
        "transaction_updated_date": _written(datetime.fromtimestamp(moment(thing["update_time"]), UTC)),
        "transaction_amount": written(amount, currency),
        "transaction_status": STATUS.get(thing["status"], "S"),
        "protection_eligibility": "01",
    }
    if reference:
        info |= {"paypal_reference_id": reference, "paypal_reference_id_type": "TXN"}
    if thing.get("custom_id"):
        info["custom_field"] = thing["custom_id"]
    if thing.get("invoice_id"):
        info["invoice_id"] = thing["invoice_id"]
    if fee := thing.get("seller_receivable_breakdown", {}).get("paypal_fee"):
        info["fee_amount"] = {**fee, "value": f"-{fee['value']}"}
    return began, info


def _date(call: Call, name: str) -> datetime:
    try:
        read = datetime.fromisoformat(call.query[name])
    except (KeyError, ValueError):
        raise malformed("INVALID_PARAMETER_SYNTAX", f"/{name}") from None
    if read.tzinfo is None:
        raise malformed("INVALID_PARAMETER_SYNTAX", f"/{name}")
    return read


def _number(call: Call, name: str, otherwise: int, most: int) -> int:
    text = call.query.get(name, str(otherwise))
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise Refusal(400, "INVALID_REQUEST", SYNTACTIC)
    return int(text)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def open_dispute(desk: Desk, capture_id: str, reason: str) -> dict[str, Any]:
    capture = get_capture(desk, capture_id)
    now = desk.books.now()
    transaction = {
        "buyer_transaction_id": desk.books.new_id(),
        "seller_transaction_id": capture_id,
        "create_time": capture["create_time"],
        "transaction_status": "COMPLETED",
        "gross_amount": capture["amount"],
        **{
            name: capture[mine]
            for name, mine in (("invoice_number", "invoice_id"), ("custom", "custom_id"))
            if mine in capture
        },
    }
    dispute = {
        "id": f"PP-R-{desk.books.new_id()[:3]}-{int(now * 1000) % 10**9}",
        "create_time": stamp(now),
        "update_time": stamp(now),
        "disputed_transactions": [transaction],
        "reason": reason,
        "status": "WAITING_FOR_SELLER_RESPONSE",
        "dispute_state": "REQUIRED_ACTION",
        "dispute_amount": capture["amount"],
        "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_channel": "INTERNAL",
        "seller_response_due_date": stamp(now + 10 * 86_400),
    }
    desk.books.put("dispute", dispute, capture_id)
    desk.tell("CUSTOMER.DISPUTE.CREATED", "dispute", shown_dispute(desk, dispute))
    return dispute


def get_dispute(desk: Desk, dispute_id: str) -> dict[str, Any]:
    dispute = desk.books.get("dispute", dispute_id)
    if dispute is None:
        raise not_found()
    return dispute


def resolve_dispute(desk: Desk, dispute_id: str, outcome: str) -> None:
    """`outcome`: RESOLVED_BUYER_FAVOUR or RESOLVED_SELLER_FAVOUR."""
    dispute = get_dispute(desk, dispute_id)
    dispute |= {
        "status": "RESOLVED",
        "dispute_state": "RESOLVED",
        "update_time": stamp(desk.books.now()),
        "dispute_outcome": {"outcome_code": outcome, "amount_refunded": dispute["dispute_amount"]},
    }
    desk.books.put("dispute", dispute)
    desk.tell("CUSTOMER.DISPUTE.RESOLVED", "dispute", shown_dispute(desk, dispute))


def shown_dispute(desk: Desk, dispute: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in dispute.items() if name != "id"}
    own = f"/v1/customer/disputes/{dispute['id']}"
    return {"dispute_id": dispute["id"], **told, "links": [link(desk.base, own, "self")]}
