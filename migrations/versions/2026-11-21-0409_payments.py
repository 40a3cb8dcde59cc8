"""payments: intents, refunds, what providers told, and the sandbox provider's own books"""

from alembic import op

revision = "0009_payments"
down_revision = "0008_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema payments")
    op.execute(
        """
        create table payments.payment (
            id uuid constraint pk_payment primary key,
            order_id uuid not null,
            provider text not null,
            provider_ref text,
            token text,
            method_id text,
            amount bigint not null constraint ck_payment_amount check (amount > 0),
            currency text not null,
            status text not null default 'pending' constraint ck_payment_status check (status in (
                'pending', 'requires_action', 'authorized', 'captured', 'failed', 'cancelled', 'refunded',
                'partially_refunded')),
            failure text,
            staff_note text,
            client_secret text,
            redirect_url text,
            refunded_amount bigint not null default 0,
            called_off_at timestamptz,
            next_check_at timestamptz,
            attempts integer not null default 0,
            version integer not null default 0,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            constraint uq_payment_provider unique (provider, provider_ref),
            constraint ck_payment_refunded_amount check (refunded_amount between 0 and amount)
        ) with (fillfactor = 70)
        """
    )
    op.execute("create index ix_payment_order_id on payments.payment (order_id)")
    op.execute(
        "create unique index uq_payment_live on payments.payment (order_id) where called_off_at is null"
        " and status in ('pending', 'requires_action', 'authorized', 'captured')"
    )
    op.execute("create index ix_payment_due on payments.payment (next_check_at) where next_check_at is not null")
    op.execute(
        """
        create table payments.refund (
            id uuid constraint pk_refund primary key,
            payment_id uuid not null constraint fk_refund_payment_id references payments.payment (id),
            amount bigint not null constraint ck_refund_amount check (amount > 0),
            status text not null default 'pending' constraint ck_refund_status check (status in ('pending', 'done')),
            created_at timestamptz not null default now(),
            done_at timestamptz
        )
        """
    )
    op.execute("create index ix_refund_payment_id on payments.refund (payment_id)")
    op.execute(
        """
        create table payments.provider_event (
            provider text,
            event_id text,
            type text not null,
            payment_id uuid,
            provider_ref text,
            payload bytea not null,
            received_at timestamptz not null default now(),
            applied_at timestamptz,
            constraint pk_provider_event primary key (provider, event_id)
        )
        """
    )
    op.execute(
        """
        create table payments.sandbox_charge (
            payment_id uuid constraint pk_sandbox_charge primary key,
            order_id uuid not null,
            amount bigint not null,
            currency text not null,
            token text not null,
            status text not null constraint ck_sandbox_charge_status check (status in (
                'captured', 'failed', 'requires_action', 'cancelled')),
            failure text,
            refunded bigint not null default 0,
            created_at timestamptz not null default now(),
            constraint ck_sandbox_charge_refunded check (refunded between 0 and amount)
        )
        """
    )
    op.execute(
        """
        create table payments.sandbox_refund (
            refund_id uuid constraint pk_sandbox_refund primary key,
            payment_id uuid not null,
            amount bigint not null constraint ck_sandbox_refund_amount check (amount > 0),
            created_at timestamptz not null default now()
        )
        """
    )


def downgrade() -> None:
    op.execute("drop schema payments cascade")
