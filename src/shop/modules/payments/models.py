"""The tables of payments, schema `payments`. The two of the sandbox are a stranger's books: no use case reads them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from sqlalchemy.dialects.postgresql import JSON

from shop.kernel.tables import PERSONAL, SECRET, module_metadata

METADATA = module_metadata("payments")

LIVE = "called_off_at is null and status in ('pending', 'requires_action', 'authorized', 'captured')"

PAYMENT = Table(
    "payment",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid),
    Column("deposit_id", Uuid, doc="the wallet's transaction that it fills a wallet by"),
    Column("account_id", Uuid, doc="who pays; null: a guest"),
    Column("part", Integer, nullable=False, server_default="0", doc="1: what the wallet pays of an order, 0: the rest"),
    Column("split", Boolean, nullable=False, server_default="false", doc="there is another part beside it"),
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
    Column("captured_amount", BigInteger, nullable=False, server_default="0"),
    Column("capture_wish", BigInteger, doc="what staff want captured of an authorized payment"),
    Column("capture_ref", Text, doc="what the provider calls the capture, where that is a thing of its own"),
    Column("manual_capture", Boolean, nullable=False, server_default="false", doc="staff say when it is captured"),
    Column("save_method", Boolean, nullable=False, server_default="false"),
    Column("customer_ref", Text, doc="what the provider calls the payer", info=PERSONAL),
    Column("method", JSON, doc="MethodShown", info=PERSONAL),
    Column("instructions", JSON, doc="what the buyer has to do outside"),
    Column("holds_until", DateTime(timezone=True), doc="how long the goods wait for it"),
    Column("refunded_amount", BigInteger, nullable=False, server_default="0", doc="promised back, done or not"),
    Column("lost_amount", BigInteger, nullable=False, server_default="0", doc="in disputes that were lost"),
    Column("contested_amount", BigInteger, nullable=False, server_default="0", doc="in disputes not decided yet"),
    Column("called_off_at", DateTime(timezone=True), doc="the order no longer wants this money"),
    Column("abandoned_at", DateTime(timezone=True), doc="its buyer wants to pay in another way"),
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
    CheckConstraint("captured_amount between 0 and amount", name="captured_amount"),
    CheckConstraint("capture_wish between 1 and amount", name="capture_wish"),
    CheckConstraint("refunded_amount between 0 and captured_amount", name="refunded_amount"),
    CheckConstraint("lost_amount >= 0 and contested_amount >= 0", name="disputed"),
    CheckConstraint("num_nonnulls(order_id, deposit_id) = 1", name="purpose"),
    Index("ix_payment_order_id", "order_id"),
    Index("ix_payment_deposit_id", "deposit_id", postgresql_where=text("deposit_id is not null")),
    Index("uq_payment_live", "order_id", "part", unique=True, postgresql_where=text(LIVE)),
    Index("uq_payment_live_deposit", "deposit_id", unique=True, postgresql_where=text(LIVE)),
    Index("ix_payment_due", "next_check_at", postgresql_where=text("next_check_at is not null")),
    Index("ix_payment_created_at", "created_at", "id"),
    Index("ix_payment_staff_note", "created_at", postgresql_where=text("staff_note is not null")),
)
"""A local intent precedes every call to a provider. At most one of each part of an order is alive."""

REFUND = Table(
    "refund",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("payment_id", Uuid, ForeignKey(PAYMENT.c.id), nullable=False),
    Column("request_id", Uuid, doc="of which wish of staff it is a part"),
    Column("account_id", Uuid, doc="whose wallet it goes to, if it does"),
    Column("amount", BigInteger, nullable=False, doc="minor units"),
    Column("destination", Text, nullable=False, server_default="original"),
    Column("status", Text, nullable=False, server_default="pending"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("requested_by", Uuid, doc="of staff; null: the shop itself, or the provider"),
    Column("decided_by", Uuid),
    Column("decided_at", DateTime(timezone=True)),
    Column("provider_ref", Text),
    Column("failure", Text, doc="in words for staff"),
    Column("next_check_at", DateTime(timezone=True), doc="when the sweep takes it up; also the lease of a check"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("done_at", DateTime(timezone=True)),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("status in ('awaiting_approval', 'pending', 'done', 'failed', 'rejected')", name="status"),
    CheckConstraint("destination in ('original', 'wallet')", name="destination"),
    Index("ix_refund_payment_id", "payment_id"),
    Index("ix_refund_due", "next_check_at", postgresql_where=text("next_check_at is not null")),
    Index("ix_refund_awaiting", "created_at", postgresql_where=text("status = 'awaiting_approval'")),
    Index("ix_refund_request_id", "request_id"),
    Index("ix_refund_done_at", "done_at", postgresql_where=text("status = 'done'")),
)
"""Its id is the provider's idempotency key. The sum of a payment's refunds that are neither failed nor rejected is its
`refunded_amount`, which has a limit."""

PAYER = Table(
    "payer",
    METADATA,
    Column("account_id", Uuid, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("customer_ref", Text, nullable=False, info=PERSONAL),
)
"""Under which name the next method of an account is stored; each keeps the name that it was stored under."""

STORED_METHOD = Table(
    "stored_method",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text, nullable=False, info=SECRET),
    Column("customer_ref", Text, doc="what the provider calls the payer whose it is there", info=PERSONAL),
    Column("method", JSON, nullable=False, doc="MethodShown", info=PERSONAL),
    Column("is_default", Boolean, nullable=False, server_default="false"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("removed_at", DateTime(timezone=True)),
    Index(
        "uq_stored_method_provider",
        "provider",
        "provider_ref",
        unique=True,
        postgresql_where=text("removed_at is null"),
    ),
    Index(
        "uq_stored_method_default",
        "account_id",
        unique=True,
        postgresql_where=text("is_default and removed_at is null"),
    ),
)

METHOD_SETUP = Table(
    "method_setup",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text, info=SECRET),
    Column("client_secret", Text, info=SECRET),
    Column("redirect_url", Text, info=SECRET),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
    Column("failure", Text),
    Index("ix_method_setup_provider_ref", "provider", "provider_ref"),
)

RECEIPT = Table(
    "receipt",
    METADATA,
    Column("payment_id", Uuid, primary_key=True),
    Column("received_by", Uuid),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Of a transfer, or of money handed over at delivery: the word of staff is the provider's here."""

PAYOUT = Table(
    "payout",
    METADATA,
    Column("refund_id", Uuid, primary_key=True),
    Column("paid_by", Uuid),
    Column("paid_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

DISPUTE = Table(
    "dispute",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("provider_ref", Text, primary_key=True),
    Column("payment_id", Uuid, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column(
        "charged_back",
        BigInteger,
        nullable=False,
        server_default="0",
        doc="by it, of a deposit: what the wallet was told",
    ),
    Column("respond_by", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("status in ('needs_response', 'under_review', 'won', 'lost', 'closed')", name="status"),
    CheckConstraint("charged_back between 0 and amount", name="charged_back"),
)

RECONCILIATION = Table(
    "reconciliation",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("requested_by", Uuid, doc="null: the schedule"),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("compared", Integer, nullable=False, server_default="0"),
    Column("mended", Integer, nullable=False, server_default="0"),
    Column("found", Integer, nullable=False, server_default="0"),
    Column("message", Text),
    Column("leased_until", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
    CheckConstraint("status in ('waiting', 'running', 'done', 'failed')", name="status"),
    Index("uq_reconciliation_open", text("(true)"), unique=True, postgresql_where=text("finished_at is null")),
)

DISCREPANCY = Table(
    "discrepancy",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("reconciliation_id", Uuid, ForeignKey(RECONCILIATION.c.id), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, doc="what it is about: one open row for each"),
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text),
    Column("payment_id", Uuid),
    Column("order_id", Uuid),
    Column("ours", Text, nullable=False, doc="what our records say"),
    Column("theirs", Text, nullable=False),
    Column("reason", Text, nullable=False, doc="why it was not mended, in words for staff"),
    Column("state", Text, nullable=False, server_default="open"),
    Column("note", Text, doc="of whoever resolved it, perhaps on the buyer", info=PERSONAL),
    Column("resolved_by", Uuid),
    Column("resolved_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("state in ('open', 'mended', 'resolved')", name="state"),
    Index("uq_discrepancy_open", "kind", "subject", unique=True, postgresql_where=text("state = 'open'")),
)

PROVIDER_EVENT = Table(
    "provider_event",
    METADATA,
    Column("provider", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("payment_id", Uuid, doc="as the event claims"),
    Column("provider_ref", Text, doc="as the event claims"),
    Column("dispute_ref", Text, doc="as the event claims"),
    Column("payload", LargeBinary, nullable=False, doc="the body as it came", info=PERSONAL),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("applied_at", DateTime(timezone=True)),
    Index("ix_provider_event_received_at", "received_at"),
    Index("ix_provider_event_payment_id", "payment_id"),
    Index("ix_provider_event_provider_ref", "provider", "provider_ref"),
)

SANDBOX_CHARGE = Table(
    "sandbox_charge",
    METADATA,
    Column("payment_id", Uuid, primary_key=True),
    Column("order_id", Uuid),
    Column("deposit_id", Uuid),
    Column("account_id", Uuid),
    Column("amount", BigInteger, nullable=False),
    Column("captured", BigInteger, nullable=False, server_default="0"),
    Column("currency", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("failure", Text),
    Column("refunded", BigInteger, nullable=False, server_default="0"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    CheckConstraint("status in ('authorized', 'captured', 'failed', 'requires_action', 'cancelled')", name="status"),
    CheckConstraint("refunded between 0 and captured", name="refunded"),
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
