"""Facts that people should hear of, and the worker's half: rendering and sending."""

from typing import Any, Final

import structlog

from shop.contracts.identity import (
    AccountClosed,
    AccountSignedUp,
    EmailChanged,
    EmailChangeHindered,
    EmailChangeRequested,
    FactorsChanged,
    PasswordChanged,
    PasswordResetRequested,
    SignUpRepeated,
    StaffInvited,
)
from shop.contracts.notifications import MessageQueued
from shop.contracts.orders import OrderExpired, OrderHeld, OrderId, OrderPaid, OrderPaymentFailed, OrderRefunded, Orders
from shop.contracts.payments import PaymentMethodsChanged
from shop.contracts.wallet import StatementReady, TransactionFailed, TransactionOpened, TransactionSettled
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.http.templating import render_text
from shop.kernel.ids import new_id
from shop.kernel.outbox import MAX_ATTEMPTS
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.notifications import gateways, repository, service
from shop.modules.notifications.errors import Undeliverable
from shop.modules.notifications.schemas import DueMessage, Mail, NewMessage, Template

log = structlog.get_logger(__name__)

MAX_SENDS: Final = MAX_ATTEMPTS


async def when_order_paid_confirm_order(uow: UnitOfWork, event: OrderPaid) -> None:
    await service.queue_message(
        uow, NewMessage("order_confirmation", str(event.order_id), order_id=event.order_id, account_id=event.account_id)
    )


async def when_payment_failed_tell_buyer(uow: UnitOfWork, event: OrderPaymentFailed) -> None:
    """Once per attempt to pay."""
    await service.queue_message(uow, NewMessage("payment_failed", str(event.payment_id), order_id=event.order_id))


async def when_order_expired_tell_buyer(uow: UnitOfWork, event: OrderExpired) -> None:
    await service.queue_message(uow, NewMessage("order_expired", str(event.order_id), order_id=event.order_id))


async def when_order_held_tell_buyer(uow: UnitOfWork, event: OrderHeld) -> None:
    """How to pay, or when it is taken; nothing of an order that was paid meanwhile."""
    order = (await port(Orders).find_orders(uow, [OrderId(event.order_id)])).get(OrderId(event.order_id))
    promised = service.promised_of(order) if order else None
    if promised is not None:
        await service.queue_message(uow, NewMessage("order_held", str(promised.id), order_id=event.order_id))


async def when_order_refunded_tell_buyer(uow: UnitOfWork, event: OrderRefunded) -> None:
    await service.queue_message(uow, NewMessage("order_refunded", service.refund_key(event), order_id=event.order_id))


async def when_payment_methods_changed_tell_owner(uow: UnitOfWork, event: PaymentMethodsChanged) -> None:
    await service.queue_message(
        uow, NewMessage("payment_methods_changed", f"{event.change}:{new_id()}", account_id=event.account_id)
    )


async def when_account_signed_up_ask_to_verify(uow: UnitOfWork, event: AccountSignedUp) -> None:
    """Every sign-up of an address still unconfirmed gets a mail of its own; the event's inbox keeps each to one."""
    await service.queue_message(uow, NewMessage("verify_email", str(new_id()), account_id=event.account_id))


async def when_sign_up_repeated_tell_owner(uow: UnitOfWork, event: SignUpRepeated) -> None:
    await service.queue_message(uow, NewMessage("account_exists", str(new_id()), account_id=event.account_id))


async def when_reset_requested_send_link(uow: UnitOfWork, event: PasswordResetRequested) -> None:
    await service.queue_message(uow, NewMessage("reset_password", str(new_id()), account_id=event.account_id))


async def when_password_changed_tell_owner(uow: UnitOfWork, event: PasswordChanged) -> None:
    await service.queue_message(uow, NewMessage("password_changed", str(new_id()), account_id=event.account_id))


async def when_email_change_requested_ask_to_confirm(uow: UnitOfWork, event: EmailChangeRequested) -> None:
    """To the new address, which is known only when the mail is written."""
    await service.queue_message(uow, NewMessage("change_email", str(event.link_id), account_id=event.account_id))


async def when_email_change_hindered_tell_owner(uow: UnitOfWork, event: EmailChangeHindered) -> None:
    await service.queue_message(uow, NewMessage("email_wanted", str(new_id()), account_id=event.account_id))


async def when_email_changed_tell_old_address(uow: UnitOfWork, event: EmailChanged) -> None:
    await service.queue_message(uow, NewMessage("email_changed", str(event.link_id), account_id=event.account_id))


async def when_factors_changed_tell_owner(uow: UnitOfWork, event: FactorsChanged) -> None:
    """Which change it was stands in the key, for the message has no other place for it."""
    key = f"{event.change}:{new_id()}"
    await service.queue_message(uow, NewMessage("sign_in_changed", key, account_id=event.account_id))


async def when_staff_invited_send_link(uow: UnitOfWork, event: StaffInvited) -> None:
    await service.queue_message(uow, NewMessage("staff_invitation", str(new_id()), account_id=event.account_id))


async def when_account_closed_say_goodbye(uow: UnitOfWork, event: AccountClosed) -> None:
    await service.queue_message(uow, NewMessage("account_closed", str(event.account_id), account_id=event.account_id))


async def when_statement_ready_tell_owner(uow: UnitOfWork, event: StatementReady) -> None:
    """With a link to its page, which asks who is there: neither files nor figures go into mails."""
    await service.queue_message(
        uow, NewMessage("statement_ready", str(event.statement_id), account_id=event.account_id)
    )


async def when_transaction_settled_tell_owner(uow: UnitOfWork, event: TransactionSettled) -> None:
    """Of money that came in, that was paid out, and that a bank took back. Purchases are told by their order, and so is what
    comes back for one."""
    if event.disputed:
        await _about_transaction(uow, "wallet_taken_back", event)
    elif event.operation == "withdraw":
        await _about_transaction(uow, "wallet_withdrawal_paid", event)
    elif event.incoming and event.order_id is None and event.operation in service.CREDITS:
        await _about_transaction(uow, "wallet_credited", event)


async def when_transaction_opened_confirm_withdrawal(uow: UnitOfWork, event: TransactionOpened) -> None:
    if event.operation == "withdraw":
        await _about_transaction(uow, "wallet_withdrawal_requested", event)


async def when_transaction_failed_tell_of_withdrawal(uow: UnitOfWork, event: TransactionFailed) -> None:
    """A deposit that fails is told on the spot, to whoever tried it."""
    if event.operation == "withdraw":
        await _about_transaction(uow, "wallet_withdrawal_refused", event)


async def _about_transaction(
    uow: UnitOfWork, template: Template, event: TransactionOpened | TransactionSettled | TransactionFailed
) -> None:
    message = NewMessage(template, str(event.transaction_id), account_id=event.account_id)
    await service.queue_message(uow, message)


async def when_message_queued_deliver(event: MessageQueued) -> None:
    """Render and send. An effect: it may run again, so it first asks whether the message is still due."""
    mail = None
    try:
        found = await write(service.gather_due, event.message_id)
        if found is None:
            return
        mail = _render(*found)
        if settings().smtp_url:
            await gateways.send_mail(mail)
            await write(service.record_sent, mail)
        else:
            await write(service.record_captured, mail)
    except Undeliverable as error:
        log.warning("message_undeliverable", message=str(event.message_id), reason=str(error)[:200])
        await write(repository.mark_failed, event.message_id, str(error), mail, final=True, max_attempts=MAX_SENDS)
    except Exception as error:
        await write(repository.mark_failed, event.message_id, repr(error), mail, final=False, max_attempts=MAX_SENDS)
        raise


def _render(message: DueMessage, context: dict[str, Any]) -> Mail:
    subject = service.subject_of(message.template, context)
    context["subject"] = subject
    return Mail(
        message_id=message.id,
        to=context["to"],
        subject=subject,
        html=render_text(f"emails/{message.template}.html", context),
        text=render_text(f"emails/{message.template}.txt", context),
    )
