"""identity: roles, second factors, token families, OAuth clients, address book, consent"""

from alembic import op

revision = "0014_accounts"
down_revision = "0013_import_runs"
branch_labels = None
depends_on = None

_ACCOUNT = "account_id uuid not null constraint fk_{0}_account_id references identity.account (id) on delete cascade"

_ROLES = (
    """
    create table identity.role (
        code text constraint pk_role primary key,
        title text not null,
        permissions text[] not null,
        created_at timestamptz not null,
        constraint ck_role_code check (code ~ '^[a-z][a-z0-9-]{1,39}$')
    )
    """,
    f"""
    create table identity.account_role (
        {_ACCOUNT.format("account_role")},
        role text not null,
        constraint pk_account_role primary key (account_id, role)
    )
    """,
    """
    insert into identity.account_role (account_id, role)
    select id, 'owner' from identity.account where is_staff and '*' = any(permissions)
    """,
    "alter table identity.account drop constraint ck_account_permissions",
    "alter table identity.account drop column permissions",
)
_ACCOUNTS = (
    "alter table identity.account alter column password_hash drop not null",
    "alter table identity.account add column credentials_version integer not null default 1",
    "alter table identity.account add column closed_at timestamptz",
    "create index ix_account_closed_at on identity.account (closed_at) where closed_at is not null",
    "alter table identity.mail_link add column email text",
    "alter table identity.mail_link drop constraint ck_mail_link_purpose",
    """
    alter table identity.mail_link add constraint ck_mail_link_purpose
        check (purpose in ('verify', 'reset', 'invite', 'change_email', 'revert_email'))
    """,
    """
    alter table identity.mail_link add constraint ck_mail_link_email
        check ((email is not null) = (purpose in ('change_email', 'revert_email')))
    """,
    f"""
    create table identity.address (
        id uuid constraint pk_address primary key,
        {_ACCOUNT.format("address")},
        name text not null,
        company text,
        line1 text not null,
        line2 text,
        city text not null,
        region text,
        postal_code text not null,
        country text not null,
        phone text,
        default_shipping boolean not null default false,
        default_billing boolean not null default false,
        created_at timestamptz not null,
        updated_at timestamptz not null
    )
    """,
    "create index ix_address_account_id on identity.address (account_id)",
    "create unique index uq_address_default_shipping on identity.address (account_id) where default_shipping",
    "create unique index uq_address_default_billing on identity.address (account_id) where default_billing",
    f"""
    create table identity.consent (
        id uuid constraint pk_consent primary key,
        {_ACCOUNT.format("consent")},
        purpose text not null,
        given boolean not null,
        at timestamptz not null
    )
    """,
    "create index ix_consent_account_id_purpose_at on identity.consent (account_id, purpose, at)",
)
_SESSIONS = (
    "alter table identity.session add column id uuid not null default gen_random_uuid()",
    "alter table identity.session alter column id drop default",
    "alter table identity.session add constraint uq_session_id unique (id)",
    "alter table identity.session add column signed_in_at timestamptz",
    "update identity.session set signed_in_at = created_at where account_id is not null",
    "alter table identity.session add column methods text[] not null default '{}'",
    "alter table identity.session add column strong boolean not null default false",
    "alter table identity.session add column user_agent text",
    "alter table identity.session add column address text",
    """
    alter table identity.session add constraint ck_session_signed_in
        check ((account_id is null) = (signed_in_at is null))
    """,
)
_FACTORS = (
    f"""
    create table identity.totp (
        {_ACCOUNT.format("totp")} constraint pk_totp primary key,
        secret bytea not null,
        last_step bigint,
        confirmed_at timestamptz,
        created_at timestamptz not null
    )
    """,
    f"""
    create table identity.recovery_code (
        {_ACCOUNT.format("recovery_code")},
        code_hash bytea not null,
        used_at timestamptz,
        constraint pk_recovery_code primary key (account_id, code_hash),
        constraint ck_recovery_code_code_hash check (octet_length(code_hash) = 32)
    )
    """,
    f"""
    create table identity.passkey (
        credential_id bytea constraint pk_passkey primary key,
        id uuid not null constraint uq_passkey_id unique,
        {_ACCOUNT.format("passkey")},
        public_key bytea not null,
        sign_count bigint not null,
        name text not null,
        transports text[] not null,
        aaguid uuid,
        backed_up boolean not null,
        created_at timestamptz not null,
        last_used_at timestamptz
    )
    """,
    "create index ix_passkey_account_id on identity.passkey (account_id)",
    f"""
    create table identity.federated_identity (
        issuer text not null,
        subject text not null,
        {_ACCOUNT.format("federated_identity")},
        provider text not null,
        created_at timestamptz not null,
        last_used_at timestamptz,
        constraint pk_federated_identity primary key (issuer, subject)
    )
    """,
    "create index ix_federated_identity_account_id on identity.federated_identity (account_id)",
)
_TOKENS = (
    "drop table identity.api_token",
    """
    create table identity.signing_key (
        kid text constraint pk_signing_key primary key,
        algorithm text not null,
        private_key bytea not null,
        public_key jsonb not null,
        created_at timestamptz not null,
        signs_from timestamptz not null,
        gone_at timestamptz not null
    )
    """,
    """
    create table identity.oauth_client (
        id text constraint pk_oauth_client primary key,
        name text not null,
        secret_hash bytea,
        redirect_uris text[] not null,
        scopes text[] not null,
        created_by uuid,
        created_at timestamptz not null,
        disabled_at timestamptz,
        constraint ck_oauth_client_secret_hash check (octet_length(secret_hash) = 32)
    )
    """,
    """
    create table identity.token_family (
        id uuid constraint pk_token_family primary key,
        account_id uuid constraint fk_token_family_account_id references identity.account (id) on delete cascade,
        client_id text constraint fk_token_family_client_id references identity.oauth_client (id) on delete cascade,
        scopes text[],
        methods text[] not null default '{}',
        strong boolean not null default false,
        user_agent text,
        signed_in_at timestamptz not null,
        created_at timestamptz not null,
        last_used_at timestamptz not null,
        expires_at timestamptz not null,
        constraint ck_token_family_holder check (account_id is not null or client_id is not null),
        constraint ck_token_family_scopes check (client_id is null or scopes is not null)
    )
    """,
    "create index ix_token_family_account_id on identity.token_family (account_id)",
    "create index ix_token_family_client_id on identity.token_family (client_id)",
    "create index ix_token_family_expires_at on identity.token_family (expires_at)",
    """
    create table identity.refresh_token (
        token_hash bytea constraint pk_refresh_token primary key,
        family_id uuid not null
            constraint fk_refresh_token_family_id references identity.token_family (id) on delete cascade,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        used_at timestamptz,
        constraint ck_refresh_token_token_hash check (octet_length(token_hash) = 32)
    )
    """,
    "create index ix_refresh_token_family_id on identity.refresh_token (family_id)",
    "create index ix_refresh_token_expires_at on identity.refresh_token (expires_at)",
    f"""
    create table identity.oauth_code (
        token_hash bytea constraint pk_oauth_code primary key,
        client_id text not null
            constraint fk_oauth_code_client_id references identity.oauth_client (id) on delete cascade,
        {_ACCOUNT.format("oauth_code")},
        redirect_uri text not null,
        scopes text[] not null,
        code_challenge text not null,
        methods text[] not null,
        strong boolean not null,
        signed_in_at timestamptz not null,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        used_at timestamptz,
        family_id uuid,
        constraint ck_oauth_code_token_hash check (octet_length(token_hash) = 32)
    )
    """,
    "create index ix_oauth_code_account_id on identity.oauth_code (account_id)",
    "create index ix_oauth_code_client_id on identity.oauth_code (client_id)",
    "create index ix_oauth_code_expires_at on identity.oauth_code (expires_at)",
    f"""
    create table identity.oauth_consent (
        {_ACCOUNT.format("oauth_consent")},
        client_id text not null
            constraint fk_oauth_consent_client_id references identity.oauth_client (id) on delete cascade,
        scopes text[] not null,
        given_at timestamptz not null,
        constraint pk_oauth_consent primary key (account_id, client_id)
    )
    """,
    "create index ix_oauth_consent_client_id on identity.oauth_consent (client_id)",
    f"""
    create table identity.api_key (
        id uuid constraint pk_api_key primary key,
        {_ACCOUNT.format("api_key")},
        name text not null,
        key_hash bytea not null constraint uq_api_key_key_hash unique,
        hint text not null,
        scopes text[] not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        last_used_at timestamptz,
        constraint ck_api_key_key_hash check (octet_length(key_hash) = 32)
    )
    """,
    "create index ix_api_key_account_id on identity.api_key (account_id)",
)


def upgrade() -> None:
    for statement in (*_ROLES, *_ACCOUNTS, *_SESSIONS, *_FACTORS, *_TOKENS):
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("Second factors and tokens can't be turned back into what was before: restore a backup")
