"""webhooks: events from outside, each once; identity: the secret that a program signs them with"""

from alembic import op

revision = "0022_events_from_outside"
down_revision = "0021_wallet"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table identity.oauth_client add column signing_secret bytea")
    op.execute("create schema webhooks")
    op.execute(
        """
        create table webhooks.received_event (
            source text not null,
            event_id text not null,
            type text not null,
            content_hash bytea not null,
            received_at timestamptz not null default now(),
            constraint pk_received_event primary key (source, event_id),
            constraint ck_received_event_content_hash check (octet_length(content_hash) = 32)
        )
        """
    )
    op.execute("create index ix_received_event_received_at on webhooks.received_event (received_at)")


def downgrade() -> None:
    op.execute("drop schema webhooks cascade")
    op.execute("alter table identity.oauth_client drop column signing_secret")
