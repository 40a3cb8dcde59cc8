"""Do the books balance? Asked of all entries, so for staff and commands, in one snapshot."""

from typing import Final

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.schemas import CurrencyBooks, Difference

CURRENCIES: Final = text(
    """
    select account.currency, coalesce(sum(entries.sum), 0)::bigint as sum, count(*)::bigint as accounts,
        coalesce(sum(entries.count), 0)::bigint as entries,
        coalesce(sum(account.balance), 0)::bigint as owed
    from wallet.account left join (
        select account_id, sum(amount) as sum, count(*) as count from wallet.entry group by account_id
    ) entries on entries.account_id = account.id
    group by account.currency order by account.currency
    """
)


async def sum_up(uow: UnitOfWork) -> dict[str, CurrencyBooks]:
    rows = await sql(uow).execute(CURRENCIES)
    return {row.currency: CurrencyBooks(row.sum, row.accounts, row.entries, row.owed) for row in rows}


REBUILT: Final = """
    select account.id, account.kind, account.currency, account.balance, coalesce(entries.sum, 0)::bigint as rebuilt
    from wallet.account left join (
        select account_id, sum(amount) as sum from wallet.entry group by account_id
    ) entries on entries.account_id = account.id
    where account.balance <> coalesce(entries.sum, 0)
"""


async def wrong_balances(uow: UnitOfWork, limit: int) -> list[Difference]:
    """Stored balances that are not the sum of their entries."""
    rows = await sql(uow).execute(text(f"{REBUILT} order by account.id limit :limit"), {"limit": limit})
    return [Difference(f"{row.kind}:{row.id}", row.currency, row.balance, row.rebuilt) for row in rows]


UNBALANCED: Final = text(
    """
    select entry.transaction_id, entry.currency, sum(entry.amount)::bigint as sum
    from wallet.entry group by entry.transaction_id, entry.currency having sum(entry.amount) <> 0
    order by entry.transaction_id limit :limit
    """
)


async def unbalanced_transactions(uow: UnitOfWork, limit: int) -> list[Difference]:
    """Whose entries don't sum to zero; `stored` is what they do sum to."""
    rows = await sql(uow).execute(UNBALANCED, {"limit": limit})
    return [Difference(f"transaction:{row.transaction_id}", row.currency, row.sum, 0) for row in rows]


STRAY_CURRENCIES: Final = text(
    """
    select entry.account_id, entry.currency, sum(entry.amount)::bigint as sum
    from wallet.entry join wallet.account on account.id = entry.account_id and account.currency <> entry.currency
    group by entry.account_id, entry.currency order by entry.account_id limit :limit
    """
)


async def entries_of_other_currencies(uow: UnitOfWork, limit: int) -> list[Difference]:
    rows = await sql(uow).execute(STRAY_CURRENCIES, {"limit": limit})
    return [Difference(f"account:{row.account_id}", row.currency, row.sum, 0) for row in rows]


SYSTEM: Final = text(
    """
    select account.code, account.currency, coalesce(sum(entry.amount), 0)::bigint as sum
    from wallet.account left join wallet.entry on entry.account_id = account.id
    where account.kind = 'system' group by account.code, account.currency order by account.currency, account.code
    """
)


async def system_balances(uow: UnitOfWork) -> dict[tuple[str, str], int]:
    """The shop's own accounts, by (code, currency)."""
    return {(row.code, row.currency): row.sum for row in await sql(uow).execute(SYSTEM)}


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
    select parent.id, account.currency, parent.reversed_amount, coalesce(children.sum, 0)::bigint as given_back
    from wallet.transaction parent join wallet.account on account.id = parent.account_id
    left join (
        select parent_id, sum(amount) as sum from wallet.transaction where operation = 'reversal' group by parent_id
    ) children on children.parent_id = parent.id
    where parent.reversed_amount <> coalesce(children.sum, 0)
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
