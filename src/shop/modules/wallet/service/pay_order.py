"""An order paid from its buyer's wallet, as the purchase that it is. Called by the edge, outside any transaction.

The way leads through orders and payments, so that the order is paid by it: the purchase comes back here from the payment.
"""

from typing import Final
from uuid import UUID

from shop.contracts.identity import AccountId
from shop.contracts.orders import Order, OrderId, OrderNotFound, Orders
from shop.contracts.payments import PaymentRequest
from shop.contracts.wallet import InsufficientBalance, Transaction
from shop.kernel.db import read
from shop.kernel.errors import Invalid, Unavailable
from shop.kernel.money import Money, format_money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service.wallet_of import find_spendable, find_transactions

WALLET = PaymentRequest("wallet")


async def pay_order(account_id: UUID, order_id: UUID, idempotency_key: str, amount: Money | None = None) -> Transaction:
    """All that is due, which is `amount` where one is named. The same key again is the same purchase. Raises OrderNotFound for
    another's order, InsufficientBalance, OrderNotPayable, PaymentInProgress, Invalid."""
    await read(_check_covered, account_id, OrderId(order_id), amount)
    order = await port(Orders).pay_order(OrderId(order_id), idempotency_key, WALLET, account_id=AccountId(account_id))
    return await read(_purchase_of, account_id, order)


UNDER_WAY: Final = frozenset({"pending", "requires_action", "authorized", "captured"})


async def _check_covered(uow: UnitOfWork, account_id: UUID, order_id: OrderId, amount: Money | None) -> None:
    """A payment that is bound to fail isn't begun. One that was begun has its money already, or is about to: what the wallet
    holds for it must not be missed in what is left to spend."""
    order = (await port(Orders).find_orders(uow, [order_id])).get(order_id)
    if order is None or order.account_id != account_id:
        raise OrderNotFound
    if amount is not None and order.amount_due.amount and amount != order.amount_due:
        raise Invalid.field("amount", f"{format_money(order.amount_due)} are due for this order")
    if any(each.provider == WALLET.provider and each.status in UNDER_WAY for each in order.payments):
        return
    available = await find_spendable(uow, account_id, order.amount_due.currency)
    if available.amount < order.amount_due.amount:
        raise InsufficientBalance(available)


async def _purchase_of(uow: UnitOfWork, account_id: UUID, order: Order) -> Transaction:
    """The newest. Raises InsufficientBalance when the money was spent elsewhere meanwhile."""
    payments = sorted((each for each in order.payments if each.provider == WALLET.provider), key=lambda each: each.id)
    found = await find_transactions(uow, [each.id for each in payments])
    if not payments or payments[-1].id not in found:
        if payments and payments[-1].status == "failed":
            raise InsufficientBalance(await find_spendable(uow, account_id, order.totals.total.currency))
        raise Unavailable("The order is being paid; please look again in a moment")
    return found[payments[-1].id]
