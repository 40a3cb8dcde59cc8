"""Write the whole catalogue into a file, as it stands at one moment, piece by piece so that memory stays small."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO
from uuid import UUID

from shop.contracts.catalog import VariantId
from shop.contracts.inventory import Stock
from shop.contracts.pricing import Prices
from shop.kernel.config import settings
from shop.kernel.media.store import picture_path
from shop.kernel.ports import port
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.exporting.columns import Layout, category_lists, layout
from shop.modules.catalog.exporting.rows import Priced, losses, rows_of
from shop.modules.catalog.exporting.writers import Format, RowWriter, row_writer
from shop.modules.catalog.importing.reader import MAX_COLUMNS
from shop.modules.catalog.repository import exporting
from shop.modules.catalog.repository.exporting import ExportedProduct

BATCH: Final = 200
"""Products read at once."""
MAX_LOSSES: Final = 1000
"""Kept word for word; further ones are only counted."""


class ExportReport:
    """What was written, and what of it an import won't make again."""

    def __init__(self) -> None:
        self.products = 0
        self.rows = 0
        self.pictures: dict[str, str] = {}
        """The slug of the first product that shows it, by its name."""
        self.losses: list[str] = []
        self.unlisted_losses = 0

    def tell(self, loss: str) -> None:
        if len(self.losses) < MAX_LOSSES:
            self.losses.append(loss)
        else:
            self.unlisted_losses += 1

    @property
    def whole(self) -> bool:
        return not self.losses


async def export_products(
    uow: UnitOfWork,
    file: TextIO,
    kind: Format,
    on_products: Callable[[int, int], None] = lambda _done, _total: None,
) -> ExportReport:
    """Into `file` from its beginning. `on_products` is told how many of how many products are written."""
    file.seek(0)
    file.truncate()
    report = ExportReport()
    total = await exporting.count_products(uow)
    plan = await _layout(uow)
    if len(plan.columns) > MAX_COLUMNS:
        report.tell(f"the file has {len(plan.columns):,} columns: an import reads {MAX_COLUMNS:,}")
    writer = row_writer(kind, file, plan.columns)
    lists = list(category_lists(list(plan.paths.values())))
    after: UUID | None = None
    while products := await exporting.products_after(uow, after, BATCH):
        prices, on_hand = await _prices_and_stock(uow, products, plan.currencies)
        # In a thread: a web process has other things to do, too.
        await asyncio.to_thread(_write, writer, products, plan, prices, on_hand, lists, report)
        on_products(report.products, total)
        after = products[-1].id
    if lists:
        report.tell("there are so many categories for so few products that some without goods are left out")
    return report


def _write(  # noqa: PLR0917  # what one batch is written with
    writer: RowWriter,
    products: Sequence[ExportedProduct],
    plan: Layout,
    prices: Priced,
    on_hand: Mapping[VariantId, int],
    lists: list[str],
    report: ExportReport,
) -> None:
    """Each product takes one of the `lists` of categories, as long as there are any."""
    for product in products:
        rows = list(rows_of(product, plan, prices, on_hand, lists.pop(0) if lists else ""))
        writer.write(rows)
        report.rows += len(rows)
        for image in product.images:
            report.pictures.setdefault(image.name, product.slug)
        for loss in losses(product, plan, prices):
            report.tell(f"{product.slug}: {loss}")
    report.products += len(products)


async def _layout(uow: UnitOfWork) -> Layout:
    attributes = await exporting.all_attributes(uow)
    categories = await exporting.all_categories(uow)
    currencies = sorted({settings().currency, *await exporting.listed_currencies(uow)})
    return layout(attributes, categories, currencies, await exporting.most_options(uow))


async def _prices_and_stock(
    uow: UnitOfWork, products: Sequence[ExportedProduct], currencies: Sequence[str]
) -> tuple[Priced, dict[VariantId, int]]:
    ids = [variant.id for product in products for variant in product.variants]
    prices = {currency: await port(Prices).prices(uow, ids, currency) for currency in currencies}
    levels = await port(Stock).levels(uow, ids) if ids else {}
    return prices, {variant_id: level.on_hand for variant_id, level in levels.items()}


def copy_pictures(report: ExportReport, folder: Path, on_picture: Callable[[], None] = lambda: None) -> int:
    """How many of the report's pictures are in `folder` now; each that is nowhere is told in the report.

    Their names are made of their contents: one that is there already is the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    copied = 0
    for name, slug in report.pictures.items():
        source, target = picture_path(name), folder / name
        if not source.is_file():
            report.tell(f"{slug}: its picture {name} is not in the media folder")
            continue
        if not target.is_file() or target.stat().st_size != source.stat().st_size:
            shutil.copyfile(source, target)
        copied += 1
        on_picture()
    return copied
