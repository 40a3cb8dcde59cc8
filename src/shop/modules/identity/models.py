"""The tables of identity. Of every secret only a hash is here: argon2id for passwords, SHA-256 for random tokens."""

from typing import Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shop.kernel.tables import module_metadata

METADATA: Final = module_metadata("identity")

ACCOUNT: Final = Table(
    "account",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, doc="as its owner writes it"),
    Column("email_key", Text, nullable=False, unique=True, doc="as it is compared"),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False, doc="argon2id with its parameters"),
    Column("is_staff", Boolean, nullable=False, server_default="false"),
    Column("permissions", ARRAY(Text), nullable=False, server_default="{}", doc="of staff; * is the owner's"),
    Column("verified_at", DateTime(timezone=True), doc="when the address was confirmed; null lets nobody in"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("is_staff or permissions = '{}'", name="permissions"),
    Index("ix_account_staff", "created_at", postgresql_where="is_staff"),
)

SESSION: Final = Table(
    "session",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", Uuid, ForeignKey("identity.account.id", ondelete="CASCADE"), doc="null: a guest's"),
    Column("data", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, index=True),
    Column("last_seen_at", DateTime(timezone=True), nullable=False, index=True, doc="true to ten minutes"),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    CheckConstraint("jsonb_typeof(data) = 'object' and octet_length(data::text) <= 32768", name="data"),
    Index("ix_session_account_id", "account_id", postgresql_where="account_id is not null"),
)

API_TOKEN: Final = Table(
    "api_token",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("family_id", Uuid, nullable=False, index=True, doc="all that grew out of one sign-in"),
    Column("account_id", Uuid, ForeignKey("identity.account.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True), doc="a refresh token is good once"),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    CheckConstraint("kind in ('access', 'refresh')", name="kind"),
    CheckConstraint("used_at is null or kind = 'refresh'", name="used"),
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
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    CheckConstraint("purpose in ('verify', 'reset')", name="purpose"),
)
