"""`shop import products` and `shop import detect`: goods from files, told row by row what could not be used."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from shop.kernel.errors import ShopError
from shop.modules.catalog.importing.mapping import MappingError, load_mapping, load_preset, presets
from shop.modules.catalog.importing.reader import UnreadableFile

File = click.Path(exists=True, dir_okay=False, path_type=Path)
Folder = click.Path(exists=True, file_okay=False, path_type=Path)

SHOWN_COLUMNS: Final = 20


@click.group(name="import", help="Bring data into the shop.")
def import_group() -> None:
    """The help text stands above: groups of this name from several modules are joined."""


@import_group.command()
@click.argument("files", type=File, nargs=-1, required=True)
@click.option("--preset", type=click.Choice(list(presets())), help="A mapping that ships with the shop.")
@click.option("--mapping", "mapping_file", type=File, help="A mapping of your own; `shop import detect` proposes one.")
@click.option("--images", type=Folder, help="Where the images are, by the file names that the rows give.")
@click.option("--currency", metavar="CODE", help="Of prices that name none, such as EUR.")
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
def products(
    files: tuple[Path, ...],
    preset: str | None,
    mapping_file: Path | None,
    images: Path | None,
    currency: str | None,
    *,
    dry_run: bool,
) -> None:
    """Make or update products from FILES: CSV, JSON or JSON Lines, also packed as .gz, .xz or .zip.

    Known products are updated, never doubled. Rows with mistakes are named and left out; the exit code is 1 then, and
    130 after Ctrl-C, which keeps whole batches only. Without --images the pictures of known products stay as they are.
    """
    from shop.modules.catalog.importing.terminal import import_with_progress, opened, print_reports

    if (preset is None) == (mapping_file is None):
        raise click.UsageError("say either --preset or --mapping; `shop import detect FILE` proposes a mapping")
    try:
        mapping = load_mapping(mapping_file) if mapping_file else load_preset(preset or "")
        if currency:
            mapping = mapping.in_currency(currency.upper())
        with opened(files, mapping) as imports:
            for each in imports:
                _tell_unused(each.path, each.bound.unused)
                if images is None and each.names_pictures:
                    click.echo(
                        f"{each.path.name}: pictures are looked for in the folder that --images names.", err=True
                    )
            reports = asyncio.run(import_with_progress(imports, images, dry_run=dry_run))
    except (MappingError, UnreadableFile, ShopError) as error:
        raise click.ClickException(str(error)) from None
    print_reports(reports, dry_run=dry_run)
    if any(report.stopped for _, report in reports):
        raise click.exceptions.Exit(130)
    if not all(report.clean for _, report in reports):
        raise click.exceptions.Exit(1)


def _tell_unused(path: Path, columns: Sequence[str]) -> None:
    if columns:
        more = f" and {len(columns) - SHOWN_COLUMNS} more" if len(columns) > SHOWN_COLUMNS else ""
        click.echo(f"{path.name}: columns not used: {', '.join(columns[:SHOWN_COLUMNS])}{more}", err=True)


@import_group.command()
@click.argument("file", type=File)
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Instead of stdout.")
def detect(file: Path, output: Path | None) -> None:
    """Propose a mapping for FILE, as TOML with notes, which `shop import products --mapping` takes.

    What is sure, what is a guess and what is missing is told beside it; the exit code is 1 when something must be
    completed first.
    """
    from shop.modules.catalog.importing.detection import detect_mapping

    try:
        found = detect_mapping(file)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from None
    if output:
        output.write_text(found.toml, encoding="utf-8")
    else:
        click.echo(found.toml, nl=False)
    for line in found.told:
        click.echo(line, err=True)
    if found.missing:
        raise click.exceptions.Exit(1)


COMMANDS = (import_group,)
