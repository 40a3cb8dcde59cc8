"""Orders paid from a wallet: held, taken or let go, given back. Each is asked for again when its answer was lost, and has its
effect once."""

from uuid import UUID

from shop.contracts.wallet import OperationNotAllowed, Posting, TransactionId, TransactionNotFound
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import transactions
from shop.modules.wallet.rules import cancellation_of, customer_account
from shop.modules.wallet.schemas import Draft, KeptLeg, Stored
from shop.modules.wallet.service.post import post
from shop.modules.wallet.service.record import record
from shop.modules.wallet.service.settle import settle_purchase


async def find_purchase(uow: UnitOfWork, payment_id: UUID) -> Stored | None:
    return await transactions.find_transaction(uow, payment_id)


async def hold(uow: UnitOfWork, payment_id: UUID, account_id: UUID, order_id: UUID, amount: Money) -> Stored:
    """The purchase, pending; or whatever has become of it since it was first asked for. Raises InsufficientBalance."""
    known = await transactions.find_transaction(uow, payment_id)
    if known is not None:
        return known
    await post(
        uow,
        Posting(
            id=TransactionId(payment_id),
            operation="purchase",
            account_id=account_id,
            amount=amount,
            order_id=order_id,
            payment_id=payment_id,
            by="payments",
        ),
    )
    return await _get(uow, payment_id)


async def take(uow: UnitOfWork, payment_id: UUID, amount: Money) -> Stored:
    """Raises TransactionNotFound, Invalid."""
    await settle_purchase(uow, payment_id, amount)
    return await _get(uow, payment_id)


async def let_go(uow: UnitOfWork, payment_id: UUID, account_id: UUID, order_id: UUID | None, amount: Money) -> Stored:
    """What became of it: settled when it was too late. One that was never held is recorded as failed, so that a charge which
    comes late finds it so."""
    await _record_as_never_held(uow, payment_id, account_id, order_id, amount)
    purchase = await transactions.lock_transaction(uow, payment_id)
    if purchase is not None and purchase.status == "pending" and purchase.owner_id is not None:
        await post(
            uow,
            Posting(
                id=cancellation_of(payment_id),
                operation="cancellation",
                account_id=purchase.owner_id,
                parent_id=payment_id,
                payment_id=payment_id,
                by="payments",
            ),
        )
    return await _get(uow, payment_id)


async def _record_as_never_held(
    uow: UnitOfWork, payment_id: UUID, account_id: UUID, order_id: UUID | None, amount: Money
) -> None:
    """Has no effect where it is recorded already."""
    own = customer_account(account_id, amount.currency)
    draft = Draft(
        id=TransactionId(payment_id),
        account_id=own,
        operation="purchase",
        amount=amount.amount,
        currency=amount.currency,
        incoming=False,
        status="failed",
        kept=(KeptLeg(own, 0, account_id),),
        order_id=order_id,
        payment_id=payment_id,
        failure="Called off",
        authority="payments",
    )
    await record(uow, draft)


async def give_back(uow: UnitOfWork, payment_id: UUID, refund_id: UUID, amount: Money) -> Stored:
    """Raises NotReversible."""
    purchase = await _get(uow, payment_id)
    if purchase.owner_id is None:
        raise OperationNotAllowed
    await post(
        uow,
        Posting(
            id=TransactionId(refund_id),
            operation="reversal",
            account_id=purchase.owner_id,
            amount=amount,
            parent_id=payment_id,
            payment_id=payment_id,
            by="payments",
        ),
    )
    return await _get(uow, refund_id)


async def find_reversal(uow: UnitOfWork, payment_id: UUID, refund_id: UUID) -> Stored | None:
    found = await transactions.find_transaction(uow, refund_id)
    return found if found is not None and found.parent_id == payment_id else None


async def _get(uow: UnitOfWork, transaction_id: UUID) -> Stored:
    found = await transactions.find_transaction(uow, transaction_id)
    if found is None:
        raise TransactionNotFound
    return found
