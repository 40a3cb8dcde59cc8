"""All SQL of identity.

Lock order within the module: the account's row first (`lock_*`), then whatever hangs on it. Whoever hands out a session or
a token holds that lock, so that a password reset, which ends them all, misses none that is being made at the same time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, text

from shop.contracts.identity import Account, AccountId
from shop.kernel.db import sql
from shop.kernel.http.sessions import Principal, StoredSession
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.rules import SEEN_EVERY, SESSION_AGE, SESSION_IDLE
from shop.modules.identity.schemas import Me


class Credentials(msgspec.Struct, frozen=True):
    account_id: AccountId
    password_hash: str
    verified: bool
    is_staff: bool


class Locked(msgspec.Struct, frozen=True):
    """An account whose row this transaction holds."""

    account_id: AccountId
    family_id: UUID | None = None


async def _all(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    return (await sql(uow).execute(text(statement), dict(values))).all()


async def _first(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> Row[Any] | None:
    row: Row[Any] | None = (await sql(uow).execute(text(statement), dict(values))).first()
    return row


async def _run(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> int:
    """How many rows an UPDATE or DELETE met."""
    return (await sql(uow).execute(text(statement), dict(values))).rowcount


async def _met_one(uow: UnitOfWork, statement: str, values: Mapping[str, Any]) -> bool:
    return await _run(uow, statement, values) == 1


# Accounts


async def find_accounts(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[AccountId, Account]:
    rows = await _all(
        uow,
        "select id, email, name, is_staff, verified_at is not null as verified from identity.account where id = any(:ids)",
        {"ids": list(ids)},
    )
    return {row.id: Account(row.id, row.email, row.name, row.is_staff, row.verified) for row in rows}


async def find_credentials(uow: UnitOfWork, email_key: str) -> Credentials | None:
    row = await _first(
        uow,
        "select id, password_hash, verified_at is not null as verified, is_staff"
        " from identity.account where email_key = :key",
        {"key": email_key},
    )
    return None if row is None else Credentials(row.id, row.password_hash, row.verified, row.is_staff)


async def find_me(uow: UnitOfWork, account_id: UUID) -> Me | None:
    row = await _first(
        uow,
        "select id, email, name, is_staff, permissions, created_at from identity.account where id = :id",
        {"id": account_id},
    )
    return None if row is None else _me(row)


async def add_account(uow: UnitOfWork, values: Mapping[str, Any]) -> bool:
    """False when the address has an account already."""
    row = await _first(
        uow,
        """
        insert into identity.account
            (id, email, email_key, name, password_hash, is_staff, permissions, verified_at, created_at)
        values (:id, :email, :email_key, :name, :password_hash, :is_staff, :permissions, :verified_at, :now)
        on conflict (email_key) do nothing
        returning 1
        """,
        values,
    )
    return row is not None


async def lock_by_address(uow: UnitOfWork, email_key: str) -> Credentials | None:
    row = await _first(
        uow,
        "select id, password_hash, verified_at is not null as verified, is_staff"
        " from identity.account where email_key = :key for no key update",
        {"key": email_key},
    )
    return None if row is None else Credentials(row.id, row.password_hash, row.verified, row.is_staff)


async def lock_with_password(uow: UnitOfWork, account_id: UUID, password_hash: str) -> Locked | None:
    """None when the password has been changed since `password_hash` was read."""
    row = await _first(
        uow,
        "select id from identity.account where id = :id and password_hash = :hash and verified_at is not null"
        " for no key update",
        {"id": account_id, "hash": password_hash},
    )
    return None if row is None else Locked(row.id)


async def set_password(uow: UnitOfWork, account_id: UUID, password_hash: str) -> None:
    await _run(
        uow,
        "update identity.account set password_hash = :hash where id = :id",
        {"id": account_id, "hash": password_hash},
    )


async def set_unconfirmed_sign_up(uow: UnitOfWork, account_id: UUID, values: Mapping[str, Any]) -> None:
    await _run(
        uow,
        "update identity.account set email = :email, name = :name, password_hash = :password_hash"
        " where id = :account_id and verified_at is null",
        {**values, "account_id": account_id},
    )


async def set_verified(uow: UnitOfWork, account_id: UUID, now: datetime) -> bool:
    """False when the address had been confirmed before."""
    return await _met_one(
        uow,
        "update identity.account set verified_at = :now where id = :id and verified_at is null",
        {"id": account_id, "now": now},
    )


async def set_name(uow: UnitOfWork, account_id: UUID, name: str) -> Me | None:
    row = await _first(
        uow,
        "update identity.account set name = :name where id = :id"
        " returning id, email, name, is_staff, permissions, created_at",
        {"id": account_id, "name": name},
    )
    return None if row is None else _me(row)


async def set_staff(uow: UnitOfWork, account_id: UUID, permissions: Sequence[str]) -> None:
    await _run(
        uow,
        "update identity.account set is_staff = true, permissions = :permissions where id = :id",
        {"id": account_id, "permissions": list(permissions)},
    )


async def lock_staff(uow: UnitOfWork) -> None:
    """Two shops that start at once on one database make one administrator."""
    await sql(uow).execute(text("select pg_advisory_xact_lock(hashtext('identity.staff'))"))


async def find_first_staff(uow: UnitOfWork) -> str | None:
    """The address of the staff account that is oldest."""
    row = await _first(uow, "select email from identity.account where is_staff order by created_at, id limit 1", {})
    return None if row is None else str(row.email)


async def end_everything(uow: UnitOfWork, account_id: UUID) -> None:
    """All sessions, tokens and links of an account whose row is locked."""
    for table in ("session", "api_token", "mail_link"):
        await _run(uow, f"delete from identity.{table} where account_id = :id", {"id": account_id})


# Sessions


async def find_session(
    uow: UnitOfWork, hashed: bytes, token: str, now: datetime
) -> tuple[StoredSession, datetime] | None:
    """The session with whoever is signed in, and when it was last seen."""
    row = await _first(
        uow,
        """
        select s.data, s.last_seen_at, a.id, a.email, a.name, a.is_staff, a.permissions
        from identity.session s left join identity.account a on a.id = s.account_id
        where s.token_hash = :hash and s.last_seen_at > :idle and s.created_at > :old
        """,
        {"hash": hashed, "idle": now - SESSION_IDLE, "old": now - SESSION_AGE},
    )
    if row is None:
        return None
    return StoredSession(token, _principal(row) if row.id else None, row.data), row.last_seen_at


async def note_seen(uow: UnitOfWork, hashed: bytes, now: datetime) -> None:
    await _run(
        uow,
        "update identity.session set last_seen_at = :now where token_hash = :hash and last_seen_at < :stale",
        {"hash": hashed, "now": now, "stale": now - SEEN_EVERY},
    )


async def save_session_data(uow: UnitOfWork, hashed: bytes, data: dict[str, Any], now: datetime) -> bool:
    """False when the session has ended meanwhile."""
    return await _met_one(
        uow,
        """
        update identity.session set data = cast(:data as jsonb),
            last_seen_at = case when last_seen_at < :stale then :now else last_seen_at end
        where token_hash = :hash and last_seen_at > :idle and created_at > :old
        """,
        {
            "hash": hashed,
            "data": _json(data),
            "now": now,
            "stale": now - SEEN_EVERY,
            "idle": now - SESSION_IDLE,
            "old": now - SESSION_AGE,
        },
    )


async def add_session(
    uow: UnitOfWork, hashed: bytes, account_id: UUID | None, data: dict[str, Any], now: datetime
) -> None:
    await sql(uow).execute(
        text(
            "insert into identity.session (token_hash, account_id, data, created_at, last_seen_at)"
            " values (:hash, :account_id, cast(:data as jsonb), :now, :now)"
        ),
        {"hash": hashed, "account_id": account_id, "data": _json(data), "now": now},
    )


async def delete_session(uow: UnitOfWork, hashed: bytes) -> None:
    await _run(uow, "delete from identity.session where token_hash = :hash", {"hash": hashed})


# API tokens


async def find_token_owner(uow: UnitOfWork, hashed: bytes, now: datetime) -> Principal | None:
    row = await _first(
        uow,
        """
        select a.id, a.email, a.name, a.is_staff, a.permissions
        from identity.api_token t join identity.account a on a.id = t.account_id
        where t.token_hash = :hash and t.kind = 'access' and t.expires_at > :now
        """,
        {"hash": hashed, "now": now},
    )
    return None if row is None else _principal(row)


async def add_tokens(uow: UnitOfWork, tokens: Sequence[Mapping[str, Any]]) -> None:
    await sql(uow).execute(
        text(
            "insert into identity.api_token (token_hash, family_id, account_id, kind, created_at, expires_at)"
            " values (:token_hash, :family_id, :account_id, :kind, :created_at, :expires_at)"
        ),
        [dict(token) for token in tokens],
    )


async def lock_by_token(uow: UnitOfWork, hashed: bytes, kind: str) -> Locked | None:
    """The account of a token, used or not, expired or not; None for an unknown one."""
    row = await _first(
        uow,
        "select a.id, t.family_id from identity.api_token t join identity.account a on a.id = t.account_id"
        " where t.token_hash = :hash and t.kind = :kind for no key update of a",
        {"hash": hashed, "kind": kind},
    )
    return None if row is None else Locked(row.id, row.family_id)


async def use_refresh_token(uow: UnitOfWork, hashed: bytes, now: datetime) -> bool:
    return await _met_one(
        uow,
        "update identity.api_token set used_at = :now"
        " where token_hash = :hash and kind = 'refresh' and used_at is null and expires_at > :now",
        {"hash": hashed, "now": now},
    )


async def delete_family(uow: UnitOfWork, family_id: UUID) -> None:
    await _run(uow, "delete from identity.api_token where family_id = :id", {"id": family_id})


# Links in mails


async def add_link(
    uow: UnitOfWork, hashed: bytes, account_id: UUID, purpose: str, *, now: datetime, until: datetime
) -> bool:
    """False when there is no such account."""
    row = await _first(
        uow,
        "insert into identity.mail_link (token_hash, account_id, purpose, created_at, expires_at)"
        " select :hash, id, :purpose, :now, :until from identity.account where id = :id returning 1",
        {"hash": hashed, "id": account_id, "purpose": purpose, "now": now, "until": until},
    )
    return row is not None


async def find_link(uow: UnitOfWork, hashed: bytes, purpose: str, now: datetime) -> UUID | None:
    """Whose link it is, while it is good."""
    row = await _first(
        uow,
        "select account_id from identity.mail_link where token_hash = :hash and purpose = :purpose"
        " and used_at is null and expires_at > :now",
        {"hash": hashed, "purpose": purpose, "now": now},
    )
    return None if row is None else row.account_id


async def lock_by_link(uow: UnitOfWork, hashed: bytes) -> Locked | None:
    row = await _first(
        uow,
        "select a.id from identity.mail_link l join identity.account a on a.id = l.account_id"
        " where l.token_hash = :hash for no key update of a",
        {"hash": hashed},
    )
    return None if row is None else Locked(row.id)


async def use_link(uow: UnitOfWork, hashed: bytes, purpose: str, now: datetime) -> bool:
    return await _met_one(
        uow,
        "update identity.mail_link set used_at = :now"
        " where token_hash = :hash and purpose = :purpose and used_at is null and expires_at > :now",
        {"hash": hashed, "purpose": purpose, "now": now},
    )


async def delete_links(uow: UnitOfWork, account_id: UUID, purpose: str) -> None:
    await _run(
        uow,
        "delete from identity.mail_link where account_id = :id and purpose = :purpose",
        {"id": account_id, "purpose": purpose},
    )


# What is over


async def purge(uow: UnitOfWork, now: datetime, batch: int) -> int:
    """Delete up to `batch` each of what can't be used any more; how many there were. A used link stays until it expires,
    a used refresh token too: presented again, it tells that it was stolen."""
    values = {"now": now, "idle": now - SESSION_IDLE, "old": now - SESSION_AGE, "batch": batch}
    over = {
        "session": "last_seen_at <= :idle or created_at <= :old",
        "api_token": "expires_at <= :now",
        "mail_link": "expires_at <= :now",
    }
    return sum(
        [
            await _run(
                uow,
                f"delete from identity.{table} where token_hash in"
                f" (select token_hash from identity.{table} where {condition} limit :batch for update skip locked)",
                values,
            )
            for table, condition in over.items()
        ]
    )


def _principal(row: Row[Any]) -> Principal:
    return Principal(row.id, row.email, row.name, row.is_staff, frozenset(row.permissions))


def _me(row: Row[Any]) -> Me:
    return Me(row.id, row.email, row.name, row.is_staff, tuple(sorted(row.permissions)), row.created_at)


def _json(data: dict[str, Any]) -> str:
    return msgspec.json.encode(data).decode()
