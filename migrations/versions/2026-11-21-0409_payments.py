"""payments"""

from alembic import op

revision = "0009_payments"
down_revision = "0008_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema payments")


def downgrade() -> None:
    op.execute("drop schema payments cascade")
