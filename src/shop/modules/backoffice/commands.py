"""`shop outbox`: the outbox from a terminal, where no browser reaches."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID

import click

from shop.kernel.db import dispose_engines, read, write
from shop.kernel.outbox import OutboxRowNotFound
from shop.modules.backoffice.schemas import OutboxView
from shop.modules.backoffice.service import replay_all_events, replay_event, show_outbox

T = TypeVar("T")


@click.group()
def outbox() -> None:
    """Events on their way to their subscribers, and those that died."""


@outbox.command("list")
def list_events() -> None:
    """Print counts and the dead events with their last errors."""
    view = _run(_shown())
    click.echo(f"{view.pending} pending (oldest {view.oldest_pending_seconds} s), {view.dead} dead")
    for row in view.items or ():
        click.echo(f"\n{row.id}  {row.event} -> {row.subscriber}, {row.attempts} attempts, {row.created_at:%F %T %Z}")
        click.echo("  " + ((row.last_error or "").strip().splitlines() or ["no error was kept"])[-1])


@outbox.command()
@click.argument("event_id", type=click.UUID, required=False)
@click.option("--all", "every", is_flag=True, help="All dead events.")
def replay(event_id: UUID | None, every: bool) -> None:
    """Have the dead event EVENT_ID tried again, or all of them."""
    if (event_id is None) != every:
        raise click.UsageError("name one event, or say --all")
    if event_id is None:
        click.echo(f"{_run(write(replay_all_events))} on the way again")
        return
    try:
        _run(write(replay_event, event_id))
    except OutboxRowNotFound as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo("on the way again")


async def _shown() -> OutboxView:
    return await read(show_outbox, with_dead=True)


def _run(work: Coroutine[Any, Any, T]) -> T:
    async def once() -> T:
        try:
            return await work
        finally:
            await dispose_engines()

    return asyncio.run(once())
