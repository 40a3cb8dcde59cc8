"""Records a transaction once: opens the wallets that it is the first money of, tells what happened, and says why not."""

from shop.contracts.identity import AccountId, Accounts
from shop.contracts.wallet import InsufficientBalance, Posting, Transaction, TransactionIdReused
from shop.kernel import audit
from shop.kernel.errors import Invalid
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.errors import WalletOwnerNotFound
from shop.modules.wallet.repository import accounts, postings, transactions
from shop.modules.wallet.rules import is_the_same
from shop.modules.wallet.schemas import Draft, Outcome
from shop.modules.wallet.service import facts


async def record_wish(uow: UnitOfWork, posting: Posting, draft: Draft) -> Transaction:
    """`draft` is what `posting` comes to. Raises what `record` does, and TransactionIdReused."""
    outcome = await record(uow, draft)
    if outcome is None:
        return await find_earlier(uow, posting)
    audit.note(
        action=f"wallet.{draft.operation}",
        subject=("wallet", posting.account_id),
        transaction=draft.id,
        amount=draft.amount,
        currency=draft.currency,
    )
    return facts.answer(draft, posting.account_id, outcome)


async def record(uow: UnitOfWork, draft: Draft) -> Outcome | None:
    """None when there is a transaction of this id already. Raises InsufficientBalance, WalletOwnerNotFound, Invalid."""
    outcome = await postings.record(uow, draft)
    if outcome.at is None:
        if await transactions.find_transaction(uow, draft.id) is not None:
            return None
        if len(outcome.balances) == len(draft.kept):
            raise _refusal(draft, outcome)
        await _open_missing(uow, draft, outcome)
        outcome = await postings.record(uow, draft)
        if outcome.at is None:
            # Opened, and recorded, by the same wish beside us; or the other wallet of a transfer lacks the money.
            if await transactions.find_transaction(uow, draft.id) is not None:
                return None
            raise _refusal(draft, outcome)
    facts.tell_recorded(uow, draft, outcome.balances)
    return outcome


async def find_earlier(uow: UnitOfWork, posting: Posting) -> Transaction:
    """What an earlier wish of this id has led to. Raises TransactionIdReused when it was another one."""
    stored = await transactions.find_transaction(uow, posting.id)
    if stored is None or not is_the_same(stored, posting):
        raise TransactionIdReused
    return stored.shown(posting.account_id)


async def _open_missing(uow: UnitOfWork, draft: Draft, outcome: Outcome) -> None:
    """The wallets that are about to get their first money. Raises InsufficientBalance for one that would have to give."""
    missing = [leg for leg in draft.kept if leg.account_id not in outcome.balances]
    if any(leg.amount < 0 for leg in missing):
        raise InsufficientBalance(Money.zero(draft.currency))
    owners = {leg.account_id: leg.owner_id for leg in missing if leg.owner_id is not None}
    known = await port(Accounts).find_accounts(uow, [AccountId(each) for each in owners.values()])
    if len(known) < len(owners):
        raise WalletOwnerNotFound
    await accounts.open_accounts(uow, owners, draft.currency)


def _refusal(draft: Draft, outcome: Outcome) -> Exception:
    for leg in draft.kept:
        after = outcome.balances.get(leg.account_id, 0)
        if after < 0:
            return InsufficientBalance(Money(after - leg.amount, draft.currency))
    return Invalid.field("amount.amount", "That is more than a wallet can hold")
