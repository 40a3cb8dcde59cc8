"""What statements do when something happens in a wallet."""

from shop.contracts.wallet import TransactionFailed, TransactionOpened, TransactionSettled
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service import statements


async def when_transaction_opened_outdate_statements(uow: UnitOfWork, event: TransactionOpened) -> None:
    await statements.mark_outdated_by(uow, event.transaction_id)


async def when_transaction_settled_outdate_statements(uow: UnitOfWork, event: TransactionSettled) -> None:
    await statements.mark_outdated_by(uow, event.transaction_id)


async def when_transaction_failed_outdate_statements(uow: UnitOfWork, event: TransactionFailed) -> None:
    await statements.mark_outdated_by(uow, event.transaction_id)
