"""wallet: what was asked for on the bus, and whether it was refused; gift cards in the order in which they were issued"""

from alembic import op

revision = "0031_wishes"
down_revision = "0030_method_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table wallet.wish (
            id uuid constraint pk_wish primary key,
            digest bytea not null,
            refusal text,
            created_at timestamptz not null default now()
        )
        """
    )
    op.execute("create index ix_gift_card_created_at on wallet.gift_card (created_at, id)")


def downgrade() -> None:
    op.execute("drop index wallet.ix_gift_card_created_at")
    op.execute("drop table wallet.wish")
