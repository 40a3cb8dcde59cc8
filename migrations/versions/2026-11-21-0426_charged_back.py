"""payments: what a deposit has lost by a dispute, as the wallet was told"""

from alembic import op

revision = "0026_charged_back"
down_revision = "0024_payments_by_time"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table payments.dispute add column charged_back bigint not null default 0,"
        " add constraint ck_dispute_charged_back check (charged_back between 0 and amount)"
    )


def downgrade() -> None:
    op.execute("alter table payments.dispute drop column charged_back")
