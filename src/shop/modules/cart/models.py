"""The cart's tables."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)

from shop.kernel.tables import module_metadata

METADATA = module_metadata("cart")

CART = Table(
    "cart",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("currency", Text, nullable=False),
    Column("account_id", Uuid),
    Column("status", Text, nullable=False, server_default="open"),
    Column("order_id", Uuid, unique=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("status in ('open', 'closed')", name="status"),
    CheckConstraint("(status = 'closed') = (order_id is not null)", name="closed_by_order"),
)
Index("ix_cart_open_of_account", CART.c.account_id, CART.c.id, postgresql_where=CART.c.status == "open")
Index(
    "ix_cart_open_of_guest",
    CART.c.created_at,
    postgresql_where=(CART.c.status == "open") & CART.c.account_id.is_(None),
)

LINE = Table(
    "line",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("cart_id", Uuid, ForeignKey(CART.c.id, ondelete="CASCADE"), nullable=False),
    Column("variant_id", Uuid, nullable=False),
    Column("quantity", Integer, nullable=False),
    UniqueConstraint("cart_id", "variant_id"),
    CheckConstraint("quantity between 1 and 999", name="quantity"),
)
