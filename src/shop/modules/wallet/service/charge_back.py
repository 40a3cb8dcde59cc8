"""A bank has taken back the money of a deposit: the wallet gives what it still has of it, and the shop bears the rest."""

from shop.contracts.payments import DepositChargedBack
from shop.contracts.wallet import TransactionNotFound
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository import accounts, transactions
from shop.modules.wallet.rules import LOSSES, TAKEN_BACK, WHY_TAKEN_BACK, clearing, taking_back
from shop.modules.wallet.schemas import Draft, KeptLeg, SummedLeg
from shop.modules.wallet.service.record import record
from shop.modules.wallet.service.withdrawals import call_off


async def charge_back(uow: UnitOfWork, told: DepositChargedBack) -> None:
    """Once for each dispute. What the wallet has asked to have paid out, and is not on its way yet, is there to be taken.
    Nothing is taken for a deposit that never reached the wallet. Raises TransactionNotFound; ValueError for money of another
    currency."""
    deposit = await transactions.find_transaction(uow, told.deposit_id)
    if deposit is None:
        raise TransactionNotFound
    if deposit.status != "settled":
        return
    if told.currency != deposit.currency:
        raise ValueError(f"deposit {deposit.id} is {deposit.currency}, and {told.currency} were taken back of it")
    stored = await accounts.lock_stored(uow, deposit.account_id)
    transaction_id = taking_back(told.provider, told.dispute_ref)
    if await transactions.find_transaction(uow, transaction_id) is not None:
        return
    if stored < told.amount:
        await call_off(
            uow, deposit.account_id, told.amount - stored, "Your bank has taken back what had filled your wallet"
        )
        stored = await accounts.find_stored(uow, deposit.account_id)
    taken = min(told.amount, stored)
    lost = told.amount - taken
    draft = Draft(
        id=transaction_id,
        account_id=deposit.account_id,
        operation="withdraw",
        amount=told.amount,
        taken=taken if lost else None,
        currency=deposit.currency,
        incoming=False,
        status="settled",
        kept=(KeptLeg(deposit.account_id, -taken, deposit.owner_id),),
        summed=(SummedLeg(clearing(told.provider), told.amount), *((SummedLeg(LOSSES, -lost),) if lost else ())),
        payment_id=told.payment_id,
        dispute_ref=told.dispute_ref,
        reason=f"{TAKEN_BACK}: {WHY_TAKEN_BACK}",
        authority="payments",
    )
    await record(uow, draft)
