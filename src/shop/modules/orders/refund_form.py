"""What staff fill in to give an order's money back: pieces of its lines, a sum, or all that is left."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal
from uuid import UUID, uuid5

import msgspec

from shop.contracts.orders import Order
from shop.contracts.payments import RefundTo
from shop.kernel.errors import Invalid
from shop.kernel.http import fields
from shop.kernel.http.fields import ONE_LINE
from shop.kernel.money import Money, parse_decimal
from shop.modules.orders.repository.money import RefundedLine
from shop.modules.orders.service.refund_order import RefundOrder

LINE: Final = "line."
MOST_DIGITS: Final = 5


class RefundForm(msgspec.Struct, frozen=True):
    """`attempt` names the form as it was shown, so that sending it twice is one wish."""

    what: Literal["lines", "amount", "all"]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=ONE_LINE)]
    attempt: UUID
    to: RefundTo = "original"
    amount: Annotated[str, msgspec.Meta(max_length=40)] = ""


def refund_wish(order: Order, form: Mapping[str, str], by: UUID) -> RefundOrder:
    """Raises Invalid."""
    told = fields.check(RefundForm, form)
    return RefundOrder(
        id=uuid5(order.id, f"{by}:{told.attempt}"),
        order_id=order.id,
        amount=_amount(told.amount, order.totals.total.currency) if told.what == "amount" else None,
        lines=_lines(order, form) if told.what == "lines" else (),
        to=told.to,
        reason=told.reason,
        by=by,
    )


def _amount(typed: str, currency: str) -> Money:
    if not typed:
        raise Invalid.field("amount", "How much is to be given back?")
    try:
        amount = parse_decimal(typed.replace(",", "."), currency)
    except ValueError as error:
        raise Invalid.field("amount", str(error)) from None
    if amount.amount <= 0:
        raise Invalid.field("amount", "More than nothing")
    return amount


def _lines(order: Order, form: Mapping[str, str]) -> tuple[RefundedLine, ...]:
    chosen = []
    for line in order.lines:
        typed = form.get(f"{LINE}{line.id}", "")
        if typed in {"", "0"}:
            continue
        if not (typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS):
            raise Invalid.field("what", f"{line.title}: write how many pieces, such as 1")
        chosen.append(RefundedLine(line.id, int(typed)))
    if not any(each.quantity for each in chosen):
        raise Invalid.field("what", "Choose how many pieces of which articles")
    return tuple(each for each in chosen if each.quantity)
