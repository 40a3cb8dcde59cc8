"""inventory: stock items, reservations with their lines, movements"""

from alembic import op

revision = "0004_inventory"
down_revision = "0003_catalog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema inventory")
    # Both are updated all the time: room on each page keeps new row versions beside the old ones, out of the indexes.
    op.execute(
        """
        create table inventory.stock_item (
            variant_id uuid not null,
            location text not null default 'main',
            on_hand integer not null default 0,
            reserved integer not null default 0,
            constraint pk_stock_item primary key (variant_id, location),
            constraint ck_stock_item_reserved_not_negative check (reserved >= 0),
            constraint ck_stock_item_reserved_on_hand check (reserved <= on_hand)
        ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)
        """
    )
    op.execute(
        """
        create table inventory.reservation (
            order_id uuid not null,
            status text not null default 'held',
            expires_at timestamptz not null,
            created_at timestamptz not null default now(),
            constraint pk_reservation primary key (order_id),
            constraint ck_reservation_status
                check (status in ('held', 'confirmed', 'committed', 'released', 'expired'))
        ) with (fillfactor = 80)
        """
    )
    op.execute("create index ix_reservation_held on inventory.reservation (expires_at) where status = 'held'")
    op.execute(
        """
        create table inventory.reservation_line (
            order_id uuid not null,
            variant_id uuid not null,
            quantity integer not null,
            constraint pk_reservation_line primary key (order_id, variant_id),
            constraint fk_reservation_line_order_id foreign key (order_id) references inventory.reservation (order_id),
            constraint ck_reservation_line_quantity check (quantity > 0)
        )
        """
    )
    op.execute(
        """
        create table inventory.movement (
            id bigint generated always as identity,
            variant_id uuid not null,
            location text not null default 'main',
            delta integer not null,
            reason text not null,
            order_id uuid,
            at timestamptz not null default now(),
            constraint pk_movement primary key (id),
            constraint ck_movement_delta check (delta <> 0)
        )
        """
    )
    op.execute("create index ix_movement_variant_id on inventory.movement (variant_id, id)")
    op.execute(
        "create unique index uq_movement_sold on inventory.movement (order_id, variant_id) where reason = 'sold'"
    )


def downgrade() -> None:
    op.execute("drop schema inventory cascade")
