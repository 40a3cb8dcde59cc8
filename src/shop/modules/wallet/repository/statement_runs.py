"""Statements that workers make. A worker has one while its lease lasts; `attempts` tells it from those before, so that one
that was taken for dead writes nothing more."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository.statements import Figures, Range
from shop.modules.wallet.statement_schemas import Statement

LEASE: Final = timedelta(seconds=20)
MAX_ATTEMPTS: Final = 3
"""Workers that may die of one statement."""

_FIELDS: Final = (
    "id, owner_id, currency, from_date, to_date, status, entries, done, opening_balance, closing_balance, attempts,"
    " outdated_at, requested_at, ready_at"
)
# A statement is behind when the newest entry before its end is another one than when it was made.
_OUTDATE: Final = """
    update wallet.statement s set outdated_at = now()
    where {which} and s.status = 'ready' and s.outdated_at is null and s.last_entry_id is distinct from (
        select e.id from wallet.entry e
        where e.account_id = (select a.id from wallet.account a where a.owner_id = s.owner_id and a.currency = s.currency)
            and e.created_at < s.ends_at
        order by e.created_at desc, e.id desc limit 1)
"""
_OUTDATE_OF_OWNER: Final = text(_OUTDATE.format(which="s.owner_id = :owner_id"))
_OUTDATE_OF_TRANSACTION: Final = text(
    _OUTDATE.format(
        which="""s.owner_id in (
            select a.owner_id from wallet.entry e join wallet.account a on a.id = e.account_id
            where e.transaction_id = :transaction_id and a.owner_id is not null)"""
    )
)
_REQUEST: Final = text(
    f"""
    insert into wallet.statement as s (id, owner_id, currency, from_date, to_date, begins_at, ends_at, mailed)
    select :id, :owner_id, :currency, :first, :last, :begins_at, :ends_at, :mailed
    where (
        select count(*) filter (where status in ('waiting', 'running')) < :most_waiting and count(*) < :most
        from wallet.statement where owner_id = :owner_id)
        or exists (
            select 1 from wallet.statement
            where owner_id = :owner_id and (currency, begins_at, ends_at) = (:currency, :begins_at, :ends_at)
                and outdated_at is null and status <> 'failed')
    on conflict (owner_id, currency, begins_at, ends_at) where outdated_at is null and status <> 'failed'
        do update set mailed = s.mailed or excluded.mailed
    returning {_FIELDS}
    """
)
_FIND: Final = text(f"select {_FIELDS} from wallet.statement where id = :id and owner_id = :owner_id")
_LIST: Final = text(
    f"""
    select {_FIELDS} from wallet.statement where owner_id = :owner_id and mailed
    order by requested_at desc, id desc limit :limit
    """
)
_GIVE_UP: Final = text(
    """
    update wallet.statement set status = 'failed', leased_until = null
    where status = 'running' and leased_until < now() and attempts >= :most
    """
)
_CLAIM: Final = text(
    f"""
    update wallet.statement set status = 'running', attempts = attempts + 1, leased_until = now() + :lease, done = 0,
        entries = null
    where id = (
        select id from wallet.statement where status = 'waiting' or (status = 'running' and leased_until < now())
        order by requested_at limit 1 for update skip locked)
    returning {_FIELDS}, begins_at, ends_at
    """
)
_TELL: Final = text(
    """
    update wallet.statement set done = :done, entries = :entries, leased_until = now() + cast(:lease as interval)
    where id = :id and status = 'running' and attempts = :attempts
    returning 1
    """
)
_FINISH: Final = text(
    """
    update wallet.statement set status = 'ready', ready_at = now(), leased_until = null, done = :entries,
        entries = :entries, opening_balance = :opening_balance, closing_balance = :closing_balance,
        last_entry_id = :last_entry_id
    where id = :id and status = 'running' and attempts = :attempts
    returning mailed
    """
)
_FAIL: Final = text(
    """
    update wallet.statement set status = 'failed', leased_until = null
    where id = :id and status = 'running' and attempts = :attempts
    """
)
_FORGET_OLD: Final = text(
    """
    delete from wallet.statement
    where status not in ('waiting', 'running') and coalesce(ready_at, requested_at) < now() - cast(:age as interval)
    """
)


async def mark_outdated(uow: UnitOfWork, owner_id: UUID) -> None:
    """Those of this owner that tell less than there is to tell by now."""
    await sql(uow).execute(_OUTDATE_OF_OWNER, {"owner_id": owner_id})


async def let_go(uow: UnitOfWork, statement_id: UUID) -> None:
    """Its files are gone: to ask for it again makes another one."""
    await sql(uow).execute(
        text(
            "update wallet.statement set outdated_at = now() where id = :id and status = 'ready' and outdated_at is null"
        ),
        {"id": statement_id},
    )


async def mark_outdated_by(uow: UnitOfWork, transaction_id: UUID) -> None:
    """Those of everybody whose wallet this transaction has moved, if they tell less than there is to tell."""
    await sql(uow).execute(_OUTDATE_OF_TRANSACTION, {"transaction_id": transaction_id})


async def request(
    uow: UnitOfWork, wanted: Range, days: tuple[date, date], *, mailed: bool, most_waiting: int, most: int
) -> Statement | None:
    """The statement of these days that is there, or is being made, or begins to wait now. None when its owner has
    `most_waiting` others under way, or `most` of them altogether."""
    first, last = days
    values = {
        "id": new_id(),
        "owner_id": wanted.owner_id,
        "currency": wanted.currency,
        "begins_at": wanted.begins_at,
        "ends_at": wanted.ends_at,
        "first": first,
        "last": last,
        "mailed": mailed,
        "most_waiting": most_waiting,
        "most": most,
    }
    row = (await sql(uow).execute(_REQUEST, values)).first()
    return Statement(*row) if row else None


async def find_statement(uow: UnitOfWork, statement_id: UUID, owner_id: UUID) -> Statement | None:
    """None also when it is another's."""
    row = (await sql(uow).execute(_FIND, {"id": statement_id, "owner_id": owner_id})).first()
    return Statement(*row) if row else None


async def latest_statements(uow: UnitOfWork, owner_id: UUID, limit: int) -> list[Statement]:
    """Those that their owner asked for, newest first."""
    return [Statement(*row) for row in await sql(uow).execute(_LIST, {"owner_id": owner_id, "limit": limit})]


async def claim(uow: UnitOfWork) -> tuple[Statement, Range] | None:
    """The oldest that waits, or whose worker is gone."""
    await sql(uow).execute(_GIVE_UP, {"most": MAX_ATTEMPTS})
    row = (await sql(uow).execute(_CLAIM, {"lease": LEASE})).first()
    if row is None:
        return None
    *fields, begins_at, ends_at = row
    statement = Statement(*fields)
    return statement, Range(statement.owner_id, statement.currency, begins_at, ends_at)


async def tell(uow: UnitOfWork, statement: Statement, done: int, entries: int | None) -> bool:
    """False when another worker has it, or it is gone."""
    values = {"id": statement.id, "attempts": statement.attempts, "done": done, "entries": entries, "lease": LEASE}
    return (await sql(uow).execute(_TELL, values)).first() is not None


async def finish(uow: UnitOfWork, statement: Statement, figures: Figures) -> bool | None:
    """Whether its owner is to be told; None when another worker has it, or it is gone."""
    values = {
        "id": statement.id,
        "attempts": statement.attempts,
        "entries": figures.entries,
        "opening_balance": figures.opening_balance,
        "closing_balance": figures.closing_balance,
        "last_entry_id": figures.last_entry_id,
    }
    row = (await sql(uow).execute(_FINISH, values)).first()
    return None if row is None else bool(row.mailed)


async def fail(uow: UnitOfWork, statement: Statement) -> None:
    await sql(uow).execute(_FAIL, {"id": statement.id, "attempts": statement.attempts})


async def forget_old(uow: UnitOfWork, age: timedelta) -> None:
    await sql(uow).execute(_FORGET_OLD, {"age": age})


async def forget_of(uow: UnitOfWork, owner_id: UUID) -> None:
    """Whatever became of them; one that is being made is dropped by its worker."""
    await sql(uow).execute(text("delete from wallet.statement where owner_id = :owner_id"), {"owner_id": owner_id})


async def attempts_of(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The latest attempt at each of these statements, those that are gone left out."""
    rows = await sql(uow).execute(
        text("select id, attempts from wallet.statement where id = any(:ids)"), {"ids": list(ids)}
    )
    return {row.id: row.attempts for row in rows}


async def list_of(uow: UnitOfWork, owner_id: UUID) -> list[dict[str, Any]]:
    """Oldest first, as plain data that its owner can read."""
    rows = await sql(uow).execute(
        text(
            "select id, currency, from_date, to_date, status, requested_at, ready_at from wallet.statement"
            " where owner_id = :owner_id order by requested_at"
        ),
        {"owner_id": owner_id},
    )
    return [dict(row) for row in rows.mappings()]
