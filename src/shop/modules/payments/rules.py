"""What may follow what, what of a provider's answer is believed, and how a sum is spread. Pure functions."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from shop.contracts.payment_providers import ProviderAnswer
from shop.contracts.payments import PaymentStatus, RefundTo
from shop.kernel.money import Money
from shop.modules.payments.schemas import Intent

OPEN: Final[frozenset[PaymentStatus]] = frozenset({"pending", "requires_action", "authorized"})
"""Not decided yet: the provider has the last word."""
ENDED: Final[frozenset[PaymentStatus]] = frozenset({"failed", "cancelled"})
REFUNDABLE: Final[frozenset[PaymentStatus]] = frozenset({"captured", "partially_refunded"})
SURE: Final[frozenset[PaymentStatus]] = frozenset({"authorized", "captured", "partially_refunded", "refunded"})
"""The money is promised or here."""
TAKEN: Final[frozenset[PaymentStatus]] = frozenset({"captured", "partially_refunded", "refunded"})
FORWARD: Final[dict[PaymentStatus, frozenset[PaymentStatus]]] = {
    "pending": frozenset({"requires_action", "authorized", "captured", "failed", "cancelled"}),
    "requires_action": frozenset({"pending", "authorized", "captured", "failed", "cancelled"}),
    "authorized": frozenset({"captured", "failed", "cancelled"}),
    # Money that arrives late is money all the same; nothing else brings these two back.
    "failed": frozenset({"captured"}),
    "cancelled": frozenset({"captured"}),
    # Refunds are begun here, or found by reconciliation: see service/refunds.py.
    "captured": frozenset(),
    "partially_refunded": frozenset(),
    "refunded": frozenset(),
}

MAIN, WALLET_PART = 0, 1
"""Of an order that is paid in two: the wallet's part is held first and taken last, as nothing can go wrong with it then."""
GIVE_UP_AFTER: Final = timedelta(hours=24)
"""Providers keep idempotency keys for a day: no charge is begun later than that, or it might be a second one."""
LEASE: Final = timedelta(seconds=60)
"""Longer than any call to a provider may take; a check whose process died is taken up after it."""
LAST_CALL: Final = LEASE + timedelta(seconds=10)
"""So long after a payment was called off a charge that was begun before it may still be on its way, unheard of."""
GRACE: Final = timedelta(seconds=10)
"""A checkout asks the provider right after its commit; one that hasn't by then has died."""
FIRST_RETRY: Final = timedelta(seconds=5)
FIRST_ACTION_CHECK: Final = timedelta(seconds=30)
LAST_RETRY: Final = timedelta(minutes=10)
AUTHORIZED_CHECK: Final = timedelta(hours=1)
"""An authorization that waits for staff is looked at so often: it may have lapsed."""
DEBIT_CHECK: Final = timedelta(hours=1)
"""At last, of what takes its provider days to decide: whoever has webhooks hears of it sooner."""


def next_status(present: PaymentStatus, told: PaymentStatus) -> PaymentStatus | None:
    """`told` if it leads forward from `present`; None when it is old news or nonsense."""
    return told if told in FORWARD[present] else None


def captured_by(answer: ProviderAnswer) -> Money:
    """What the provider says it has taken."""
    if answer.status != "captured":
        return Money.zero(answer.amount.currency)
    return answer.captured if answer.captured is not None else answer.amount


def disagreement(intent: Intent, answer: ProviderAnswer) -> str | None:
    """What in `answer` is not what this intent asked for, in words for staff; None when all of it agrees."""
    expected = {
        "payment": (str(intent.id), str(answer.payment_id)),
        "order": (str(intent.order_id), str(answer.order_id)),
        "deposit": (str(intent.deposit_id), str(answer.deposit_id)),
        "amount": (_shown(intent.money), _shown(answer.amount)),
    }
    if intent.provider_ref is not None:
        expected["reference"] = (intent.provider_ref, answer.provider_ref)
    if answer.status == "captured":
        expected["captured"] = (_shown(intent.wanted), _shown(captured_by(answer)))
    wrong = [f"{name} {told} instead of {asked}" for name, (asked, told) in expected.items() if asked != told]
    return f"The provider reports {answer.status} with {', '.join(wrong)}" if wrong else None


def _shown(money: Money) -> str:
    return f"{money.amount} {money.currency}"


def may_charge(intent: Intent, others: Iterable[Intent]) -> bool:
    """Whether every part that comes before this one is sure; `others` are the living payments of the same order."""
    return all(other.status in SURE for other in others if other.part > intent.part)


def may_capture(intent: Intent, others: Iterable[Intent]) -> bool:
    """Whether an authorized payment is to be taken now: staff said so, or nobody has to and every other part is sure; the
    parts that could still fail are taken before it."""
    if intent.capture_wish is not None:
        return True
    if intent.manual_capture:
        return False
    return all(other.status in (TAKEN if other.part < intent.part else SURE) for other in others)


def until_next_check(intent: Intent, status: PaymentStatus) -> timedelta:
    """Doubling from attempt to attempt; a buyer who has to act is given a moment first. An authorization waits for staff until
    they say what to take of it; then it waits for the provider."""
    if status == "authorized" and intent.manual_capture and intent.capture_wish is None:
        return AUTHORIZED_CHECK
    first = FIRST_ACTION_CHECK if status == "requires_action" else FIRST_RETRY
    last = DEBIT_CHECK if status == "pending" and intent.holds_until is not None else LAST_RETRY
    doublings = min(max(intent.attempts - 1, 0), 10)
    return min(last, first * (1 << doublings))


def is_given_up(intent: Intent, now: datetime) -> bool:
    """Nobody waits for it any longer. An authorization is never given up by age: the provider says when it lapsed."""
    if intent.status == "authorized":
        return False
    return now > (intent.holds_until or intent.created_at + GIVE_UP_AFTER)


def until_last_call(intent: Intent, now: datetime) -> timedelta:
    """How long a called-off payment may still be charged by a process that claimed it before, and can't be told: nothing once
    its lease is over, or where nobody but whoever has it now ever claimed it."""
    if intent.called_off_at is None or intent.attempts <= 1:
        return timedelta()
    return max(intent.called_off_at + LAST_CALL - now, timedelta())


def spread(amount: Money, payments: Sequence[Intent], to: RefundTo) -> list[tuple[Intent, Money]]:
    """`amount` over what is left of `payments`: of the main part first, as that money came from outside, and else in their
    order; less than `amount` in all when there is no more."""
    left = amount.amount
    shares = []
    for payment in sorted(payments, key=lambda each: each.part):
        share = min(left, payment.refundable(to).amount)
        if share > 0 and payment.currency == amount.currency:
            shares.append((payment, Money(share, amount.currency)))
            left -= share
    return shares
