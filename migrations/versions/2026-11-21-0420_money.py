"""payments and orders: payments in parts, captures, refunds, stored methods, disputes, reconciliation"""

from alembic import op

revision = "0020_money"
down_revision = "0019_personal_data"
branch_labels = None
depends_on = None

PAYMENT = (
    "alter table payments.payment alter column order_id drop not null",
    """
    alter table payments.payment
        add column deposit_id uuid,
        add column account_id uuid,
        add column part integer not null default 0,
        add column split boolean not null default false,
        add column captured_amount bigint not null default 0,
        add column capture_wish bigint,
        add column capture_ref text,
        add column manual_capture boolean not null default false,
        add column save_method boolean not null default false,
        add column customer_ref text,
        add column method json,
        add column instructions json,
        add column holds_until timestamptz
    """,
    "update payments.payment set captured_amount = amount where status in ('captured', 'refunded', 'partially_refunded')",
    """
    alter table payments.payment
        drop constraint ck_payment_refunded_amount,
        add constraint ck_payment_refunded_amount check (refunded_amount between 0 and captured_amount),
        add constraint ck_payment_captured_amount check (captured_amount between 0 and amount),
        add constraint ck_payment_capture_wish check (capture_wish between 1 and amount),
        add constraint ck_payment_purpose check (num_nonnulls(order_id, deposit_id) = 1)
    """,
    "drop index payments.uq_payment_live",
    (
        "create unique index uq_payment_live on payments.payment (order_id, part)"
        " where called_off_at is null and status in ('pending', 'requires_action', 'authorized', 'captured')"
    ),
    (
        "create unique index uq_payment_live_deposit on payments.payment (deposit_id)"
        " where called_off_at is null and status in ('pending', 'requires_action', 'authorized', 'captured')"
    ),
    "create index ix_payment_deposit_id on payments.payment (deposit_id) where deposit_id is not null",
    "create index ix_payment_staff_note on payments.payment (created_at) where staff_note is not null",
)
REFUND = (
    """
    alter table payments.refund
        add column request_id uuid,
        add column account_id uuid,
        add column destination text not null default 'original',
        add column reason text not null default '',
        add column requested_by uuid,
        add column decided_by uuid,
        add column decided_at timestamptz,
        add column provider_ref text,
        add column failure text,
        add column next_check_at timestamptz,
        add column attempts integer not null default 0,
        drop constraint ck_refund_status,
        add constraint ck_refund_status
            check (status in ('awaiting_approval', 'pending', 'done', 'failed', 'rejected')),
        add constraint ck_refund_destination check (destination in ('original', 'wallet'))
    """,
    "create index ix_refund_due on payments.refund (next_check_at) where next_check_at is not null",
    "create index ix_refund_awaiting on payments.refund (created_at) where status = 'awaiting_approval'",
    "create index ix_refund_request_id on payments.refund (request_id)",
)
NEW = (
    """
    create table payments.payer (
        account_id uuid not null,
        provider text not null,
        customer_ref text not null,
        constraint pk_payer primary key (account_id, provider)
    )
    """,
    """
    create table payments.stored_method (
        id uuid constraint pk_stored_method primary key,
        account_id uuid not null,
        provider text not null,
        provider_ref text not null,
        method json not null,
        is_default boolean not null default false,
        created_at timestamptz not null default now(),
        removed_at timestamptz
    )
    """,
    (
        "create unique index uq_stored_method_provider on payments.stored_method (provider, provider_ref)"
        " where removed_at is null"
    ),
    "create index ix_stored_method_account_id on payments.stored_method (account_id)",
    (
        "create unique index uq_stored_method_default on payments.stored_method (account_id)"
        " where is_default and removed_at is null"
    ),
    """
    create table payments.method_setup (
        id uuid constraint pk_method_setup primary key,
        account_id uuid not null,
        provider text not null,
        provider_ref text,
        client_secret text,
        redirect_url text,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        failure text
    )
    """,
    "create index ix_method_setup_account_id on payments.method_setup (account_id)",
    "create index ix_method_setup_provider_ref on payments.method_setup (provider, provider_ref)",
    """
    create table payments.receipt (
        payment_id uuid constraint pk_receipt primary key,
        received_by uuid,
        received_at timestamptz not null default now()
    )
    """,
    """
    create table payments.payout (
        refund_id uuid constraint pk_payout primary key,
        paid_by uuid,
        paid_at timestamptz not null default now()
    )
    """,
    """
    create table payments.dispute (
        provider text not null,
        provider_ref text not null,
        payment_id uuid,
        amount bigint not null,
        currency text not null,
        reason text not null,
        status text not null
            constraint ck_dispute_status check (status in ('needs_response', 'under_review', 'won', 'lost', 'closed')),
        respond_by timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint pk_dispute primary key (provider, provider_ref)
    )
    """,
    "create index ix_dispute_payment_id on payments.dispute (payment_id)",
    """
    create table payments.reconciliation (
        id uuid constraint pk_reconciliation primary key,
        requested_by uuid,
        since timestamptz not null,
        until timestamptz not null,
        status text not null default 'waiting'
            constraint ck_reconciliation_status check (status in ('waiting', 'running', 'done', 'failed')),
        compared integer not null default 0,
        mended integer not null default 0,
        found integer not null default 0,
        message text,
        leased_until timestamptz,
        created_at timestamptz not null default now(),
        finished_at timestamptz
    )
    """,
    "create unique index uq_reconciliation_open on payments.reconciliation ((true)) where finished_at is null",
    """
    create table payments.discrepancy (
        id uuid constraint pk_discrepancy primary key,
        reconciliation_id uuid not null
            constraint fk_discrepancy_reconciliation_id references payments.reconciliation (id),
        kind text not null,
        subject text not null,
        provider text not null,
        provider_ref text,
        payment_id uuid,
        order_id uuid,
        ours text not null,
        theirs text not null,
        reason text not null,
        state text not null default 'open' constraint ck_discrepancy_state check (state in ('open', 'mended', 'resolved')),
        note text,
        resolved_by uuid,
        resolved_at timestamptz,
        created_at timestamptz not null default now(),
        seen_at timestamptz not null default now()
    )
    """,
    "create unique index uq_discrepancy_open on payments.discrepancy (kind, subject) where state = 'open'",
    "create index ix_discrepancy_reconciliation_id on payments.discrepancy (reconciliation_id)",
    "alter table payments.provider_event add column dispute_ref text",
    "create index ix_provider_event_received_at on payments.provider_event (received_at)",
    "create index ix_provider_event_payment_id on payments.provider_event (payment_id)",
    "create index ix_provider_event_provider_ref on payments.provider_event (provider, provider_ref)",
    (
        "alter table payments.sandbox_charge add column account_id uuid, add column captured bigint not null default 0,"
        " add column deposit_id uuid, alter column order_id drop not null"
    ),
    "update payments.sandbox_charge set captured = amount where status = 'captured'",
    (
        "alter table payments.sandbox_charge drop constraint ck_sandbox_charge_status,"
        " add constraint ck_sandbox_charge_status"
        " check (status in ('authorized', 'captured', 'failed', 'requires_action', 'cancelled')),"
        " drop constraint ck_sandbox_charge_refunded,"
        " add constraint ck_sandbox_charge_refunded check (refunded between 0 and captured)"
    ),
    "create index ix_sandbox_charge_created_at on payments.sandbox_charge (created_at)",
)
ORDERS = (
    """
    alter table orders.sales_order
        add column received bigint not null default 0,
        add column released bigint not null default 0,
        add column refunded bigint not null default 0
    """,
    """
    create table orders.order_receipt (
        payment_id uuid constraint pk_order_receipt primary key,
        order_id uuid not null constraint fk_order_receipt_order_id references orders.sales_order (id),
        amount bigint not null,
        released bigint not null default 0,
        at timestamptz not null default now()
    )
    """,
    "create index ix_order_receipt_order_id on orders.order_receipt (order_id)",
    (
        "insert into orders.order_receipt (payment_id, order_id, amount)"
        " select paid_payment_id, id, total from orders.sales_order where paid_payment_id is not null"
    ),
    "update orders.sales_order set received = total where paid_payment_id is not null",
    """
    alter table orders.sales_order
        drop column paid_payment_id,
        add constraint ck_sales_order_received check (received >= 0 and released >= 0 and received + released <= total),
        add constraint ck_sales_order_refunded check (refunded between 0 and received)
    """,
    """
    alter table orders.order_line
        add column refunded_quantity integer not null default 0,
        add constraint ck_order_line_refunded_quantity check (refunded_quantity between 0 and quantity)
    """,
    """
    create table orders.order_refund (
        id uuid constraint pk_order_refund primary key,
        order_id uuid not null constraint fk_order_refund_order_id references orders.sales_order (id),
        amount bigint not null constraint ck_order_refund_amount check (amount > 0),
        destination text not null,
        reason text not null,
        lines json not null default '[]',
        requested_by uuid,
        undone_at timestamptz,
        created_at timestamptz not null default now()
    )
    """,
    "create index ix_order_refund_order_id on orders.order_refund (order_id)",
)


def upgrade() -> None:
    for statement in (*PAYMENT, *REFUND, *NEW, *ORDERS):
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("Captures and refunds in parts can't be told in one row any more: restore a backup")
