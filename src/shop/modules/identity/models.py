"""The tables of identity. Of every secret only a hash is here: argon2id for passwords, SHA-256 for random tokens. What must be
read again (signing keys, secrets of authenticator apps, what programs sign events with) is sealed by `kernel.sealing`."""

from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shop.kernel.tables import PERSONAL, SECRET, module_metadata

METADATA: Final = module_metadata("identity")


def _whose(*, index: bool = False) -> "Column[Any]":
    return Column(
        "account_id", Uuid, ForeignKey("identity.account.id", ondelete="CASCADE"), nullable=False, index=index
    )


def _hashed(name: str) -> CheckConstraint:
    return CheckConstraint(f"octet_length({name}) = 32", name=name)


ACCOUNT: Final = Table(
    "account",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, doc="as its owner writes it", info=PERSONAL),
    Column("email_key", Text, nullable=False, unique=True, doc="as it is compared", info=SECRET),
    Column("name", Text, nullable=False, info=PERSONAL),
    Column("password_hash", Text, doc="argon2id with its parameters; null: signs in by other means", info=SECRET),
    Column(
        "credentials_version",
        Integer,
        nullable=False,
        server_default="1",
        doc="goes up with every change of how to sign in; a proof made before one is void",
    ),
    Column("is_staff", Boolean, nullable=False, server_default="false"),
    Column("verified_at", DateTime(timezone=True), doc="when the address was confirmed; null lets nobody in"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column(
        "closed_at", DateTime(timezone=True), doc="its owner closed it; what is held on the person is erased soon after"
    ),
    Index("ix_account_staff", "created_at", postgresql_where="is_staff"),
    Index("ix_account_email_key_prefix", "email_key", postgresql_ops={"email_key": "text_pattern_ops"}),
    Index("ix_account_closed_at", "closed_at", postgresql_where="closed_at is not null"),
)

ROLE: Final = Table(
    "role",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("code ~ '^[a-z][a-z0-9-]{1,39}$'", name="code"),
)
"""Roles that a shop made for itself; the built-in ones stand in `roles.py`."""

ACCOUNT_ROLE: Final = Table(
    "account_role",
    METADATA,
    _whose(),
    Column("role", Text, nullable=False, doc="a built-in role's code, or one of the shop's own"),
    PrimaryKeyConstraint("account_id", "role"),
)

SESSION: Final = Table(
    "session",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("identity.account.id", ondelete="CASCADE"), doc="null: a guest's"),
    Column("id", Uuid, nullable=False, doc="what its owner may see of it and end it by; the token stays secret"),
    Column("data", JSONB, nullable=False),
    Column("signed_in_at", DateTime(timezone=True), doc="or last confirmed by password or second factor"),
    Column(
        "methods", ARRAY(Text), nullable=False, server_default="{}", doc="how: password, otp, recovery, passkey, oidc"
    ),
    Column("strong", Boolean, nullable=False, server_default="false", doc="by two factors, or a passkey"),
    Column("user_agent", Text, info=PERSONAL),
    Column("address", Text, doc="of the network at sign-in, its last part left out", info=PERSONAL),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
    Column("last_seen_at", DateTime(timezone=True), nullable=False, index=True, doc="true to ten minutes"),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    CheckConstraint("jsonb_typeof(data) = 'object' and octet_length(data::text) <= 32768", name="data"),
    CheckConstraint("(account_id is null) = (signed_in_at is null)", name="signed_in"),
    UniqueConstraint("id"),
    Index("ix_session_account_id", "account_id", postgresql_where="account_id is not null"),
)

MAIL_LINK: Final = Table(
    "mail_link",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("identity.account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True), doc="a link is good once"),
    Column("email", Text, doc="the address it would set", info=PERSONAL),
    Column("pending_id", Uuid, doc="the mail that it waits for; its token is made when that is written"),
    _hashed("token_hash"),
    UniqueConstraint("pending_id"),
    CheckConstraint("purpose in ('verify', 'reset', 'invite', 'change_email', 'revert_email')", name="purpose"),
    CheckConstraint("(email is not null) = (purpose in ('change_email', 'revert_email'))", name="email"),
)

ADDRESS: Final = Table(
    "address",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _whose(index=True),
    Column("name", Text, nullable=False, info=PERSONAL),
    Column("company", Text, info=PERSONAL),
    Column("line1", Text, nullable=False, info=PERSONAL),
    Column("line2", Text, info=PERSONAL),
    Column("city", Text, nullable=False, info=PERSONAL),
    Column("region", Text, info=PERSONAL),
    Column("postal_code", Text, nullable=False, info=PERSONAL),
    Column("country", Text, nullable=False),
    Column("phone", Text, info=PERSONAL),
    Column("default_shipping", Boolean, nullable=False, server_default="false"),
    Column("default_billing", Boolean, nullable=False, server_default="false"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Index("uq_address_default_shipping", "account_id", unique=True, postgresql_where="default_shipping"),
    Index("uq_address_default_billing", "account_id", unique=True, postgresql_where="default_billing"),
)

CONSENT: Final = Table(
    "consent",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _whose(),
    Column("purpose", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_consent_account_id_purpose_at", "account_id", "purpose", "at"),
)
"""Every yes and no, the newest of a purpose counts."""

TOTP: Final = Table(
    "totp",
    METADATA,
    Column("account_id", Uuid, ForeignKey("identity.account.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    Column("secret", LargeBinary, nullable=False, doc="sealed"),
    Column("last_step", BigInteger, doc="of the newest code used: none is good twice"),
    Column("confirmed_at", DateTime(timezone=True), doc="null until the app has shown that it knows the secret"),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

RECOVERY_CODE: Final = Table(
    "recovery_code",
    METADATA,
    _whose(),
    Column("code_hash", LargeBinary, nullable=False),
    Column("used_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("account_id", "code_hash"),
    _hashed("code_hash"),
)

PASSKEY: Final = Table(
    "passkey",
    METADATA,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    _whose(index=True),
    Column("public_key", LargeBinary, nullable=False, doc="COSE"),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", Text, nullable=False, info=PERSONAL),
    Column("transports", ARRAY(Text), nullable=False),
    Column("aaguid", Uuid),
    Column("backed_up", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
)

SPENT_CHALLENGE: Final = Table(
    "spent_challenge",
    METADATA,
    Column("challenge_hash", LargeBinary, primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    _hashed("challenge_hash"),
)
"""Challenges are signed and kept nowhere until they are answered; then here until they are too old to be answered again."""

FEDERATED_IDENTITY: Final = Table(
    "federated_identity",
    METADATA,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False, info=PERSONAL),
    _whose(index=True),
    Column("provider", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("issuer", "subject"),
)
"""Who an account is at an OpenID provider."""

SIGNING_KEY: Final = Table(
    "signing_key",
    METADATA,
    Column("kid", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("private_key", LargeBinary, nullable=False, doc="sealed"),
    Column("public_key", JSONB, nullable=False, doc="JWK"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column(
        "signs_from", DateTime(timezone=True), nullable=False, doc="published before, so that everybody has seen it"
    ),
    Column("gone_at", DateTime(timezone=True), nullable=False, doc="no token signed by it lives then"),
)

OAUTH_CLIENT: Final = Table(
    "oauth_client",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, doc="null: a public client, which can't keep a secret"),
    Column(
        "signing_secret", LargeBinary, doc="sealed; null: public, or its secret is from before it could send events"
    ),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False, doc="the most it may ask for"),
    Column("created_by", Uuid),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("disabled_at", DateTime(timezone=True)),
    _hashed("secret_hash"),
)


def _client(*, nullable: bool = False) -> "Column[Any]":
    return Column(
        "client_id", Text, ForeignKey("identity.oauth_client.id", ondelete="CASCADE"), nullable=nullable, index=True
    )


TOKEN_FAMILY: Final = Table(
    "token_family",
    METADATA,
    Column("id", Uuid, primary_key=True, doc="the `sid` of access tokens"),
    Column("account_id", Uuid, ForeignKey("identity.account.id", ondelete="CASCADE"), index=True),
    _client(nullable=True),
    Column("scopes", ARRAY(Text), doc="null: the shop's own front, which may do all that its user may"),
    Column("methods", ARRAY(Text), nullable=False, server_default="{}"),
    Column("strong", Boolean, nullable=False, server_default="false"),
    Column("user_agent", Text, info=PERSONAL),
    Column("signed_in_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    CheckConstraint("account_id is not null or client_id is not null", name="holder"),
    CheckConstraint("client_id is null or scopes is not null", name="scopes"),
)
"""All tokens that grew out of one sign-in or one consent. Its row gone, none of them is good any more."""

REFRESH_TOKEN: Final = Table(
    "refresh_token",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("family_id", Uuid, ForeignKey("identity.token_family.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True), doc="good once; presented again it was copied"),
    _hashed("token_hash"),
)

OAUTH_CODE: Final = Table(
    "oauth_code",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    _client(),
    _whose(index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("code_challenge", Text, nullable=False, doc="S256 of the verifier"),
    Column("methods", ARRAY(Text), nullable=False),
    Column("strong", Boolean, nullable=False),
    Column("signed_in_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),
    Column("family_id", Uuid, doc="what it was exchanged for; presented again, that ends"),
    _hashed("token_hash"),
)

OAUTH_CONSENT: Final = Table(
    "oauth_consent",
    METADATA,
    _whose(),
    _client(),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("account_id", "client_id"),
)

API_KEY: Final = Table(
    "api_key",
    METADATA,
    Column("id", Uuid, primary_key=True),
    _whose(index=True),
    Column("name", Text, nullable=False, info=PERSONAL),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    Column("hint", Text, nullable=False, doc="its last four characters"),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True), doc="true to ten minutes"),
    Column("strong", Boolean, nullable=False, server_default="false", doc="made by somebody signed in by two factors"),
    _hashed("key_hash"),
)
