"""cart: carts and their lines"""

from alembic import op

revision = "0007_cart"
down_revision = "0006_shipping"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema cart")
    op.execute(
        """
        create table cart.cart (
            id uuid constraint pk_cart primary key,
            token text not null constraint uq_cart_token unique,
            currency text not null,
            account_id uuid,
            status text not null default 'open' constraint ck_cart_status check (status in ('open', 'closed')),
            order_id uuid constraint uq_cart_order_id unique,
            version integer not null default 1,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            constraint ck_cart_closed_by_order check ((status = 'closed') = (order_id is not null))
        ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)
        """
    )
    # Neither index holds a column that a change of lines writes, so that such a change stays a heap-only update.
    op.execute("create index ix_cart_open_of_account on cart.cart (account_id, id) where status = 'open'")
    op.execute(
        "create index ix_cart_open_of_guest on cart.cart (created_at) where status = 'open' and account_id is null"
    )
    op.execute(
        """
        create table cart.line (
            id uuid constraint pk_line primary key,
            cart_id uuid not null constraint fk_line_cart_id references cart.cart (id) on delete cascade,
            variant_id uuid not null,
            quantity integer not null constraint ck_line_quantity check (quantity between 1 and 999),
            constraint uq_line_cart_id_variant_id unique (cart_id, variant_id)
        ) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05)
        """
    )


def downgrade() -> None:
    op.execute("drop schema cart cascade")
