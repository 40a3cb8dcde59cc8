"""Gift cards: found by the digest of their code, which is all that is kept of it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from shop.kernel.db import sql
from shop.kernel.uow import UnitOfWork
from shop.modules.wallet.repository.transactions import AT_THE_END
from shop.modules.wallet.schemas import GiftCard

COLUMNS: Final = ", ".join(
    f"account.{name}" if name == "balance" else f"card.{name}" for name in GiftCard.__struct_fields__
)
SELECT: Final = f"select {COLUMNS} from wallet.gift_card card join wallet.account on account.id = card.account_id"


async def add_card(uow: UnitOfWork, card: GiftCard, code_hash: bytes) -> bool:
    """Whether there was none of this id or code yet."""
    values = {name: value for name, value in msgspec.structs.asdict(card).items() if name != "balance"}
    added = await sql(uow).execute(
        text(
            f"insert into wallet.gift_card ({', '.join(values)}, code_hash) values (:{', :'.join(values)}, :code_hash)"
            " on conflict do nothing"
        ),
        {**values, "code_hash": code_hash},
    )
    return added.rowcount == 1


async def find_card(uow: UnitOfWork, card_id: UUID) -> GiftCard | None:
    return _card((await sql(uow).execute(text(f"{SELECT} where card.id = :id"), {"id": card_id})).first())


async def lock_card(uow: UnitOfWork, *, card_id: UUID | None = None, code_hash: bytes | None = None) -> GiftCard | None:
    """With what is on it, which stays so until this transaction ends."""
    which = "card.id = :card_id" if card_id is not None else "card.code_hash = :code_hash"
    values = {"card_id": card_id} if card_id is not None else {"code_hash": code_hash}
    row = (await sql(uow).execute(text(f"{SELECT} where {which} for no key update of account, card"), values)).first()
    return _card(row)


async def list_cards(uow: UnitOfWork, before: tuple[datetime, UUID] | None, limit: int) -> list[GiftCard]:
    """Newest first (index ix_gift_card_created_at)."""
    created_at, last = before or AT_THE_END
    rows = await sql(uow).execute(
        text(
            f"{SELECT} where (card.created_at, card.id) < (:created_at, :before)"
            " order by card.created_at desc, card.id desc limit :limit"
        ),
        {"created_at": created_at, "before": last, "limit": limit},
    )
    return [GiftCard(*row) for row in rows]


async def disable(uow: UnitOfWork, card_id: UUID, at: datetime) -> bool:
    """Whether it wasn't yet."""
    disabled = await sql(uow).execute(
        text("update wallet.gift_card set disabled_at = :at where id = :id and disabled_at is null"),
        {"id": card_id, "at": at},
    )
    return disabled.rowcount == 1


def _card(row: Any) -> GiftCard | None:
    return None if row is None else GiftCard(*row)
