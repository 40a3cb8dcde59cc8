"""Withdrawals that customers asked for: paid out by hand, refunded to the means that filled the wallet, or refused.

What was asked for is held meanwhile. Staff decide on the rest of it, which is all that is neither paid out nor on its way: a
refund that fails leaves its part to be decided again.
"""

from uuid import UUID

from shop.contracts.payments import PaymentId, Payments
from shop.contracts.wallet import TransactionNotFound
from shop.kernel import audit
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.errors import WithdrawalDecided
from shop.modules.wallet.repository import payouts, postings, transactions
from shop.modules.wallet.rules import HELD, PAYOUTS, check_not_own, clearing
from shop.modules.wallet.schemas import KeptLeg, Payout, Step, SummedLeg, Withdrawal
from shop.modules.wallet.service import facts


async def list_withdrawals(uow: UnitOfWork, status: str, before: UUID | None, limit: int) -> list[Withdrawal]:
    """Newest first."""
    return await payouts.list_withdrawals(uow, status, before, limit)


async def get_withdrawal(uow: UnitOfWork, withdrawal_id: UUID) -> Withdrawal:
    """Raises TransactionNotFound."""
    found = await payouts.find_withdrawal(uow, withdrawal_id)
    if found is None:
        raise TransactionNotFound
    return found


async def pay_out_by_hand(uow: UnitOfWork, withdrawal_id: UUID, by: UUID) -> Withdrawal:
    """Staff have paid the rest. Raises TransactionNotFound, WithdrawalDecided, OwnWallet."""
    withdrawal = await _lock_undecided(uow, withdrawal_id, by)
    await _end(uow, withdrawal, moved=SummedLeg(PAYOUTS, withdrawal.rest), all_paid=True)
    _note("paid_by_hand", withdrawal)
    return await get_withdrawal(uow, withdrawal_id)


async def refund_to_means(uow: UnitOfWork, withdrawal_id: UUID, by: UUID) -> Withdrawal:
    """Payments give the rest back to what the wallet was filled by, newest first; it is paid out as they tell of each.
    Raises TransactionNotFound, WithdrawalDecided, RefundTooLarge, OwnWallet."""
    # Payments are locked before wallets, so the wallet's own lock comes second.
    seen = await get_withdrawal(uow, withdrawal_id)
    check_not_own(by, seen.transaction.owner_id)
    deposits = await payouts.list_deposits_paid(uow, seen.transaction.account_id)
    rest = Money(seen.rest, seen.transaction.currency)
    if seen.transaction.status != "pending" or rest.amount <= 0:
        raise WithdrawalDecided
    paid_by = {each.id: each.provider for each in (await port(Payments).find_deposits(uow, deposits)).values()}
    refunds = await port(Payments).refund_deposits(uow, deposits, rest, "Withdrawal", by=by)
    withdrawal = await _lock_undecided(uow, withdrawal_id, by)
    if withdrawal.rest != rest.amount:
        raise WithdrawalDecided
    await payouts.add_payouts(
        uow,
        [Payout(each.id, withdrawal_id, paid_by[PaymentId(each.payment_id)], each.amount.amount) for each in refunds],
    )
    _note("refunded", withdrawal)
    return await get_withdrawal(uow, withdrawal_id)


async def refuse(uow: UnitOfWork, withdrawal_id: UUID, by: UUID, reason: str = "") -> Withdrawal:
    """The rest is back in the wallet; its owner reads the reason. Raises TransactionNotFound, WithdrawalDecided, OwnWallet."""
    withdrawal = await _lock_undecided(uow, withdrawal_id, by)
    await _give_back(uow, withdrawal, reason or "Refused")
    _note("refused", withdrawal)
    return await get_withdrawal(uow, withdrawal_id)


async def call_off(uow: UnitOfWork, account_id: UUID, missing: int, reason: str) -> None:
    """Newest first, until `missing` minor units are back in the wallet whose ledger account this is, or none is left that
    isn't being paid out at this moment. The account is locked."""
    for each in await payouts.list_undecided(uow, account_id):
        if missing <= 0:
            return
        await _give_back(uow, each, reason)
        missing -= each.rest


async def _give_back(uow: UnitOfWork, withdrawal: Withdrawal, why: str) -> None:
    stored = withdrawal.transaction
    back = KeptLeg(stored.account_id, withdrawal.rest, stored.owner_id)
    await _end(uow, withdrawal, moved=back, all_paid=False, failure=why)


async def _lock_undecided(uow: UnitOfWork, withdrawal_id: UUID, by: UUID) -> Withdrawal:
    await transactions.lock_transaction(uow, withdrawal_id)
    withdrawal = await get_withdrawal(uow, withdrawal_id)
    check_not_own(by, withdrawal.transaction.owner_id)
    if withdrawal.transaction.status != "pending" or withdrawal.rest <= 0 or withdrawal.pending:
        raise WithdrawalDecided
    return withdrawal


async def _end(
    uow: UnitOfWork,
    withdrawal: Withdrawal,
    *,
    moved: KeptLeg | SummedLeg | None,
    all_paid: bool,
    failure: str | None = None,
) -> None:
    """Settled with what was paid out, or failed when nothing was. `moved` is where the rest of what is held goes."""
    stored = withdrawal.transaction
    own = KeptLeg(stored.account_id, 0, stored.owner_id)
    kept = moved if isinstance(moved, KeptLeg) else own
    taken = None if all_paid or not withdrawal.done else withdrawal.done
    step = Step(
        id=stored.id,
        came_from=("pending",),
        status="settled" if all_paid or withdrawal.done else "failed",
        currency=stored.currency,
        taken=taken,
        failure=failure,
        kept=(kept,),
        summed=()
        if moved is None
        else (
            SummedLeg(HELD, -withdrawal.rest),
            *((moved,) if isinstance(moved, SummedLeg) else ()),
        ),
    )
    outcome = await postings.take_step(uow, step)
    if outcome.at is None:
        raise WithdrawalDecided
    if step.status == "settled":
        facts.tell_settled(uow, stored, taken or stored.amount, outcome.balances[stored.account_id])
    else:
        facts.tell_failed(uow, stored)


async def when_refunded(uow: UnitOfWork, refund_id: UUID) -> bool:
    """A refund that pays out a withdrawal went through; False for a refund that has nothing to do with one. Once."""
    payout = await payouts.find_payout(uow, refund_id)
    if payout is None:
        return False
    stored = await transactions.lock_transaction(uow, payout.transaction_id)
    if stored is None or not await payouts.end_payout(uow, refund_id, "done"):
        return True
    step = Step(
        id=stored.id,
        came_from=("pending",),
        status="pending",
        currency=stored.currency,
        summed=(SummedLeg(HELD, -payout.amount), SummedLeg(clearing(payout.provider), payout.amount)),
    )
    await postings.take_step(uow, step)
    withdrawal = await get_withdrawal(uow, stored.id)
    if withdrawal.done == stored.amount:
        await _end(uow, withdrawal, moved=None, all_paid=True)
    return True


async def when_refund_failed(uow: UnitOfWork, refund_id: UUID) -> None:
    """Its part of the withdrawal is to be decided again. Once."""
    await payouts.end_payout(uow, refund_id, "failed")


def _note(decision: str, withdrawal: Withdrawal) -> None:
    stored = withdrawal.transaction
    audit.note(
        action=f"withdrawal.{decision}",
        subject=("wallet", stored.owner_id or stored.account_id),
        transaction=stored.id,
        amount=withdrawal.rest,
        currency=stored.currency,
    )
