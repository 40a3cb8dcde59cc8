"""wallet: what the last check of the books has found, for the page that shows it"""

from alembic import op

revision = "0029_last_check"
down_revision = "0028_taken_back"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table wallet.last_check (
            one boolean not null default true constraint pk_last_check primary key
                constraint ck_last_check_one check (one),
            checked_at timestamptz not null,
            balanced boolean not null,
            report jsonb not null
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table wallet.last_check")
