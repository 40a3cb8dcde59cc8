"""What staff ask of the outbox."""

from uuid import UUID

import msgspec

from shop.kernel import outbox
from shop.kernel.uow import UnitOfWork
from shop.modules.backoffice.schemas import DeadEvent, OutboxView


async def show_outbox(uow: UnitOfWork, *, with_dead: bool) -> OutboxView:
    state = await outbox.outbox_state(uow)
    rows = await outbox.dead_rows(uow) if with_dead else []
    items = [msgspec.convert(row, DeadEvent, from_attributes=True) for row in rows] if with_dead else None
    return OutboxView(state.pending, state.dead, state.oldest_pending_seconds, items)


async def replay_event(uow: UnitOfWork, row_id: UUID) -> OutboxView:
    """Give a dead event a fresh life. Raises OutboxRowNotFound."""
    await outbox.replay(uow, row_id)
    return await show_outbox(uow, with_dead=False)


async def replay_all_events(uow: UnitOfWork) -> int:
    """How many dead events live again."""
    rows = await outbox.dead_rows(uow, limit=1000)
    for row in rows:
        await outbox.replay(uow, row.id)
    return len(rows)
