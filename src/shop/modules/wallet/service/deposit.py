"""A customer fills the wallet: a pending transaction and a payment in one commit, then the provider, outside any transaction.

Called by the edge. Whatever happens on the way, the same wish again goes on from there: the transaction, the payment and the
charge are each made once.
"""

from uuid import UUID

import msgspec
import structlog

from shop.contracts.payments import Payment, PaymentRequest, Payments
from shop.contracts.wallet import Posting, Transaction, TransactionId, TransactionNotFound
from shop.kernel.db import read, write
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.rules import NEVER_FILLS, customers_transaction
from shop.modules.wallet.service.post import post
from shop.modules.wallet.service.wallet_of import find_transactions

log = structlog.get_logger(__name__)


async def fill_wallet(account_id: UUID, idempotency_key: str, amount: Money, request: PaymentRequest) -> Transaction:
    """With `payment`, which may want something of the customer. Raises Invalid, UnknownProvider, TransactionIdReused."""
    if request.provider in NEVER_FILLS:
        raise Invalid.field("payment.provider", "A wallet can't be filled in this way")
    deposit_id = customers_transaction(account_id, idempotency_key)
    payment = await write(_open, deposit_id, account_id, amount, request)
    try:
        await port(Payments).process_payment(payment.id)
    except Exception:
        log.exception("deposit_left_to_the_sweep", payment_id=str(payment.id))
    return await read(find_deposit, deposit_id)


async def _open(
    uow: UnitOfWork, deposit_id: TransactionId, account_id: UUID, amount: Money, request: PaymentRequest
) -> Payment:
    wish = Posting(id=deposit_id, operation="deposit", account_id=account_id, amount=amount, by="customer")
    await post(uow, wish)
    known = (await port(Payments).find_deposits(uow, [deposit_id])).get(deposit_id)
    return known or await port(Payments).open_deposit(uow, deposit_id, amount, request, account_id)


async def find_deposit(uow: UnitOfWork, deposit_id: TransactionId) -> Transaction:
    """With its payment. Raises TransactionNotFound."""
    found = (await find_transactions(uow, [deposit_id])).get(deposit_id)
    if found is None:
        raise TransactionNotFound
    return await with_payment(uow, found)


async def with_payment(uow: UnitOfWork, transaction: Transaction) -> Transaction:
    """A deposit with the payment that it came by; any other as it is."""
    if transaction.operation != "deposit":
        return transaction
    payment = (await port(Payments).find_deposits(uow, [transaction.id])).get(transaction.id)
    return msgspec.structs.replace(transaction, payment=payment)
