"""The tables of webhooks, schema `webhooks`."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, LargeBinary, PrimaryKeyConstraint, Table, Text, func

from shop.kernel.tables import module_metadata

METADATA: Final = module_metadata("webhooks")

RECEIVED_EVENT: Final = Table(
    "received_event",
    METADATA,
    Column("source", Text, nullable=False, doc="the program that sent it, by its client id"),
    Column("event_id", Text, nullable=False, doc="as its sender calls it"),
    Column("type", Text, nullable=False),
    Column(
        "content_hash",
        LargeBinary,
        nullable=False,
        doc="SHA-256 of type and data: tells a repetition from another event",
    ),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    PrimaryKeyConstraint("source", "event_id"),
    CheckConstraint("octet_length(content_hash) = 32", name="content_hash"),
)
