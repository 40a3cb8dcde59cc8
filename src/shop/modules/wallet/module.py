"""The manifest of the wallet."""

from shop.contracts.payments import RefundDestination, StoredValue
from shop.contracts.wallet import (
    StatementReady,
    TransactionFailed,
    TransactionOpened,
    TransactionRefused,
    TransactionSettled,
    Wallets,
)
from shop.kernel.manifest import Manifest, durable
from shop.modules.wallet import statement_handlers, statement_jobs, statements_api
from shop.modules.wallet.models import METADATA
from shop.modules.wallet.ports import LedgerWallets, WalletValue

VALUE = WalletValue()

MANIFEST = Manifest(
    name="wallet",
    provides={Wallets: LedgerWallets()},
    provides_many={StoredValue: {"wallet": VALUE}, RefundDestination: {"wallet": VALUE}},
    emits=(TransactionOpened, TransactionSettled, TransactionFailed, TransactionRefused, StatementReady),
    subscriptions=(
        durable(TransactionOpened, statement_handlers.when_transaction_opened_outdate_statements),
        durable(TransactionSettled, statement_handlers.when_transaction_settled_outdate_statements),
        durable(TransactionFailed, statement_handlers.when_transaction_failed_outdate_statements),
    ),
    routes=(*statements_api.ROUTES,),
    jobs=(*statement_jobs.JOBS,),
    permissions={"wallet.view": "See wallets", "wallet.adjust": "Move money in wallets"},
    scopes={"wallet.read": "See your wallet", "wallet.write": "Fill your wallet and pay from it in your name"},
    metadata=METADATA,
)
