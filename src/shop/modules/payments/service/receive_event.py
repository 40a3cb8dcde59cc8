"""What a provider tells unasked: kept as it came, then taken as a reason to look, never as the truth itself.

Events come twice, late and in any order. Whatever one says, the provider is asked what is so now; so each may be handled
at any time, any number of times.
"""

import structlog

from shop.contracts.payment_providers import ProviderNews
from shop.contracts.payments import ProviderEventReceived
from shop.kernel.db import read, write
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.reconcile_rules import given_back
from shop.modules.payments.repository import events, intents
from shop.modules.payments.schemas import Intent
from shop.modules.payments.service.ask_provider import provider_of, told
from shop.modules.payments.service.disputes import look_into_dispute
from shop.modules.payments.service.process_payment import take_up
from shop.modules.payments.service.process_refund import look_up_refunds
from shop.modules.payments.service.reconcile_mend import look_at_refunds
from shop.modules.payments.service.stored_methods import look_into_setup

log = structlog.get_logger(__name__)


async def receive_event(uow: UnitOfWork, news: ProviderNews) -> bool:
    """Whether it was new."""
    if not await events.add_event(uow, news):
        return False
    if news.payment_id is not None or news.provider_ref is not None or news.dispute_ref is not None:
        uow.emit(ProviderEventReceived(provider=news.provider, event_id=news.event_id))
    return True


async def look_into_event(provider: str, event_id: str) -> None:
    """Raises ProviderAway, to be tried again."""
    news = await read(events.find_event, provider, event_id)
    if news is None:
        log.error("provider_event_missing", provider=provider, event_id=event_id)
        return
    intent = await read(_find_intent, news)
    gone_back = intent is not None and await _look_into_payment(intent, news)
    if news.dispute_ref is not None:
        await look_into_dispute(news, intent)
    elif intent is None and not await look_into_setup(news):
        log.info("provider_event_of_no_payment_here", provider=provider, event_id=event_id, type=news.type)
    if intent is not None and gone_back:
        # After the dispute, which may be why it is gone.
        await look_at_refunds(provider_of(intent), intent.id)
    await write(events.mark_applied, provider, event_id)


async def _look_into_payment(intent: Intent, news: ProviderNews) -> bool:
    """Whether anything of it went back, by the provider's books or ours. Raises ProviderAway."""
    answer = await provider_of(intent).look_up(told(intent, news.provider_ref))
    if answer is not None:
        await take_up(intent, answer)
    await look_up_refunds(intent)
    return intent.refunded_amount > 0 or (answer is not None and given_back(answer) > 0)


async def _find_intent(uow: UnitOfWork, news: ProviderNews) -> Intent | None:
    if news.provider_ref is not None:
        found = await intents.find_intent_by_ref(uow, news.provider, news.provider_ref)
        if found is not None:
            return found
    if news.payment_id is None:
        return None
    found = await intents.find_intent(uow, news.payment_id)
    return found if found is not None and found.provider == news.provider else None
