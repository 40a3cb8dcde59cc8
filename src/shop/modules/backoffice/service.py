"""What staff ask of the outbox and of the audit log."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from uuid import UUID

import msgspec
from msgspec.structs import replace

from shop.contracts.identity import Account, AccountId, Accounts
from shop.kernel import audit, outbox
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.backoffice import repository
from shop.modules.backoffice.schemas import AuditFilter, AuditView, DeadEvent, Moment, OutboxView


async def show_outbox(uow: UnitOfWork, *, with_dead: bool) -> OutboxView:
    state = await outbox.outbox_state(uow)
    rows = await outbox.dead_rows(uow) if with_dead else []
    items = [msgspec.convert(row, DeadEvent, from_attributes=True) for row in rows] if with_dead else None
    return OutboxView(state.pending, state.dead, state.oldest_pending_seconds, items)


async def replay_event(uow: UnitOfWork, row_id: UUID) -> OutboxView:
    """Give a dead event a fresh life. Raises OutboxRowNotFound."""
    await outbox.replay(uow, row_id)
    audit.note(action="outbox.replayed", subject=("outbox_row", row_id))
    return await show_outbox(uow, with_dead=False)


async def replay_all_events(uow: UnitOfWork) -> int:
    """How many dead events live again."""
    rows = await outbox.dead_rows(uow, limit=1000)
    for row in rows:
        await outbox.replay(uow, row.id)
    audit.note(action="outbox.all_replayed", count=len(rows))
    return len(rows)


async def show_audit(uow: UnitOfWork, wanted: AuditFilter, before: Moment | None, limit: int) -> list[AuditView]:
    """Newest first, older than `before`, with the names that people have today."""
    entries = await repository.find_entries(uow, wanted, before, limit)
    people = await _people(uow, [entry.actor.id for entry in entries if entry.actor.kind == "account"])
    return [_named(entry, people) for entry in entries]


async def show_audit_choices(uow: UnitOfWork) -> tuple[dict[str, str], list[str]]:
    """Who is in the log, by id (people by name, others by id), and what they did."""
    actors = await repository.find_actors(uow)
    people = await _people(uow, actors)
    names = {actor: people[actor].name if actor in people else actor for actor in actors}
    return dict(sorted(names.items(), key=lambda each: each[1].casefold())), await repository.find_actions(uow)


async def _people(uow: UnitOfWork, ids: Iterable[str | None]) -> dict[str, Account]:
    """By id as text; programs' ids may be no UUIDs, and accounts may be gone."""
    wanted = []
    for each in {each for each in ids if each is not None}:
        with suppress(ValueError):
            wanted.append(AccountId(UUID(each)))
    return {str(account.id): account for account in (await port(Accounts).find_accounts(uow, wanted)).values()}


def _named(entry: AuditView, people: Mapping[str, Account]) -> AuditView:
    account = people.get(entry.actor.id or "")
    if account is None:
        return entry
    return replace(entry, actor=replace(entry.actor, name=account.name, email=account.email))
