"""Do the books balance? Asked of all entries, so for staff and commands, in one snapshot."""

from typing import Final

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.schemas import CurrencyBooks, Difference

ACCOUNTS: Final = text(
    """
    with summed as (
        select account_id, currency, sum(amount) as sum, count(*) as entries
        from wallet.entry group by account_id, currency
    ), account as materialized (
        select account.id, account.kind, account.code, account.currency, account.balance,
            coalesce(sum(summed.sum), 0)::bigint as sum, coalesce(sum(summed.entries), 0)::bigint as entries,
            coalesce(bool_or(summed.currency <> account.currency), false) as mixed
        from wallet.account left join summed on summed.account_id = account.id
        group by account.id
    )
    select
        (select json_agg(one order by one.currency) from (
            select currency, sum(sum)::bigint as sum, count(*) as accounts, sum(entries)::bigint as entries,
                coalesce(sum(balance), 0)::bigint as owed
            from account group by currency
        ) one) as currencies,
        (select json_agg(one order by one.currency, one.code) from (
            select code, currency, sum from account where kind = 'system'
        ) one) as system,
        (select json_agg(one) from (
            select id, kind, currency, balance, sum from account where balance <> sum order by id limit :limit
        ) one) as wrong,
        (select json_agg(one) from (
            select entry.account_id as id, entry.currency, sum(entry.amount)::bigint as sum
            from account join wallet.entry on entry.account_id = account.id and entry.currency <> account.currency
            where account.mixed group by entry.account_id, entry.currency order by entry.account_id limit :limit
        ) one) as mixed
    """
)


async def allow_minutes(uow: UnitOfWork) -> None:
    """Reading all entries may take longer than a statement usually may."""
    await sql(uow).execute(text("set local statement_timeout = '10min'"))


class Sums(msgspec.Struct, frozen=True):
    """`system` are the shop's own accounts, by (code, currency)."""

    currencies: dict[str, CurrencyBooks]
    system: dict[tuple[str, str], int]
    wrong_balances: list[Difference]
    """Stored ones that are not the sum of their entries."""
    entries_of_other_currencies: list[Difference]


async def sum_up(uow: UnitOfWork, limit: int) -> Sums:
    """All that is known by the accounts' sums: the entries are read once for it. At most `limit` differences of a kind."""
    row = (await sql(uow).execute(ACCOUNTS, {"limit": limit})).one()
    return Sums(
        currencies={
            each["currency"]: CurrencyBooks(each["sum"], each["accounts"], each["entries"], each["owed"])
            for each in row.currencies or ()
        },
        system={(each["code"], each["currency"]): each["sum"] for each in row.system or ()},
        wrong_balances=[
            Difference(f"{each['kind']}:{each['id']}", each["currency"], each["balance"], each["sum"])
            for each in row.wrong or ()
        ],
        entries_of_other_currencies=[
            Difference(f"account:{each['id']}", each["currency"], each["sum"], 0) for each in row.mixed or ()
        ],
    )


UNBALANCED: Final = text(
    """
    with suspect as (
        select transaction_id from wallet.entry group by transaction_id  -- ix_entry_transaction_id
        having sum(amount) <> 0 or min(currency) <> max(currency)
    )
    select entry.transaction_id, entry.currency, sum(entry.amount)::bigint as sum
    from suspect join wallet.entry on entry.transaction_id = suspect.transaction_id
    group by entry.transaction_id, entry.currency having sum(entry.amount) <> 0
    order by entry.transaction_id limit :limit
    """
)


async def unbalanced_transactions(uow: UnitOfWork, limit: int) -> list[Difference]:
    """Whose entries don't sum to zero; `stored` is what they do sum to."""
    rows = await sql(uow).execute(UNBALANCED, {"limit": limit})
    return [Difference(f"transaction:{row.transaction_id}", row.currency, row.sum, 0) for row in rows]


HELD: Final = text(
    """
    select account.currency, sum(t.amount - coalesce(paid.done, 0))::bigint as held
    from wallet.transaction t join wallet.account on account.id = t.account_id
    left join lateral (
        select sum(amount) as done from wallet.payout where transaction_id = t.id and status = 'done'
    ) paid on true
    where t.status = 'pending' and t.operation in ('purchase', 'withdraw')  -- ix_transaction_pending
    group by account.currency
    """
)


async def held_for_what_is_pending(uow: UnitOfWork) -> dict[str, int]:
    return {row.currency: row.held for row in await sql(uow).execute(HELD)}


REVERSED: Final = text(
    """
    with given_back as materialized (
        select parent_id, sum(amount)::bigint as sum from wallet.transaction
        where parent_id is not null and operation = 'reversal' group by parent_id  -- ix_transaction_parent_id
    )
    select parent.id, account.currency, parent.reversed_amount, coalesce(given_back.sum, 0) as given_back
    from (
        select id from wallet.transaction where reversed_amount <> 0 union select parent_id from given_back
    ) reversed
    join wallet.transaction parent on parent.id = reversed.id
    join wallet.account on account.id = parent.account_id
    left join given_back on given_back.parent_id = parent.id
    where parent.reversed_amount <> coalesce(given_back.sum, 0)
    order by parent.id limit :limit
    """
)


async def wrong_reversals(uow: UnitOfWork, limit: int) -> list[Difference]:
    """Transactions that remember another sum of reversals than there are."""
    rows = await sql(uow).execute(REVERSED, {"limit": limit})
    return [Difference(f"reversed:{row.id}", row.currency, row.reversed_amount, row.given_back) for row in rows]


async def rebuild(uow: UnitOfWork) -> int:
    """Sets stored balances to the sums of their entries, each account locked first; how many there were to set. No posting
    can come in between: each locks its accounts before it adds an entry."""
    await sql(uow).execute(text("select 1 from wallet.account where kind <> 'system' order by id for no key update"))
    changed = await sql(uow).execute(
        text(
            "update wallet.account set balance = entries.sum from ("
            "  select a.id, coalesce(sum(e.amount), 0) as sum from wallet.account a"
            "  left join wallet.entry e on e.account_id = a.id where a.kind <> 'system' group by a.id"
            ") entries where entries.id = account.id and account.balance <> entries.sum"
        )
    )
    return changed.rowcount
