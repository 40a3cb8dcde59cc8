"""What was asked for on the bus, by the ids that whoever asked gave: each means one thing, and a refusal is kept."""

from uuid import UUID

from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork


async def claim(uow: UnitOfWork, wish_id: UUID, digest: bytes) -> tuple[bool, str | None]:
    """Whether this id means what `digest` stands for, from now on or since before, and the code it was refused with."""
    await sql(uow).execute(
        text("insert into wallet.wish (id, digest) values (:id, :digest) on conflict do nothing"),
        {"id": wish_id, "digest": digest},
    )
    row = (
        await sql(uow).execute(text("select digest, refusal from wallet.wish where id = :id"), {"id": wish_id})
    ).one()
    return row.digest == digest, row.refusal


async def refuse(uow: UnitOfWork, wish_id: UUID, code: str) -> None:
    await sql(uow).execute(
        text("update wallet.wish set refusal = :code where id = :id and refusal is null"), {"id": wish_id, "code": code}
    )
