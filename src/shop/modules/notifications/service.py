"""What is said to whom: noting that a message is due, finding out what it tells, and keeping how far it got."""

from typing import Any, Final
from uuid import UUID

from shop.contracts.identity import AccountId, AccountLinks, Accounts
from shop.contracts.notifications import MessageQueued, MessageSent
from shop.contracts.orders import Order, OrderId, OrderRefunded, Orders
from shop.contracts.payments import Payment
from shop.contracts.wallet import Wallets
from shop.kernel import audit
from shop.kernel.config import settings
from shop.kernel.ids import new_id
from shop.kernel.money import Money
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.notifications import repository
from shop.modules.notifications.errors import MessageNotFound, Undeliverable
from shop.modules.notifications.schemas import DueMessage, Mail, Message, MessageWithBody, NewMessage, Template

SUBJECTS: Final[dict[Template, str]] = {
    "order_confirmation": "Your order {order.number} at {shop}",
    "payment_failed": "Your payment for order {order.number} did not go through",
    "order_expired": "Your order {order.number} has lapsed",
    "order_held": "We have your order {order.number}",
    "order_refunded": "A refund for your order {order.number}",
    "payment_methods_changed": "Your payment methods have changed",
    "verify_email": "Please confirm your e-mail address",
    "reset_password": "Choose a new password",
    "account_exists": "You already have an account at {shop}",
    "password_changed": "Your password was changed",
    "change_email": "Confirm your new e-mail address",
    "email_wanted": "Somebody wanted to use your e-mail address",
    "email_changed": "Your e-mail address was changed",
    "sign_in_changed": "The way you sign in has changed",
    "staff_invitation": "Help to run {shop}",
    "account_closed": "Your account at {shop} is closed",
    "statement_ready": "Your wallet statement is ready",
    "wallet_credited": "Money has come into your wallet",
    "wallet_withdrawal_requested": "You asked for money from your wallet",
    "wallet_withdrawal_paid": "Money from your wallet is on its way to you",
    "wallet_withdrawal_refused": "Your withdrawal was not paid out",
    "wallet_taken_back": "Your bank has taken money back from your wallet",
}


CHANGES: Final = {
    "app_added": "an authenticator app was set up",
    "app_removed": "the authenticator app was removed",
    "passkey_added": "a passkey was added",
    "passkey_removed": "a passkey was removed",
    "recovery_codes_renewed": "new recovery codes were made",
    "reset": "staff of the shop removed your second factors, and signed you out everywhere",
    "provider_added": "an account elsewhere was added to sign in with",
    "provider_removed": "an account elsewhere was removed, by which you signed in",
}
ABOUT_ADDRESSES: Final = frozenset({"change_email", "email_changed"})
"""Mails that go to an address which isn't, or no longer, the account's."""
ABOUT_WALLETS: Final = frozenset(
    {
        "wallet_credited",
        "wallet_withdrawal_requested",
        "wallet_withdrawal_paid",
        "wallet_withdrawal_refused",
        "wallet_taken_back",
    }
)
"""Mails whose subject is a transaction of a wallet."""
CREDITS: Final = frozenset({"deposit", "gift_card", "transfer", "reversal"})
"""What brings money into a wallet from outside."""


async def queue_message(uow: UnitOfWork, message: NewMessage) -> None:
    """Once per template and subject; a repetition does nothing."""
    message_id = await repository.insert_message(uow, message)
    if message_id is not None:
        uow.emit(MessageQueued(message_id=message_id))


async def gather_due(uow: UnitOfWork, message_id: UUID) -> tuple[DueMessage, dict[str, Any]] | None:
    """The message and what its template needs; None when it is no longer due. Raises Undeliverable."""
    message = await repository.find_due(uow, message_id)
    return None if message is None else (message, await gather(uow, message))


async def gather(uow: UnitOfWork, message: DueMessage) -> dict[str, Any]:
    """What the template needs; links that carry secrets are made here, for this rendering alone.
    Raises Undeliverable when the order or account is gone."""
    context: dict[str, Any] = {"public_url": settings().public_url, "about": message.subject_key}
    if message.order_id is not None:
        return context | await _about_order(uow, OrderId(message.order_id), message)
    account_id = AccountId(message.account_id) if message.account_id else None
    account = (await port(Accounts).find_accounts(uow, [account_id])).get(account_id) if account_id else None
    if account is None or account_id is None:
        raise Undeliverable(f"account {message.account_id} is gone")
    return context | {"account": account, "to": account.email} | await _about_account(uow, account_id, message)


async def _about_order(uow: UnitOfWork, order_id: OrderId, message: DueMessage) -> dict[str, Any]:
    """Raises Undeliverable."""
    order = (await port(Orders).find_orders(uow, [order_id])).get(order_id)
    if order is None:
        raise Undeliverable(f"order {order_id} is gone")
    link = f"{settings().public_url}/orders/{order.id}?token={order.access_token}"
    context: dict[str, Any] = {"order": order, "to": order.email, "link": link}
    if message.template == "order_held":
        context["promised"] = promised_of(order)
    elif message.template == "order_refunded":
        context |= _refund_in(message.subject_key)
    return context


async def _about_account(uow: UnitOfWork, account_id: AccountId, message: DueMessage) -> dict[str, Any]:
    """Raises Undeliverable."""
    links = port(AccountLinks)
    mint = {
        "verify_email": links.mint_verify_link,
        "reset_password": links.mint_reset_link,
        "staff_invitation": links.mint_invite_link,
    }.get(message.template)
    if mint is not None:
        return {"link": await mint(uow, account_id)}
    if message.template in ABOUT_ADDRESSES:
        pending = await links.mint_pending_link(uow, UUID(message.subject_key))
        if pending is None:
            raise Undeliverable("it is too late for this link")
        return {"link": pending.url, "to": pending.to}
    if message.template in ABOUT_WALLETS:
        return await _about_wallet(uow, account_id, UUID(message.subject_key))
    kind = message.subject_key.partition(":")[0]
    return {"change": CHANGES.get(kind, "something was changed"), "added": kind == "added"}


async def _about_wallet(uow: UnitOfWork, account_id: AccountId, transaction_id: UUID) -> dict[str, Any]:
    """With what can be spent by now. Raises Undeliverable."""
    found = (await port(Wallets).find_transactions(uow, [transaction_id])).get(transaction_id)
    if found is None:
        raise Undeliverable(f"transaction {transaction_id} is gone")
    wallet = await port(Wallets).find_wallet(uow, account_id, found.amount.currency)
    return {"transaction": found, "available": wallet.available}


def promised_of(order: Order) -> Payment | None:
    """The payment that its goods wait for: a transfer, a debit of days, or money that is taken when they leave or arrive."""
    if order.status != "pending_payment":
        return None
    waiting = (
        payment
        for payment in order.payments
        if (payment.status == "requires_action" and payment.instructions)
        or (payment.status == "authorized" and payment.manual_capture)
        or (payment.status in {"pending", "authorized"} and payment.holds_until is not None)
    )
    return next(waiting, None)


def refund_key(event: OrderRefunded) -> str:
    """How much went where stands in the key, for the message has no other place for it."""
    return f"{event.to}:{event.amount}:{event.currency}:{new_id()}"


def _refund_in(key: str) -> dict[str, Any]:
    to, amount, currency, _ = key.split(":")
    return {"amount": Money(int(amount), currency), "to_wallet": to == "wallet"}


def subject_of(template: Template, context: dict[str, Any]) -> str:
    return SUBJECTS[template].format(order=context.get("order"), shop=settings().name)


async def record_captured(uow: UnitOfWork, mail: Mail) -> None:
    if await repository.mark_captured(uow, mail):
        uow.emit(MessageSent(message_id=mail.message_id))


async def record_sent(uow: UnitOfWork, mail: Mail) -> None:
    if await repository.mark_sent(uow, mail):
        uow.emit(MessageSent(message_id=mail.message_id))


async def send_again(uow: UnitOfWork, message_id: UUID) -> None:
    """A dead message gets a fresh life. Raises MessageNotFound."""
    if not await repository.revive(uow, message_id):
        raise MessageNotFound
    audit.note(action="message.resent", subject=("message", message_id))
    uow.emit(MessageQueued(message_id=message_id))


async def list_messages(
    uow: UnitOfWork, to: str | None, template: str | None, before: UUID | None, limit: int
) -> list[Message]:
    return await repository.list_messages(uow, to, template, before, limit)


async def get_message(uow: UnitOfWork, message_id: UUID) -> MessageWithBody:
    """Raises MessageNotFound."""
    found = await repository.find_message(uow, message_id)
    if found is None:
        raise MessageNotFound
    return found
