"""The kernel's own tables, schema `kernel`."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

PERSONAL: Final = {"personal": "told and erased"}
"""`info` of a column that tells of a person: its module's `PersonalData` (contracts.identity) answers for it."""
SECRET: Final = {"personal": "erased"}
"""The same, of what opens a door: told to nobody, not even to its owner."""
KEPT: Final = {"personal": "told and kept"}
"""The same, of what has to stay on record."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def module_metadata(schema: str) -> MetaData:
    """The MetaData that a module's tables hang on: its own schema, constraint names that migrations can rely on."""
    return MetaData(schema=schema, naming_convention=NAMING)


METADATA = module_metadata("kernel")

MAY_BE_LOST: Final = "set_config('synchronous_commit', 'off', true)"
"""A column for a statement of a transaction that doesn't wait until it is on disk. If the server dies within the next half
second it may be as if it had never been, as a whole; what commits later never survives it. For work that is done again
then, such as a delivery from the outbox: never for what somebody is told has happened."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("event", Text, nullable=False),
    Column("subscriber", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default="0", doc="failed runs of the handler"),
    Column("wake_ups", Integer, nullable=False, server_default="0", doc="messages sent for this row"),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("leased_until", DateTime(timezone=True), doc="an effect is at work until then"),
    Column("last_error", Text),
    Column("request_id", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("event_id", "subscriber"),
    CheckConstraint("state in ('pending', 'dead')", name="state"),
    Index("ix_outbox_due", "due_at", postgresql_where="state = 'pending'"),
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("subscriber", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
)

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_hash", LargeBinary, nullable=False),
    Column("leased_until", DateTime(timezone=True), nullable=False),
    Column("status", Integer, doc="of the stored answer; null while the first call runs"),
    Column("body", LargeBinary),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
)

JOB = Table(
    "job",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("running_until", DateTime(timezone=True), doc="lease of the run under way"),
    Column("last_run_at", DateTime(timezone=True)),
    Column("last_error", Text),
)

HEARTBEAT = Table(
    "heartbeat",
    METADATA,
    Column("process", Text, primary_key=True),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)

CACHE_GENERATION = Table(
    "cache_generation",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
