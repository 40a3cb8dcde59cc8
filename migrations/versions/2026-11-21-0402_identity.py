"""identity: accounts, sessions, API tokens, links in mails"""

from alembic import op

revision = "0002_identity"
down_revision = "0001_kernel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create schema identity")
    op.execute(
        """
        create table identity.account (
            id uuid constraint pk_account primary key,
            email text not null,
            email_key text not null constraint uq_account_email_key unique,
            name text not null,
            password_hash text not null,
            is_staff boolean not null default false,
            permissions text[] not null default '{}',
            verified_at timestamptz,
            created_at timestamptz not null,
            constraint ck_account_permissions check (is_staff or permissions = '{}')
        )
        """
    )
    op.execute("create index ix_account_staff on identity.account (created_at) where is_staff")
    op.execute(
        """
        create table identity.session (
            token_hash bytea constraint pk_session primary key,
            account_id uuid constraint fk_session_account_id references identity.account (id) on delete cascade,
            data jsonb not null,
            created_at timestamptz not null,
            last_seen_at timestamptz not null,
            constraint ck_session_token_hash check (octet_length(token_hash) = 32),
            constraint ck_session_data check (jsonb_typeof(data) = 'object' and octet_length(data::text) <= 32768)
        ) with (fillfactor = 80)
        """
    )
    op.execute("create index ix_session_account_id on identity.session (account_id) where account_id is not null")
    op.execute("create index ix_session_last_seen_at on identity.session (last_seen_at)")
    op.execute("create index ix_session_created_at on identity.session (created_at)")
    op.execute(
        """
        create table identity.api_token (
            token_hash bytea constraint pk_api_token primary key,
            family_id uuid not null,
            account_id uuid not null constraint fk_api_token_account_id references identity.account (id) on delete cascade,
            kind text not null,
            created_at timestamptz not null,
            expires_at timestamptz not null,
            used_at timestamptz,
            constraint ck_api_token_token_hash check (octet_length(token_hash) = 32),
            constraint ck_api_token_kind check (kind in ('access', 'refresh')),
            constraint ck_api_token_used check (used_at is null or kind = 'refresh')
        )
        """
    )
    op.execute("create index ix_api_token_family_id on identity.api_token (family_id)")
    op.execute("create index ix_api_token_account_id on identity.api_token (account_id)")
    op.execute("create index ix_api_token_expires_at on identity.api_token (expires_at)")
    op.execute(
        """
        create table identity.mail_link (
            token_hash bytea constraint pk_mail_link primary key,
            account_id uuid not null constraint fk_mail_link_account_id references identity.account (id) on delete cascade,
            purpose text not null,
            created_at timestamptz not null,
            expires_at timestamptz not null,
            used_at timestamptz,
            constraint ck_mail_link_token_hash check (octet_length(token_hash) = 32),
            constraint ck_mail_link_purpose check (purpose in ('verify', 'reset'))
        )
        """
    )
    op.execute("create index ix_mail_link_account_id on identity.mail_link (account_id)")
    op.execute("create index ix_mail_link_expires_at on identity.mail_link (expires_at)")


def downgrade() -> None:
    op.execute("drop schema identity cascade")
