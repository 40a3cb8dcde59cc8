"""personal data: found by account and order without a scan, and let go of where it has to"""

from alembic import op

revision = "0019_personal_data"
down_revision = "0018_strong_keys"
branch_labels = None
depends_on = None

STATEMENTS = (
    "alter table catalog.import_run alter column started_by drop not null",
    "create index ix_message_account_id on notifications.message (account_id) where account_id is not null",
    "create index ix_message_order_id on notifications.message (order_id) where order_id is not null",
    "create index ix_account_email_key_prefix on identity.account (email_key text_pattern_ops)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("Whose imports were erased can't be told any more: restore a backup")
