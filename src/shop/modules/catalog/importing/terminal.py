"""An import as the terminal shows it: a bar of bytes while it runs, a table of what was wrong, a line of counts."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from shop.kernel.db import dispose_engines
from shop.modules.catalog.importing.binding import BoundMapping, bind
from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.importer import import_products
from shop.modules.catalog.importing.mapping import ImportMapping, MappingError
from shop.modules.catalog.importing.pictures import folder_pictures
from shop.modules.catalog.importing.reader import Source, UnreadableFile
from shop.modules.catalog.importing.report import ImportReport

SHOWN_ISSUES: Final = 100


class OpenImport(msgspec.Struct, frozen=True):
    """A file that can be imported."""

    path: Path
    source: Source
    bound: BoundMapping

    @property
    def names_pictures(self) -> bool:
        rules = self.bound.mapping.images
        return not {*rules.product, *rules.variant}.isdisjoint(self.source.columns)


@contextmanager
def opened(paths: Sequence[Path], mapping: ImportMapping) -> Iterator[list[OpenImport]]:
    """All of them, before anything is imported. Raises UnreadableFile or MappingError, which name the file."""
    with ExitStack() as stack:
        imports = []
        for path in paths:
            try:
                source = _open(path, mapping)
                stack.callback(source.close)
                imports.append(OpenImport(path, source, bind(mapping, source.columns)))
            except (UnreadableFile, MappingError) as error:
                raise type(error)(str(error) if path.name in str(error) else f"{path.name}: {error}") from None
        yield imports


def _open(path: Path, mapping: ImportMapping) -> Source:
    with _bar() as progress:
        task = progress.add_task(f"Reading {_plain(path.name)}", total=None)
        return open_source(path, mapping, lambda done, total: progress.update(task, completed=done, total=total))


async def import_with_progress(
    imports: Sequence[OpenImport], images: Path | None, *, dry_run: bool
) -> list[tuple[Path, ImportReport]]:
    """A report for each file that was begun. The first Ctrl-C lets the batch under way be kept whole and stops then.

    The one thing its event loop does: the database's connections end with it.
    """
    find_picture = folder_pictures(images, keep=not dry_run) if images else None
    reports: list[tuple[Path, ImportReport]] = []
    with _bar() as progress, _stopped_by_interrupt(progress) as stopped:
        try:
            for each in imports:
                verb = "Checking" if dry_run else "Importing"
                task = progress.add_task(f"{verb} {_plain(each.path.name)}", total=each.source.size)

                def tell(_rows: int, each: OpenImport = each, task: int = task) -> None:
                    progress.update(task, completed=each.source.position)  # type: ignore[arg-type]  # a TaskID is an int

                report = await import_products(
                    each.source, each.bound, find_picture, dry_run=dry_run, on_rows=tell, stop=stopped
                )
                reports.append((each.path, report))
                if stopped():
                    break
        finally:
            await dispose_engines()
    return reports


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


@contextmanager
def _stopped_by_interrupt(progress: Progress) -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed; pressed again it interrupts at once, and the batch under way is not kept."""
    pressed = False
    loop = asyncio.get_running_loop()

    def press() -> None:
        nonlocal pressed
        pressed = True
        loop.remove_signal_handler(signal.SIGINT)
        progress.console.print("Stopping after this batch; press Ctrl-C again to stop at once, without it.")

    loop.add_signal_handler(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def print_reports(reports: Sequence[tuple[Path, ImportReport]], *, dry_run: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for path, report in reports:
        if report.issues:
            title = _plain(path.name) if len(reports) > 1 else None
            Console(highlight=False).print(_issues_table(report, title))
        if hidden := max(len(report.issues) - SHOWN_ISSUES, 0) + report.unlisted_issues:
            console.print(f"… and {hidden} more: mend these first and run the import again.")
    everything = [report for _, report in reports]
    counts = sum((report.products for report in everything), start=type(everything[0].products)())
    console.print(
        f"Products: {counts['created']} created, {counts['updated']} updated, {counts['unchanged']} unchanged,"
        f" {counts['refused']} refused. In them {sum(each.skus for each in everything)} SKUs,"
        f" {sum(each.prices for each in everything)} prices, {sum(each.pictures for each in everything)} images."
    )
    refused, warnings = sum(len(each.refused_rows) for each in everything), sum(each.warnings for each in everything)
    if refused or warnings:
        console.print(f"Rows refused: {refused}; warnings: {warnings}.")
    if dry_run:
        console.print("This was a dry run: nothing was changed.")
    elif everything[-1].stopped:
        console.print(
            "Stopped before the end: every product told above is in the shop whole, the others not at all. Run the same"
            " command again to go on; what is there already is left as it is."
        )


def _issues_table(report: ImportReport, title: str | None) -> Table:
    table = Table("Row", "Column", "", "What is wrong", title=title, title_justify="left")
    table.columns[0].justify = "right"
    table.columns[3].overflow = "fold"
    worst_first = sorted(report.issues, key=lambda each: each.warning)[:SHOWN_ISSUES]
    for issue in sorted(worst_first, key=lambda each: each.row):
        kind = "[yellow]warning[/]" if issue.warning else "[red]refused[/]"
        table.add_row(str(issue.row), _plain(issue.column), kind, _plain(issue.message))
    return table


def _plain(text: str) -> str:
    """Of a stranger's file: neither markup nor control characters reach the terminal."""
    return escape("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:300]))
