"""wallet: what a bank has taken back of a deposit, also where nothing of it was left to take"""

from alembic import op

revision = "0028_taken_back"
down_revision = "0027_disputed_amounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table wallet.transaction add column dispute_ref text, drop constraint ck_transaction_taken,"
        " add constraint ck_transaction_taken check (taken > 0 or (taken = 0 and dispute_ref is not null))"
    )
    op.execute(
        "create index ix_transaction_dispute_ref on wallet.transaction (created_at, id) where dispute_ref is not null"
    )


def downgrade() -> None:
    op.execute("drop index wallet.ix_transaction_dispute_ref")
    op.execute(
        "alter table wallet.transaction drop column dispute_ref,"
        " add constraint ck_transaction_taken check (taken > 0) not valid"
    )
