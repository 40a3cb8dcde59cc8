"""wallet: what customers hold with the shop, on a double-entry ledger.

owns      the ledger's accounts, transactions and entries; gift cards; withdrawals; statements
provides  Wallets; a PaymentProvider, StoredValue and RefundDestination "wallet"; its share of PersonalData, and
          ErasureHindrance (contracts.identity)
requires  Accounts, Orders, Payments
emits     TransactionOpened, TransactionSettled, TransactionFailed, TransactionRefused, StatementReady
consumes  DepositCaptured and DepositFailed (in the same transaction); DepositRefunded, DepositChargedBack, RefundFailed; what
          anybody may ask for: TransactionRequested

Gotcha: entries are never changed or deleted, and those of one transaction that are added together sum to zero; the database
refuses anything else. Money moves by `repository/postings.py` alone.
"""
