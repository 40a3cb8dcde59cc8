"""`shop payments`: the books of providers from a terminal."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from shop.kernel import clock
from shop.kernel.config import settings
from shop.kernel.db import dispose_engines, read, write
from shop.kernel.errors import ShopError
from shop.modules.payments.reconcile_schemas import Discrepancy, Run
from shop.modules.payments.repository import discrepancies, reconciliations
from shop.modules.payments.service import reconcile as reconciling

DAY = click.DateTime(["%Y-%m-%d"])
MOST_SHOWN = 100


@click.group()
def payments() -> None:
    """Payments: do our books agree with the providers'?"""


@payments.command()
@click.option("--since", type=DAY, help="First day; three days ago if not given.")
@click.option("--until", type=DAY, help="Last day, included; up to now if not given.")
def reconcile(since: datetime | None, until: datetime | None) -> None:
    """Compare our payments with the providers' records, mend what is safe, and put the rest before staff; exit 1 where
    something waits for them or a provider could not be asked."""
    begins = _midnight(since) if since else clock.now() - reconciling.STRETCH
    ends = _midnight(until) + timedelta(days=1) if until else clock.now()
    try:
        run, found = asyncio.run(_run(begins, ends))
    except ShopError as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(
        f"{run.compared} charges compared, {run.mended} mended, {run.found} new discrepancies, {len(found)} open"
    )
    for each in found:
        click.echo(f"{each.kind}  {each.provider} {each.provider_ref or each.payment_id}")
        click.echo(f"  ours: {each.ours}; theirs: {each.theirs}")
        click.echo(f"  {each.reason}")
    if run.message:
        click.echo(run.message, err=True)
    raise SystemExit(1 if found or run.message else 0)


async def _run(since: datetime, until: datetime) -> tuple[Run, list[Discrepancy]]:
    """Here and now, unless a worker was quicker to take it up. Raises Invalid, ReconciliationRunning."""
    try:
        begun = await write(reconciling.begin_run, since, until, None)
        claimed = await write(reconciliations.claim_run, begun.id)
        if claimed is not None:
            await reconciling.carry_out(claimed)
        run = await read(reconciling.get_run, begun.id)
        while run.finished_at is None:
            await asyncio.sleep(1)
            run = await read(reconciling.get_run, begun.id)
        return run, await read(discrepancies.list_discrepancies, "open", None, None, MOST_SHOWN)
    finally:
        await dispose_engines()


def _midnight(day: datetime) -> datetime:
    """In the shop's time zone."""
    return day.replace(tzinfo=ZoneInfo(settings().time_zone)).astimezone(UTC)
