"""`shop import products`: goods from a file, told row by row what could not be used."""

import asyncio
from pathlib import Path

import click

from shop.kernel.errors import ShopError
from shop.modules.catalog.importing.binding import bind
from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.mapping import MappingError, load_mapping, load_preset, presets
from shop.modules.catalog.importing.reader import UnreadableFile

File = click.Path(exists=True, dir_okay=False, path_type=Path)
Folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(name="import", help="Bring data into the shop.")
def import_group() -> None:
    """The help text stands above: groups of this name from several modules are joined."""


@import_group.command()
@click.argument("file", type=File)
@click.option("--preset", type=click.Choice(list(presets())), help="A mapping that ships with the shop.")
@click.option("--mapping", "mapping_file", type=File, help="A mapping of your own; docs/import.md describes it.")
@click.option("--images", type=Folder, help="Where the images are, by the file names that the rows give.")
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
def products(file: Path, preset: str | None, mapping_file: Path | None, images: Path | None, dry_run: bool) -> None:
    """Make or update products from FILE (CSV in UTF-8).

    Known products (same slug) are updated, never doubled. Rows with mistakes are named and left out; the exit code is
    1 then. Without --images the pictures of known products stay as they are.
    """
    from shop.modules.catalog.importing.terminal import import_with_progress, print_report

    if (preset is None) == (mapping_file is None):
        raise click.UsageError("say either --preset or --mapping")
    try:
        mapping = load_mapping(mapping_file) if mapping_file else load_preset(preset or "")
        source = open_source(file, mapping)
        try:
            bound = bind(mapping, source.columns)
            if bound.unused:
                click.echo(f"Columns not used: {', '.join(name or '(unnamed)' for name in bound.unused)}", err=True)
            report = asyncio.run(import_with_progress(source, bound, images, dry_run=dry_run))
        finally:
            source.close()
    except (MappingError, UnreadableFile, ShopError) as error:
        raise click.ClickException(str(error)) from None
    print_report(report, dry_run=dry_run)
    if not report.clean:
        raise click.exceptions.Exit(1)


COMMANDS = (import_group,)
