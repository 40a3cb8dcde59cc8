"""notifications"""

from alembic import op

revision = "0010_notifications"
down_revision = "0009_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema notifications")


def downgrade() -> None:
    op.execute("drop schema notifications cascade")
