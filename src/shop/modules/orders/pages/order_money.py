"""What the page of an order says of its money: what is to be done about it now, what was paid by which means, and what went
back to where."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from shop.contracts.orders import Order
from shop.contracts.payments import Payment, PaymentMethod, Payments, Refund
from shop.kernel.db import read
from shop.kernel.money import Money, format_money
from shop.kernel.ports import port
from shop.modules.orders.pages.forms import WALLET
from shop.modules.orders.pages.ways_to_pay import method_words
from shop.modules.orders.repository import money
from shop.modules.orders.rules import UNPAID, action_wanted, may_be_paid

Situation = Literal["confirm", "transfer", "checking", "clearing", "promised", "unpaid", "none"]
ON_DELIVERY: Final = "cash_on_delivery"
NAMES: Final = {WALLET: "your balance", "bank_transfer": "bank transfer", ON_DELIVERY: "cash on delivery"}
"""In the middle of a sentence; other providers are called as they call themselves."""
HAS_PAID: Final = frozenset({"captured", "partially_refunded", "refunded"})
ON_ITS_WAY: Final = frozenset({"pending", "done"})
"""Of refunds: what waits for approval, or came to nothing, is the shop's own affair."""


def situation_of(order: Order, now: datetime) -> Situation:
    """`promised`: the money is taken later, when the goods leave or arrive. `checking`: a provider has the word;
    `clearing`: for days."""
    if order.status not in UNPAID:
        return "none"
    waiting = action_wanted(order.payments)
    if waiting is not None:
        return "transfer" if waiting.instructions else "confirm"
    statuses = {payment.status for payment in order.payments}
    clearing = any(is_clearing(payment) for payment in order.payments)
    if clearing or "pending" in statuses:
        return "clearing" if clearing else "checking"
    if promised_of(order) is not None:
        return "promised"
    if "authorized" in statuses:
        return "checking"
    return "unpaid" if may_be_paid(order.status, order.reserved_until, now) else "none"


def is_clearing(payment: Payment) -> bool:
    """A debit, or what a provider reviews: said yes to by its buyer, and not decided for days."""
    undecided = payment.status == "pending" or (payment.status == "authorized" and not payment.manual_capture)
    return undecided and payment.holds_until is not None


def promised_of(order: Order) -> Payment | None:
    """The payment that staff take, or receive, later."""
    held = (payment for payment in order.payments if payment.status == "authorized" and payment.manual_capture)
    return next(held, None)


def held_by(order: Order) -> int:
    """Minor units of its buyer's balance that the order holds while the rest is not paid."""
    held = (each for each in order.payments if each.provider == WALLET and each.status == "authorized")
    return sum(payment.amount.amount for payment in held)


class PaymentLine(msgspec.Struct, frozen=True):
    amount: Money
    name: str
    status: str
    state: tuple[str, str] | None
    """A badge's words and kind, where the status has others of its own here."""
    note: str


class RefundLine(msgspec.Struct, frozen=True):
    amount: Money
    name: str
    done: bool
    at: datetime | None


async def money_of(order: Order, methods: Sequence[PaymentMethod]) -> dict[str, Any]:
    """Refunds are only asked for where something went back."""
    labels = {method.provider: method.label for method in methods}
    went_back = any(payment.refunded for payment in order.payments)
    refunds = await read(port(Payments).find_refunds, order.id) if went_back else []
    return {
        "payment_lines": [_line(payment, labels) for payment in order.payments],
        "refund_lines": _refund_lines(refunds, order.payments, labels),
        "pieces_refunded": await _pieces_refunded(order, refunds),
        "paid_by": paid_by(order.payments, labels),
    }


async def _pieces_refunded(order: Order, refunds: Sequence[Refund]) -> dict[UUID, int]:
    """By line. A line counts them from the request on; a buyer is promised nothing that a second person has yet to approve."""
    waiting = [refund.request_id for refund in refunds if refund.status == "awaiting_approval" and refund.request_id]
    held_back = await read(money.sum_pieces, waiting) if waiting else {}
    return {line.id: line.refunded_quantity - held_back.get(line.id, 0) for line in order.lines} if refunds else {}


def name_of(payment: Payment, labels: Mapping[str, str]) -> str:
    """What the buyer knows the means by, in the middle of a sentence."""
    if payment.method is not None:
        return method_words(payment.method, labels.get(payment.provider, payment.provider))
    return NAMES.get(payment.provider) or labels.get(payment.provider, payment.provider)


def paid_by(payments: Sequence[Payment], labels: Mapping[str, str]) -> str:
    """€5.00 from your balance, €39.88 by Visa •••• 4242; empty while nothing was paid."""
    return ", ".join(
        f"{format_money(payment.captured)} {'from' if payment.provider == WALLET else 'by'} {name_of(payment, labels)}"
        for payment in sorted(payments, key=lambda each: each.provider != WALLET)
        if payment.captured is not None and payment.status in HAS_PAID
    )


def _line(payment: Payment, labels: Mapping[str, str]) -> PaymentLine:
    name = name_of(payment, labels)
    state, note = _state(payment)
    return PaymentLine(payment.amount, name[:1].upper() + name[1:], payment.status, state, note)


def _state(payment: Payment) -> tuple[tuple[str, str] | None, str]:
    """The badge and the note beside a payment."""
    if payment.status == "requires_action" and payment.instructions:
        return ("Waiting for your transfer", "warning"), ""
    if is_clearing(payment):
        return ("Under way", "info"), "Can take some days"
    if payment.status == "authorized" and payment.provider == ON_DELIVERY:
        return ("At the door", "info"), "You pay when it arrives"
    if payment.status == "authorized":
        waits = ("Held", "info"), "Taken once the rest is paid"
        return (None, "Charged when we send it") if payment.manual_capture else waits
    if payment.captured is not None and payment.captured != payment.amount:
        return None, f"Only {format_money(payment.captured)} was taken, the rest was released"
    return None, ""


def _refund_lines(
    refunds: Sequence[Refund], payments: Sequence[Payment], labels: Mapping[str, str]
) -> list[RefundLine]:
    names = {payment.id: name_of(payment, labels) for payment in payments}
    return [
        RefundLine(
            refund.amount,
            NAMES[WALLET] if refund.to == "wallet" else names.get(refund.payment_id, refund.provider),
            refund.status == "done",
            refund.created_at,
        )
        for refund in refunds
        if refund.status in ON_ITS_WAY
    ]
