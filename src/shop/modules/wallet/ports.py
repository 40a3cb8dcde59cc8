"""The wallet as other modules use it: `contracts.wallet.Wallets`, a place to pay from and a place to give refunds to."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from shop.contracts.wallet import Posting, Transaction, TransactionId, Wallet
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service import wallet_of
from shop.modules.wallet.service.owners import OwnersShare
from shop.modules.wallet.service.post import post

OWNERS: Final = OwnersShare()


class LedgerWallets:
    """`contracts.wallet.Wallets`."""

    async def find_wallet(self, uow: UnitOfWork, account_id: UUID, currency: str) -> Wallet:
        return await wallet_of.find_wallet(uow, account_id, currency)

    async def post(self, uow: UnitOfWork, posting: Posting) -> Transaction:
        return await post(uow, posting)

    async def find_transactions(self, uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, Transaction]:
        return await wallet_of.find_transactions(uow, ids)


class WalletValue:
    """`contracts.payment_providers.StoredValue` and `RefundDestination`."""

    async def spendable(self, uow: UnitOfWork, account_id: UUID, currency: str) -> Money:
        return await wallet_of.find_spendable(uow, account_id, currency)

    async def give(
        self, uow: UnitOfWork, refund_id: UUID, account_id: UUID, order_id: UUID | None, amount: Money
    ) -> None:
        """Once for each refund."""
        await post(
            uow,
            Posting(
                id=TransactionId(refund_id),
                operation="deposit",
                account_id=account_id,
                amount=amount,
                order_id=order_id,
                reason="Refund",
                by="payments",
            ),
        )


VALUE: Final = WalletValue()
