"""Asking the provider, between two transactions: one claims the intent, the other records the answer.

A claim is a lease: whoever dies with it in hand is followed by the sweep, which asks what the provider knows before it
asks for anything. So a charge is begun at most once, whatever is lost in between.
"""

from typing import Final
from uuid import UUID

import structlog

from shop.contracts.payment_providers import PaymentProvider, ProviderAnswer, ProviderAway, ProviderRefused
from shop.contracts.payments import Payment, PaymentNotFound
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.modules.payments.repository import intents, moves
from shop.modules.payments.rules import (
    ENDED,
    OPEN,
    disagreement,
    is_given_up,
    may_capture,
    may_charge,
    until_next_check,
)
from shop.modules.payments.schemas import Intent
from shop.modules.payments.service.apply_answer import NOT_FINISHED, apply_answer, apply_end
from shop.modules.payments.service.ask_provider import provider_of, told
from shop.modules.payments.service.call_off import end_open, wind_up
from shop.modules.payments.service.open_payment import get_payment

log = structlog.get_logger(__name__)

MOST_STEPS: Final = 8
"""Of one order at once: hold, charge, take, and the same backwards. What is left falls to the sweep."""


async def process_payment(payment_id: UUID) -> Payment:
    """The payment as it stands after asking; still `pending` when no answer came. Raises PaymentNotFound."""
    for _ in range(MOST_STEPS):
        claimed = await write(intents.claim_intent, payment_id)
        if claimed is None:
            break
        settled = await settle(claimed)
        if settled.status != "authorized":
            return settled.shown()
    return await read(get_payment, payment_id)


async def process_order(order_id: UUID) -> None:
    """All that can be done for an order's payments at this moment."""
    for _ in range(MOST_STEPS):
        claimed = await write(intents.claim_of_order, order_id)
        if claimed is None:
            return
        settled = await settle(claimed)
        ended = claimed.called_off_at is not None or claimed.abandoned_at is not None
        if not ended and not settled.split and settled.status != "authorized":
            return


async def take_up(intent: Intent, answer: ProviderAnswer) -> None:
    """An answer that came on its own, and all that it makes possible: a charge that was only prepared may go on, too."""
    if answer.begun:
        await advance(await write(apply_answer, intent, answer))
        return
    await write(moves.wake, intent.id)
    if intent.order_id is not None and intent.split:
        await process_order(intent.order_id)
    else:
        await process_payment(intent.id)


async def advance(intent: Intent) -> None:
    """After an answer that came on its own: whatever it makes possible."""
    if intent.order_id is not None and (intent.split or intent.status == "authorized"):
        await process_order(intent.order_id)
    elif intent.deposit_id is not None and intent.status == "authorized":
        await process_payment(intent.id)


async def settle(claimed: Intent) -> Intent:
    """One check of an intent that this process has claimed. A provider's failure is not raised: it is asked again later."""
    try:
        provider = provider_of(claimed)
        if claimed.called_off_at is not None:
            return await wind_up(provider, claimed)
        if claimed.status not in OPEN:
            await write(intents.leave_alone, claimed.id, claimed.version)
            return claimed
        if claimed.abandoned_at is not None:
            return await end_open(provider, claimed)
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
    await take_up(intent, answer)
    return await read(get_payment, payment_id)


async def _ask(provider: PaymentProvider, intent: Intent) -> Intent:
    """Raises ProviderAway."""
    others = await read(intents.list_others, intent) if intent.split else []
    try:
        known = await _known(provider, intent)
        if known is None:
            if is_given_up(intent, clock.now()):
                return await write(apply_end, intent, "failed", NOT_FINISHED)
            if not may_charge(intent, others):
                return await _ask_later(intent)
            intent = await _prepared(provider, intent)
            answer = await provider.charge(told(intent))
        elif known.status == "authorized" and may_capture(intent, others) and disagreement(intent, known) is None:
            answer = await provider.capture(told(intent, known.provider_ref), intent.wanted)
        else:
            answer = known
    except ProviderRefused as refusal:
        return await _refused(provider, intent, str(refusal))
    moved = await write(apply_answer, intent, answer)
    if moved.status in ENDED and answer.status in OPEN and disagreement(moved, answer) is None:
        # It ended here while this call was on its way, and what the call has left at the provider would stay there.
        answer = await provider.cancel(told(moved, answer.provider_ref))
        moved = await write(apply_answer, moved, answer)
    return moved


async def _known(provider: PaymentProvider, intent: Intent) -> ProviderAnswer | None:
    """What the provider knows already of a charge; it isn't asked when nobody can have told it anything."""
    if intent.attempts == 1 and intent.provider_ref is None:
        return None
    answer = await provider.look_up(told(intent))
    given_up = is_given_up(intent, clock.now())
    # A provider may forget what its buyer never confirmed; of anything else, that it knows nothing is no answer.
    forgotten = given_up and intent.status == "requires_action"
    if answer is None and intent.provider_ref is not None and not forgotten:
        raise ProviderAway(f"{intent.provider_ref} is unknown to its own provider")
    if answer is None or not answer.begun:
        return None
    if answer.status != "requires_action" or not given_up:
        return answer
    if disagreement(intent, answer):
        return answer
    return await provider.cancel(told(intent, answer.provider_ref))


async def _prepared(provider: PaymentProvider, intent: Intent) -> Intent:
    """With the provider's own id stored, where it gives one before anything is charged. Raises ProviderRefused."""
    if intent.provider_ref is not None:
        return intent
    provider_ref = await provider.prepare(told(intent))
    if provider_ref is None:
        return intent
    stored = await write(moves.store_ref, intent, provider_ref)
    if stored is None:
        raise ProviderAway("another process has taken this payment over")
    return stored


async def _refused(provider: PaymentProvider, intent: Intent, words: str) -> Intent:
    """Nothing was taken by this call. What the provider still holds ready under its own id is ended there too."""
    if intent.provider_ref is not None:
        answer = await provider.cancel(told(intent))
        if answer.status not in {"cancelled", "failed"}:
            return await write(apply_answer, intent, answer)
    return await write(apply_end, intent, "failed", words)


async def _ask_later(intent: Intent) -> Intent:
    """Given up by age only while its provider has no name for it: a charge under a name may still come, or be confirmed, so it
    is the provider that ends it, however long that is away."""
    if intent.status in OPEN and intent.provider_ref is None and is_given_up(intent, clock.now()):
        log.error("payment_given_up", payment_id=str(intent.id), order_id=str(intent.order_id))
        return await write(apply_end, intent, "failed", NOT_FINISHED)
    await write(intents.put_off, intent.id, until_next_check(intent, intent.status))
    return intent
