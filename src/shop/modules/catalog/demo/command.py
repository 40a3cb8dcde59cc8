"""`shop demo load`: goods for a shop that has none."""

import asyncio

import click

from shop.kernel.errors import ShopError


@click.group(help="A shop to look at.")
def demo() -> None:
    """The help text stands above: groups of this name from several modules are joined."""


@demo.command()
@click.option("--force", is_flag=True, help="Load into a catalogue that has products, too.")
def load(force: bool) -> None:
    """Fill an empty catalogue with demo goods; do nothing where there are products."""
    from shop.kernel.db import dispose_engines
    from shop.modules.catalog.demo.load import load_demo

    async def whole() -> None:
        try:
            report = await load_demo(force=force)
        finally:
            await dispose_engines()
        if report is None:
            click.echo("There are products already: the demo goods were not loaded (--force loads them all the same).")
            return
        if not report.clean:
            raise click.ClickException("; ".join(f"row {each.row}: {each.message}" for each in report.issues))
        made, updated = report.products["created"], report.products["updated"]
        click.echo(f"Demo goods: {made} products made, {updated} updated, {report.skus} SKUs.")

    try:
        asyncio.run(whole())
    except ShopError as error:
        raise click.ClickException(error.detail) from None


COMMANDS = (demo,)
