"""SQL of consents: a history that is only added to while its person is here; what a stranger said before they came is none of
it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from shop.kernel.ids import new_id
from shop.kernel.uow import UnitOfWork
from shop.modules.identity.repository.rows import all_rows, run


class Decision(msgspec.Struct, frozen=True):
    purpose: str
    given: bool
    at: datetime


async def list_decisions(uow: UnitOfWork, account_id: UUID) -> list[Decision]:
    """Newest first."""
    rows = await all_rows(
        uow,
        "select purpose, given, at from identity.consent where account_id = :id order by at desc, id desc",
        {"id": account_id},
    )
    return [Decision(*row) for row in rows]


async def add_decisions(uow: UnitOfWork, account_id: UUID, decided: Mapping[str, bool], now: datetime) -> None:
    for purpose, given in decided.items():
        await run(
            uow,
            "insert into identity.consent (id, account_id, purpose, given, at) values (:id, :account_id, :purpose, :given, :now)",
            {"id": new_id(), "account_id": account_id, "purpose": purpose, "given": given, "now": now},
        )


async def forget_consents(uow: UnitOfWork, account_id: UUID) -> None:
    """Of an account that somebody opened and nobody confirmed, which becomes that of the address's owner: what the one agreed
    to, the other didn't."""
    await run(uow, "delete from identity.consent where account_id = :id", {"id": account_id})
