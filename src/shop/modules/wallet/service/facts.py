"""What the wallet tells others of a transaction, and what it answers whoever asked for it."""

from uuid import UUID

from shop.contracts.wallet import Transaction, TransactionFailed, TransactionOpened, TransactionSettled
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.schemas import Draft, Outcome, Stored


def tell_recorded(uow: UnitOfWork, draft: Draft, balances: dict[UUID, int]) -> None:
    """To each customer who has a part in it; what came to nothing is no news."""
    for leg in draft.kept:
        if leg.owner_id is None or draft.status == "failed" or not draft.came_to:
            continue
        if draft.status == "pending":
            uow.emit(
                TransactionOpened(
                    transaction_id=draft.id,
                    account_id=leg.owner_id,
                    operation=draft.operation,
                    amount=draft.amount,
                    currency=draft.currency,
                )
            )
            continue
        uow.emit(
            TransactionSettled(
                transaction_id=draft.id,
                account_id=leg.owner_id,
                operation=draft.operation,
                amount=draft.came_to,
                currency=draft.currency,
                incoming=leg.amount > 0,
                balance_after=balances[leg.account_id],
                order_id=draft.order_id,
                parent_id=draft.parent_id,
                disputed=draft.dispute_ref is not None,
            )
        )


def tell_settled(uow: UnitOfWork, stored: Stored, amount: int, balance_after: int) -> None:
    if stored.owner_id is None:
        return
    uow.emit(
        TransactionSettled(
            transaction_id=stored.id,
            account_id=stored.owner_id,
            operation=stored.operation,
            amount=amount,
            currency=stored.currency,
            incoming=stored.incoming,
            balance_after=balance_after,
            order_id=stored.order_id,
            parent_id=stored.parent_id,
        )
    )


def tell_failed(uow: UnitOfWork, stored: Stored) -> None:
    if stored.owner_id is None:
        return
    uow.emit(
        TransactionFailed(
            transaction_id=stored.id,
            account_id=stored.owner_id,
            operation=stored.operation,
            amount=stored.amount,
            currency=stored.currency,
        )
    )


def answer(draft: Draft, owner_id: UUID, outcome: Outcome) -> Transaction:
    """What was just recorded, as its owner sees it."""
    if outcome.at is None:
        raise ValueError(f"{draft.id} was not recorded")
    moved = draft.kept[0].amount != 0
    return Transaction(
        id=draft.id,
        account_id=owner_id,
        operation=draft.operation,
        amount=Money(draft.amount, draft.currency),
        incoming=draft.incoming,
        status=draft.status,
        balance_after=Money(outcome.balances[draft.account_id], draft.currency) if moved else None,
        order_id=draft.order_id,
        payment_id=draft.payment_id,
        parent_id=draft.parent_id,
        reversed=Money.zero(draft.currency),
        reason=draft.reason,
        failure=draft.failure,
        created_at=outcome.at,
        settled_at=outcome.settled_at,
    )
