"""Money of an order goes back: all of it, a sum, or so many pieces of some lines. Payments sees it through."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from shop.contracts.orders import LineNotRefundable, Order, OrderId, OrderNotFound, OrderRefunded
from shop.contracts.payments import Payments, Refund, RefundTo, RefundWish
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.money import Money, format_money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.orders.repository import money, sales_orders
from shop.modules.orders.repository.money import OrderRefund, RefundedLine
from shop.modules.orders.rules import UNPAID, price_of_pieces, refundable, share_paid
from shop.modules.orders.service.show_orders import get_order


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`id` names the wish, so that the same one again has one effect. With neither an amount nor lines: all that is left."""

    id: UUID
    order_id: OrderId
    amount: Money | None
    lines: tuple[RefundedLine, ...]
    to: RefundTo
    reason: str
    by: UUID | None


async def refund_order(wish: RefundOrder) -> tuple[Order, list[Refund]]:
    """Raises OrderNotFound, RefundTooLarge, LineNotRefundable, Invalid, Forbidden."""
    await write(request_refund, wish)
    await port(Payments).process_refunds(wish.order_id)
    return await read(_as_it_stands, wish)


async def request_refund(uow: UnitOfWork, wish: RefundOrder) -> None:
    """In one transaction: pieces are taken back, and the money is promised."""
    await port(Payments).lock_payments(uow, wish.order_id)
    if await sales_orders.lock_state(uow, wish.order_id) is None:
        raise OrderNotFound
    if await money.find_order_refund(uow, wish.id) is not None:
        return
    order = await get_order(uow, wish.order_id)
    amount = _amount(order, wish)
    if amount.amount <= 0:
        raise Invalid.field("amount", "There is nothing left to give back")
    if wish.lines:
        await _take_back(uow, order, wish.lines)
    await money.add_order_refund(
        uow,
        OrderRefund(
            id=wish.id,
            order_id=order.id,
            amount=amount.amount,
            destination=wish.to,
            reason=wish.reason,
            lines=wish.lines,
            requested_by=wish.by,
        ),
    )
    asked = RefundWish(
        id=wish.id, amount=amount, to=wish.to, account_id=order.account_id, reason=wish.reason, by=wish.by
    )
    await port(Payments).request_refunds(uow, order.id, asked)


def _amount(order: Order, wish: RefundOrder) -> Money:
    """Raises Invalid."""
    currency = order.totals.total.currency
    if wish.amount is not None:
        if wish.amount.currency != currency:
            raise Invalid.field("amount.currency", f"This order was paid in {currency}")
        return wish.amount
    if wish.lines:
        return _price(order, wish.lines)
    return refundable(order, wish.to)


def _price(order: Order, lines: Sequence[RefundedLine]) -> Money:
    """What was paid for these pieces: a discount on the whole order is spread over its lines."""
    known = {line.id: line for line in order.lines}
    missing = [index for index, each in enumerate(lines) if each.line_id not in known]
    if missing:
        raise Invalid.field(f"lines.{missing[0]}.line_id", "This order has no such line")
    paid = share_paid(order)
    total = Money.zero(order.totals.total.currency)
    for each in lines:
        total += price_of_pieces(known[each.line_id], each.quantity, tax_included=order.totals.tax_included, share=paid)
    return total


async def _take_back(uow: UnitOfWork, order: Order, lines: Sequence[RefundedLine]) -> None:
    if await money.take_lines_back(uow, order.id, lines) < len(lines):
        left = {line.id: line.quantity - line.refunded_quantity for line in order.lines}
        raise LineNotRefundable(lines=[{"line_id": each.line_id, "left": left.get(each.line_id, 0)} for each in lines])


async def _as_it_stands(uow: UnitOfWork, wish: RefundOrder) -> tuple[Order, list[Refund]]:
    order = await get_order(uow, wish.order_id)
    made = await port(Payments).find_refunds(uow, wish.order_id)
    return order, [refund for refund in made if refund.request_id == wish.id]


async def note_refund(uow: UnitOfWork, order_id: UUID, payment_id: UUID, amount: Money, to: str) -> None:
    """The money is back. An order that is not paid yet asks for it again: it may only be had for all that it costs."""
    where = "to the wallet" if to == "wallet" else "to the original method"
    order = await sales_orders.lock_state(uow, order_id)
    note = money.give_receipt_back if order is not None and order.status in UNPAID else money.note_refund
    refunded = await note(uow, order_id, payment_id, amount.amount, f"{format_money(amount)} refunded {where}")
    if refunded is not None:
        uow.emit(
            OrderRefunded(
                order_id=order_id,
                account_id=refunded.account_id,
                amount=amount.amount,
                currency=amount.currency,
                to=to,
                full=refunded.full,
            )
        )


async def undo_refund(uow: UnitOfWork, order_id: UUID, request_id: UUID) -> None:
    """A refund was not approved, or its provider refused: once nothing of the wish is left, its pieces are free again."""
    refunds = await port(Payments).find_refunds(uow, order_id)
    if all(each.status in {"failed", "rejected"} for each in refunds if each.request_id == request_id):
        await money.undo_order_refund(uow, request_id)
