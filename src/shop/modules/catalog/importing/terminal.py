"""An import as the terminal shows it: a bar while it runs, a table of what was wrong, a line of counts."""

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from shop.kernel.db import dispose_engines
from shop.modules.catalog.importing.binding import BoundMapping
from shop.modules.catalog.importing.importer import import_products
from shop.modules.catalog.importing.pictures import folder_pictures
from shop.modules.catalog.importing.reader import Source
from shop.modules.catalog.importing.report import ImportReport

SHOWN_ISSUES: Final = 100


async def import_with_progress(
    source: Source, bound: BoundMapping, images: Path | None, *, dry_run: bool
) -> ImportReport:
    """The one thing its event loop does: the database's connections end with it."""
    find_picture = folder_pictures(images, keep=not dry_run) if images else None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Checking rows" if dry_run else "Importing rows", total=source.row_count)
        try:
            return await import_products(
                source, bound, find_picture, dry_run=dry_run, on_rows=lambda rows: progress.advance(task, rows)
            )
        finally:
            await dispose_engines()


def print_report(report: ImportReport, *, dry_run: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if report.issues:
        Console(highlight=False).print(_issues_table(report))
    hidden = max(len(report.issues) - SHOWN_ISSUES, 0) + report.unlisted_issues
    if hidden:
        console.print(f"… and {hidden} more: mend these first and run the import again.")
    counts = report.products
    console.print(
        f"Products: {counts['created']} created, {counts['updated']} updated, {counts['unchanged']} unchanged,"
        f" {counts['refused']} refused. In them {report.skus} SKUs, {report.prices} prices, {report.pictures} images."
    )
    if report.refused_rows or report.warnings:
        console.print(f"{len(report.refused_rows)} rows refused, {report.warnings} warnings.")
    if dry_run:
        console.print("This was a dry run: nothing was changed.")


def _issues_table(report: ImportReport) -> Table:
    table = Table("Row", "Column", "", "What is wrong")
    table.columns[0].justify = "right"
    table.columns[3].overflow = "fold"
    for issue in sorted(report.issues[:SHOWN_ISSUES], key=lambda each: each.row):
        kind = "[yellow]warning[/]" if issue.warning else "[red]refused[/]"
        table.add_row(str(issue.row), _plain(issue.column), kind, _plain(issue.message))
    return table


def _plain(text: str) -> str:
    """Of a stranger's file: neither markup nor control characters reach the terminal."""
    return escape("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:300]))
