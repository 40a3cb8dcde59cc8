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
from shop.kernel.manifest import Manifest
from shop.modules.wallet.models import METADATA
from shop.modules.wallet.ports import LedgerWallets, WalletValue

VALUE = WalletValue()

MANIFEST = Manifest(
    name="wallet",
    provides={Wallets: LedgerWallets()},
    provides_many={StoredValue: {"wallet": VALUE}, RefundDestination: {"wallet": VALUE}},
    emits=(TransactionOpened, TransactionSettled, TransactionFailed, TransactionRefused, StatementReady),
    permissions={"wallet.view": "See wallets", "wallet.adjust": "Move money in wallets"},
    scopes={"wallet.read": "See your wallet", "wallet.write": "Fill your wallet and pay from it in your name"},
    metadata=METADATA,
)
