"""cart"""

from alembic import op

revision = "0007_cart"
down_revision = "0006_shipping"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema cart")


def downgrade() -> None:
    op.execute("drop schema cart cascade")
