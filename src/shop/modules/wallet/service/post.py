"""Posts what somebody wishes for, in the transaction of whoever calls: the wallet's one way in for all who may move money.

The id of the wish makes it happen once: the same one again is answered with what was recorded.
"""

from shop.contracts.wallet import Posting, Transaction
from shop.kernel.config import settings
from shop.kernel.errors import Invalid
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.rules import GIVES_BACK, check_allowed, check_amount, draft_of
from shop.modules.wallet.service.give_back import give_back
from shop.modules.wallet.service.record import record_wish


async def post(uow: UnitOfWork, posting: Posting) -> Transaction:
    """Raises InsufficientBalance, OperationNotAllowed, ParentNotFound, NotReversible, TransactionIdReused,
    WalletOwnerNotFound, Invalid; nothing has moved then."""
    check_allowed(posting.by, posting.operation, withdrawals=settings().wallet_withdrawals)
    if posting.operation in GIVES_BACK:
        return await give_back(uow, posting)
    if posting.amount is None:
        raise Invalid.field("amount", "This is needed")
    if posting.parent_id is not None:
        raise Invalid.field("parent_id", "Only a reversal or a cancellation has a parent")
    check_amount(posting.amount, posting.operation, posting.by, settings().currency)
    return await record_wish(uow, posting, draft_of(posting, posting.amount))
