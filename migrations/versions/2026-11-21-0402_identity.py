"""identity"""

from alembic import op

revision = "0002_identity"
down_revision = "0001_kernel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema identity")


def downgrade() -> None:
    op.execute("drop schema identity cascade")
