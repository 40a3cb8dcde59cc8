"""PayPal's books, for reconciliation: its transaction search, and disputes.

The search knows captures, shows them up to three hours late, and takes 31 days at a time. What it names is looked up, as
an order says more: what was given back, and whether anything is still open.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote

import httpx
import msgspec
import structlog

from shop.contracts.payment_providers import (
    ProviderAnswer,
    ProviderAway,
    ProviderDispute,
    ProviderRecord,
    ProviderUnclear,
    UnclearRecord,
)
from shop.contracts.payments import PaymentStatus
from shop.modules.payments.gateways.paypal_answers import Amount, Capture, PayPalOrder, answer_of, payment_id_in
from shop.modules.payments.gateways.paypal_client import PayPalClient, PayPalRefusal, conversation

log = structlog.get_logger(__name__)

TRANSACTIONS: Final = "/v1/reporting/transactions"
DISPUTES: Final = "/v1/customer/disputes"
CAPTURES: Final = "/v2/payments/captures"
ORDERS: Final = "/v2/checkout/orders"
STRETCH: Final = timedelta(days=30)
PAGE: Final = 500
PAYMENTS: Final = "T00"
"""What codes of payments begin with; refunds, fees and transfers have others."""
STATUS: Final[dict[str, PaymentStatus]] = {"S": "captured", "V": "captured", "P": "pending", "D": "failed"}
DisputeStatus = Literal["needs_response", "under_review", "won", "lost", "closed"]
OPEN_DISPUTES: Final[dict[str, DisputeStatus]] = {
    "OPEN": "needs_response",
    "WAITING_FOR_SELLER_RESPONSE": "needs_response",
    "WAITING_FOR_BUYER_RESPONSE": "under_review",
    "UNDER_REVIEW": "under_review",
    "OTHER": "under_review",
}
REASONS: Final = {
    "MERCHANDISE_OR_SERVICE_NOT_RECEIVED": "product not received",
    "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED": "product unacceptable",
    "UNAUTHORISED": "fraudulent",
    "CREDIT_NOT_PROCESSED": "credit not processed",
    "DUPLICATE_TRANSACTION": "duplicate",
}
"""In the words that other providers have for the same; any other is told as PayPal tells it."""
OUTCOMES: Final[Mapping[str, DisputeStatus]] = {
    "RESOLVED_BUYER_FAVOUR": "lost",
    "ACCEPTED": "lost",
    "RESOLVED_SELLER_FAVOUR": "won",
    "DENIED": "won",
}
"""Any other outcome only closes a dispute: PayPal paid, or the buyer took it back."""


class Transaction(msgspec.Struct):
    transaction_id: str
    transaction_event_code: str
    transaction_initiation_date: str
    transaction_amount: Amount
    transaction_status: str = ""
    custom_field: str | None = None


class TransactionDetail(msgspec.Struct):
    transaction_info: Transaction


class TransactionPage(msgspec.Struct):
    transaction_details: list[TransactionDetail] = []
    total_pages: int = 1


class DisputedTransaction(msgspec.Struct):
    seller_transaction_id: str | None = None


class Outcome(msgspec.Struct):
    outcome_code: str | None = None


class PayPalDispute(msgspec.Struct):
    dispute_id: str
    status: str
    dispute_amount: Amount
    reason: str = ""
    disputed_transactions: list[DisputedTransaction] = []
    dispute_outcome: Outcome | None = None
    seller_response_due_date: datetime | None = None


class PayPalRecords:
    """`contracts.payment_providers.ProviderRecords` over HTTP."""

    def __init__(self, client: PayPalClient) -> None:
        self._client = client

    async def list_charges(self, since: datetime, until: datetime) -> AsyncIterator[ProviderRecord | UnclearRecord]:
        """One for each order that was captured, at its first capture; one for each payment that came without an order."""
        seen: set[str] = set()
        began = since
        while began < until:
            ended = min(began + STRETCH, until)
            page, pages = 1, 1
            while page <= pages:
                async with conversation():
                    found = await self._search(began, ended, page)
                pages, page = found.total_pages, page + 1
                for detail in found.transaction_details:
                    made_at = _time_of(detail.transaction_info.transaction_initiation_date)
                    if not _is_payment(detail.transaction_info) or not began <= made_at < ended:
                        continue
                    async with conversation():
                        record = await self._record_of(detail.transaction_info, made_at)
                    ref = record.provider_ref if isinstance(record, UnclearRecord) else record.answer.provider_ref
                    if ref not in seen:
                        seen.add(ref)
                        yield record
            began = ended

    async def find_dispute(self, dispute_ref: str) -> ProviderDispute | None:
        async with conversation():
            found = await self._client.find(f"{DISPUTES}/{quote(dispute_ref, safe='')}")
            if found is None:
                return None
            dispute = msgspec.json.decode(found, type=PayPalDispute)
            sold = next((each.seller_transaction_id for each in dispute.disputed_transactions), None)
            order_id = await self._order_of(sold) if sold else None
        return ProviderDispute(
            provider_ref=dispute.dispute_id,
            payment_ref=order_id or sold or "",
            amount=dispute.dispute_amount.money(),
            reason=REASONS.get(dispute.reason) or dispute.reason.replace("_", " ").lower(),
            status=_status_of(dispute),
            respond_by=dispute.seller_response_due_date,
            counts_reversals=True,
        )

    async def _search(self, since: datetime, until: datetime, page: int) -> TransactionPage:
        query = {
            "start_date": _written(since),
            "end_date": _written(until),
            "fields": "transaction_info",
            "page_size": str(PAGE),
            "page": str(page),
        }
        try:
            return msgspec.json.decode(await self._client.get(TRANSACTIONS, query), type=TransactionPage)
        except PayPalRefusal as refusal:
            if refusal.status == httpx.codes.NOT_FOUND:
                # So young that PayPal's books have nothing of it yet.
                return TransactionPage()
            if refusal.status == httpx.codes.FORBIDDEN:
                log.exception("paypal_shows_no_transactions", reason="enable Transaction Search in the app's settings")
            raise

    async def _record_of(self, transaction: Transaction, made_at: datetime) -> ProviderRecord | UnclearRecord:
        order_id = await self._order_of(transaction.transaction_id)
        try:
            return ProviderRecord(await self._look_into(transaction, order_id), made_at)
        except ProviderUnclear as unclear:
            ref = order_id or transaction.transaction_id
            return UnclearRecord(ref, payment_id_in(transaction.custom_field), str(unclear), made_at)

    async def _look_into(self, transaction: Transaction, order_id: str | None) -> ProviderAnswer:
        found = await self._client.find(f"{ORDERS}/{quote(order_id, safe='')}") if order_id else None
        if found is not None:
            order = msgspec.json.decode(found, type=PayPalOrder)
            if len(order.purchase_units) == 1:
                return answer_of(order)
        amount = transaction.transaction_amount.money()
        status = STATUS.get(transaction.transaction_status, "pending")
        return ProviderAnswer(
            provider_ref=order_id or transaction.transaction_id,
            status=status,
            amount=amount,
            payment_id=payment_id_in(transaction.custom_field),
            order_id=None,
            captured=amount if status == "captured" else None,
            capture_ref=transaction.transaction_id,
        )

    async def _order_of(self, capture_id: str) -> str | None:
        found = await self._client.find(f"{CAPTURES}/{quote(capture_id, safe='')}")
        return (
            None if found is None else msgspec.json.decode(found, type=Capture).supplementary_data.related_ids.order_id
        )


def _is_payment(transaction: Transaction) -> bool:
    """Money that came in; what the shop itself paid out has the same codes, below zero."""
    return transaction.transaction_event_code.startswith(
        PAYMENTS
    ) and not transaction.transaction_amount.value.startswith("-")


def _status_of(dispute: PayPalDispute) -> DisputeStatus:
    if dispute.status == "RESOLVED":
        code = dispute.dispute_outcome.outcome_code if dispute.dispute_outcome else None
        return OUTCOMES.get(code or "", "closed")
    status = OPEN_DISPUTES.get(dispute.status)
    if status is None:
        raise ProviderAway(f"PayPal reports the unknown dispute status {dispute.status!r}"[:200])
    return status


def _time_of(stamp: str) -> datetime:
    """PayPal writes its reports' zone as +0000."""
    try:
        return datetime.fromisoformat(stamp).astimezone(UTC)
    except ValueError as error:
        raise ProviderAway(f"PayPal reports the time {stamp!r}"[:200]) from error


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
