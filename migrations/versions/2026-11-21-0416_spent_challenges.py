"""identity: challenges of passkeys that were answered, so that no answer counts twice"""

from alembic import op

revision = "0016_spent_challenges"
down_revision = "0015_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table identity.spent_challenge (
            challenge_hash bytea constraint pk_spent_challenge primary key,
            expires_at timestamptz not null,
            constraint ck_spent_challenge_challenge_hash check (octet_length(challenge_hash) = 32)
        )
        """
    )
    op.execute("create index ix_spent_challenge_expires_at on identity.spent_challenge (expires_at)")


def downgrade() -> None:
    op.execute("drop table identity.spent_challenge")
