"""The tables of the wallet, schema `wallet`: a ledger, gift cards and statements.

Entries are only ever added (trigger `append_only`), and those of one transaction that are added together sum to zero
(trigger `balanced`), whoever writes them. Customers' and gift cards' accounts keep their balance beside the entries; the
shop's own have none, so that no row is hot: they are summed.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shop.kernel.tables import KEPT, module_metadata

METADATA = module_metadata("wallet")

ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner_id", Uuid, doc="the customer's account"),
    Column("code", Text, doc="of the shop's own: sales, held, clearing:stripe ..."),
    Column("currency", Text, nullable=False),
    Column("balance", BigInteger, doc="minor units, what can be spent; null: summed from entries"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("kind in ('customer', 'gift_card', 'system')", name="kind"),
    CheckConstraint("(kind = 'customer') = (owner_id is not null)", name="owner"),
    CheckConstraint("(kind = 'system') = (code is not null)", name="code"),
    CheckConstraint("(kind = 'system') = (balance is null) and balance >= 0", name="balance"),
    Index("uq_account_owner", "owner_id", "currency", unique=True, postgresql_where=text("owner_id is not null")),
    Index("uq_account_code", "code", "currency", unique=True, postgresql_where=text("code is not null")),
)

TRANSACTION = Table(
    "transaction",
    METADATA,
    Column("id", Uuid, primary_key=True, doc="made by whoever wished for it"),
    Column("account_id", Uuid, ForeignKey("wallet.account.id"), nullable=False),
    Column("operation", Text, nullable=False),
    Column("amount", BigInteger, nullable=False, doc="minor units, positive"),
    Column("taken", BigInteger, doc="what it came to, where that isn't all of its amount: after a partial capture"),
    Column("incoming", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("balance_after", BigInteger),
    Column("order_id", Uuid),
    Column("payment_id", Uuid),
    Column("parent_id", Uuid, ForeignKey("wallet.transaction.id")),
    Column("counterparty_id", Uuid, ForeignKey("wallet.account.id")),
    Column("dispute_ref", Text, doc="the provider's name of the dispute by which a deposit was taken back"),
    Column("reversed_amount", BigInteger, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default="", info=KEPT),
    Column("failure", Text, info=KEPT),
    Column("authority", Text, nullable=False),
    Column("actor_id", Uuid, doc="the account that acted, where it isn't the owner"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("settled_at", DateTime(timezone=True), doc="when it was settled or failed"),
    CheckConstraint(
        "operation in ('deposit', 'withdraw', 'purchase', 'reversal', 'cancellation', 'transfer', 'gift_card')",
        name="operation",
    ),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("status in ('pending', 'settled', 'failed')", name="status"),
    CheckConstraint("reversed_amount between 0 and coalesce(taken, amount)", name="reversed_amount"),
    CheckConstraint("taken > 0 or (taken = 0 and dispute_ref is not null)", name="taken"),
    CheckConstraint("(operation in ('reversal', 'cancellation')) = (parent_id is not null)", name="parent"),
    CheckConstraint("(status = 'pending') = (settled_at is null)", name="settled"),
    Index("ix_transaction_account_id", "account_id", "created_at", "id"),
    Index("ix_transaction_order_id", "order_id", postgresql_where=text("order_id is not null")),
    Index(
        "ix_transaction_counterparty_id",
        "counterparty_id",
        "created_at",
        "id",
        postgresql_where=text("counterparty_id is not null"),
    ),
    Index("ix_transaction_parent_id", "parent_id", postgresql_where=text("parent_id is not null")),
    Index("ix_transaction_payment_id", "payment_id", postgresql_where=text("payment_id is not null")),
    Index("ix_transaction_dispute_ref", "created_at", "id", postgresql_where=text("dispute_ref is not null")),
    Index(
        "ix_transaction_withdrawals",
        "status",
        "created_at",
        "id",
        postgresql_where=text("operation = 'withdraw' and authority = 'customer'"),
    ),
    Index("ix_transaction_pending", "account_id", postgresql_where=text("status = 'pending'")),
)

ENTRY = Table(
    "entry",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("transaction_id", Uuid, ForeignKey(TRANSACTION.c.id), nullable=False, index=True),
    Column("account_id", Uuid, ForeignKey(ACCOUNT.c.id), nullable=False),
    Column("amount", BigInteger, nullable=False, doc="minor units; positive: the account holds more"),
    Column("currency", Text, nullable=False),
    Column("balance_after", BigInteger, doc="of accounts that keep a balance"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("amount <> 0", name="amount"),
    Index("ix_entry_account_id", "account_id", "created_at", "id"),
)

WISH = Table(
    "wish",
    METADATA,
    Column("id", Uuid, primary_key=True, doc="which whoever asked for it on the bus gave it"),
    Column("digest", LargeBinary, nullable=False, doc="of what was asked for: the same id never means anything else"),
    Column("refusal", Text, doc="the code of the error, once it was refused for good"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

PAYOUT = Table(
    "payout",
    METADATA,
    Column("refund_id", Uuid, primary_key=True, doc="of payments"),
    Column("transaction_id", Uuid, ForeignKey(TRANSACTION.c.id), nullable=False, index=True, doc="the withdrawal"),
    Column("provider", Text, nullable=False),
    Column("amount", BigInteger, nullable=False, doc="minor units"),
    Column("status", Text, nullable=False, server_default="pending"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("status in ('pending', 'done', 'failed')", name="status"),
)

GIFT_CARD = Table(
    "gift_card",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey(ACCOUNT.c.id), nullable=False, index=True),
    Column("code_hash", LargeBinary, nullable=False, doc="digest of the code, which only its holder knows"),
    Column("hint", Text, nullable=False, doc="its last four characters"),
    Column("amount", BigInteger, nullable=False, doc="minor units, when it was issued"),
    Column("currency", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("issued_by", Uuid),
    Column("disabled_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("code_hash"),
    CheckConstraint("amount > 0", name="amount"),
    Index("ix_gift_card_created_at", "created_at", "id"),
)

LAST_CHECK = Table(
    "last_check",
    METADATA,
    Column("one", Boolean, primary_key=True, server_default=text("true"), doc="there is one row"),
    Column("checked_at", DateTime(timezone=True), nullable=False, doc="when its snapshot was taken"),
    Column("balanced", Boolean, nullable=False),
    Column("report", JSONB, nullable=False, doc="schemas.CheckedBooks"),
    CheckConstraint("one", name="one"),
)

STATEMENT = Table(
    "statement",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False, doc="the customer's account, who may never have had anything in a wallet"),
    Column("currency", Text, nullable=False),
    Column("from_date", Date, nullable=False, doc="in the shop's time zone"),
    Column("to_date", Date, nullable=False, doc="included"),
    Column("begins_at", DateTime(timezone=True), nullable=False, doc="when its first day does"),
    Column("ends_at", DateTime(timezone=True), nullable=False, doc="when the day after its last one begins"),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("mailed", Boolean, nullable=False, doc="its owner asked for it, and is told by mail when it is ready"),
    Column("entries", Integer, doc="how many there are; null until counted"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("opening_balance", BigInteger),
    Column("closing_balance", BigInteger),
    Column("last_entry_id", BigInteger, doc="of the newest entry before its end when it was made"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("leased_until", DateTime(timezone=True)),
    Column("outdated_at", DateTime(timezone=True), doc="an entry within its dates came after it was made"),
    Column("requested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ready_at", DateTime(timezone=True)),
    CheckConstraint("status in ('waiting', 'running', 'ready', 'failed')", name="status"),
    CheckConstraint("from_date <= to_date and begins_at < ends_at", name="dates"),
    CheckConstraint("(status = 'ready') = (ready_at is not null)", name="ready"),
    Index(
        "uq_statement_live",
        "owner_id",
        "currency",
        "begins_at",
        "ends_at",
        unique=True,
        postgresql_where=text("outdated_at is null and status <> 'failed'"),
    ),
    Index("ix_statement_open", "requested_at", postgresql_where=text("status in ('waiting', 'running')")),
    Index("ix_statement_owner_id", "owner_id", "requested_at"),
)
