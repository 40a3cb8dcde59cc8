"""Tables of the schema `catalog`: what is for sale, and the read model that listings are served from.

`card`, `card_category`, `listing` and `dirty_listing` hold nothing of their own: `rebuild.py` makes them from the rest.
Ordered things (option names, a variant's options) are JSON arrays, because JSONB objects forget their order.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    desc,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from shop.kernel.tables import module_metadata

METADATA = module_metadata("catalog")

PRODUCT = Table(
    "product",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description_html", Text, nullable=False, server_default="", doc="sanitised when written"),
    Column("status", Text, nullable=False, server_default="draft"),
    Column("attributes", JSONB, nullable=False, server_default="{}", doc="value by attribute code"),
    Column("option_names", JSONB, nullable=False, server_default="[]", doc="in the order of choice"),
    Column("seo_title", Text),
    Column("seo_description", Text),
    Column("published_at", DateTime(timezone=True), doc="when first on sale"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("slug"),
    CheckConstraint("status in ('draft', 'active', 'archived')", name="status"),
    CheckConstraint("status <> 'active' or published_at is not null", name="published"),
)

VARIANT = Table(
    "variant",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("product_id", Uuid, ForeignKey(PRODUCT.c.id, ondelete="CASCADE"), nullable=False),
    Column("sku", Text, nullable=False),
    Column("options", JSONB, nullable=False, server_default="[]", doc="[name, value] pairs in order"),
    Column("weight_grams", Integer, nullable=False, server_default="0"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("image", Text, doc="name of one of the product's images"),
    Column("active", Boolean, nullable=False, server_default="true"),
    UniqueConstraint("sku"),
    CheckConstraint("weight_grams >= 0", name="weight"),
    Index("ix_variant_product_id", "product_id", "position"),
)

IMAGE = Table(
    "image",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("product_id", Uuid, ForeignKey(PRODUCT.c.id, ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False, doc="of the kernel's media store"),
    Column("alt", Text, nullable=False, server_default=""),
    Column("width", Integer, nullable=False, doc="pixels"),
    Column("height", Integer, nullable=False, doc="pixels"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("sized_at", DateTime(timezone=True), doc="when its smaller sizes were made"),
    UniqueConstraint("product_id", "name"),
    Index("ix_image_position", "product_id", "position"),
    Index("ix_image_unsized", "name", postgresql_where=text("sized_at is null")),
)

ATTRIBUTE = Table(
    "attribute",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("facet", Boolean, nullable=False, server_default="false", doc="offered as a filter"),
    Column("position", Integer, nullable=False, server_default="0"),
    CheckConstraint("type in ('text', 'number', 'bool')", name="type"),
)

CATEGORY = Table(
    "category",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("parent_id", Uuid, ForeignKey("catalog.category.id")),
    Column("slug", Text, nullable=False, doc="the whole path: kitchen/coffee-machines"),
    Column("title", Text, nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),
    UniqueConstraint("slug"),
    Index("ix_category_parent_id", "parent_id"),
)

PRODUCT_CATEGORY = Table(
    "product_category",
    METADATA,
    Column("product_id", Uuid, ForeignKey(PRODUCT.c.id, ondelete="CASCADE"), primary_key=True),
    Column("category_id", Uuid, ForeignKey(CATEGORY.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, nullable=False, server_default="0", doc="the first is the breadcrumb's"),
    Index("ix_product_category_category_id", "category_id"),
)

LISTED_CURRENCY = Table(
    "listed_currency", METADATA, Column("code", Text, primary_key=True, doc="beside the shop's own currency")
)

CARD = Table(
    "card",
    METADATA,
    Column("product_id", Uuid, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("item", Text, nullable=False, doc="the JSON that lists answer for it"),
    Column("price", BigInteger, nullable=False, doc="of the default variant, minor units"),
    Column("in_stock", Boolean, nullable=False),
    Column("rating_average", Double, nullable=False, server_default="0"),
    Column("rating_count", Integer, nullable=False, server_default="0"),
    Column("image", Text),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("terms", ARRAY(Text), nullable=False, doc="code=value, what facets count and filter"),
    Column("search", TSVECTOR, nullable=False),
    Column("digest", LargeBinary, nullable=False, doc="of all it was made from: equal means nothing to do"),
    Index("ix_card_search", "search", postgresql_using="gin"),
    Index("ix_card_terms", "terms", postgresql_using="gin"),
)

CARD_CATEGORY = Table(
    "card_category",
    METADATA,
    Column("product_id", Uuid, primary_key=True),
    Column("category_id", Uuid, primary_key=True, doc="its own, those above it, and EVERYTHING"),
    Column("currency", Text, primary_key=True),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("price", BigInteger, nullable=False),
)
# The order of a listing is the order of an index, so that its first page reads 24 rows of 15,000.
Index(
    "ix_card_category_newest",
    CARD_CATEGORY.c.category_id,
    CARD_CATEGORY.c.currency,
    desc(CARD_CATEGORY.c.published_at),
    desc(CARD_CATEGORY.c.product_id),
)
Index(
    "ix_card_category_price",
    CARD_CATEGORY.c.category_id,
    CARD_CATEGORY.c.currency,
    CARD_CATEGORY.c.price,
    CARD_CATEGORY.c.product_id,
)

LISTING = Table(
    "listing",
    METADATA,
    Column("category_id", Uuid, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("total", Integer, nullable=False),
    Column("facets", JSONB, nullable=False, doc="as the API answers them"),
    Column("index", LargeBinary, nullable=False, doc="counts narrowed lists: facet_index.py"),
)

IMPORT_RUN = Table(
    "import_run",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("started_by", Uuid, doc="of identity's accounts; null when that person was erased"),
    Column("file_name", Text, nullable=False),
    Column("file_size", BigInteger, nullable=False, doc="bytes"),
    Column("images_name", Text, doc="of the zip file with pictures"),
    Column("preset", Text, doc="empty while it is to be found out, or with a mapping of one's own"),
    Column("mapping", Text, doc="TOML"),
    Column("stage", Text, nullable=False, server_default="check", doc="a dry run, then the import"),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("position", BigInteger, nullable=False, server_default="0", doc="bytes of rows that are done"),
    Column("size", BigInteger, nullable=False, server_default="0", doc="bytes of all rows"),
    Column("report", JSONB),
    Column("preview", JSONB, doc="the first products as they would come in"),
    Column("message", Text, doc="why it failed"),
    Column("attempts", Integer, nullable=False, server_default="0", doc="workers that began this stage"),
    Column("leased_until", DateTime(timezone=True), doc="a worker is at it until then"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("stage in ('check', 'import')", name="stage"),
    CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'interrupted')", name="state"),
    Index("ix_import_run_state", "state", postgresql_where=text("state in ('queued', 'running')")),
)

DIRTY_LISTING = Table(
    "dirty_listing",
    METADATA,
    Column("category_id", Uuid, primary_key=True),
    Column("marked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
