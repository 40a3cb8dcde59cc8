"""Where our books and a provider's disagree about a charge, said in words that staff can act on. Pure functions."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from shop.contracts.payment_providers import ProviderAnswer, UnclearRecord
from shop.contracts.payments import PaymentStatus
from shop.kernel.money import Money, format_money
from shop.modules.payments.reconcile_schemas import Finding, Kind, Ours
from shop.modules.payments.rules import FORWARD, OPEN, TAKEN
from shop.modules.payments.schemas import Intent

YOUNG: Final = timedelta(hours=1)
"""So long a payment may be undecided, or known to one side only, before it counts as a difference."""
ENDED: Final[frozenset[PaymentStatus]] = frozenset({"failed", "cancelled"})
WORDS: Final[dict[PaymentStatus, str]] = {
    "pending": "not decided yet",
    "requires_action": "waiting for the buyer",
    "authorized": "held, not taken",
    "captured": "taken",
    "failed": "failed",
    "cancelled": "cancelled",
    "refunded": "refunded",
    "partially_refunded": "partly refunded",
}


def compare(ours: Ours, answer: ProviderAnswer | None, now: datetime) -> list[Finding]:
    """All that the two say differently; nothing when they agree. `answer` is None when the provider knows no such charge."""
    return list(_differences(ours, answer, now))


def _differences(ours: Ours, answer: ProviderAnswer | None, now: datetime) -> Iterator[Finding]:
    intent = ours.intent
    if answer is None or not answer.begun:
        if intent.status in TAKEN or intent.status == "authorized":
            why = "We count on this money, and the provider knows no such charge. Look for it in its dashboard."
            yield _finding("order_no_payment", ours, None, why)
        return
    if _is_anothers(intent, answer):
        why = "The provider says that this charge is for another payment or order. Nothing is changed by it."
        yield _finding("unknown_state", ours, answer, why)
        return
    if answer.amount != intent.money:
        why = "The charge is not for what was asked. Compare the order with the provider's dashboard."
        yield _finding("wrong_amount", ours, answer, why)
    if answer.status in TAKEN:
        yield from _taken(ours, answer, now)
    else:
        yield from _not_taken(ours, answer, now)


def _is_anothers(intent: Intent, answer: ProviderAnswer) -> bool:
    """A provider may say less than we asked for; what it says must be true."""
    told: list[tuple[object, object]] = [
        (intent.id, answer.payment_id),
        (intent.order_id, answer.order_id),
        (intent.deposit_id, answer.deposit_id),
    ]
    return any(theirs is not None and theirs != own for own, theirs in told)


def _taken(ours: Ours, answer: ProviderAnswer, now: datetime) -> Iterator[Finding]:
    intent = ours.intent
    if intent.status not in TAKEN:
        if intent.status in ENDED or now - intent.created_at > YOUNG:
            why = "The provider has taken the money, and our payment never heard of it."
            yield _finding("paid_no_order", ours, answer, why)
        return
    if taken_by(answer) != Money(intent.captured_amount, intent.currency):
        why = "More or less was taken than we know of. Compare the order with the provider's dashboard."
        yield _finding("wrong_amount", ours, answer, why)
        return
    back = given_back(answer)
    if back < ours.done:
        why = "We count more as given back than the provider does: a refund may have bounced. Look there."
        yield _finding("wrong_refund", ours, answer, why)
    elif back > ours.done + ours.under_way + _reversed(intent, answer):
        yield _finding("wrong_refund", ours, answer, "Money went back at the provider that we know nothing of.")
    elif _is_kept_unwanted(ours, now):
        why = "The order ended, and its money has not gone back. Refund it at the provider, or ask its buyer."
        yield _finding("paid_no_order", ours, answer, why)


def _is_kept_unwanted(ours: Ours, now: datetime) -> bool:
    """What a called-off payment brought goes back by itself, unless its provider refused."""
    intent = ours.intent
    if intent.called_off_at is None or now - intent.called_off_at <= YOUNG:
        return False
    return not ours.under_way and intent.refundable().amount > 0


def _not_taken(ours: Ours, answer: ProviderAnswer, now: datetime) -> Iterator[Finding]:
    intent = ours.intent
    if intent.status in TAKEN:
        why = "We count this as paid, and the provider has not taken it. Don't send goods before this is cleared."
        yield _finding("order_no_payment", ours, answer, why)
    elif intent.status == answer.status or now - intent.created_at <= YOUNG:
        return
    elif answer.status == "authorized" and intent.status in ENDED:
        why = "The provider holds money for a payment that has ended here. Release it in its dashboard."
        yield _finding("unknown_state", ours, answer, why)
    elif intent.status == "authorized" and answer.status in {"pending", "requires_action"}:
        why = "We count on money that the provider says it doesn't hold yet."
        yield _finding("order_no_payment", ours, answer, why)
    elif intent.status in OPEN and answer.status in ENDED | {"authorized"}:
        yield _finding("unknown_state", ours, answer, "The provider has decided, and our payment never heard of it.")


def is_ahead(ours: Ours, answer: ProviderAnswer) -> bool:
    """Whether the provider only knows more than we do: what it says follows on what we have."""
    told: PaymentStatus = "captured" if answer.status in TAKEN else answer.status
    return told in FORWARD[ours.intent.status]


def unknown_refund(ours: Ours, answer: ProviderAnswer) -> Money | None:
    """What went back at the provider without us and may be entered as a refund: it fits within what was captured and not
    promised otherwise, and nothing is under way that it could be, nor contested where banks' takings are counted as well."""
    intent = ours.intent
    may_be_bank = intent.contested_amount and answer.counts_reversals
    if intent.status not in TAKEN or answer.status not in TAKEN or ours.under_way or may_be_bank:
        return None
    if taken_by(answer) != Money(intent.captured_amount, intent.currency):
        return None
    unknown = given_back(answer) - ours.done - _reversed(intent, answer)
    return Money(unknown, intent.currency) if 0 < unknown <= intent.refundable().amount else None


def _reversed(intent: Intent, answer: ProviderAnswer) -> int:
    """Minor units that a bank took back, and that the provider may tell as given back."""
    return intent.lost_amount if answer.counts_reversals else 0


def stranger(provider: str, answer: ProviderAnswer) -> Finding | None:
    """Of a charge that no payment of ours belongs to; None where no money is left of it."""
    if answer.status not in TAKEN or given_back(answer) >= taken_by(answer).amount:
        return None
    if answer.payment_id is None:
        why = "It names no payment of this shop: perhaps another shop or a payment link of the same account made it."
    else:
        why = "It names a payment that this shop doesn't have. Find its buyer at the provider, and refund it there."
    return Finding(
        kind="paid_no_order",
        subject=f"{provider}:{answer.provider_ref}",
        provider=provider,
        provider_ref=answer.provider_ref,
        payment_id=None,
        order_id=None,
        ours="no such payment",
        theirs=told_by(answer),
        reason=why,
    )


def unclear(ours: Ours, told: str) -> Finding:
    """Of a charge about which the provider says what we don't understand."""
    why = "The provider says something of this charge that the shop has no word for. Look there, and decide by hand."
    return msgspec.structs.replace(_finding("unknown_state", ours, None, why), theirs=told)


def unclear_stranger(provider: str, record: UnclearRecord) -> Finding:
    """The same of one that no payment of ours belongs to."""
    return Finding(
        kind="unknown_state",
        subject=f"{provider}:{record.provider_ref}",
        provider=provider,
        provider_ref=record.provider_ref,
        payment_id=None,
        order_id=None,
        ours="no such payment",
        theirs=record.told,
        reason="The provider says something of this charge that the shop has no word for. Look there whether it is yours.",
    )


def taken_by(answer: ProviderAnswer) -> Money:
    return answer.captured if answer.captured is not None else answer.amount


def given_back(answer: ProviderAnswer) -> int:
    """Minor units."""
    return answer.refunded.amount if answer.refunded is not None else 0


def told_by(answer: ProviderAnswer | None) -> str:
    if answer is None or not answer.begun:
        return "no such charge"
    return _words(answer.status, answer.amount, taken_by(answer), given_back(answer))


def told_by_us(ours: Ours) -> str:
    intent = ours.intent
    return _words(intent.status, intent.money, Money(intent.captured_amount, intent.currency), ours.done)


def _words(status: PaymentStatus, amount: Money, taken: Money, back: int) -> str:
    if status not in TAKEN:
        return f"{format_money(amount)} {WORDS[status]}"
    words = f"{format_money(taken)} taken"
    if taken != amount:
        words += f" of {format_money(amount)}"
    return f"{words}, {format_money(Money(back, taken.currency))} given back" if back else words


def _finding(kind: Kind, ours: Ours, answer: ProviderAnswer | None, reason: str) -> Finding:
    intent = ours.intent
    return Finding(
        kind=kind,
        subject=subject_of(intent.id),
        provider=intent.provider,
        provider_ref=intent.provider_ref or (answer.provider_ref if answer else None),
        payment_id=intent.id,
        order_id=intent.order_id,
        ours=told_by_us(ours),
        theirs=told_by(answer),
        reason=reason,
    )


def subject_of(payment_id: UUID) -> str:
    return str(payment_id)
