"""payments: found by the time they were made, for reconciliation and the back office"""

from alembic import op

revision = "0024_payments_by_time"
down_revision = "0023_abandoned_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create index ix_payment_created_at on payments.payment (created_at, id)")
    op.execute("create index ix_refund_done_at on payments.refund (done_at) where status = 'done'")


def downgrade() -> None:
    op.execute("drop index payments.ix_refund_done_at")
    op.execute("drop index payments.ix_payment_created_at")
