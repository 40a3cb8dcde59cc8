"""inventory"""

from alembic import op

revision = "0004_inventory"
down_revision = "0003_catalog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema inventory")


def downgrade() -> None:
    op.execute("drop schema inventory cascade")
