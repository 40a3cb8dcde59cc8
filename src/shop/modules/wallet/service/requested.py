"""Transactions that somebody asked for on the bus: by the same rules as at the API, each id once. A refusal is final."""

from hashlib import sha256
from typing import Final, get_args
from uuid import UUID

import msgspec

from shop.contracts.wallet import (
    Operation,
    OperationNotAllowed,
    Posting,
    TransactionId,
    TransactionIdReused,
    TransactionRefused,
    TransactionRequested,
)
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.errors import Invalid, ShopError, Unavailable
from shop.kernel.http.fields import OptionalLine
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import wishes
from shop.modules.wallet.repository.transactions import all_or_nothing, find_transaction
from shop.modules.wallet.service.adjust import adjust
from shop.modules.wallet.service.pay_order import pay_order

OPERATIONS: Final[frozenset[str]] = frozenset(get_args(Operation))


def is_payment_of_order(event: TransactionRequested) -> bool:
    """Which is made by orders and payments, outside any transaction."""
    return event.operation == "purchase" and event.order_id is not None


async def post_requested(uow: UnitOfWork, event: TransactionRequested) -> None:
    """Raises nothing for what can't be: that is told by TransactionRefused."""
    if not await _claim(uow, event):
        return
    try:
        posting = _posting(event)
        async with all_or_nothing(uow):
            await adjust(uow, posting)
    except Unavailable:
        raise
    except ShopError as refusal:
        await _refuse(uow, event, refusal.code)


async def pay_requested_order(event: TransactionRequested, order_id: UUID) -> None:
    """The same for the payment of an order; may be called again after a crash, and pays once, or never once it was refused."""
    if not await write(_claim, event):
        return
    try:
        await pay_order(event.account_id, order_id, f"event:{event.id}", _amount(event))
    except Unavailable:
        raise
    except ShopError as refusal:
        await write(_refuse, event, refusal.code)


async def _claim(uow: UnitOfWork, event: TransactionRequested) -> bool:
    """Whether there is anything to do for this wish. What its id means it means for good: the payment of an order, which goes
    by an id of its own, isn't found in the ledger under this one."""
    same, refusal = await wishes.claim(uow, event.id, _digest(event))
    if same and refusal is None and is_payment_of_order(event):
        same = await find_transaction(uow, event.id) is None
    if not same:
        _tell(uow, event, TransactionIdReused.code)
    elif refusal is not None:
        _tell(uow, event, refusal)
    return same and refusal is None


def _digest(event: TransactionRequested) -> bytes:
    """Of all but the words."""
    meant = [event.operation, event.account_id, event.amount, event.currency, event.order_id, event.parent_id]
    return sha256(msgspec.json.encode(meant)).digest()


async def _refuse(uow: UnitOfWork, event: TransactionRequested, code: str) -> None:
    await wishes.refuse(uow, event.id, code)
    _tell(uow, event, code)


def _tell(uow: UnitOfWork, event: TransactionRequested, code: str) -> None:
    uow.emit(TransactionRefused(id=event.id, account_id=event.account_id, operation=event.operation[:40], code=code))


def _posting(event: TransactionRequested) -> Posting:
    """Raises OperationNotAllowed, Invalid."""
    if event.operation not in OPERATIONS:
        raise OperationNotAllowed
    try:
        reason = msgspec.convert(event.reason, OptionalLine)
    except msgspec.ValidationError as error:
        raise Invalid.field("reason", "One line of at most 200 characters") from error
    return Posting(
        id=TransactionId(event.id),
        operation=msgspec.convert(event.operation, Operation),
        account_id=event.account_id,
        amount=_amount(event),
        order_id=event.order_id,
        parent_id=event.parent_id,
        reason=reason,
        by="program",
    )


def _amount(event: TransactionRequested) -> Money | None:
    return None if event.amount is None else Money(event.amount, event.currency or settings().currency)
