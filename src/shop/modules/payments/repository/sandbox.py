"""The sandbox provider's own books. They stand for a stranger's database: written in transactions of their own, known to
the shop only through the provider's answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.payments.schemas import Outcome, SandboxCharge, SandboxStatus

COLUMNS: Final = ", ".join(SandboxCharge.__struct_fields__)


class SandboxBooks:
    """`gateways.sandbox.Books` in PostgreSQL."""

    async def enter_charge(self, uow: UnitOfWork, charge: SandboxCharge) -> SandboxCharge:
        """The entry as it stands: that of an earlier call with this payment, if there was one."""
        entered = await sql(uow).execute(
            text(
                f"insert into payments.sandbox_charge ({COLUMNS})"
                f" values (:{', :'.join(SandboxCharge.__struct_fields__)}) on conflict do nothing returning payment_id"
            ),
            msgspec.structs.asdict(charge),
        )
        if entered.first() is not None:
            return charge
        found = await self.find_charge(uow, charge.payment_id)
        if found is None:
            raise LookupError(f"the entry of {charge.payment_id} was taken out while it was read")
        return found

    async def find_charge(self, uow: UnitOfWork, payment_id: UUID) -> SandboxCharge | None:
        row = (
            await sql(uow).execute(
                text(f"select {COLUMNS} from payments.sandbox_charge where payment_id = :payment_id"),
                {"payment_id": payment_id},
            )
        ).first()
        return None if row is None else SandboxCharge(*row)

    async def move_charge(
        self,
        uow: UnitOfWork,
        payment_id: UUID,
        came_from: Sequence[SandboxStatus],
        outcome: Outcome,
    ) -> None:
        """Does nothing to a charge that is in none of the statuses `came_from`."""
        await sql(uow).execute(
            text(
                "update payments.sandbox_charge set status = :status, failure = :failure, captured = :captured"
                " where payment_id = :payment_id and status = any(:came_from)"
            ),
            {
                "payment_id": payment_id,
                "came_from": list(came_from),
                "status": outcome.status,
                "failure": outcome.failure,
                "captured": outcome.captured,
            },
        )

    async def enter_refund(self, uow: UnitOfWork, payment_id: UUID, refund_id: UUID, amount: int) -> bool:
        """Once per refund; False for more than was captured."""
        values = {"refund_id": refund_id, "payment_id": payment_id, "amount": amount}
        locked = await sql(uow).execute(
            text(
                "select refunded + :amount <= captured from payments.sandbox_charge"
                " where payment_id = :payment_id for update"
            ),
            values,
        )
        if await self.find_refund(uow, refund_id) is not None:
            return True
        if not locked.scalar():
            return False
        await sql(uow).execute(
            text(
                "insert into payments.sandbox_refund (refund_id, payment_id, amount) values (:refund_id, :payment_id, :amount)"
            ),
            values,
        )
        await sql(uow).execute(
            text("update payments.sandbox_charge set refunded = refunded + :amount where payment_id = :payment_id"),
            values,
        )
        return True

    async def find_refund(self, uow: UnitOfWork, refund_id: UUID) -> int | None:
        """Minor units."""
        amount: int | None = await sql(uow).scalar(
            text("select amount from payments.sandbox_refund where refund_id = :id"), {"id": refund_id}
        )
        return amount

    async def list_charges(
        self, uow: UnitOfWork, since: datetime, until: datetime, after: UUID | None, limit: int
    ) -> list[tuple[datetime, SandboxCharge]]:
        """Made in [since, until), by payment_id."""
        rows = await sql(uow).execute(
            text(
                f"select created_at, {COLUMNS} from payments.sandbox_charge"
                " where created_at >= :since and created_at < :until"
                " and (cast(:after as uuid) is null or payment_id > :after) order by payment_id limit :limit"
            ),
            {"since": since, "until": until, "after": after, "limit": limit},
        )
        return [(row[0], SandboxCharge(*row[1:])) for row in rows]
