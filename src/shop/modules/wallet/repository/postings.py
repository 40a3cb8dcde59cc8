"""Postings: a transaction, the balances that it changes and its entries, in one statement.

Lock order, everywhere: the accounts that keep a balance by their ids, then the transaction. `locked` waits for the accounts
and reads what they hold by then; nothing else in the statement happens unless `made` finds that none of them would fall
below zero and that the transaction is new (or, for a step, still where the step begins). So a refused posting leaves
nothing behind, and the transaction around it may go on.

The shop's own accounts keep no balance: many postings at once add entries to the same one without waiting for each other.
They are opened by the first posting that names them.

Gotcha: the balance is looked at in `locked` alone. An UPDATE begins with the row as it was when the statement began, before
the wait for its lock: its WHERE and the table's checks are tested on that row first, and a sum made of its columns would be
refused for money that came meanwhile. So `moved` writes what `locked` has read.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.money import MAX_AMOUNT
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.rules import system_account
from shop.modules.wallet.schemas import Draft, KeptLeg, Outcome, Step, SummedLeg

LOCKED: Final = """
    with locked as (
        select account.id, leg.amount, account.balance + leg.amount as balance
        from unnest(cast(:kept as uuid[]), cast(:kept_amounts as bigint[])) as leg (id, amount)
        join wallet.account on account.id = leg.id
        order by account.id
        for no key update of account
    )
"""
COVERED: Final = """
    (select count(*) = cardinality(cast(:kept as uuid[])) and coalesce(bool_and(balance between 0 and :most), true)
     from locked)
"""
OWN_BALANCE: Final = "(select balance from locked where id = account_id and amount <> 0)"
ENTRIES: Final = """
    , moved as (
        update wallet.account set balance = locked.balance
        from made, locked
        where account.id = locked.id and locked.amount <> 0
        returning account.id, locked.amount, account.balance
    ), leg as (
        select leg.id, leg.code, leg.amount from made, unnest(
            cast(:summed as uuid[]), cast(:codes as text[]), cast(:summed_amounts as bigint[])
        ) as leg (id, code, amount)
    ), opened as (
        insert into wallet.account (id, kind, code, currency)
        select leg.id, 'system', leg.code, :currency from leg
        where not exists (select from wallet.account where account.id = leg.id)
        on conflict do nothing
    ), entered as (
        insert into wallet.entry (transaction_id, account_id, amount, currency, balance_after)
        select :id, moved.id, moved.amount, :currency, moved.balance from moved
        union all
        select :id, leg.id, leg.amount, :currency, null from leg
    )
    select made.at, made.settled_at, array(select id from locked) as ids, array(select balance from locked) as balances
    from (values (1)) as always left join made on true
"""

RECORD: Final = text(
    f"""
    {LOCKED}, made as (
        insert into wallet.transaction (
            id, account_id, operation, amount, incoming, status, order_id, payment_id, parent_id, counterparty_id, reason,
            failure, authority, actor_id, taken, dispute_ref, balance_after, settled_at
        )
        select new.*, {OWN_BALANCE}, case when new.status <> 'pending' then clock_timestamp() end
        from (values (
            cast(:id as uuid), cast(:account_id as uuid), :operation, cast(:amount as bigint),
            cast(:incoming as boolean), :status, cast(:order_id as uuid), cast(:payment_id as uuid),
            cast(:parent_id as uuid), cast(:counterparty_id as uuid), :reason, cast(:failure as text), :authority,
            cast(:actor_id as uuid), cast(:taken as bigint), cast(:dispute_ref as text)
        )) as new (
            id, account_id, operation, amount, incoming, status, order_id, payment_id, parent_id, counterparty_id, reason,
            failure, authority, actor_id, taken, dispute_ref
        )
        where {COVERED}
        on conflict (id) do nothing
        returning created_at as at, settled_at
    ) {ENTRIES}
    """
)


async def record(uow: UnitOfWork, draft: Draft) -> Outcome:
    """Nothing happens when the transaction is there already, or an account is missing or would fall below zero."""
    return await _post(
        uow,
        RECORD,
        draft,
        account_id=draft.account_id,
        operation=draft.operation,
        amount=draft.amount,
        incoming=draft.incoming,
        status=draft.status,
        order_id=draft.order_id,
        payment_id=draft.payment_id,
        parent_id=draft.parent_id,
        counterparty_id=draft.counterparty_id,
        reason=draft.reason,
        failure=draft.failure,
        authority=draft.authority,
        actor_id=draft.actor_id,
        taken=draft.taken,
        dispute_ref=draft.dispute_ref,
    )


TAKE_STEP: Final = text(
    f"""
    {LOCKED}, made as (
        update wallet.transaction set
            status = :status,
            taken = coalesce(cast(:taken as bigint), taken),
            failure = case  -- money that came late after all, which the buyer was told had not
                when :status = 'settled' and operation = 'deposit' then null else coalesce(cast(:failure as text), failure)
            end,
            balance_after = coalesce({OWN_BALANCE}, balance_after),
            settled_at = case when :status <> 'pending' then clock_timestamp() end
        where id = :id and status = any(cast(:came_from as text[])) and {COVERED}
        returning clock_timestamp() as at, settled_at
    ) {ENTRIES}
    """
)


async def take_step(uow: UnitOfWork, step: Step) -> Outcome:
    """Nothing happens when the transaction isn't where the step begins, or an account would fall below zero. What a wallet
    can hold at most binds new transactions: the money of this one is there already."""
    return await _post(
        uow,
        TAKE_STEP,
        step,
        came_from=list(step.came_from),
        status=step.status,
        taken=step.taken,
        failure=step.failure,
    )


async def _post(uow: UnitOfWork, statement: Any, what: Draft | Step, **values: Any) -> Outcome:
    legs = _parameters(what.kept, what.summed, what.currency)
    legs["most"] = MAX_AMOUNT if isinstance(what, Draft) else 2 * MAX_AMOUNT
    rows = await sql(uow).execute(statement, {"id": what.id, "currency": what.currency, **values, **legs})
    row = rows.one()
    return Outcome(row.at, row.settled_at, dict(zip(row.ids, row.balances, strict=True)))


def _parameters(kept: Iterable[KeptLeg], summed: Iterable[SummedLeg], currency: str) -> dict[str, Any]:
    kept, summed = tuple(kept), tuple(summed)
    return {
        "kept": [leg.account_id for leg in kept],
        "kept_amounts": [leg.amount for leg in kept],
        "summed": [system_account(leg.code, currency) for leg in summed],
        "codes": [leg.code for leg in summed],
        "summed_amounts": [leg.amount for leg in summed],
    }


async def give_back(uow: UnitOfWork, parent_id: UUID, amount: int) -> bool:
    """Whether that much was left of a transaction: a reversal gives it back."""
    changed = await sql(uow).execute(
        text(
            "update wallet.transaction set reversed_amount = reversed_amount + :amount"
            " where id = :id and status = 'settled' and reversed_amount + :amount <= coalesce(taken, amount)"
        ),
        {"id": parent_id, "amount": amount},
    )
    return changed.rowcount == 1
