"""Orders, their lines and their history.

Gotcha: options are `json`, which keeps the order of keys as the catalogue names them; `jsonb` would not.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from shop.kernel.tables import PERSONAL, SECRET, module_metadata

METADATA = module_metadata("orders")

SALES_ORDER = Table(
    "sales_order",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False, server_default=text("'SO-' || nextval('orders.order_number')")),
    Column("cart_id", Uuid, nullable=False),
    Column("checkout_key", LargeBinary, nullable=False, doc="digest of the cart's token and the Idempotency-Key"),
    Column("access_token", Text, nullable=False, info=SECRET),
    Column("status", Text, nullable=False, server_default="pending_payment"),
    Column("fulfilment_status", Text, nullable=False, server_default="unfulfilled"),
    Column("account_id", Uuid),
    Column("email", Text, nullable=False, info=PERSONAL),
    Column("currency", Text, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("shipping", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("tax_included", Boolean, nullable=False),
    Column("shipping_method", Text, nullable=False),
    Column("shipping_label", Text, nullable=False),
    Column("addresses", JSONB, nullable=False, info=PERSONAL),
    Column("reserved_until", DateTime(timezone=True), nullable=False),
    Column("retry_key", LargeBinary, doc="digest of the Idempotency-Key of the newest further attempt to pay"),
    Column("retry_payment_id", Uuid),
    Column("paid_at", DateTime(timezone=True)),
    Column("received", BigInteger, nullable=False, server_default="0", doc="what payments have brought"),
    Column("released", BigInteger, nullable=False, server_default="0", doc="what staff no longer ask for"),
    Column("refunded", BigInteger, nullable=False, server_default="0", doc="what went back"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("number"),
    UniqueConstraint("cart_id"),
    UniqueConstraint("checkout_key"),
    CheckConstraint(
        "status in ('pending_payment', 'payment_failed', 'paid', 'processing', 'shipped', 'delivered', 'expired',"
        " 'cancelled', 'returned', 'refunded')",
        name="status",
    ),
    CheckConstraint(
        "fulfilment_status in ('unfulfilled', 'shipped', 'delivered', 'returned')", name="fulfilment_status"
    ),
    CheckConstraint("items >= 0 and discount >= 0 and shipping >= 0 and tax >= 0 and total >= 0", name="amounts"),
    CheckConstraint("total = items - discount + shipping + case when tax_included then 0 else tax end", name="total"),
    CheckConstraint("received >= 0 and released >= 0 and received + released <= total", name="received"),
    CheckConstraint("refunded between 0 and received", name="refunded"),
    CheckConstraint("paid_at is null or status not in ('pending_payment', 'payment_failed', 'expired')", name="paid"),
)
Index(
    "ix_sales_order_account_id",
    SALES_ORDER.c.account_id,
    SALES_ORDER.c.id,
    postgresql_where=SALES_ORDER.c.account_id.is_not(None),
)
Index("ix_sales_order_status", SALES_ORDER.c.status, SALES_ORDER.c.id)
Index("ix_sales_order_paid_at", SALES_ORDER.c.paid_at, postgresql_where=SALES_ORDER.c.paid_at.is_not(None))
Index("ix_sales_order_created_at", SALES_ORDER.c.created_at)
Index(
    "ix_sales_order_email",
    func.lower(SALES_ORDER.c.email).label("email_key"),
    postgresql_ops={"email_key": "text_pattern_ops"},
)

ORDER_LINE = Table(
    "order_line",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey(SALES_ORDER.c.id), nullable=False),
    Column("position", Integer, nullable=False),
    Column("variant_id", Uuid, nullable=False),
    Column("sku", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("tax_rate", Numeric, nullable=False),
    Column("image", Text),
    Column("url", Text, nullable=False),
    UniqueConstraint("order_id", "position"),
    Column("refunded_quantity", Integer, nullable=False, server_default="0"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("refunded_quantity between 0 and quantity", name="refunded_quantity"),
    CheckConstraint("unit_price >= 0 and tax >= 0 and total = unit_price * quantity", name="amounts"),
)

ORDER_RECEIPT = Table(
    "order_receipt",
    METADATA,
    Column("payment_id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey(SALES_ORDER.c.id), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("released", BigInteger, nullable=False, server_default="0"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Each payment that brought money, once. The sums of an order's receipts are its `received` and `released`."""

ORDER_REFUND = Table(
    "order_refund",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey(SALES_ORDER.c.id), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("destination", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("lines", JSON, nullable=False, server_default="[]", doc="line_id and quantity of what was refunded by line"),
    Column("requested_by", Uuid),
    Column("undone_at", DateTime(timezone=True), doc="it was rejected, or the provider refused all of it"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("amount > 0", name="amount"),
)
"""A wish of staff to give money back; payments holds what became of it under this id."""

ORDER_HISTORY = Table(
    "order_history",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("order_id", Uuid, ForeignKey(SALES_ORDER.c.id), nullable=False),
    Column("status", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
Index("ix_order_history_order_id", ORDER_HISTORY.c.order_id, ORDER_HISTORY.c.id)
