"""SQL of the links in mails: each good once, for a purpose, for a while."""

import os
from datetime import datetime
from uuid import UUID

import msgspec

from shop.contracts.identity import AccountId
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import first_row, met_one, run


class Link(msgspec.Struct, frozen=True):
    account_id: AccountId
    email: str | None
    """The address it would set, of links about a change of address."""
    created_at: datetime


class Pending(msgspec.Struct, frozen=True):
    """A link whose mail is being written."""

    purpose: str
    email: str


async def add_link(  # noqa: PLR0917  # the columns of one row
    uow: UnitOfWork,
    hashed: bytes,
    account_id: UUID,
    purpose: str,
    now: datetime,
    until: datetime,
    email: str | None = None,
) -> bool:
    """False when there is no such account."""
    row = await first_row(
        uow,
        "insert into identity.mail_link (token_hash, account_id, purpose, created_at, expires_at, email)"
        " select :hash, id, :purpose, :now, :until, :email from identity.account"
        " where id = :id and closed_at is null returning 1",
        {"hash": hashed, "id": account_id, "purpose": purpose, "now": now, "until": until, "email": email},
    )
    return row is not None


async def find_link(uow: UnitOfWork, hashed: bytes, purpose: str, now: datetime) -> Link | None:
    """Whose link it is, while it is good."""
    row = await first_row(
        uow,
        "select account_id, email, created_at from identity.mail_link where token_hash = :hash and purpose = :purpose"
        " and used_at is null and expires_at > :now",
        {"hash": hashed, "purpose": purpose, "now": now},
    )
    return None if row is None else Link(row.account_id, row.email, row.created_at)


async def lock_by_link(uow: UnitOfWork, hashed: bytes) -> Link | None:
    """The account of a link, used or not, is locked."""
    row = await first_row(
        uow,
        "select a.id, l.email, l.created_at from identity.mail_link l join identity.account a on a.id = l.account_id"
        " where l.token_hash = :hash and a.closed_at is null for no key update of a",
        {"hash": hashed},
    )
    return None if row is None else Link(row.id, row.email, row.created_at)


async def use_link(uow: UnitOfWork, hashed: bytes, purpose: str, now: datetime) -> bool:
    return await met_one(
        uow,
        "update identity.mail_link set used_at = :now"
        " where token_hash = :hash and purpose = :purpose and used_at is null and expires_at > :now",
        {"hash": hashed, "purpose": purpose, "now": now},
    )


async def delete_links(uow: UnitOfWork, account_id: UUID, purpose: str) -> None:
    await run(
        uow,
        "delete from identity.mail_link where account_id = :id and purpose = :purpose",
        {"id": account_id, "purpose": purpose},
    )


async def delete_links_but_undoing(uow: UnitOfWork, account_id: UUID, until: datetime) -> None:
    """The unused links of an account, but for those that undo a change of its address made before `until`."""
    await run(
        uow,
        "delete from identity.mail_link where account_id = :id and used_at is null"
        " and (purpose <> 'revert_email' or created_at >= :until)",
        {"id": account_id, "until": until},
    )


async def add_pending_link(  # noqa: PLR0917  # the columns of one row
    uow: UnitOfWork, pending_id: UUID, account_id: UUID, purpose: str, email: str, now: datetime, until: datetime
) -> None:
    """A link that nobody can open until `give_token`."""
    await run(
        uow,
        "insert into identity.mail_link (token_hash, account_id, purpose, created_at, expires_at, email, pending_id)"
        " values (:hash, :id, :purpose, :now, :until, :email, :pending_id)",
        {
            "hash": os.urandom(32),
            "id": account_id,
            "purpose": purpose,
            "now": now,
            "until": until,
            "email": email,
            "pending_id": pending_id,
        },
    )


async def give_token(uow: UnitOfWork, pending_id: UUID, hashed: bytes, now: datetime) -> Pending | None:
    """In place of one that it may have had. None when it has been used, is too old, or has gone."""
    row = await first_row(
        uow,
        "update identity.mail_link set token_hash = :hash"
        " where pending_id = :id and used_at is null and expires_at > :now returning purpose, email",
        {"hash": hashed, "id": pending_id, "now": now},
    )
    return None if row is None else Pending(row.purpose, row.email)
