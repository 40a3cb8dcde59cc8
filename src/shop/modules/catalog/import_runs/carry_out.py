"""What a worker does with a run: check it as a whole, or import it, telling its row every second how far it is.

A worker that dies is followed by another one when its lease ends. A check begins anew; an import goes on behind the
products that its row tells of, and what was saved beyond them is found unchanged.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Final

import msgspec
import structlog

from shop.kernel.db import write
from shop.kernel.errors import Unavailable
from shop.modules.catalog.import_runs import told_report, uploads
from shop.modules.catalog.importing.binding import BoundMapping, bind
from shop.modules.catalog.importing.detection import detect_mapping
from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.importer import import_products, preview_products
from shop.modules.catalog.importing.mapping import ImportMapping, MappingError, load_preset, parse_mapping, presets
from shop.modules.catalog.importing.pictures import folder_pictures
from shop.modules.catalog.importing.reader import Source, UnreadableFile
from shop.modules.catalog.importing.report import ImportReport
from shop.modules.catalog.repository import import_runs
from shop.modules.catalog.repository.import_runs import ImportRun, State, Told

log = structlog.get_logger(__name__)

PREVIEWED: Final = 20
TOLD_EVERY: Final = 1.0
"""Seconds."""


class LeaseLost(Exception):
    """Another worker has the run."""


class Incomplete(MappingError):
    """The mapping that was found out needs to be completed by a person."""


async def carry_out(run: ImportRun) -> None:
    """The stage that `run` is in, to its end. Whatever goes wrong is told in its row."""
    work = _Work(run)
    telling = asyncio.create_task(work.keep_telling())
    state: State = "done"
    message = None
    try:
        await work.do()
    except LeaseLost:
        return
    except Unavailable:
        log.warning("import_run_left", run=str(run.id))
        return  # the database is away; another attempt follows when the lease ends
    except (UnreadableFile, MappingError) as error:
        state, message = "failed", str(error)
    except Exception:
        log.exception("import_run_failed", run=str(run.id))
        state, message = "failed", "Something went wrong on our side; the log of the worker tells what."
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
    await write(import_runs.tell, run.id, run.attempts, work.told(state, message))
    if run.stage == "import":
        await asyncio.to_thread(uploads.forget, run.id)


class _Work:
    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.mapping_text, self.preset = run.mapping, run.preset
        self.source: Source | None = None
        self.bound: BoundMapping | None = None
        self.preview = msgspec.json.encode(run.preview).decode() if run.preview else None
        self.notes = told_report.read_report(run.report).notes
        self.report = told_report.gone_on_with(run.report) if run.stage == "import" else ImportReport()
        self.skipped = sum(self.report.products.values())
        self.lost = False

    async def do(self) -> None:
        """Raises UnreadableFile, MappingError, LeaseLost."""
        path = uploads.goods_path(self.run.id)
        mapping = await asyncio.to_thread(self._mapping, path)
        images = await asyncio.to_thread(uploads.images_folder, self.run.id)
        self.source = source = await asyncio.to_thread(open_source, path, mapping)
        try:
            self.bound = bound = bind(mapping, source.columns)
            dry_run = self.run.stage == "check"
            find_picture = folder_pictures(images, keep=not dry_run) if images else None
            if dry_run:
                plans = await asyncio.to_thread(preview_products, source, bound, find_picture, first=PREVIEWED)
                self.preview = msgspec.json.encode([told_report.previewed(plan) for plan in plans]).decode()
            await import_products(
                source,
                bound,
                find_picture,
                dry_run=dry_run,
                report=self.report,
                skip=self.skipped,
                stop=lambda: self.lost,
            )
        finally:
            source.close()
        if self.lost:
            raise LeaseLost

    def _mapping(self, path: Path) -> ImportMapping:
        if self.mapping_text is None and self.preset is None:
            found = detect_mapping(path)
            self.mapping_text, self.preset = found.toml, found.preset
            self.notes = list(found.told)
            if found.missing:
                raise Incomplete(
                    f"The file was looked at, but {', '.join(found.missing)} could not be found in it: complete the mapping"
                )
        if self.mapping_text is not None:
            return parse_mapping(self.mapping_text.encode(), "mapping")
        self.mapping_text = presets()[self.preset or ""].read_text(encoding="utf-8") if self.preset else None
        return load_preset(self.preset or "")

    def told(self, state: State, message: str | None = None) -> Told:
        used: list[str] = []
        unused: tuple[str, ...] = ()
        if self.source and self.bound:
            unused = self.bound.unused
            left = frozenset(unused)
            used = [column for column in self.source.columns if column not in left]
        return Told(
            state=state,
            position=self.source.position if self.source else 0,
            size=self.source.size if self.source else 0,
            report=told_report.told(self.report, used, unused, self.notes),
            preview=self.preview,
            mapping=self.mapping_text,
            preset=self.preset,
            message=message,
        )

    async def keep_telling(self) -> None:
        while not self.lost:
            await asyncio.sleep(TOLD_EVERY)
            try:
                self.lost = not await write(import_runs.tell, self.run.id, self.run.attempts, self.told("running"))
            except Unavailable:
                log.warning("import_run_untold", run=str(self.run.id))
