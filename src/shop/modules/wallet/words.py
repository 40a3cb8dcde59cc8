"""Transactions in the words of whoever reads them: what it was, which way the money went, and how far it is."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from shop.kernel.config import settings
from shop.kernel.money import Money, format_money
from shop.modules.wallet.rules import TAKEN_BACK, WHY_TAKEN_BACK
from shop.modules.wallet.schemas import Stored
from shop.modules.wallet.statement_rules import TITLES

ICONS: Final = {
    "deposit": "plus",
    "withdraw": "arrow-right",
    "purchase": "cart",
    "reversal": "return",
    "cancellation": "return",
    "transfer": "arrow-right",
    "gift_card": "gift",
}
STATES: Final = {"pending": ("Pending", "warning"), "failed": ("Failed", "danger")}


class Line(msgspec.Struct, frozen=True):
    """`amount` is signed; `moved` is whether it has, or had, anything to do with the balance, `void` that it never will."""

    id: UUID
    title: str
    icon: str
    at: datetime
    order_id: UUID | None
    order: str | None
    note: str
    amount: str
    incoming: bool
    moved: bool
    void: bool
    balance_after: Money | None
    state: str | None
    tone: str


def lines_of(told: Sequence[Stored], numbers: Mapping[UUID, str]) -> list[Line]:
    """As the wallet's owner reads them."""
    return [_line(each, numbers, note_of) for each in told]


def staffs_lines_of(told: Sequence[Stored], numbers: Mapping[UUID, str]) -> list[Line]:
    """The same with what the shop has lost by them."""
    return [_line(each, numbers, _staffs_note_of) for each in told]


def _line(told: Stored, numbers: Mapping[UUID, str], note_of: Callable[[Stored], str]) -> Line:
    state, tone = state_of(told)
    return Line(
        id=told.id,
        title=title_of(told),
        icon=ICONS[told.operation],
        at=told.created_at,
        order_id=told.order_id,
        order=numbers.get(told.order_id) if told.order_id else None,
        note=note_of(told),
        amount=signed(told.money, incoming=told.incoming),
        incoming=told.incoming,
        void=told.status == "failed",
        moved=told.status == "settled" or (told.status == "pending" and not told.incoming),
        balance_after=None if told.balance_after is None else Money(told.balance_after, told.currency),
        state=state,
        tone=tone,
    )


def title_of(told: Stored) -> str:
    """What a customer calls it."""
    if told.operation == "deposit":
        by = {"customer": "Top-up", "payments": "Refund"}
        return by.get(told.authority, f"Credit from {settings().name}")
    if told.operation == "transfer":
        return "Transfer received" if told.incoming else "Transfer sent"
    return _withdrawal(told) if told.operation == "withdraw" else TITLES[told.operation]


def _withdrawal(told: Stored) -> str:
    if told.dispute_ref is not None:
        return TAKEN_BACK
    return "Money sent back" if told.authority == "payments" else TITLES["withdraw"]


def note_of(told: Stored) -> str:
    """What else there is to say of it; the shop's own words that its title says already are left out."""
    parts = []
    if told.operation == "gift_card" or told.authority in {"staff", "program"}:
        parts.append(told.reason)
    if told.dispute_ref is not None:
        parts.append(WHY_TAKEN_BACK[0].upper() + WHY_TAKEN_BACK[1:])
        if not told.money.amount:
            parts.append("nothing of it was left to take")
    if told.failure:
        parts.append(told.failure)
    if told.reversed_amount:
        parts.append(f"{format_money(Money(told.reversed_amount, told.currency))} given back")
    return " · ".join(part for part in parts if part)


def _staffs_note_of(told: Stored) -> str:
    lost = f"the shop lost {format_money(told.lost)}" if told.lost.amount else ""
    return " · ".join(part for part in (note_of(told), lost) if part)


def state_of(told: Stored) -> tuple[str | None, str]:
    """A word and its tone; no word for what is settled, as most is."""
    if told.operation == "purchase":
        special = {"pending": ("Held", "info"), "failed": ("Cancelled", "neutral")}
        return special.get(told.status, (None, ""))
    if told.operation == "withdraw" and told.status == "pending":
        return "Being checked", "info"
    return STATES.get(told.status, (None, ""))


def signed(money: Money, *, incoming: bool) -> str:
    """+€5.00; what was taken has a real minus sign, which is as wide as the plus."""
    return f"{'+' if incoming else '−'}{format_money(money)}"


def totals_held(pending: Sequence[Stored], currency: str) -> dict[str, Money]:
    """How much of the balance waits for what."""
    orders = sum(each.amount for each in pending if each.operation == "purchase")
    payouts = sum(each.amount for each in pending if each.operation == "withdraw")
    return {"held_for_orders": Money(orders, currency), "held_for_payouts": Money(payouts, currency)}
