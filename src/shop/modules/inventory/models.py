"""The tables of inventory, schema `inventory`."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
)

from shop.kernel.tables import module_metadata

METADATA = module_metadata("inventory")

STOCK_ITEM = Table(
    "stock_item",
    METADATA,
    Column("variant_id", Uuid, primary_key=True),
    Column("location", Text, primary_key=True, server_default="main"),
    Column("on_hand", Integer, nullable=False, server_default="0"),
    Column("reserved", Integer, nullable=False, server_default="0", doc="part of on_hand, promised to orders"),
    CheckConstraint("reserved >= 0", name="reserved_not_negative"),
    CheckConstraint("reserved <= on_hand", name="reserved_on_hand"),
)

RESERVATION = Table(
    "reservation",
    METADATA,
    Column("order_id", Uuid, primary_key=True),
    Column("status", Text, nullable=False, server_default="held"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("status in ('held', 'confirmed', 'committed', 'released', 'expired')", name="status"),
    Index("ix_reservation_held", "expires_at", postgresql_where="status = 'held'"),
)
"""One row per order, so that one conditional update moves all its goods at once."""

RESERVATION_LINE = Table(
    "reservation_line",
    METADATA,
    Column("order_id", Uuid, ForeignKey(RESERVATION.c.order_id), primary_key=True),
    Column("variant_id", Uuid, primary_key=True),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
)

MOVEMENT = Table(
    "movement",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("variant_id", Uuid, nullable=False),
    Column("location", Text, nullable=False, server_default="main"),
    Column("delta", Integer, nullable=False, doc="change of on_hand"),
    Column("reason", Text, nullable=False),
    Column("order_id", Uuid),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("delta <> 0", name="delta"),
    Index("ix_movement_variant_id", "variant_id", "id"),
    Index("uq_movement_sold", "order_id", "variant_id", unique=True, postgresql_where="reason = 'sold'"),
)
"""Append-only: why each count is what it is."""
