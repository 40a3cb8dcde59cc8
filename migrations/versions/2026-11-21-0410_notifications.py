"""notifications: messages and the mailbox"""

from alembic import op

revision = "0010_notifications"
down_revision = "0009_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema notifications")
    op.execute(
        """
        create table notifications.message (
            id uuid constraint pk_message primary key,
            channel text not null default 'email' constraint ck_message_channel check (channel in ('email')),
            template text not null,
            subject_key text not null,
            account_id uuid,
            order_id uuid,
            to_address text,
            subject text,
            html text,
            text text,
            status text not null default 'queued'
                constraint ck_message_status check (status in ('queued', 'sent', 'captured', 'failed', 'dead')),
            attempts integer not null default 0,
            error text,
            created_at timestamptz not null default now(),
            sent_at timestamptz,
            constraint uq_message_template_subject_key unique (template, subject_key)
        )
        """
    )
    op.execute("create index ix_message_to_address on notifications.message (to_address)")
    op.execute("create index ix_message_created_at on notifications.message (created_at)")


def downgrade() -> None:
    op.execute("drop schema notifications cascade")
