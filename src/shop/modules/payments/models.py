"""The tables of payments, schema `payments`. The two of the sandbox are a stranger's books: no use case reads them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
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

from shop.kernel.tables import PERSONAL, SECRET, module_metadata

METADATA = module_metadata("payments")

PAYMENT = Table(
    "payment",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text, doc="what the provider calls it; null until it answered"),
    Column("token", Text, doc="stands for a card; gone as soon as the provider has answered", info=SECRET),
    Column("method_id", Text, info=PERSONAL),
    Column("amount", BigInteger, nullable=False, doc="minor units"),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="pending"),
    Column("failure", Text, doc="in words for the buyer"),
    Column("staff_note", Text, doc="what a person has to look into"),
    Column("client_secret", Text, info=SECRET),
    Column("redirect_url", Text, info=PERSONAL),
    Column("refunded_amount", BigInteger, nullable=False, server_default="0", doc="promised back, done or not"),
    Column("called_off_at", DateTime(timezone=True), doc="the order no longer wants this money"),
    Column("next_check_at", DateTime(timezone=True), doc="when the sweep takes it up; also the lease of a check"),
    Column("attempts", Integer, nullable=False, server_default="0", doc="times the provider was asked"),
    Column("version", Integer, nullable=False, server_default="0", doc="one more with every change"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("provider", "provider_ref", name="uq_payment_provider"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint(
        "status in ('pending', 'requires_action', 'authorized', 'captured', 'failed', 'cancelled', 'refunded',"
        " 'partially_refunded')",
        name="status",
    ),
    CheckConstraint("refunded_amount between 0 and amount", name="refunded_amount"),
    Index("ix_payment_order_id", "order_id"),
    Index(
        "uq_payment_live",
        "order_id",
        unique=True,
        postgresql_where=text(
            "called_off_at is null and status in ('pending', 'requires_action', 'authorized', 'captured')"
        ),
    ),
    Index("ix_payment_due", "next_check_at", postgresql_where=text("next_check_at is not null")),
)
"""A local intent precedes every call to a provider. At most one of an order is alive."""

REFUND = Table(
    "refund",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("payment_id", Uuid, ForeignKey(PAYMENT.c.id), nullable=False),
    Column("amount", BigInteger, nullable=False, doc="minor units"),
    Column("status", Text, nullable=False, server_default="pending"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("done_at", DateTime(timezone=True)),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("status in ('pending', 'done')", name="status"),
    Index("ix_refund_payment_id", "payment_id"),
)
"""Its id is the provider's idempotency key. The sum of a payment's refunds is its `refunded_amount`, which has a limit."""

PROVIDER_EVENT = Table(
    "provider_event",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("payment_id", Uuid, doc="as the event claims"),
    Column("provider_ref", Text, doc="as the event claims"),
    Column("payload", LargeBinary, nullable=False, doc="the body as it came", info=PERSONAL),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("applied_at", DateTime(timezone=True)),
)

SANDBOX_CHARGE = Table(
    "sandbox_charge",
    METADATA,
    Column("payment_id", Uuid, primary_key=True),
    Column("order_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("failure", Text),
    Column("refunded", BigInteger, nullable=False, server_default="0"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("status in ('captured', 'failed', 'requires_action', 'cancelled')", name="status"),
    CheckConstraint("refunded between 0 and amount", name="refunded"),
)

SANDBOX_REFUND = Table(
    "sandbox_refund",
    METADATA,
    Column("refund_id", Uuid, primary_key=True),
    Column("payment_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("amount > 0", name="amount"),
)
