"""Asking the provider, between two transactions: one claims the intent, the other records the answer.

A claim is a lease: whoever dies with it in hand is followed by the sweep, which asks what the provider knows before it
asks for anything. So a charge is begun at most once, whatever is lost in between.
"""

from uuid import UUID

import structlog

from shop.contracts.payments import Payment, PaymentProvider, ProviderAnswer, ProviderAway, ProviderRefused
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.modules.payments.errors import PaymentNotFound
from shop.modules.payments.repository import intents
from shop.modules.payments.rules import GIVE_UP_AFTER, OPEN, disagreement, until_next_check
from shop.modules.payments.schemas import Intent
from shop.modules.payments.service.apply_answer import NOT_FINISHED, apply_answer, apply_end
from shop.modules.payments.service.ask_provider import provider_of, told
from shop.modules.payments.service.call_off import wind_up
from shop.modules.payments.service.open_payment import get_payment

log = structlog.get_logger(__name__)


async def process_payment(payment_id: UUID) -> Payment:
    """The payment as it stands after asking; still `pending` when no answer came. Raises PaymentNotFound."""
    claimed = await write(intents.claim_intent, payment_id)
    if claimed is None:
        return await read(get_payment, payment_id)
    return (await settle(claimed)).shown()


async def settle(claimed: Intent) -> Intent:
    """One check of an intent that this process has claimed. A provider's failure is not raised: it is asked again later."""
    try:
        provider = provider_of(claimed)
        if claimed.called_off_at is not None:
            return await wind_up(provider, claimed)
        if claimed.status not in OPEN:
            await write(intents.leave_alone, claimed.id, claimed.version)
            return claimed
        return await _ask(provider, claimed)
    except ProviderAway as away:
        log.warning("payment_provider_away", payment_id=str(claimed.id), reason=str(away)[:200])
        return await _ask_later(claimed)
    except Exception:
        log.exception("payment_check_failed", payment_id=str(claimed.id), provider=claimed.provider)
        return await _ask_later(claimed)


async def look_up_payment(payment_id: UUID) -> Payment:
    """What the provider says by now, for a buyer who comes back from it. Never begins a charge. Raises PaymentNotFound."""
    intent = await read(intents.find_intent, payment_id)
    if intent is None:
        raise PaymentNotFound
    if intent.status not in OPEN or intent.attempts == 0:
        return intent.shown()
    try:
        answer = await provider_of(intent).look_up(told(intent))
    except ProviderAway as away:
        log.warning("payment_provider_away", payment_id=str(intent.id), reason=str(away)[:200])
        return intent.shown()
    if answer is None:
        return intent.shown()
    return (await write(apply_answer, intent, answer)).shown()


async def _ask(provider: PaymentProvider, intent: Intent) -> Intent:
    """Raises ProviderAway."""
    try:
        answer = await _known(provider, intent)
        if answer is None:
            if _too_old(intent):
                return await write(apply_end, intent, "failed", NOT_FINISHED)
            answer = await provider.charge(told(intent))
    except ProviderRefused as refusal:
        return await write(apply_end, intent, "failed", str(refusal))
    return await write(apply_answer, intent, answer)


async def _known(provider: PaymentProvider, intent: Intent) -> ProviderAnswer | None:
    """What the provider knows already; it isn't asked when nobody can have told it anything."""
    if intent.attempts == 1 and intent.provider_ref is None:
        return None
    answer = await provider.look_up(told(intent))
    if answer is None and intent.provider_ref is not None:
        raise ProviderAway(f"{intent.provider_ref} is unknown to its own provider")
    if answer is None or answer.status != "requires_action" or not _too_old(intent):
        return answer
    if disagreement(intent, answer):
        return answer
    return await provider.cancel(told(intent, answer.provider_ref))


async def _ask_later(intent: Intent) -> Intent:
    if intent.status in OPEN and _too_old(intent):
        log.error("payment_given_up", payment_id=str(intent.id), order_id=str(intent.order_id))
        return await write(apply_end, intent, "failed", NOT_FINISHED)
    await write(intents.put_off, intent.id, until_next_check(intent.status, intent.attempts))
    return intent


def _too_old(intent: Intent) -> bool:
    return clock.now() - intent.created_at > GIVE_UP_AFTER
