"""catalog: which pictures still lack their smaller sizes"""

from alembic import op

revision = "0011_picture_sizes"
down_revision = "0010_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table catalog.image add column sized_at timestamptz")
    op.execute("create index ix_image_unsized on catalog.image (name) where sized_at is null")


def downgrade() -> None:
    op.execute("alter table catalog.image drop column sized_at")
