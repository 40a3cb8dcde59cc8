"""Wallets for tests, written into the ledger's tables as postings would have left them, at any time in the past.

await fill(ada, deposit(at("2026-11-01 12:00"), 5000), purchase(at("2026-11-03 09:30"), 1990))
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import text

from shop.kernel.config import settings
from shop.kernel.db import sql, write
from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.rules import customer_account, system_account


class Moved(NamedTuple):
    """What a transaction moved in a wallet, minor units; below zero, what it took."""

    at: datetime
    amount: int
    operation: str
    reason: str = ""
    order_id: UUID | None = None
    status: str = "settled"


def at(local: str, zone: str | None = None) -> datetime:
    """A moment in the shop's time zone: `2026-11-01 12:00`."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone or settings().time_zone))


def deposit(moment: datetime, amount: int, **more: Any) -> Moved:
    return Moved(moment, amount, "deposit", **more)


def purchase(moment: datetime, amount: int, **more: Any) -> Moved:
    return Moved(moment, -amount, "purchase", **more)


async def fill(owner_id: UUID, *moved: Moved, currency: str = "EUR") -> list[UUID]:
    """Ids of the transactions, in the order given, which has to be that of time."""
    return await write(_fill, owner_id, moved, currency)


async def _fill(uow: UnitOfWork, owner_id: UUID, moved: tuple[Moved, ...], currency: str) -> list[UUID]:
    own, other = customer_account(owner_id, currency), system_account("sales", currency)
    await sql(uow).execute(
        text(
            "insert into wallet.account (id, kind, owner_id, code, currency, balance) values"
            " (:own, 'customer', :owner_id, null, :currency, 0), (:other, 'system', null, 'sales', :currency, null)"
            " on conflict do nothing"
        ),
        {"own": own, "owner_id": owner_id, "other": other, "currency": currency},
    )
    ids = []
    for each in moved:
        ids.append(new_id())
        await sql(uow).execute(
            text(
                """
                with moved as (
                    update wallet.account set balance = balance + :amount where id = :own returning balance
                ), made as (
                    insert into wallet.transaction (id, account_id, operation, amount, incoming, status, balance_after,
                        order_id, reason, authority, created_at, settled_at)
                    select :id, :own, :operation, abs(:amount), :amount > 0, :status, balance, cast(:order_id as uuid),
                        :reason, 'staff', :at, case when :status <> 'pending' then cast(:at as timestamptz) end
                    from moved
                )
                insert into wallet.entry (transaction_id, account_id, amount, currency, balance_after, created_at)
                select :id, :own, :amount, :currency, balance, cast(:at as timestamptz) from moved
                union all select :id, :other, -:amount, :currency, null, cast(:at as timestamptz)
                """
            ),
            {**each._asdict(), "id": ids[-1], "own": own, "other": other, "currency": currency},
        )
    return ids


SEED = """
    with made as (
        select n, begins + (ends - begins) * (n / count::float8) as at,
            case when n = 1 then 100000000 when n % 3 = 1 then 2500 else -(100 + n % 1900) end::bigint as amount
        from generate_series(1, %(count)s::int) n,
            (values (%(begins)s::timestamptz, %(ends)s::timestamptz, %(count)s::int)) as whole (begins, ends, count)
    ), numbered as (
        select *, (select balance from wallet.account where id = %(own)s) + sum(amount) over (order by n)::bigint as balance,
            (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
                || substr(md5(%(own)s::text || n), 4, 15))::uuid as id
        from made
    ), transactions as (
        insert into wallet.transaction (id, account_id, operation, amount, incoming, status, balance_after, reason,
            authority, created_at, settled_at)
        select id, %(own)s, case when amount > 0 then 'deposit' else 'purchase' end, abs(amount), amount > 0, 'settled',
            balance, case when n %% 10 = 0 then 'Bonus for a good year, no. ' || n else '' end, 'staff', at, at
        from numbered order by n
    ), balanced as (
        update wallet.account set balance = (select balance from numbered order by n desc limit 1) where id = %(own)s
    )
    insert into wallet.entry (transaction_id, account_id, amount, currency, balance_after, created_at)
    select id, account, each.amount, %(currency)s, after, at
    from numbered, lateral (values (%(own)s::uuid, amount, balance), (%(other)s::uuid, -amount, null))
        as each (account, amount, after)
    order by n, after
""".replace("n % 3", "n %% 3").replace("n % 1900", "n %% 1900")


def seed(
    connection: psycopg.Connection[Any],
    owner_id: UUID,
    count: int,
    begins: datetime,
    ends: datetime,
    currency: str = "EUR",
) -> None:
    """A wallet gets `count` entries, evenly between two moments that come after all it has, by one statement: a million takes a
    minute."""
    own, other = customer_account(owner_id, currency), system_account("sales", currency)
    connection.execute(
        "insert into wallet.account (id, kind, owner_id, code, currency, balance) values"
        " (%(own)s, 'customer', %(owner)s, null, %(currency)s, 0), (%(other)s, 'system', null, 'sales', %(currency)s, null)"
        " on conflict do nothing",
        {"own": own, "owner": owner_id, "other": other, "currency": currency},
    )
    connection.execute(
        SEED,
        {"own": own, "other": other, "count": count, "begins": begins, "ends": ends, "currency": currency},
    )
