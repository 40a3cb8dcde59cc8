"""orders: the number sequence, orders, their lines and history"""

from alembic import op

revision = "0008_orders"
down_revision = "0007_cart"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema orders")
    # Options are json, not jsonb, which keeps the order of keys: they are shown as the catalogue names them.
    op.execute("create sequence orders.order_number start with 100001")
    op.execute(
        """
        create table orders.sales_order (
            id uuid not null,
            number text not null default ('SO-' || nextval('orders.order_number')),
            cart_id uuid not null,
            checkout_key bytea not null,
            access_token text not null,
            status text not null default 'pending_payment',
            fulfilment_status text not null default 'unfulfilled',
            account_id uuid,
            email text not null,
            currency text not null,
            items bigint not null,
            discount bigint not null,
            shipping bigint not null,
            tax bigint not null,
            total bigint not null,
            tax_included boolean not null,
            shipping_method text not null,
            shipping_label text not null,
            addresses jsonb not null,
            reserved_until timestamptz not null,
            retry_key bytea,
            retry_payment_id uuid,
            paid_at timestamptz,
            paid_payment_id uuid,
            created_at timestamptz not null default now(),
            constraint pk_sales_order primary key (id),
            constraint uq_sales_order_number unique (number),
            constraint uq_sales_order_cart_id unique (cart_id),
            constraint uq_sales_order_checkout_key unique (checkout_key),
            constraint ck_sales_order_status check (status in ('pending_payment', 'payment_failed', 'paid', 'processing',
                'shipped', 'delivered', 'expired', 'cancelled', 'returned', 'refunded')),
            constraint ck_sales_order_fulfilment_status
                check (fulfilment_status in ('unfulfilled', 'shipped', 'delivered', 'returned')),
            constraint ck_sales_order_amounts
                check (items >= 0 and discount >= 0 and shipping >= 0 and tax >= 0 and total >= 0),
            constraint ck_sales_order_total
                check (total = items - discount + shipping + case when tax_included then 0 else tax end),
            constraint ck_sales_order_paid
                check (paid_at is null or status not in ('pending_payment', 'payment_failed', 'expired'))
        ) with (fillfactor = 85)
        """
    )
    op.execute(
        "create index ix_sales_order_account_id on orders.sales_order (account_id, id) where account_id is not null"
    )
    op.execute("create index ix_sales_order_status on orders.sales_order (status, id)")
    op.execute("create index ix_sales_order_paid_at on orders.sales_order (paid_at) where paid_at is not null")
    op.execute("create index ix_sales_order_created_at on orders.sales_order (created_at)")
    op.execute("create index ix_sales_order_email on orders.sales_order (lower(email) text_pattern_ops)")
    op.execute(
        """
        create table orders.order_line (
            id uuid not null,
            order_id uuid not null,
            position integer not null,
            variant_id uuid not null,
            sku text not null,
            title text not null,
            options json not null,
            quantity integer not null,
            unit_price bigint not null,
            total bigint not null,
            tax bigint not null,
            tax_rate numeric not null,
            image text,
            url text not null,
            constraint pk_order_line primary key (id),
            constraint fk_order_line_order_id foreign key (order_id) references orders.sales_order (id),
            constraint uq_order_line_order_id_position unique (order_id, position),
            constraint ck_order_line_quantity check (quantity > 0),
            constraint ck_order_line_amounts check (unit_price >= 0 and tax >= 0 and total = unit_price * quantity)
        )
        """
    )
    op.execute(
        """
        create table orders.order_history (
            id bigint generated always as identity,
            order_id uuid not null,
            status text not null,
            note text not null,
            at timestamptz not null default now(),
            constraint pk_order_history primary key (id),
            constraint fk_order_history_order_id foreign key (order_id) references orders.sales_order (id)
        )
        """
    )
    op.execute("create index ix_order_history_order_id on orders.order_history (order_id, id)")


def downgrade() -> None:
    op.execute("drop schema orders cascade")
