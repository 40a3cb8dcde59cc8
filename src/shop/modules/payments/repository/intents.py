"""Intents: opened with the order, claimed for a check, found again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import Row

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.models import LIVE
from shop.modules.payments.rules import GRACE, LEASE
from shop.modules.payments.schemas import Intent, NewIntent, StaffNote

COLUMNS: Final = ", ".join(Intent.__struct_fields__)
SELECT: Final = f"select {COLUMNS} from payments.payment"
BY_ID: Final = text(f"{SELECT} where id = :id")
LOCK: Final = text(f"{SELECT} where id = :id for update")
BY_REF: Final = text(f"{SELECT} where provider = :provider and provider_ref = :provider_ref")
OF_ORDERS: Final = text(f"{SELECT} where order_id = any(:order_ids) order by id")
OF_DEPOSITS: Final = text(f"{SELECT} where deposit_id = any(:deposit_ids) order by id")
LIVING: Final = text(f"{SELECT} where order_id = :order_id and {LIVE} order by part desc")

_NEW: Final = NewIntent.__struct_fields__
INSERT: Final = text(
    f"""
    insert into payments.payment ({", ".join(_NEW)}, next_check_at) values (:{", :".join(_NEW)}, now() + :grace)
    on conflict do nothing returning {COLUMNS}
    """
)
CLAIM: Final = "set next_check_at = now() + :lease, attempts = attempts + 1, version = version + 1"
CLAIM_ONE: Final = text(
    f"""
    update payments.payment {CLAIM}
    where id = :id and (attempts = 0 or next_check_at <= now()) and next_check_at is not null
    returning {COLUMNS}
    """
)
CLAIM_OF_ORDER: Final = text(
    f"""
    update payments.payment {CLAIM}
    where id = (
        select id from payments.payment p
        where order_id = :order_id and next_check_at is not null and (attempts = 0 or next_check_at <= now())
            and not (split and status = 'pending' and called_off_at is null and exists (
                select 1 from payments.payment first where first.order_id = p.order_id and first.part > p.part
                    and first.called_off_at is null and first.status = 'pending'))
        order by called_off_at is null, part desc, id limit 1 for update skip locked
    )
    returning {COLUMNS}
    """
)
CLAIM_DUE: Final = text(
    f"""
    update payments.payment {CLAIM}
    where id in (select id from payments.payment where next_check_at <= now()
                 order by next_check_at limit :limit for update skip locked)
    returning {COLUMNS}
    """
)


def intent_of(row: Row[Any]) -> Intent:
    return Intent(**row._asdict())


def found(row: Row[Any] | None) -> Intent | None:
    return None if row is None else intent_of(row)


async def add_intent(uow: UnitOfWork, new: NewIntent) -> Intent | None:
    """None when this part of its order or deposit has a living payment (indexes uq_payment_live*)."""
    added = await sql(uow).execute(INSERT, {**msgspec.structs.asdict(new), "grace": GRACE})
    return found(added.first())


async def claim_intent(uow: UnitOfWork, payment_id: UUID) -> Intent | None:
    """For its first check, or a further one that has fallen due; None when it is settled or in other hands."""
    return found((await sql(uow).execute(CLAIM_ONE, {"id": payment_id, "lease": LEASE})).first())


async def claim_of_order(uow: UnitOfWork, order_id: UUID) -> Intent | None:
    """What is to be done next for an order: first what is called off, then the part that comes first. One whose turn has not
    come is left alone, or it would be put off for seconds."""
    return found((await sql(uow).execute(CLAIM_OF_ORDER, {"order_id": order_id, "lease": LEASE})).first())


async def claim_due(uow: UnitOfWork, limit: int) -> list[Intent]:
    """Those whose check has fallen due, oldest first; rows that others are claiming are skipped (index ix_payment_due)."""
    claimed = await sql(uow).execute(CLAIM_DUE, {"lease": LEASE, "limit": limit})
    return sorted((intent_of(row) for row in claimed), key=lambda intent: intent.id)


async def find_intent(uow: UnitOfWork, payment_id: UUID) -> Intent | None:
    return found((await sql(uow).execute(BY_ID, {"id": payment_id})).first())


async def find_intent_by_ref(uow: UnitOfWork, provider: str, provider_ref: str) -> Intent | None:
    known = await sql(uow).execute(BY_REF, {"provider": provider, "provider_ref": provider_ref})
    return found(known.first())


async def lock_intent(uow: UnitOfWork, payment_id: UUID) -> Intent | None:
    return found((await sql(uow).execute(LOCK, {"id": payment_id})).first())


async def list_intents(uow: UnitOfWork, order_ids: Sequence[UUID]) -> list[Intent]:
    """Oldest first."""
    return [intent_of(row) for row in await sql(uow).execute(OF_ORDERS, {"order_ids": list(order_ids)})]


async def list_of_deposits(uow: UnitOfWork, deposit_ids: Sequence[UUID]) -> list[Intent]:
    """Oldest first."""
    return [intent_of(row) for row in await sql(uow).execute(OF_DEPOSITS, {"deposit_ids": list(deposit_ids)})]


async def list_others(uow: UnitOfWork, intent: Intent) -> list[Intent]:
    """The living payments of the same order beside this one."""
    if not intent.split:
        return []
    rows = await sql(uow).execute(LIVING, {"order_id": intent.order_id})
    return [each for each in (intent_of(row) for row in rows) if each.id != intent.id]


async def find_staff_notes(uow: UnitOfWork, order_id: UUID) -> list[StaffNote]:
    """What a person has to look into among the payments of an order, oldest first."""
    rows = await sql(uow).execute(
        text(
            """
            select id as payment_id, provider, staff_note as note from payments.payment
            where order_id = :order_id and staff_note is not null order by created_at, id
            """
        ),
        {"order_id": order_id},
    )
    return [StaffNote(**row) for row in rows.mappings()]


async def put_off(uow: UnitOfWork, payment_id: UUID, wait: timedelta, version: int | None = None) -> None:
    """Look again after `wait`, unless it was settled meanwhile, or has changed since `version`."""
    await sql(uow).execute(
        text(
            "update payments.payment set next_check_at = now() + :wait"
            " where id = :id and next_check_at is not null and version = coalesce(cast(:version as int), version)"
        ),
        {"id": payment_id, "wait": wait, "version": version},
    )


async def leave_alone(uow: UnitOfWork, payment_id: UUID, version: int) -> None:
    """Nothing is left to do for the sweep, if nothing changed since `version`."""
    await sql(uow).execute(
        text("update payments.payment set next_check_at = null where id = :id and version = :version"),
        {"id": payment_id, "version": version},
    )
