"""kernel: outbox, inbox, idempotency, jobs, heartbeat, cache generation"""

from alembic import op

revision = "0001_kernel"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema kernel")
    op.execute(
        """
        create table kernel.outbox (
            id uuid constraint pk_outbox primary key,
            event_id uuid not null,
            event text not null,
            subscriber text not null,
            payload jsonb not null,
            state text not null default 'pending' constraint ck_outbox_state check (state in ('pending', 'dead')),
            attempts integer not null default 0,
            wake_ups integer not null default 0,
            due_at timestamptz not null default now(),
            leased_until timestamptz,
            last_error text,
            request_id text,
            created_at timestamptz not null default now(),
            constraint uq_outbox_event_id_subscriber unique (event_id, subscriber)
        ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)
        """
    )
    op.execute("create index ix_outbox_due on kernel.outbox (due_at) where state = 'pending'")
    op.execute(
        """
        create table kernel.inbox (
            subscriber text,
            event_id uuid,
            handled_at timestamptz not null default now(),
            constraint pk_inbox primary key (subscriber, event_id)
        )
        """
    )
    op.execute("create index ix_inbox_handled_at on kernel.inbox (handled_at)")
    op.execute(
        """
        create table kernel.idempotency (
            scope text,
            key text,
            body_hash bytea not null,
            leased_until timestamptz not null,
            status integer,
            body bytea,
            created_at timestamptz not null default now(),
            constraint pk_idempotency primary key (scope, key)
        )
        """
    )
    op.execute("create index ix_idempotency_created_at on kernel.idempotency (created_at)")
    op.execute(
        """
        create table kernel.job (
            name text constraint pk_job primary key,
            due_at timestamptz not null default now(),
            running_until timestamptz,
            last_run_at timestamptz,
            last_error text
        )
        """
    )
    op.execute(
        "create table kernel.heartbeat (process text constraint pk_heartbeat primary key, seen_at timestamptz not null)"
    )
    op.execute(
        "create table kernel.cache_generation (id integer constraint pk_cache_generation primary key, value bigint not null)"
    )
    op.execute("insert into kernel.cache_generation values (1, 1)")


def downgrade() -> None:
    op.execute("drop schema kernel cascade")
