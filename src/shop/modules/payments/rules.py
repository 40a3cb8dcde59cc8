"""What may follow what, and what of a provider's answer is believed. Pure functions."""

from datetime import timedelta
from typing import Final

from shop.contracts.payments import PaymentStatus, ProviderAnswer
from shop.modules.payments.schemas import Intent

OPEN: Final[frozenset[PaymentStatus]] = frozenset({"pending", "requires_action", "authorized"})
"""Not decided yet: the provider has the last word."""
REFUNDABLE: Final[frozenset[PaymentStatus]] = frozenset({"captured", "partially_refunded"})
FORWARD: Final[dict[PaymentStatus, frozenset[PaymentStatus]]] = {
    "pending": frozenset({"requires_action", "authorized", "captured", "failed", "cancelled"}),
    "requires_action": frozenset({"pending", "authorized", "captured", "failed", "cancelled"}),
    "authorized": frozenset({"captured", "failed", "cancelled"}),
    # Money that arrives late is money all the same; nothing else brings these two back.
    "failed": frozenset({"captured"}),
    "cancelled": frozenset({"captured"}),
    # Refunds are begun here, never heard of: see service/call_off.py.
    "captured": frozenset(),
    "partially_refunded": frozenset(),
    "refunded": frozenset(),
}

GIVE_UP_AFTER: Final = timedelta(hours=24)
"""Providers keep idempotency keys for a day: no charge is begun later than that, or it might be a second one."""
LEASE: Final = timedelta(seconds=60)
"""Longer than any call to a provider may take; a check whose process died is taken up after it."""
GRACE: Final = timedelta(seconds=10)
"""A checkout asks the provider right after its commit; one that hasn't by then has died."""
FIRST_RETRY: Final = timedelta(seconds=5)
FIRST_ACTION_CHECK: Final = timedelta(seconds=30)
LAST_RETRY: Final = timedelta(minutes=10)


def next_status(present: PaymentStatus, told: PaymentStatus) -> PaymentStatus | None:
    """`told` if it leads forward from `present`; None when it is old news or nonsense."""
    return told if told in FORWARD[present] else None


def disagreement(intent: Intent, answer: ProviderAnswer) -> str | None:
    """What in `answer` is not what this intent asked for, in words for staff; None when all of it agrees."""
    expected = {
        "payment": (str(intent.id), str(answer.payment_id)),
        "order": (str(intent.order_id), str(answer.order_id)),
        "amount": (f"{intent.amount} {intent.currency}", f"{answer.amount.amount} {answer.amount.currency}"),
    }
    if intent.provider_ref is not None:
        expected["reference"] = (intent.provider_ref, answer.provider_ref)
    wrong = [f"{name} {told} instead of {asked}" for name, (asked, told) in expected.items() if asked != told]
    return f"The provider reports {answer.status} with {', '.join(wrong)}" if wrong else None


def until_next_check(status: PaymentStatus, attempts: int) -> timedelta:
    """Doubling from attempt to attempt; a buyer who has to act is given a moment first."""
    first = FIRST_ACTION_CHECK if status == "requires_action" else FIRST_RETRY
    doublings = min(max(attempts - 1, 0), 10)
    return min(LAST_RETRY, first * (1 << doublings))
