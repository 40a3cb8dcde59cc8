"""How intents move: forward by what a provider says, aside when their order no longer wants them."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.models import LIVE
from shop.modules.payments.repository.intents import COLUMNS, found, intent_of
from shop.modules.payments.schemas import Intent, Step

MOVE: Final = text(
    f"""
    update payments.payment
    set status = :status, provider_ref = :provider_ref, captured_amount = :captured_amount, failure = :failure,
        client_secret = :client_secret, redirect_url = :redirect_url, instructions = cast(:instructions as json),
        method = coalesce(cast(:method as json), method), holds_until = coalesce(:holds_until, holds_until),
        capture_ref = coalesce(:capture_ref, capture_ref), token = null, next_check_at = now() + :wait,
        version = version + 1, updated_at = now()
    where id = :id and version = :version
    returning {COLUMNS}
    """
)
CAPTURE_LATE: Final = text(
    f"""
    update payments.payment late
    set status = 'captured', provider_ref = :provider_ref, captured_amount = :captured_amount, failure = null,
        client_secret = null, redirect_url = null, instructions = null, token = null,
        method = coalesce(cast(:method as json), method), capture_ref = coalesce(:capture_ref, capture_ref),
        version = version + 1, updated_at = now(),
        (called_off_at, next_check_at) = (
            select case when unwanted then coalesce(late.called_off_at, now()) end, case when unwanted then now() end
            from (select late.called_off_at is not null or exists (
                select from payments.payment other
                where (other.order_id = late.order_id or other.deposit_id = late.deposit_id) and other.id <> late.id
                    and other.part = late.part and other.called_off_at is null
                    and other.status in ('pending', 'requires_action', 'authorized', 'captured', 'partially_refunded',
                        'refunded')
            ) as unwanted) as judged
        )
    where id = :id and version = :version
    returning {COLUMNS}
    """
)
"""Money of a payment that had failed. While another payment in its place is alive, or has paid, it is one too many: called
off at once, so that the sweep gives it back."""
OTHERS: Final = f"order_id = :order_id and id <> :id and {LIVE}"
WAKE_OTHERS: Final = text(
    f"update payments.payment set next_check_at = now() where {OTHERS} and status in ('pending', 'authorized')"
)
CALL_OFF: Final = """
    update payments.payment
    set called_off_at = now(), attempts = least(attempts, 1), version = version + 1, updated_at = now(),
        next_check_at = case when status in ('failed', 'cancelled', 'refunded') then null else now() end
"""
"""`attempts` still tells whether anybody can have asked its provider for money."""


async def move_intent(uow: UnitOfWork, intent: Intent, step: Step) -> Intent | None:
    """None when `intent` is no longer as it was read."""
    values = {
        "id": intent.id,
        "version": intent.version,
        **msgspec.structs.asdict(step),
        "method": _json(step.method),
        "instructions": _json(step.instructions),
    }
    return found((await sql(uow).execute(MOVE, values)).first())


async def capture_late(uow: UnitOfWork, intent: Intent, step: Step) -> Intent | None:
    """None when `intent` is no longer as it was read; with `called_off_at` when nobody wants the money."""
    values = {
        "id": intent.id,
        "version": intent.version,
        "provider_ref": step.provider_ref,
        "captured_amount": step.captured_amount,
        "method": _json(step.method),
        "capture_ref": step.capture_ref,
    }
    return found((await sql(uow).execute(CAPTURE_LATE, values)).first())


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


async def store_ref(uow: UnitOfWork, intent: Intent, provider_ref: str) -> Intent | None:
    """The provider's own id, before anything is charged under it. None when `intent` is no longer as it was read."""
    stored = await sql(uow).execute(
        text(
            f"""
            update payments.payment set provider_ref = :provider_ref, version = version + 1, updated_at = now()
            where id = :id and version = :version and provider_ref is null returning {COLUMNS}
            """
        ),
        {"id": intent.id, "version": intent.version, "provider_ref": provider_ref},
    )
    return found(stored.first())


async def wish_capture(uow: UnitOfWork, payment_id: UUID, amount: int | None) -> Intent | None:
    """Of an authorized payment that waits for staff, and that nobody has wished to capture yet; None of any other, or for more
    than it holds."""
    wished = await sql(uow).execute(
        text(
            f"""
            update payments.payment
            set capture_wish = coalesce(cast(:amount as bigint), amount), next_check_at = now(), attempts = 0,
                version = version + 1, updated_at = now()
            where id = :id and status = 'authorized' and manual_capture and called_off_at is null and capture_wish is null
                and coalesce(cast(:amount as bigint), amount) <= amount
            returning {COLUMNS}
            """
        ),
        {"id": payment_id, "amount": amount},
    )
    return found(wished.first())


async def wake(uow: UnitOfWork, payment_id: UUID) -> None:
    """It is to be looked at again at once, if it is not decided yet."""
    await sql(uow).execute(
        text(
            "update payments.payment set next_check_at = now(), attempts = 0"
            " where id = :id and status in ('pending', 'requires_action', 'authorized')"
        ),
        {"id": payment_id},
    )


async def wake_called_off(uow: UnitOfWork, payment_id: UUID) -> None:
    """Money of it that nobody wants is to go back, if it is called off and has any."""
    await sql(uow).execute(
        text(
            "update payments.payment set next_check_at = now(), attempts = 0, version = version + 1, updated_at = now()"
            " where id = :id and called_off_at is not null and status in ('captured', 'partially_refunded')"
        ),
        {"id": payment_id},
    )


async def wake_others(uow: UnitOfWork, intent: Intent) -> None:
    """The other parts of its order have something to do now."""
    await sql(uow).execute(WAKE_OTHERS, {"order_id": intent.order_id, "id": intent.id})


async def call_off_others(uow: UnitOfWork, intent: Intent) -> None:
    """This part failed: the others are not wanted without it."""
    await sql(uow).execute(text(f"{CALL_OFF} where {OTHERS}"), {"order_id": intent.order_id, "id": intent.id})


async def call_off(uow: UnitOfWork, order_id: UUID) -> None:
    """Ended ones too: money that comes late is not wanted either."""
    await sql(uow).execute(
        text(f"{CALL_OFF} where order_id = :order_id and called_off_at is null"), {"order_id": order_id}
    )


async def abandon(uow: UnitOfWork, order_id: UUID) -> list[Intent]:
    """Those that wait for the buyer, and for nothing else; locked."""
    abandoned = await sql(uow).execute(
        text(
            f"""
            update payments.payment
            set abandoned_at = now(), attempts = 0, next_check_at = now(), version = version + 1, updated_at = now()
            where order_id = :order_id and status = 'requires_action' and {LIVE} returning {COLUMNS}
            """
        ),
        {"order_id": order_id},
    )
    return [intent_of(row) for row in abandoned]


async def release(uow: UnitOfWork, payment_id: UUID, awaited: Collection[str]) -> Intent | None:
    """Called off by staff, who don't want what is held for them, or not wait for what comes by the providers `awaited`;
    None of any other payment, and of one that they have said to take."""
    released = await sql(uow).execute(
        text(
            f"{CALL_OFF} where id = :id and called_off_at is null and capture_wish is null and (status = 'authorized'"
            f" or (status = 'requires_action' and provider = any(:awaited))) returning {COLUMNS}"
        ),
        {"id": payment_id, "awaited": list(awaited)},
    )
    return found(released.first())


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


async def clear_note(uow: UnitOfWork, payment_id: UUID) -> bool:
    """Staff have looked into it: the sweep takes it up again if it is open. Whether there was a note."""
    cleared = await sql(uow).execute(
        text(
            """
            update payments.payment set staff_note = null, version = version + 1, updated_at = now(),
                next_check_at = case when status in ('pending', 'requires_action', 'authorized') then now() end
            where id = :id and staff_note is not null returning 1
            """
        ),
        {"id": payment_id},
    )
    return cleared.first() is not None
