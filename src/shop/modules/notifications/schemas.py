"""Messages as the rest of the module, the API and the back office see them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

MessageStatus = Literal["queued", "sent", "captured", "failed", "dead"]
Template = Literal[
    "order_confirmation",
    "payment_failed",
    "order_expired",
    "order_held",
    "order_refunded",
    "payment_methods_changed",
    "verify_email",
    "reset_password",
    "account_exists",
    "password_changed",
    "change_email",
    "email_wanted",
    "email_changed",
    "sign_in_changed",
    "staff_invitation",
    "account_closed",
    "statement_ready",
    "wallet_credited",
    "wallet_withdrawal_requested",
    "wallet_withdrawal_paid",
    "wallet_withdrawal_refused",
    "wallet_taken_back",
]


class NewMessage(msgspec.Struct, frozen=True):
    """`subject_key` says what it is about; a template is sent once per key, whatever is redelivered."""

    template: Template
    subject_key: str
    account_id: UUID | None = None
    order_id: UUID | None = None


class DueMessage(msgspec.Struct, frozen=True):
    id: UUID
    template: Template
    account_id: UUID | None
    order_id: UUID | None
    attempts: int
    subject_key: str


class Message(msgspec.Struct, frozen=True):
    """`captured`: kept in the mailbox because no mail server is set. `to` is known from the first attempt on."""

    id: UUID
    channel: str
    to: str | None
    template: str
    subject: str | None
    status: MessageStatus
    attempts: int
    error: str | None
    created_at: datetime
    sent_at: datetime | None


class MessageWithBody(Message, frozen=True):
    """`html` and `text` are null unless the message is in the mailbox."""

    html: str | None = None
    text: str | None = None


class Mail(msgspec.Struct, frozen=True):
    """A rendered message, ready to go."""

    message_id: UUID
    to: str
    subject: str
    html: str
    text: str
