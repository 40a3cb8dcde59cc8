"""Intents: opened with the order, claimed for a check, moved forward by what a provider says."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import Row

from shop.contracts.payments import PaymentId, PaymentRequest
from shop.kernel.db import sql
from shop.kernel.money import Money
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.rules import GRACE, LEASE
from shop.modules.payments.schemas import Intent, StaffNote, Step

COLUMNS: Final = ", ".join(Intent.__struct_fields__)
SELECT: Final = f"select {COLUMNS} from payments.payment"
BY_ID: Final = text(f"{SELECT} where id = :id")
LOCK: Final = text(f"{SELECT} where id = :id for update")
BY_REF: Final = text(f"{SELECT} where provider = :provider and provider_ref = :provider_ref")
OF_ORDERS: Final = text(f"{SELECT} where order_id = any(:order_ids) order by id")


def _intent(row: Row[Any]) -> Intent:
    return Intent(**row._asdict())


def _found(row: Row[Any] | None) -> Intent | None:
    return None if row is None else _intent(row)


async def add_intent(
    uow: UnitOfWork, payment_id: PaymentId, order_id: UUID, amount: Money, request: PaymentRequest
) -> Intent | None:
    """None when another payment of this order is alive (index uq_payment_live)."""
    added = await sql(uow).execute(
        text(
            f"""
            insert into payments.payment (id, order_id, provider, token, method_id, amount, currency, next_check_at)
            values (:id, :order_id, :provider, :token, :method_id, :amount, :currency, now() + :grace)
            on conflict (order_id) where called_off_at is null
                and status in ('pending', 'requires_action', 'authorized', 'captured') do nothing
            returning {COLUMNS}
            """
        ),
        {
            "id": payment_id,
            "order_id": order_id,
            "provider": request.provider,
            "token": request.token,
            "method_id": request.method_id,
            "amount": amount.amount,
            "currency": amount.currency,
            "grace": GRACE,
        },
    )
    return _found(added.first())


async def claim_intent(uow: UnitOfWork, payment_id: UUID) -> Intent | None:
    """For its first check, or a further one that has fallen due; None when it is settled, called off or in other hands."""
    claimed = await sql(uow).execute(
        text(
            f"""
            update payments.payment
            set next_check_at = now() + :lease, attempts = attempts + 1, version = version + 1
            where id = :id and status = 'pending' and called_off_at is null
                and (attempts = 0 or next_check_at <= now())
            returning {COLUMNS}
            """
        ),
        {"id": payment_id, "lease": LEASE},
    )
    return _found(claimed.first())


async def claim_due(uow: UnitOfWork, limit: int) -> list[Intent]:
    """Those whose check has fallen due, oldest first; rows that others are claiming are skipped (index ix_payment_due)."""
    claimed = await sql(uow).execute(
        text(
            f"""
            update payments.payment
            set next_check_at = now() + :lease, attempts = attempts + 1, version = version + 1
            where id in (select id from payments.payment where next_check_at <= now()
                         order by next_check_at limit :limit for update skip locked)
            returning {COLUMNS}
            """
        ),
        {"lease": LEASE, "limit": limit},
    )
    return sorted((_intent(row) for row in claimed), key=lambda intent: intent.id)


async def find_intent(uow: UnitOfWork, payment_id: UUID) -> Intent | None:
    return _found((await sql(uow).execute(BY_ID, {"id": payment_id})).first())


async def find_intent_by_ref(uow: UnitOfWork, provider: str, provider_ref: str) -> Intent | None:
    known = await sql(uow).execute(BY_REF, {"provider": provider, "provider_ref": provider_ref})
    return _found(known.first())


async def lock_intent(uow: UnitOfWork, payment_id: UUID) -> Intent | None:
    return _found((await sql(uow).execute(LOCK, {"id": payment_id})).first())


async def list_intents(uow: UnitOfWork, order_ids: Sequence[UUID]) -> list[Intent]:
    """Oldest first."""
    rows = await sql(uow).execute(OF_ORDERS, {"order_ids": list(order_ids)})
    return [_intent(row) for row in rows]


MOVE: Final = text(
    f"""
    update payments.payment
    set status = :status, provider_ref = :provider_ref, failure = :failure, client_secret = :client_secret,
        redirect_url = :redirect_url, token = null, next_check_at = now() + :wait,
        version = version + 1, updated_at = now()
    where id = :id and version = :version
    returning {COLUMNS}
    """
)
CAPTURE_LATE: Final = text(
    f"""
    update payments.payment late
    set status = 'captured', provider_ref = :provider_ref, failure = null, client_secret = null,
        redirect_url = null, token = null, version = version + 1, updated_at = now(),
        (called_off_at, next_check_at) = (
            select case when unwanted then coalesce(late.called_off_at, now()) end, case when unwanted then now() end
            from (select late.called_off_at is not null or exists (
                select from payments.payment other
                where other.order_id = late.order_id and other.id <> late.id and other.called_off_at is null
                    and other.status in ('pending', 'requires_action', 'authorized', 'captured')
            ) as unwanted) as judged
        )
    where id = :id and version = :version
    returning {COLUMNS}
    """
)
"""Money of a payment that had failed. While another payment of its order is alive it is one too many: called off at once,
so that the sweep gives it back."""


async def move_intent(uow: UnitOfWork, intent: Intent, step: Step) -> Intent | None:
    """None when `intent` is no longer as it was read."""
    values = {"id": intent.id, "version": intent.version, **msgspec.structs.asdict(step)}
    return _found((await sql(uow).execute(MOVE, values)).first())


async def capture_late(uow: UnitOfWork, intent: Intent, provider_ref: str) -> Intent | None:
    """None when `intent` is no longer as it was read; with `called_off_at` when nobody wants the money."""
    values = {"id": intent.id, "version": intent.version, "provider_ref": provider_ref}
    return _found((await sql(uow).execute(CAPTURE_LATE, values)).first())


async def note_for_staff(uow: UnitOfWork, payment_id: UUID, note: str, failure: str) -> None:
    """Its status stays what it is, and the sweep leaves it alone from now on."""
    await sql(uow).execute(
        text(
            """
            update payments.payment set staff_note = :note, failure = :failure, next_check_at = null,
                version = version + 1, updated_at = now()
            where id = :id
            """
        ),
        {"id": payment_id, "note": note, "failure": failure},
    )


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


async def put_off(uow: UnitOfWork, payment_id: UUID, wait: timedelta) -> None:
    """Look again after `wait`, unless it was settled meanwhile."""
    await sql(uow).execute(
        text("update payments.payment set next_check_at = now() + :wait where id = :id and next_check_at is not null"),
        {"id": payment_id, "wait": wait},
    )


async def leave_alone(uow: UnitOfWork, payment_id: UUID, version: int) -> None:
    """Nothing is left to do for the sweep, if nothing changed since `version`."""
    await sql(uow).execute(
        text("update payments.payment set next_check_at = null where id = :id and version = :version"),
        {"id": payment_id, "version": version},
    )


async def call_off(uow: UnitOfWork, order_id: UUID) -> None:
    """Ended ones too: money that comes late is not wanted either."""
    await sql(uow).execute(
        text(
            """
            update payments.payment
            set called_off_at = now(), attempts = 0, version = version + 1, updated_at = now(),
                next_check_at = case when status in ('failed', 'cancelled', 'refunded') then null else now() end
            where order_id = :order_id and called_off_at is null
            """
        ),
        {"order_id": order_id},
    )
