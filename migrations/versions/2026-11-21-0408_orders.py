"""orders"""

from alembic import op

revision = "0008_orders"
down_revision = "0007_cart"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema orders")


def downgrade() -> None:
    op.execute("drop schema orders cascade")
