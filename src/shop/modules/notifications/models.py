"""Tables of the schema `notifications`."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer, Table, Text, UniqueConstraint, Uuid, func

from shop.kernel.tables import PERSONAL, module_metadata

METADATA = module_metadata("notifications")

MESSAGE = Table(
    "message",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("channel", Text, nullable=False, server_default="email"),
    Column("template", Text, nullable=False),
    Column("subject_key", Text, nullable=False, doc="what the message is about; with the template it is unique"),
    Column("account_id", Uuid),
    Column("order_id", Uuid),
    Column("to_address", Text, doc="known from the first attempt on", info=PERSONAL),
    Column("subject", Text, info=PERSONAL),
    Column("html", Text, doc="mailbox mode only: bodies may carry secrets", info=PERSONAL),
    Column("text", Text, doc="mailbox mode only", info=PERSONAL),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text, info=PERSONAL),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("sent_at", DateTime(timezone=True)),
    UniqueConstraint("template", "subject_key"),
    CheckConstraint("status in ('queued', 'sent', 'captured', 'failed', 'dead')", name="status"),
    CheckConstraint("channel in ('email')", name="channel"),
    Index("ix_message_to_address", "to_address"),
    Index("ix_message_created_at", "created_at"),
    Index("ix_message_account_id", "account_id", postgresql_where="account_id is not null"),
    Index("ix_message_order_id", "order_id", postgresql_where="order_id is not null"),
)
