"""identity: API keys that know how well their owner had shown who it is when they were made"""

from alembic import op

revision = "0018_strong_keys"
down_revision = "0017_pending_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table identity.api_key add column strong boolean not null default false")


def downgrade() -> None:
    op.execute("alter table identity.api_key drop column strong")
