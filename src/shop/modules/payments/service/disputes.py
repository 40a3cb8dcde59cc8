"""A buyer's bank takes money back. The shop keeps what the provider says of it, and staff are told: evidence is sent at
the provider, whose money it is until the dispute is decided."""

import structlog

from shop.contracts.payment_providers import ProviderDispute, ProviderNews, ProviderRecords
from shop.contracts.payments import PaymentDisputed
from shop.kernel.db import read, write
from shop.kernel.ports import ports
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.repository import disputes, intents
from shop.modules.payments.schemas import Intent

log = structlog.get_logger(__name__)


async def look_into_dispute(news: ProviderNews, known: Intent | None) -> None:
    """Raises ProviderAway, to be tried again."""
    records = ports(ProviderRecords).get(news.provider)
    if records is None or news.dispute_ref is None:
        return
    dispute = await records.find_dispute(news.dispute_ref)
    if dispute is None:
        log.warning("dispute_unknown_to_its_provider", provider=news.provider, dispute=news.dispute_ref)
        return
    intent = known or await read(intents.find_intent_by_ref, news.provider, dispute.payment_ref)
    await write(record_dispute, news.provider, dispute, intent)


async def record_dispute(uow: UnitOfWork, provider: str, dispute: ProviderDispute, intent: Intent | None) -> None:
    """Told when it is new or has changed."""
    changed = await disputes.keep(uow, provider, dispute, intent.id if intent else None)
    if changed and intent is not None:
        uow.emit(PaymentDisputed(payment_id=intent.id, order_id=intent.order_id, status=dispute.status))
