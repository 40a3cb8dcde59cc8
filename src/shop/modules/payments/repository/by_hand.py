"""What staff say of money that no provider tells of: received, or paid out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork


async def add_receipt(uow: UnitOfWork, payment_id: UUID, by: UUID | None) -> None:
    """Once."""
    await sql(uow).execute(
        text("insert into payments.receipt (payment_id, received_by) values (:id, :by) on conflict do nothing"),
        {"id": payment_id, "by": by},
    )


async def is_received(uow: UnitOfWork, payment_id: UUID) -> bool:
    return bool(
        await sql(uow).scalar(
            text("select exists (select 1 from payments.receipt where payment_id = :id)"), {"id": payment_id}
        )
    )


async def find_first_promise(uow: UnitOfWork, order_id: UUID, provider: str) -> datetime | None:
    """Until when the goods were to wait for the first money that was promised in this way."""
    until: datetime | None = await sql(uow).scalar(
        text("select min(holds_until) from payments.payment where order_id = :order_id and provider = :provider"),
        {"order_id": order_id, "provider": provider},
    )
    return until


async def add_payout(uow: UnitOfWork, refund_id: UUID, by: UUID | None) -> None:
    """Once."""
    await sql(uow).execute(
        text("insert into payments.payout (refund_id, paid_by) values (:id, :by) on conflict do nothing"),
        {"id": refund_id, "by": by},
    )


async def is_paid_out(uow: UnitOfWork, refund_id: UUID) -> bool:
    return bool(
        await sql(uow).scalar(
            text("select exists (select 1 from payments.payout where refund_id = :id)"), {"id": refund_id}
        )
    )
