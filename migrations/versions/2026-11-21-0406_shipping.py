"""shipping"""

from alembic import op

revision = "0006_shipping"
down_revision = "0005_pricing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema shipping")


def downgrade() -> None:
    op.execute("drop schema shipping cascade")
