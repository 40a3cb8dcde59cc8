"""identity: links that wait for their mail, so that a change of address is kept while no token exists for it"""

from alembic import op

revision = "0017_pending_links"
down_revision = "0016_spent_challenges"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table identity.mail_link add column pending_id uuid constraint uq_mail_link_pending_id unique")


def downgrade() -> None:
    op.execute("alter table identity.mail_link drop column pending_id")
