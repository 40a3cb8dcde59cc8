"""The ledger's accounts: opened on first use, and what customers have in theirs."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork


async def open_accounts(uow: UnitOfWork, owners: Mapping[UUID, UUID], currency: str) -> None:
    """Those of customers, `owners` by the accounts' ids; one that is there already stays as it is."""
    await sql(uow).execute(
        text(
            """
            insert into wallet.account (id, kind, owner_id, currency, balance)
            select id, 'customer', owner_id, :currency, 0
            from unnest(cast(:ids as uuid[]), cast(:owner_ids as uuid[])) as opened (id, owner_id)
            order by id
            on conflict do nothing
            """
        ),
        {"ids": list(owners), "owner_ids": list(owners.values()), "currency": currency},
    )


async def open_card_account(uow: UnitOfWork, account_id: UUID, currency: str) -> None:
    await sql(uow).execute(
        text("insert into wallet.account (id, kind, currency, balance) values (:id, 'gift_card', :currency, 0)"),
        {"id": account_id, "currency": currency},
    )


BALANCE: Final = text(
    """
    select account.balance, coalesce((
        select sum(t.amount) from wallet.transaction t  -- ix_transaction_pending
        where t.account_id = account.id and t.status = 'pending' and t.operation in ('purchase', 'withdraw')
    ), 0)::bigint - coalesce((
        select sum(payout.amount)
        from wallet.payout join wallet.transaction t on t.id = payout.transaction_id
        where t.account_id = account.id and t.status = 'pending' and payout.status = 'done'
    ), 0)::bigint as held
    from wallet.account where account.id = :id
    """
)


async def find_balance(uow: UnitOfWork, account_id: UUID) -> tuple[int, int]:
    """(What can be spent, what is held); zeros for an account that isn't there. Minor units."""
    row = (await sql(uow).execute(BALANCE, {"id": account_id})).first()
    return (0, 0) if row is None else (row.balance, row.held)


async def find_stored(uow: UnitOfWork, account_id: UUID) -> int:
    """What can be spent alone. Minor units."""
    balance: int | None = await sql(uow).scalar(
        text("select balance from wallet.account where id = :id"), {"id": account_id}
    )
    return balance or 0


async def lock_stored(uow: UnitOfWork, account_id: UUID) -> int:
    """The same, and nothing is added to it or taken from it by others until this transaction ends."""
    balance: int | None = await sql(uow).scalar(
        text("select balance from wallet.account where id = :id for no key update"), {"id": account_id}
    )
    return balance or 0


async def list_currencies(uow: UnitOfWork, owner_id: UUID) -> Sequence[str]:
    """In which somebody has, or had, anything in the wallet."""
    rows = await sql(uow).execute(
        text("select currency from wallet.account where owner_id = :owner_id order by currency"),  # uq_account_owner
        {"owner_id": owner_id},
    )
    return list(rows.scalars())
