"""catalog: products, variants, attributes, categories, images, and the read model that listings are served from"""

from alembic import op

revision = "0003_catalog"
down_revision = "0002_identity"
branch_labels = None
depends_on = None

TABLES = (
    """
    create table catalog.product (
        id uuid constraint pk_product primary key,
        slug text not null constraint uq_product_slug unique,
        title text not null,
        description_html text not null default '',
        status text not null default 'draft' constraint ck_product_status check (status in ('draft', 'active', 'archived')),
        attributes jsonb not null default '{}',
        option_names jsonb not null default '[]',
        seo_title text,
        seo_description text,
        published_at timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint ck_product_published check (status <> 'active' or published_at is not null)
    )
    """,
    """
    create table catalog.variant (
        id uuid constraint pk_variant primary key,
        product_id uuid not null constraint fk_variant_product_id references catalog.product on delete cascade,
        sku text not null constraint uq_variant_sku unique,
        options jsonb not null default '[]',
        weight_grams integer not null default 0 constraint ck_variant_weight check (weight_grams >= 0),
        position integer not null default 0,
        image text,
        active boolean not null default true
    )
    """,
    "create index ix_variant_product_id on catalog.variant (product_id, position)",
    """
    create table catalog.image (
        id uuid constraint pk_image primary key,
        product_id uuid not null constraint fk_image_product_id references catalog.product on delete cascade,
        name text not null,
        alt text not null default '',
        width integer not null,
        height integer not null,
        position integer not null default 0,
        constraint uq_image_product_id_name unique (product_id, name)
    )
    """,
    "create index ix_image_position on catalog.image (product_id, position)",
    """
    create table catalog.attribute (
        code text constraint pk_attribute primary key,
        label text not null,
        type text not null constraint ck_attribute_type check (type in ('text', 'number', 'bool')),
        facet boolean not null default false,
        position integer not null default 0
    )
    """,
    """
    create table catalog.category (
        id uuid constraint pk_category primary key,
        parent_id uuid constraint fk_category_parent_id references catalog.category,
        slug text not null constraint uq_category_slug unique,
        title text not null,
        position integer not null default 0
    )
    """,
    "create index ix_category_parent_id on catalog.category (parent_id)",
    """
    create table catalog.product_category (
        product_id uuid not null constraint fk_product_category_product_id references catalog.product on delete cascade,
        category_id uuid not null constraint fk_product_category_category_id references catalog.category on delete cascade,
        position integer not null default 0,
        constraint pk_product_category primary key (product_id, category_id)
    )
    """,
    "create index ix_product_category_category_id on catalog.product_category (category_id)",
    "create table catalog.listed_currency (code text constraint pk_listed_currency primary key)",
    """
    create table catalog.card (
        product_id uuid not null,
        currency text not null,
        slug text not null,
        title text not null,
        item text not null,
        price bigint not null,
        in_stock boolean not null,
        rating_average double precision not null default 0,
        rating_count integer not null default 0,
        image text,
        published_at timestamptz not null,
        terms text[] not null,
        search tsvector not null,
        digest bytea not null,
        constraint pk_card primary key (product_id, currency)
    )
    """,
    "create index ix_card_search on catalog.card using gin (search)",
    "create index ix_card_terms on catalog.card using gin (terms)",
    """
    create table catalog.card_category (
        category_id uuid not null,
        currency text not null,
        product_id uuid not null,
        published_at timestamptz not null,
        price bigint not null,
        constraint pk_card_category primary key (product_id, category_id, currency)
    )
    """,
    """
    create index ix_card_category_newest on catalog.card_category
        (category_id, currency, published_at desc, product_id desc)
    """,
    "create index ix_card_category_price on catalog.card_category (category_id, currency, price, product_id)",
    """
    create table catalog.listing (
        category_id uuid not null,
        currency text not null,
        total integer not null,
        facets jsonb not null,
        constraint pk_listing primary key (category_id, currency)
    )
    """,
    """
    create table catalog.dirty_listing (
        category_id uuid constraint pk_dirty_listing primary key,
        marked_at timestamptz not null default now()
    )
    """,
)


def upgrade() -> None:
    op.execute("create schema catalog")
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop schema catalog cascade")
