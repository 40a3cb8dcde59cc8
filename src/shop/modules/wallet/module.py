"""The manifest of the wallet."""

from shop.contracts.identity import Accounts, ErasureHindrance, PersonalData
from shop.contracts.orders import Orders
from shop.contracts.payment_providers import PaymentProvider, RefundDestination, StoredValue
from shop.contracts.payments import (
    DepositCaptured,
    DepositChargedBack,
    DepositFailed,
    DepositRefunded,
    Payments,
    RefundFailed,
)
from shop.contracts.wallet import (
    StatementReady,
    TransactionFailed,
    TransactionOpened,
    TransactionRefused,
    TransactionRequested,
    TransactionSettled,
    Wallets,
)
from shop.kernel.manifest import Manifest, Slot, accepted, durable, durable_effect, same_transaction
from shop.modules.wallet import (
    admin,
    admin_api,
    api,
    books_jobs,
    commands,
    handlers,
    pages,
    statement_handlers,
    statement_jobs,
    statements_api,
    statements_pages,
)
from shop.modules.wallet.models import METADATA
from shop.modules.wallet.pages.slots import render_attention, render_balance, render_customers_balance
from shop.modules.wallet.payment_provider import WalletProvider
from shop.modules.wallet.ports import OWNERS, VALUE, LedgerWallets

MANIFEST = Manifest(
    name="wallet",
    provides={Wallets: LedgerWallets()},
    provides_many={
        PaymentProvider: {"wallet": WalletProvider()},
        StoredValue: {"wallet": VALUE},
        RefundDestination: {"wallet": VALUE},
        PersonalData: {"wallet": OWNERS},
        ErasureHindrance: {"wallet": OWNERS},
    },
    requires=(Accounts, Orders, Payments),
    emits=(TransactionOpened, TransactionSettled, TransactionFailed, TransactionRefused, StatementReady),
    accepts=(accepted(TransactionRequested, "wallet.adjust"),),
    subscriptions=(
        same_transaction(DepositCaptured, handlers.when_deposit_captured_settle_it),
        same_transaction(DepositFailed, handlers.when_deposit_failed_fail_it),
        durable(DepositRefunded, handlers.when_deposit_refunded_pay_out),
        durable(DepositChargedBack, handlers.when_deposit_charged_back_take_it_back),
        durable(RefundFailed, handlers.when_refund_failed_decide_again),
        durable(TransactionRequested, handlers.when_transaction_requested_post_it),
        durable_effect(TransactionRequested, handlers.when_payment_of_order_requested_pay_it),
        durable(TransactionOpened, statement_handlers.when_transaction_opened_outdate_statements),
        durable(TransactionSettled, statement_handlers.when_transaction_settled_outdate_statements),
        durable(TransactionFailed, statement_handlers.when_transaction_failed_outdate_statements),
    ),
    routes=(
        *api.ROUTES,
        *admin_api.ROUTES,
        *statements_api.ROUTES,
        *statements_pages.ROUTES,
        *pages.ROUTES,
        *admin.ROUTES,
    ),
    slots=(
        Slot("account.main", render_balance),
        Slot("admin.customer", render_customers_balance),
        Slot("admin.attention", render_attention),
    ),
    account_links=pages.LINKS,
    admin_links=admin.LINKS,
    jobs=(*statement_jobs.JOBS, *books_jobs.JOBS),
    permissions={"wallet.view": "See wallets", "wallet.adjust": "Move money in wallets"},
    scopes={"wallet.read": "See your wallet", "wallet.write": "Fill your wallet and pay from it in your name"},
    commands=(commands.wallet,),
    metadata=METADATA,
)
