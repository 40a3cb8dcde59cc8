"""Reversals and cancellations: what gives back what an earlier transaction, the parent, took."""

from uuid import UUID

from shop.contracts.orders import OrderId, Orders
from shop.contracts.payments import Payments
from shop.contracts.wallet import NotReversible, ParentNotFound, Posting, Transaction
from shop.kernel.errors import Invalid
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import postings, transactions
from shop.modules.wallet.rules import giving_back
from shop.modules.wallet.schemas import Draft, Stored
from shop.modules.wallet.service import facts
from shop.modules.wallet.service.record import find_earlier, record_wish


async def give_back(uow: UnitOfWork, posting: Posting) -> Transaction:
    """Raises ParentNotFound, NotReversible, TransactionIdReused, Invalid."""
    _check_fields(posting)
    if posting.operation == "cancellation" and posting.by != "payments":
        await _call_off_payments(uow, posting)
    parent = await transactions.lock_transaction(uow, _parent_id(posting))
    if await transactions.find_transaction(uow, posting.id) is not None:
        return await find_earlier(uow, posting)
    if parent is None or parent.owner_id != posting.account_id:
        raise ParentNotFound
    draft = giving_back(posting, parent)
    transaction = await record_wish(uow, posting, draft)
    await _mark(uow, parent, draft)
    return transaction


def _check_fields(posting: Posting) -> None:
    if posting.parent_id is None:
        raise Invalid.field("parent_id", "This is needed")
    if posting.amount is not None and posting.amount.amount <= 0:
        raise Invalid.field("amount.amount", "At least 1")


def _parent_id(posting: Posting) -> UUID:
    if posting.parent_id is None:
        raise ParentNotFound
    return posting.parent_id


async def _mark(uow: UnitOfWork, parent: Stored, draft: Draft) -> None:
    """Raises NotReversible when more than the parent would be given back."""
    if draft.operation == "reversal":
        marked = await postings.give_back(uow, parent.id, draft.amount)
    else:
        marked = await transactions.set_failed(uow, parent.id)
        facts.tell_failed(uow, parent)
    if not marked:
        raise NotReversible


async def _call_off_payments(uow: UnitOfWork, posting: Posting) -> None:
    """The wallet's part of an order goes back, so the order has to be paid anew: what else was begun for it is called off.
    Payments are locked before wallets, so this comes first. Raises NotReversible for an order that is past its payment."""
    parent = await transactions.find_transaction(uow, _parent_id(posting))
    if parent is None or parent.owner_id != posting.account_id:
        return
    if parent.operation != "purchase" or parent.status != "pending" or parent.order_id is None:
        return
    order = (await port(Orders).find_orders(uow, [OrderId(parent.order_id)])).get(OrderId(parent.order_id))
    if order is not None and order.status != "pending_payment":
        raise NotReversible("The order of this purchase doesn't wait for its payment any more")
    await port(Payments).cancel_payments(uow, parent.order_id)
