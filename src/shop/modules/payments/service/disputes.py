"""A buyer's bank takes money back. The shop keeps what the provider says of it, and staff are told: evidence is sent at
the provider, whose money it is until the dispute is decided."""

from uuid import UUID

import structlog

from shop.contracts.payment_providers import ProviderDispute, ProviderNews, ProviderRecords
from shop.contracts.payments import DepositChargedBack, PaymentDisputed
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
    intent = await read(intents.find_intent_by_ref, news.provider, dispute.payment_ref) or known
    await write(record_dispute, news.provider, dispute, intent)


async def record_dispute(uow: UnitOfWork, provider: str, dispute: ProviderDispute, intent: Intent | None) -> None:
    """Told when it is new or has changed; what a deposit has lost by it is told in the same transaction."""
    if intent is not None:
        await intents.lock_intent(uow, intent.id)
    changed = await disputes.keep(uow, provider, dispute, intent.id if intent else None)
    if intent is None:
        return
    if changed:
        await disputes.sum_up(uow, intent.id, intent.currency, counts_reversals=dispute.counts_reversals)
        uow.emit(PaymentDisputed(payment_id=intent.id, order_id=intent.order_id, status=dispute.status))
    if intent.deposit_id is not None:
        await _charge_back(uow, provider, dispute.provider_ref, intent.id, intent.deposit_id)


async def _charge_back(uow: UnitOfWork, provider: str, dispute_ref: str, payment_id: UUID, deposit_id: UUID) -> None:
    """Once: what was charged back is kept with the dispute, however often it is told."""
    lost = await disputes.charge_back(uow, provider, dispute_ref, payment_id)
    if lost is None:
        return
    uow.emit(
        DepositChargedBack(
            payment_id=payment_id,
            deposit_id=deposit_id,
            dispute_ref=dispute_ref,
            provider=provider,
            amount=lost.amount,
            currency=lost.currency,
        )
    )
