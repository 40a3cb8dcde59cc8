"""SQL of sessions of pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shop.kernel.http.sessions import StoredSession
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.accounts import PRINCIPAL, principal
from shop.modules.identity.repository.rows import first_row, met_one, run
from shop.modules.identity.rules import SEEN_EVERY, SESSION_AGE, SESSION_IDLE, SignedIn


async def find_session(
    uow: UnitOfWork, hashed: bytes, token: str, now: datetime
) -> tuple[StoredSession, datetime] | None:
    """The session with whoever is signed in, and when it was last seen."""
    row = await first_row(
        uow,
        f"""
        select s.data, s.last_seen_at, s.id as session_id, s.strong, s.signed_in_at, {PRINCIPAL}
        from identity.session s left join identity.account a on a.id = s.account_id
        where s.token_hash = :hash and s.last_seen_at > :idle and s.created_at > :old
        """,
        {"hash": hashed, "idle": now - SESSION_IDLE, "old": now - SESSION_AGE},
    )
    if row is None:
        return None
    who = None
    if row.id is not None:
        who = msgspec.structs.replace(
            principal(row), strong=row.strong, signed_in_at=row.signed_in_at, session_id=row.session_id
        )
    return StoredSession(token, who, row.data), row.last_seen_at


async def note_seen(uow: UnitOfWork, hashed: bytes, now: datetime) -> None:
    await run(
        uow,
        "update identity.session set last_seen_at = :now where token_hash = :hash and last_seen_at < :stale",
        {"hash": hashed, "now": now, "stale": now - SEEN_EVERY},
    )


async def save_session_data(uow: UnitOfWork, hashed: bytes, data: dict[str, Any], now: datetime) -> bool:
    """False when the session has ended meanwhile."""
    return await met_one(
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


async def add_session(  # noqa: PLR0917  # the columns of one row
    uow: UnitOfWork,
    hashed: bytes,
    session_id: UUID,
    account_id: UUID | None,
    data: dict[str, Any],
    signed_in: SignedIn | None,
    now: datetime,
) -> None:
    """A guest's without `account_id` and `signed_in`."""
    await run(
        uow,
        """
        insert into identity.session
            (token_hash, id, account_id, data, created_at, last_seen_at, signed_in_at, methods, strong, user_agent, address)
        values (:hash, :id, :account_id, cast(:data as jsonb), :now, :now, :signed_in_at, :methods, :strong,
            :user_agent, :address)
        """,
        {
            "hash": hashed,
            "id": session_id,
            "account_id": account_id,
            "data": _json(data),
            "now": now,
            "signed_in_at": now if signed_in else None,
            "methods": list(signed_in.methods) if signed_in else [],
            "strong": signed_in.strong if signed_in else False,
            "user_agent": signed_in.user_agent if signed_in else None,
            "address": signed_in.address if signed_in else None,
        },
    )


async def delete_session(uow: UnitOfWork, hashed: bytes) -> None:
    await run(uow, "delete from identity.session where token_hash = :hash", {"hash": hashed})


def _json(data: dict[str, Any]) -> str:
    return msgspec.json.encode(data).decode()
