"""payments: a payment that its buyer abandoned for another way to pay"""

from alembic import op

revision = "0023_abandoned_payments"
down_revision = "0022_events_from_outside"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table payments.payment add column abandoned_at timestamptz")


def downgrade() -> None:
    op.execute("alter table payments.payment drop column abandoned_at")
