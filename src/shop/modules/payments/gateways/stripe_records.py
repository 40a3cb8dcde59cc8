"""Stripe's books, for reconciliation: its PaymentIntents of a time, and disputes."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, Literal

import msgspec
import stripe

from shop.contracts.payment_providers import (
    ProviderAway,
    ProviderDispute,
    ProviderRecord,
    ProviderUnclear,
    UnclearRecord,
)
from shop.modules.payments.gateways.stripe_answers import EXPAND, StripeIntent, answer_of, from_stripe, id_in, time_of
from shop.modules.payments.gateways.stripe_client import PAGE, StripeClients, all_pages, conversation, plain

DisputeStatus = Literal["needs_response", "under_review", "won", "lost", "closed"]
DISPUTES: Final[dict[str, DisputeStatus]] = {
    "needs_response": "needs_response",
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
    "prevented": "closed",
    "warning_needs_response": "needs_response",
    "warning_under_review": "under_review",
    "warning_closed": "closed",
}


class EvidenceDetails(msgspec.Struct):
    due_by: int | None = None


class StripeDispute(msgspec.Struct):
    """The part of a Dispute that we read. `amount` in Stripe's smallest unit."""

    id: str
    amount: int
    currency: str
    reason: str
    status: str
    charge: str
    payment_intent: str | None = None
    evidence_details: EvidenceDetails | None = None


class StripeRecords:
    """`contracts.payment_providers.ProviderRecords` over the official client."""

    def __init__(self, clients: StripeClients) -> None:
        self._clients = clients

    async def list_charges(self, since: datetime, until: datetime) -> AsyncIterator[ProviderRecord | UnclearRecord]:
        """Newest first. Fractions of a second don't count, as Stripe has none: so nothing falls between two stretches."""
        with conversation():
            listed = await self._clients.api().payment_intents.list_async(
                {
                    "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
                    "limit": PAGE,
                    "expand": [f"data.{each}" for each in EXPAND],
                }
            )
        pages = all_pages(listed)
        while True:
            with conversation():
                each = await anext(pages, None)
                if each is None:
                    return
                found = msgspec.convert(each, StripeIntent)
                record = _record_of(found)
            yield record

    async def find_dispute(self, dispute_ref: str) -> ProviderDispute | None:
        with conversation():
            try:
                found = await self._clients.api().disputes.retrieve_async(dispute_ref)
            except stripe.InvalidRequestError as error:
                if error.http_status == 404:
                    return None
                raise
            dispute = msgspec.convert(plain(found), StripeDispute)
        status = DISPUTES.get(dispute.status)
        if status is None:
            raise ProviderAway(f"Stripe reports the unknown dispute status {dispute.status!r}")
        due_by = dispute.evidence_details.due_by if dispute.evidence_details else None
        return ProviderDispute(
            provider_ref=dispute.id,
            payment_ref=dispute.payment_intent or dispute.charge,
            amount=from_stripe(dispute.amount, dispute.currency),
            reason=dispute.reason.replace("_", " "),
            status=status,
            respond_by=time_of(due_by) if due_by and status == "needs_response" else None,
        )


def _record_of(found: StripeIntent) -> ProviderRecord | UnclearRecord:
    made_at = time_of(found.created)
    try:
        return ProviderRecord(answer_of(found), made_at)
    except ProviderUnclear as unclear:
        return UnclearRecord(found.id, id_in(found.metadata, "payment_id"), str(unclear), made_at)
