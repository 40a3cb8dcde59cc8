"""What staff, and programs in their place, do to somebody's wallet."""

from uuid import UUID

from shop.contracts.identity import AccountId, Accounts
from shop.contracts.wallet import Posting, Transaction
from shop.kernel.errors import Invalid
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.errors import WalletOwnerNotFound
from shop.modules.wallet.rules import check_not_own
from shop.modules.wallet.service.post import post


async def adjust(uow: UnitOfWork, posting: Posting) -> Transaction:
    """Raises WalletOwnerNotFound, OwnWallet, and what `post` does."""
    if posting.operation == "purchase" and posting.order_id is not None:
        raise Invalid.field("order_id", "An order is paid by its own payment")
    check_not_own(posting.actor_id, posting.account_id, posting.counterparty_id)
    owners = {posting.account_id, *([posting.counterparty_id] if posting.counterparty_id else [])}
    known = await port(Accounts).find_accounts(uow, [AccountId(each) for each in owners])
    if posting.account_id not in known:
        raise WalletOwnerNotFound
    if not owners <= set(known):
        raise Invalid.field("counterparty_id", "There is no such account")
    return await post(uow, posting)


async def check_owner(uow: UnitOfWork, account_id: UUID) -> None:
    """Raises WalletOwnerNotFound."""
    if AccountId(account_id) not in await port(Accounts).find_accounts(uow, [AccountId(account_id)]):
        raise WalletOwnerNotFound
