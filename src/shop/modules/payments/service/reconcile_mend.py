"""A charge that our books and the provider's tell differently: looked at closer, mended where that is safe, else put before
staff.

Between a list and our rows time passes, so a difference counts only if it is still there when the provider is asked for
this one charge while our row stays as it is.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, Literal
from uuid import UUID

import structlog

from shop.contracts.payment_providers import PaymentProvider, ProviderAnswer, ProviderUnclear
from shop.kernel import clock
from shop.kernel.db import read, write
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.reconcile_rules import compare, is_ahead, subject_of, unclear, unknown_refund
from shop.modules.payments.reconcile_schemas import Finding, Ours
from shop.modules.payments.repository import discrepancies, moves, reconciliations, refunds
from shop.modules.payments.repository.refunds import AT_PROVIDER
from shop.modules.payments.rules import disagreement
from shop.modules.payments.schemas import NewRefund
from shop.modules.payments.service.apply_answer import NEEDS_STAFF, apply_answer
from shop.modules.payments.service.ask_provider import told
from shop.modules.payments.service.process_payment import advance
from shop.modules.payments.service.process_refund import finish_refund, look_up_refunds

log = structlog.get_logger(__name__)

Outcome = Literal["agreed", "mended", "found"]
Keep = Callable[[UnitOfWork, Ours, list[Finding]], Awaitable[bool]]
"""What was found and can't be mended; False when the payment changed since it was seen."""
LOOKS: Final = 4
"""A payment that changes under each of them is in good hands; the next run compares it again."""


async def look_closer(run_id: UUID, provider: PaymentProvider, payment_id: UUID) -> Outcome:
    """Raises ProviderAway."""
    return await _look(provider, payment_id, partial(_record, run_id=run_id))


async def look_at_refunds(provider: PaymentProvider, payment_id: UUID) -> None:
    """As a run would, of a payment that is as old as may be: what went back at the provider must not be given back again here.
    Raises ProviderAway."""
    await _look(provider, payment_id, _note)


async def _look(provider: PaymentProvider, payment_id: UUID, keep: Keep) -> Outcome:
    """Raises ProviderAway."""
    mended = False
    for _ in range(LOOKS):
        ours = await read(reconciliations.find_one, payment_id)
        if ours is None:
            return "agreed"
        answer, found = await _ask(provider, ours)
        if found and answer is not None and await _mend(ours, answer):
            mended = True
            continue
        if await write(keep, ours, found):
            return "found" if found else "mended" if mended else "agreed"
    return "mended" if mended else "agreed"


async def _ask(provider: PaymentProvider, ours: Ours) -> tuple[ProviderAnswer | None, list[Finding]]:
    """Raises ProviderAway."""
    try:
        answer = await provider.look_up(told(ours.intent))
    except ProviderUnclear as answered:
        return None, [unclear(ours, str(answered))]
    return answer, compare(ours, answer, clock.now())


async def _mend(ours: Ours, answer: ProviderAnswer) -> bool:
    """Whether something was done, so that both are to be compared again. Raises ProviderAway."""
    intent = ours.intent
    if is_ahead(ours, answer):
        if disagreement(intent, answer) is not None:
            return False
        applied = await write(apply_answer, intent, answer)
        await advance(applied)
        return applied.version != intent.version
    if ours.under_way:
        await look_up_refunds(intent)
        settled = await read(reconciliations.find_one, intent.id)
        return settled is not None and settled.under_way != ours.under_way
    return unknown_refund(ours, answer) is not None and await write(_enter_refund, ours, answer)


async def _enter_refund(uow: UnitOfWork, seen: Ours, answer: ProviderAnswer) -> bool:
    """Somebody gave money back in the provider's dashboard: entered as a refund that is done. False when the payment is
    not as it was `seen` before the provider was asked, as the money may be that of a refund of ours then."""
    now = await reconciliations.lock_one(uow, seen.intent.id)
    amount = unknown_refund(now, answer) if now == seen else None
    if amount is None:
        return False
    refund = NewRefund(
        id=new_id(),
        payment_id=seen.intent.id,
        request_id=None,
        account_id=None,
        amount=amount,
        destination="original",
        status="pending",
        reason=AT_PROVIDER,
        requested_by=None,
    )
    if not await refunds.promise(uow, refund):
        return False
    stored = await refunds.find(uow, refund.id)
    if stored is not None:
        await finish_refund(uow, stored, None)
    log.warning("refund_at_provider_entered", payment_id=str(seen.intent.id), refund_id=str(refund.id))
    return True


async def _record(uow: UnitOfWork, seen: Ours, found: list[Finding], *, run_id: UUID) -> bool:
    """False when the payment changed since it was `seen`: what was found may be gone."""
    if await reconciliations.lock_one(uow, seen.intent.id) != seen:
        return False
    for finding in found:
        await discrepancies.report(uow, run_id, finding)
    await discrepancies.close_gone(uow, [subject_of(seen.intent.id)], [finding.kind for finding in found])
    return True


async def _note(uow: UnitOfWork, seen: Ours, found: list[Finding]) -> bool:
    """There is no run to put it before staff. What a refund under way or an open dispute may explain is told of again when that
    ends, and looked at then."""
    if await reconciliations.lock_one(uow, seen.intent.id) != seen:
        return False
    undecided = seen.under_way or seen.intent.contested_amount
    for finding in found:
        if finding.kind == "wrong_refund" and not undecided:
            await moves.note_for_staff(uow, seen.intent.id, finding.reason, NEEDS_STAFF)
    return True
