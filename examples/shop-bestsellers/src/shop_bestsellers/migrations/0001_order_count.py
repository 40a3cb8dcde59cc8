"""bestsellers: how often each product was ordered"""

from alembic import op

revision = "0001_order_count"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table bestsellers.order_count (
            product_id uuid not null,
            title text not null,
            orders bigint not null,
            constraint pk_order_count primary key (product_id),
            constraint ck_order_count_orders check (orders > 0)
        )
        """
    )
    op.execute("create index order_count_by_orders on bestsellers.order_count (orders desc, product_id)")


def downgrade() -> None:
    op.execute("drop table bestsellers.order_count")
