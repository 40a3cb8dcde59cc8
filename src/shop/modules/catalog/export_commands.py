"""`shop export products`: the whole catalogue as a file that `shop import products --preset shop` makes it of again."""

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import click

from shop.kernel.config import settings
from shop.kernel.errors import ShopError
from shop.modules.catalog.exporting.export import ExportReport, copy_pictures, export_products
from shop.modules.catalog.exporting.writers import Format

SHOWN_LOSSES: Final = 50
STDOUT: Final = "-"


@click.group(name="export", help="Take data out of the shop.")
def export_group() -> None:
    """The help text stands above: groups of this name from several modules are joined."""


@export_group.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default=STDOUT)
@click.option("--images", type=click.Path(file_okay=False, path_type=Path), help="Copy the pictures there, too.")
@click.option("--format", "kind", type=click.Choice(["csv", "jsonl"]), help="Else by the file's name; CSV to stdout.")
def products(file: str, images: Path | None, kind: Format | None) -> None:
    """Write all products to FILE, or to stdout: CSV, or JSON Lines where its name ends in .jsonl.

    `shop import products FILE --preset shop --images DIR` makes the same catalogue of it. What can't be made again is
    told, and the exit code is 1 then; the file is written all the same. A file that is there is replaced only by a whole
    one.
    """
    chosen: Format = kind or ("jsonl" if file.endswith(".jsonl") else "csv")
    try:
        with _stdout_in_the_end() if file == STDOUT else _replaced_in_the_end(Path(file)) as out:
            report = asyncio.run(_write(out, chosen))
        copied = copy_pictures(report, images) if images else None
    except ShopError as error:
        raise click.ClickException(error.detail or str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or file}: {error.strerror}") from None
    _tell(report, copied)
    if not report.whole:
        raise click.exceptions.Exit(1)


@contextmanager
def _replaced_in_the_end(path: Path) -> Iterator[TextIO]:
    part = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _stdout_in_the_end() -> Iterator[TextIO]:
    """Whoever reads the other end gets a whole export or nothing."""
    folder = settings().data_dir
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="", dir=folder) as file:
        yield file
        file.flush()
        file.seek(0)
        shutil.copyfileobj(file.buffer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


async def _write(out: TextIO, kind: Format) -> ExportReport:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from shop.kernel.db import dispose_engines, snapshot

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Exporting products", total=None)
        try:
            return await snapshot(
                export_products, out, kind, lambda done, total: progress.update(task, completed=done, total=total)
            )
        finally:
            await dispose_engines()


def _tell(report: ExportReport, copied: int | None) -> None:
    for loss in report.losses[:SHOWN_LOSSES]:
        click.echo("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in loss), err=True)
    if hidden := max(len(report.losses) - SHOWN_LOSSES, 0) + report.unlisted_losses:
        click.echo(f"… and {hidden} more", err=True)
    pictures = f", {copied} images copied" if copied is not None else ""
    click.echo(f"{report.products} products exported in {report.rows} rows{pictures}.", err=True)


COMMANDS: Final = (export_group,)
