"""What the wallet does when others tell facts, or ask for something. Each may come again or late."""

from shop.contracts.payments import DepositCaptured, DepositChargedBack, DepositFailed, DepositRefunded, RefundFailed
from shop.contracts.wallet import TransactionRequested
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.service import withdrawals
from shop.modules.wallet.service.charge_back import charge_back
from shop.modules.wallet.service.requested import is_payment_of_order, pay_requested_order, post_requested
from shop.modules.wallet.service.settle import fail_deposit, settle_deposit, take_back_deposit


async def when_deposit_captured_settle_it(uow: UnitOfWork, event: DepositCaptured) -> None:
    await settle_deposit(uow, event.deposit_id, event.provider, Money(event.amount, event.currency))


async def when_deposit_failed_fail_it(uow: UnitOfWork, event: DepositFailed) -> None:
    await fail_deposit(uow, event.deposit_id, event.reason)


async def when_deposit_refunded_pay_out(uow: UnitOfWork, event: DepositRefunded) -> None:
    """By a withdrawal; or else the money went back without having been taken from the wallet."""
    if not await withdrawals.when_refunded(uow, event.refund_id):
        await take_back_deposit(uow, event.refund_id, event.deposit_id, Money(event.amount, event.currency))


async def when_deposit_charged_back_take_it_back(uow: UnitOfWork, event: DepositChargedBack) -> None:
    await charge_back(uow, event)


async def when_refund_failed_decide_again(uow: UnitOfWork, event: RefundFailed) -> None:
    await withdrawals.when_refund_failed(uow, event.refund_id)


async def when_transaction_requested_post_it(uow: UnitOfWork, event: TransactionRequested) -> None:
    if not is_payment_of_order(event):
        await post_requested(uow, event)


async def when_payment_of_order_requested_pay_it(event: TransactionRequested) -> None:
    if is_payment_of_order(event) and event.order_id is not None:
        await pay_requested_order(event, event.order_id)
