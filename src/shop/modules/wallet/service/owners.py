"""What the wallet holds on a person: all of it told, and kept, as it is part of the books."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from shop.contracts.identity import Kept, Person
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.errors import TransactionsUnderWay, WalletNotEmpty
from shop.modules.wallet.repository import accounts, statement_runs, transactions
from shop.modules.wallet.rules import customer_account
from shop.modules.wallet.service.wallet_of import find_wallet

LEDGER_KEPT: Final = Kept(
    "Transactions of the wallet with their amounts, dates and reasons",
    "Part of the books, which tax and commercial law has a shop keep; of their owner only a number is left",
)
TOLD_AT_ONCE: Final = 1000


class OwnersShare:
    """`contracts.identity.PersonalData` and `ErasureHindrance`."""

    async def export(self, uow: UnitOfWork, person: Person) -> Mapping[str, Any]:
        if person.account_id is None:
            return {}
        told = []
        for currency in await accounts.list_currencies(uow, person.account_id):
            wallet = await find_wallet(uow, person.account_id, currency)
            told.append(
                {
                    "balance": msgspec.to_builtins(wallet.balance),
                    "available": msgspec.to_builtins(wallet.available),
                    "transactions": await self._transactions(uow, person.account_id, currency),
                }
            )
        made = await statement_runs.list_of(uow, person.account_id)
        return ({"wallets": told} if told else {}) | ({"statements": made} if made else {})

    async def _transactions(self, uow: UnitOfWork, account_id: Any, currency: str) -> list[Any]:
        told: list[Any] = []
        before = None
        while True:
            page = await transactions.list_transactions(
                uow, customer_account(account_id, currency), before, TOLD_AT_ONCE
            )
            told += [msgspec.to_builtins(each.shown(account_id)) for each in page]
            if len(page) < TOLD_AT_ONCE:
                return told
            before = (page[-1].created_at, page[-1].id)

    async def erase(self, uow: UnitOfWork, person: Person) -> Sequence[Kept]:
        """Sums of money stay as they are, and so do the entries; statements, which name their owner, go with their files."""
        if person.account_id is None:
            return ()
        await statement_runs.forget_of(uow, person.account_id)
        if not await accounts.list_currencies(uow, person.account_id):
            return ()
        return (LEDGER_KEPT,)

    async def check_erasable(self, uow: UnitOfWork, person: Person) -> None:
        """Raises WalletNotEmpty, TransactionsUnderWay."""
        if person.account_id is None:
            return
        balances: list[Money] = []
        for currency in await accounts.list_currencies(uow, person.account_id):
            account_id = customer_account(person.account_id, currency)
            available, held = await accounts.find_balance(uow, account_id)
            if available:
                balances.append(Money(available, currency))
            if held or await transactions.is_anything_pending(uow, account_id):
                raise TransactionsUnderWay
        if balances:
            raise WalletNotEmpty(balances)
