"""The tables of pricing, schema `pricing`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Numeric, Table, Text, Uuid

from shop.kernel.tables import module_metadata

METADATA = module_metadata("pricing")

PRICE = Table(
    "price",
    METADATA,
    Column("variant_id", Uuid, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False, doc="minor units"),
    Column("compare_at", BigInteger, doc="the former price, minor units"),
    Column("tax_class", Text, nullable=False, server_default="standard"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint("compare_at > amount", name="compare_at"),
)

TAX_RATE = Table(
    "tax_rate",
    METADATA,
    Column("country", Text, primary_key=True),
    Column("region", Text, primary_key=True, server_default="", doc="empty: the whole country"),
    Column("tax_class", Text, primary_key=True),
    Column("rate", Numeric(6, 5), nullable=False, doc="a decimal fraction"),
    Column("valid_from", Date, primary_key=True),
    Column("valid_until", Date, doc="the first day on which it no longer holds"),
    CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    CheckConstraint("rate >= 0 and rate < 1", name="rate"),
    CheckConstraint("valid_until > valid_from", name="valid_until"),
)
