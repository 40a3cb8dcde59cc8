"""SQL of accounts: who there is, how they prove it, what they may do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from shop.contracts.identity import Account, AccountId
from shop.kernel.http.sessions import Principal
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run
from shop.modules.identity.roles import permissions_of
from shop.modules.identity.schemas import Me

PERSON: Final = "a.id, a.email, a.name, a.is_staff"
"""Columns of `identity.account a`; what staff may do stands in others."""
_HELD: Final = """
        case when a.is_staff then array(
            select ar.role from identity.account_role ar where ar.account_id = a.id) end as roles,
        case when a.is_staff then array(
            select unnest(r.permissions) from identity.account_role ar join identity.role r on r.code = ar.role
            where ar.account_id = a.id) end as own_permissions"""
PRINCIPAL: Final = f"{PERSON}, {_HELD}"
"""Columns of `identity.account a` that `principal()` reads."""

ROLES: Final = "roles"
"""The tag of all that is remembered of what staff may do."""

_ME: Final = f"select {PRINCIPAL}, a.created_at from identity.account a where a.id = :id and a.closed_at is null"


class Credentials(msgspec.Struct, frozen=True):
    """What an account signs in by. `version` changes with it."""

    account_id: AccountId
    password_hash: str | None
    version: int
    verified: bool
    is_staff: bool


_CREDENTIALS: Final = """
    select id, password_hash, credentials_version, verified_at is not null as verified, is_staff
    from identity.account where closed_at is null"""


async def find_accounts(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[AccountId, Account]:
    rows = await all_rows(
        uow,
        "select id, email, name, is_staff, verified_at is not null as verified from identity.account"
        " where id = any(:ids)",
        {"ids": list(ids)},
    )
    return {row.id: Account(row.id, row.email, row.name, row.is_staff, row.verified) for row in rows}


async def find_credentials(uow: UnitOfWork, email_key: str) -> Credentials | None:
    return _credentials(await first_row(uow, f"{_CREDENTIALS} and email_key = :key", {"key": email_key}))


async def find_credentials_of(uow: UnitOfWork, account_id: UUID) -> Credentials | None:
    return _credentials(await first_row(uow, f"{_CREDENTIALS} and id = :id", {"id": account_id}))


async def lock_by_address(uow: UnitOfWork, email_key: str) -> Credentials | None:
    statement = f"{_CREDENTIALS} and email_key = :key for no key update"
    return _credentials(await first_row(uow, statement, {"key": email_key}))


async def lock_account(uow: UnitOfWork, account_id: UUID) -> Credentials | None:
    statement = f"{_CREDENTIALS} and id = :id for no key update"
    return _credentials(await first_row(uow, statement, {"id": account_id}))


async def find_me(uow: UnitOfWork, account_id: UUID) -> Me | None:
    row = await first_row(uow, _ME, {"id": account_id})
    return None if row is None else _me(row)


async def add_account(uow: UnitOfWork, values: Mapping[str, Any]) -> bool:
    """False when the address has an account already."""
    row = await first_row(
        uow,
        """
        insert into identity.account (id, email, email_key, name, password_hash, is_staff, verified_at, created_at)
        values (:id, :email, :email_key, :name, :password_hash, :is_staff, :verified_at, :now)
        on conflict (email_key) do nothing
        returning 1
        """,
        values,
    )
    return row is not None


async def set_password(uow: UnitOfWork, account_id: UUID, password_hash: str) -> None:
    """Another password: what was proved before is void."""
    await run(
        uow,
        "update identity.account set password_hash = :hash, credentials_version = credentials_version + 1"
        " where id = :id",
        {"id": account_id, "hash": password_hash},
    )


async def set_better_hash(uow: UnitOfWork, account_id: UUID, password_hash: str) -> None:
    """The same password, hashed by today's rules."""
    await run(
        uow,
        "update identity.account set password_hash = :hash where id = :id",
        {"id": account_id, "hash": password_hash},
    )


async def set_unconfirmed_sign_up(uow: UnitOfWork, account_id: UUID, values: Mapping[str, Any]) -> None:
    await run(
        uow,
        "update identity.account set email = :email, name = :name, password_hash = :password_hash,"
        " credentials_version = credentials_version + 1 where id = :account_id and verified_at is null",
        {**values, "account_id": account_id},
    )


async def set_verified(uow: UnitOfWork, account_id: UUID, now: datetime) -> bool:
    """False when the address had been confirmed before."""
    return await met_one(
        uow,
        "update identity.account set verified_at = :now where id = :id and verified_at is null",
        {"id": account_id, "now": now},
    )


async def set_name(uow: UnitOfWork, account_id: UUID, name: str) -> Me | None:
    if not await met_one(
        uow,
        "update identity.account set name = :name where id = :id and closed_at is null",
        {"id": account_id, "name": name},
    ):
        return None
    uow.invalidate(f"account:{account_id}")
    return await find_me(uow, account_id)


async def clear_password(uow: UnitOfWork, account_id: UUID) -> None:
    """Of an account that nobody has confirmed: whoever signed it up may be somebody else."""
    await run(
        uow,
        "update identity.account set password_hash = null, credentials_version = credentials_version + 1"
        " where id = :id and verified_at is null",
        {"id": account_id},
    )


async def end_sign_ins(uow: UnitOfWork, account_id: UUID) -> None:
    """All sessions and tokens of an account whose row is locked; links in mails stay good."""
    for table in ("session", "token_family", "oauth_code"):
        await run(uow, f"delete from identity.{table} where account_id = :id", {"id": account_id})
    uow.invalidate(f"account:{account_id}")


async def end_keys(uow: UnitOfWork, account_id: UUID) -> None:
    """All API keys of an account whose row is locked."""
    await run(uow, "delete from identity.api_key where account_id = :id", {"id": account_id})
    uow.invalidate(f"account:{account_id}")


async def end_every_sign_in(uow: UnitOfWork, account_id: UUID) -> None:
    """All sessions, tokens and API keys of an account whose row is locked: its owner signs in anew, and that is all."""
    await end_sign_ins(uow, account_id)
    await end_keys(uow, account_id)


async def end_everything(uow: UnitOfWork, account_id: UUID) -> None:
    """All sessions, tokens, API keys, consents to programs and links of an account whose row is locked, which may have been
    somebody else's; but for links that undo a change of its address: who took an account over would else only have to change
    the password as well."""
    await end_every_sign_in(uow, account_id)
    await run(uow, "delete from identity.oauth_consent where account_id = :id", {"id": account_id})
    await run(
        uow,
        "delete from identity.mail_link where account_id = :id and purpose <> 'revert_email'",
        {"id": account_id},
    )


async def find_permissions(uow: UnitOfWork, account_id: UUID) -> frozenset[str]:
    """What a member of staff may do."""
    row = await first_row(uow, f"select {_HELD} from identity.account a where a.id = :id", {"id": account_id})
    return frozenset() if row is None or row.roles is None else permissions_of(row.roles, row.own_permissions)


def principal(row: Any) -> Principal:
    """Of a row with the columns PRINCIPAL."""
    permissions = permissions_of(row.roles, row.own_permissions) if row.is_staff else frozenset()
    return Principal(row.id, row.email, row.name, row.is_staff, permissions)


def _credentials(row: Any) -> Credentials | None:
    if row is None:
        return None
    return Credentials(row.id, row.password_hash, row.credentials_version, row.verified, row.is_staff)


def _me(row: Any) -> Me:
    who = principal(row)
    return Me(row.id, row.email, row.name, row.is_staff, tuple(sorted(who.permissions)), row.created_at)
