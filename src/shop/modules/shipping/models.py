"""The tables of shipping, schema `shipping`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from shop.kernel.tables import module_metadata

METADATA = module_metadata("shipping")

ZONE = Table(
    "zone",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("countries", ARRAY(Text), nullable=False, doc="ISO 3166-1 alpha-2"),
    Column("position", Integer, nullable=False, doc="the first zone that lists a country has it"),
)

METHOD = Table(
    "method",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("zone_id", Uuid, ForeignKey(ZONE.c.id, ondelete="cascade"), nullable=False),
    Column("code", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("delivery_min_days", Integer, nullable=False),
    Column("delivery_max_days", Integer, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("zone_id", "code"),
    CheckConstraint("0 <= delivery_min_days and delivery_min_days <= delivery_max_days", name="delivery_days"),
)

RATE = Table(
    "rate",
    METADATA,
    Column("method_id", Uuid, ForeignKey(METHOD.c.id, ondelete="cascade"), primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("max_weight_grams", Integer, primary_key=True),
    Column("min_items_total", BigInteger, primary_key=True, server_default="0", doc="minor units"),
    Column("amount", BigInteger, nullable=False, doc="minor units, before tax rules"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("max_weight_grams > 0", name="max_weight_grams"),
    CheckConstraint("min_items_total >= 0", name="min_items_total"),
    CheckConstraint("amount >= 0", name="amount"),
)
