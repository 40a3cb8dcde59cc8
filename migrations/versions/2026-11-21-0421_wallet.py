"""wallet: the double-entry ledger, gift cards and statements"""

from alembic import op

revision = "0021_wallet"
down_revision = "0020_money"
branch_labels = None
depends_on = None

STATEMENTS = (
    "create schema wallet",
    """
    create table wallet.account (
        id uuid constraint pk_account primary key,
        kind text not null constraint ck_account_kind check (kind in ('customer', 'gift_card', 'system')),
        owner_id uuid,
        code text,
        currency text not null,
        balance bigint,
        created_at timestamptz not null default now(),
        constraint ck_account_owner check ((kind = 'customer') = (owner_id is not null)),
        constraint ck_account_code check ((kind = 'system') = (code is not null)),
        constraint ck_account_balance check ((kind = 'system') = (balance is null) and balance >= 0)
    ) with (fillfactor = 70)
    """,
    "create unique index uq_account_owner on wallet.account (owner_id, currency) where owner_id is not null",
    "create unique index uq_account_code on wallet.account (code, currency) where code is not null",
    """
    create table wallet.transaction (
        id uuid constraint pk_transaction primary key,
        account_id uuid not null constraint fk_transaction_account_id references wallet.account (id),
        operation text not null constraint ck_transaction_operation check (operation in (
            'deposit', 'withdraw', 'purchase', 'reversal', 'cancellation', 'transfer', 'gift_card')),
        amount bigint not null constraint ck_transaction_amount check (amount > 0),
        taken bigint constraint ck_transaction_taken check (taken > 0),
        incoming boolean not null,
        status text not null constraint ck_transaction_status check (status in ('pending', 'settled', 'failed')),
        balance_after bigint,
        order_id uuid,
        payment_id uuid,
        parent_id uuid constraint fk_transaction_parent_id references wallet.transaction (id),
        counterparty_id uuid constraint fk_transaction_counterparty_id references wallet.account (id),
        reversed_amount bigint not null default 0,
        reason text not null default '',
        failure text,
        authority text not null,
        actor_id uuid,
        created_at timestamptz not null default clock_timestamp(),
        settled_at timestamptz,
        constraint ck_transaction_reversed_amount check (reversed_amount between 0 and coalesce(taken, amount)),
        constraint ck_transaction_parent check ((operation in ('reversal', 'cancellation')) = (parent_id is not null)),
        constraint ck_transaction_settled check ((status = 'pending') = (settled_at is null))
    ) with (fillfactor = 90)
    """,
    "create index ix_transaction_account_id on wallet.transaction (account_id, created_at, id)",
    "create index ix_transaction_order_id on wallet.transaction (order_id) where order_id is not null",
    "create index ix_transaction_parent_id on wallet.transaction (parent_id) where parent_id is not null",
    (
        "create index ix_transaction_counterparty_id on wallet.transaction (counterparty_id, created_at, id)"
        " where counterparty_id is not null"
    ),
    "create index ix_transaction_pending on wallet.transaction (account_id) where status = 'pending'",
    (
        "create index ix_transaction_withdrawals on wallet.transaction (status, created_at, id)"
        " where operation = 'withdraw' and authority = 'customer'"
    ),
    "create index ix_transaction_payment_id on wallet.transaction (payment_id) where payment_id is not null",
    """
    create table wallet.entry (
        id bigint generated always as identity constraint pk_entry primary key,
        transaction_id uuid not null constraint fk_entry_transaction_id references wallet.transaction (id),
        account_id uuid not null constraint fk_entry_account_id references wallet.account (id),
        amount bigint not null constraint ck_entry_amount check (amount <> 0),
        currency text not null,
        balance_after bigint,
        created_at timestamptz not null default clock_timestamp()
    )
    """,
    "create index ix_entry_account_id on wallet.entry (account_id, created_at, id)",
    "create index ix_entry_transaction_id on wallet.entry (transaction_id)",
    """
    create trigger append_only before update or delete or truncate on wallet.entry
        for each statement execute function kernel.refuse_change()
    """,
    """
    create function wallet.refuse_imbalance() returns trigger language plpgsql as $$
    begin
        if exists (select 1 from added group by transaction_id, currency having sum(amount) <> 0) then
            raise exception 'the entries of a transaction must sum to zero' using errcode = 'check_violation';
        end if;
        return null;
    end
    $$
    """,
    """
    create trigger balanced after insert on wallet.entry
        referencing new table as added for each statement execute function wallet.refuse_imbalance()
    """,
    """
    create table wallet.payout (
        refund_id uuid constraint pk_payout primary key,
        transaction_id uuid not null constraint fk_payout_transaction_id references wallet.transaction (id),
        provider text not null,
        amount bigint not null constraint ck_payout_amount check (amount > 0),
        status text not null default 'pending' constraint ck_payout_status check (status in ('pending', 'done', 'failed')),
        created_at timestamptz not null default now()
    )
    """,
    "create index ix_payout_transaction_id on wallet.payout (transaction_id)",
    """
    create table wallet.gift_card (
        id uuid constraint pk_gift_card primary key,
        account_id uuid not null constraint fk_gift_card_account_id references wallet.account (id),
        code_hash bytea not null constraint uq_gift_card_code_hash unique,
        hint text not null,
        amount bigint not null constraint ck_gift_card_amount check (amount > 0),
        currency text not null,
        expires_at timestamptz,
        issued_by uuid,
        disabled_at timestamptz,
        created_at timestamptz not null default now()
    )
    """,
    "create index ix_gift_card_account_id on wallet.gift_card (account_id)",
    """
    create table wallet.statement (
        id uuid constraint pk_statement primary key,
        owner_id uuid not null,
        currency text not null,
        from_date date not null,
        to_date date not null,
        begins_at timestamptz not null,
        ends_at timestamptz not null,
        status text not null default 'waiting'
            constraint ck_statement_status check (status in ('waiting', 'running', 'ready', 'failed')),
        mailed boolean not null,
        entries integer,
        done integer not null default 0,
        opening_balance bigint,
        closing_balance bigint,
        last_entry_id bigint,
        attempts integer not null default 0,
        leased_until timestamptz,
        outdated_at timestamptz,
        requested_at timestamptz not null default now(),
        ready_at timestamptz,
        constraint ck_statement_dates check (from_date <= to_date and begins_at < ends_at),
        constraint ck_statement_ready check ((status = 'ready') = (ready_at is not null))
    )
    """,
    (
        "create unique index uq_statement_live on wallet.statement (owner_id, currency, begins_at, ends_at)"
        " where outdated_at is null and status <> 'failed'"
    ),
    "create index ix_statement_open on wallet.statement (requested_at) where status in ('waiting', 'running')",
    "create index ix_statement_owner_id on wallet.statement (owner_id, requested_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop schema wallet cascade")
