"""The manifest of notifications."""

from shop.contracts.identity import (
    AccountClosed,
    AccountLinks,
    Accounts,
    AccountSignedUp,
    EmailChanged,
    EmailChangeHindered,
    EmailChangeRequested,
    FactorsChanged,
    PasswordChanged,
    PasswordResetRequested,
    PersonalData,
    SignUpRepeated,
    StaffInvited,
)
from shop.contracts.notifications import MessageQueued, MessageSent
from shop.contracts.orders import OrderExpired, OrderHeld, OrderPaid, OrderPaymentFailed, OrderRefunded, Orders
from shop.contracts.payments import PaymentMethodsChanged
from shop.contracts.wallet import StatementReady, TransactionFailed, TransactionOpened, TransactionSettled, Wallets
from shop.kernel.manifest import AdminLink, Manifest, durable, durable_effect
from shop.modules.notifications import admin, api, handlers, ports
from shop.modules.notifications.models import METADATA

MANIFEST = Manifest(
    name="notifications",
    provides_many={PersonalData: {"notifications": ports.MessagesShare()}},
    requires=(Orders, Accounts, AccountLinks, Wallets),
    emits=(MessageQueued, MessageSent),
    subscriptions=(
        durable(OrderPaid, handlers.when_order_paid_confirm_order),
        durable(OrderPaymentFailed, handlers.when_payment_failed_tell_buyer),
        durable(OrderExpired, handlers.when_order_expired_tell_buyer),
        durable(OrderHeld, handlers.when_order_held_tell_buyer),
        durable(OrderRefunded, handlers.when_order_refunded_tell_buyer),
        durable(PaymentMethodsChanged, handlers.when_payment_methods_changed_tell_owner),
        durable(AccountSignedUp, handlers.when_account_signed_up_ask_to_verify),
        durable(SignUpRepeated, handlers.when_sign_up_repeated_tell_owner),
        durable(PasswordResetRequested, handlers.when_reset_requested_send_link),
        durable(PasswordChanged, handlers.when_password_changed_tell_owner),
        durable(EmailChangeRequested, handlers.when_email_change_requested_ask_to_confirm),
        durable(EmailChangeHindered, handlers.when_email_change_hindered_tell_owner),
        durable(EmailChanged, handlers.when_email_changed_tell_old_address),
        durable(FactorsChanged, handlers.when_factors_changed_tell_owner),
        durable(StaffInvited, handlers.when_staff_invited_send_link),
        durable(AccountClosed, handlers.when_account_closed_say_goodbye),
        durable(StatementReady, handlers.when_statement_ready_tell_owner),
        durable(TransactionOpened, handlers.when_transaction_opened_confirm_withdrawal),
        durable(TransactionSettled, handlers.when_transaction_settled_tell_owner),
        durable(TransactionFailed, handlers.when_transaction_failed_tell_of_withdrawal),
        durable_effect(MessageQueued, handlers.when_message_queued_deliver),
    ),
    routes=(*api.ROUTES, *admin.ROUTES),
    admin_links=(AdminLink("Mailbox", "/admin/mailbox", "mail", "messages.view", order=70),),
    permissions={"messages.view": "See messages", "messages.resend": "Send messages again"},
    metadata=METADATA,
)
