"""SQL of sessions of pages."""

from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from shop.kernel.http.sessions import Principal, StoredSession
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.accounts import PERSON, find_permissions
from shop.modules.identity.repository.rows import all_rows, first_row, met_one, run
from shop.modules.identity.rules import (
    REFRESH_TOKEN_LIFE,
    SEEN_EVERY,
    SESSION_AGE,
    SESSION_IDLE,
    STAFF_SESSION_AGE,
    STAFF_SESSION_IDLE,
    SignedIn,
)

MOST_LISTED: Final = 100


def _interval(life: timedelta) -> str:
    return f"interval '{life.total_seconds():.0f} seconds'"


_ALIVE: Final = f"""
        s.last_seen_at > :now
            - case when a.is_staff then {_interval(STAFF_SESSION_IDLE)} else {_interval(SESSION_IDLE)} end
        and s.created_at > :now
            - case when a.is_staff then {_interval(STAFF_SESSION_AGE)} else {_interval(SESSION_AGE)} end
        and a.closed_at is null"""
"""Of `identity.session s` and the account `a` that may be signed in to it."""


class Holder(msgspec.Struct, frozen=True):
    """One way in that an account has given: the session of a browser, or the tokens of a program."""

    id: UUID
    kind: Literal["session", "tokens"]
    client_name: str | None
    """Of a program of others."""
    user_agent: str | None
    network: str | None
    methods: tuple[str, ...]
    signed_in_at: datetime
    last_seen_at: datetime


async def find_session(
    uow: UnitOfWork, hashed: bytes, token: str, now: datetime
) -> tuple[StoredSession, datetime] | None:
    """The session with whoever is signed in, and when it was last seen. One statement, for staff two: with their rights in it,
    every customer's page would wait for PostgreSQL to make ready what it then doesn't look up."""
    row = await first_row(
        uow,
        f"""
        select s.data, s.last_seen_at, s.id as session_id, s.strong, s.signed_in_at, {PERSON}
        from identity.session s left join identity.account a on a.id = s.account_id
        where s.token_hash = :hash and {_ALIVE}
        """,
        {"hash": hashed, "now": now},
    )
    if row is None:
        return None
    who = None
    if row.id is not None:
        who = Principal(
            row.id,
            row.email,
            row.name,
            row.is_staff,
            await find_permissions(uow, row.id) if row.is_staff else frozenset(),
            strong=row.strong,
            signed_in_at=row.signed_in_at,
            session_id=row.session_id,
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


async def find_account_of(uow: UnitOfWork, hashed: bytes) -> UUID | None:
    row = await first_row(uow, "select account_id from identity.session where token_hash = :hash", {"hash": hashed})
    return None if row is None else row.account_id


async def rotate_session(
    uow: UnitOfWork, hashed: bytes, fresh: bytes, signed_in: SignedIn | None, now: datetime
) -> bool:
    """The same session under another token; `signed_in` adds what has been shown since. False when it has ended."""
    return await met_one(
        uow,
        """
        update identity.session set token_hash = :fresh, last_seen_at = :now,
            signed_in_at = case when :shown then :now else signed_in_at end,
            methods = methods || array(select unnest(cast(:methods as text[])) except select unnest(methods)),
            strong = strong or :strong
        where token_hash = :hash and account_id is not null
        """,
        {
            "hash": hashed,
            "fresh": fresh,
            "now": now,
            "shown": signed_in is not None,
            "methods": list(signed_in.methods) if signed_in else [],
            "strong": signed_in is not None and signed_in.strong,
        },
    )


async def is_held(uow: UnitOfWork, account_id: UUID, holder_id: UUID, now: datetime) -> bool:
    """Whether this session or token family is alive and the account's."""
    row = await first_row(
        uow,
        f"""
        select 1 from identity.session s join identity.account a on a.id = s.account_id
        where s.id = :id and s.account_id = :account_id and {_ALIVE}
        union all
        select 1 from identity.token_family where id = :id and account_id = :account_id and expires_at > :now
        """,
        {"id": holder_id, "account_id": account_id, "now": now},
    )
    return row is not None


async def find_holders(uow: UnitOfWork, account_id: UUID, now: datetime) -> list[Holder]:
    """The newest, by when they were last seen."""
    rows = await all_rows(
        uow,
        f"""
        select s.id, 'session' as kind, cast(null as text) as client_name, s.user_agent,
            s.address as network, s.methods, s.signed_in_at,
            s.last_seen_at
        from identity.session s join identity.account a on a.id = s.account_id
        where s.account_id = :account_id and {_ALIVE}
        union all
        select f.id, 'tokens', c.name, f.user_agent, null, f.methods, f.signed_in_at, f.last_used_at
        from identity.token_family f left join identity.oauth_client c on c.id = f.client_id
        where f.account_id = :account_id and f.expires_at > :now and f.last_used_at > :unused
        order by last_seen_at desc, id
        limit :most
        """,
        {
            "account_id": account_id,
            "now": now,
            "unused": now - REFRESH_TOKEN_LIFE,
            "most": MOST_LISTED,
        },
    )
    return [
        Holder(
            row.id,
            row.kind,
            row.client_name,
            row.user_agent,
            row.network,
            tuple(row.methods),
            row.signed_in_at,
            row.last_seen_at,
        )
        for row in rows
    ]


async def end_holder(uow: UnitOfWork, account_id: UUID, holder_id: UUID) -> bool:
    """False when there is no such session or token family of the account."""
    uow.invalidate(f"account:{account_id}", f"family:{holder_id}")
    values = {"id": holder_id, "account_id": account_id}
    ended = [
        await run(uow, f"delete from identity.{table} where id = :id and account_id = :account_id", values)
        for table in ("session", "token_family")
    ]
    return any(ended)


async def end_other_holders(uow: UnitOfWork, account_id: UUID, kept: UUID | None) -> None:
    """All sessions and tokens of the account but `kept`, and the codes that would become tokens."""
    uow.invalidate(f"account:{account_id}")
    values = {"account_id": account_id, "kept": kept}
    for table in ("session", "token_family"):
        await run(
            uow,
            f"delete from identity.{table} where account_id = :account_id and id is distinct from :kept",
            values,
        )
    await run(uow, "delete from identity.oauth_code where account_id = :account_id", values)


async def end_other_weak_holders(uow: UnitOfWork, account_id: UUID, kept: UUID | None, *, programs: bool) -> None:
    """Sign-ins by one factor but `kept`; with `programs`, also what such sign-ins let programs of others do."""
    values = {"account_id": account_id, "kept": kept, "programs": programs}
    for table, which in (
        ("session", "id is distinct from :kept"),
        ("token_family", "id is distinct from :kept and (:programs or client_id is null)"),
        ("oauth_code", ":programs"),
    ):
        statement = f"delete from identity.{table} where account_id = :account_id and not strong and {which}"
        await run(uow, statement, values)
    uow.invalidate(f"account:{account_id}")


async def take_out(uow: UnitOfWork, hashed: bytes, key: str, state: str) -> dict[str, Any] | None:
    """What a session keeps under `key`, if its `state` is this one: of any number of callers one gets it."""
    row = await first_row(
        uow,
        """
        with found as (
            select token_hash, data -> :key as kept from identity.session
            where token_hash = :hash and data -> :key ->> 'state' = :state
            for update
        )
        update identity.session s set data = s.data - cast(:key as text) from found
        where s.token_hash = found.token_hash
        returning found.kept
        """,
        {"hash": hashed, "key": key, "state": state},
    )
    return None if row is None else row.kept


def _json(data: dict[str, Any]) -> str:
    return msgspec.json.encode(data).decode()
