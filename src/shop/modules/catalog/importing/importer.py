"""Import products from a source: batch after batch, each one transaction, so that memory and locks stay small."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from shop.contracts.inventory import BelowReserved
from shop.kernel.config import settings
from shop.kernel.db import write
from shop.kernel.uow import UnitOfWork
from shop.modules.catalog.errors import SkuTaken
from shop.modules.catalog.importing.binding import BoundMapping
from shop.modules.catalog.importing.interpret import interpret
from shop.modules.catalog.importing.mapping import ImportMapping
from shop.modules.catalog.importing.pictures import FindPicture
from shop.modules.catalog.importing.plan import ProductPlan
from shop.modules.catalog.importing.reader import Columns, ProductRows, Source
from shop.modules.catalog.importing.report import ImportReport, Issue
from shop.modules.catalog.importing.save import Saved, save_products
from shop.modules.catalog.schemas import AttributeDefinition

BATCH: Final = 250
"""Products in one transaction."""
BATCH_BYTES: Final = 8 * 2**20
"""Of their rows, after which a batch is full."""
ATTEMPTS: Final = 3
"""At a batch that met another transaction; it reads everything anew."""


class _Undone(Exception):
    """No error: how a dry run leaves its transaction."""

    def __init__(self, saved: list[Saved]) -> None:
        self.saved = saved


async def import_products(
    source: Source,
    bound: BoundMapping,
    find_picture: FindPicture | None = None,
    *,
    dry_run: bool = False,
    report: ImportReport | None = None,
    skip: int = 0,
    on_rows: Callable[[int], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> ImportReport:
    """`on_rows` is told how many rows each batch had; `source.position` of `source.size` bytes are done by then. `stop`
    is asked between batches. With `dry_run` every check is made and nothing is kept. A `report` is counted on,
    behind the first `skip` products."""
    report = ImportReport() if report is None else report
    currency = currency_of(bound)
    doubles = _Doubles(bound.mapping)
    defined = tuple(bound.attributes.values()) if bound.mapping.attributes.define_all else ()
    for groups in _batches(source, skip):
        # In a thread: pictures are decoded in it, and whoever else shares the event loop must not wait for them.
        plans = await asyncio.to_thread(_interpreted, bound, groups, find_picture, currency, doubles)
        for saved in await _save(plans, defined, dry_run=dry_run):
            _add(report, saved)
            defined = defined if saved.outcome == "refused" else ()
        on_rows(sum(len(group.rows) for group in groups))
        if stop():
            report.stopped = True
            break
    return report


def _interpreted(
    bound: BoundMapping,
    groups: Sequence[ProductRows],
    find_picture: FindPicture | None,
    currency: str,
    doubles: "_Doubles",
) -> list[ProductPlan]:
    return [doubles.refused(interpret(bound, group, find_picture, currency)) for group in groups]


def preview_products(
    source: Source, bound: BoundMapping, find_picture: FindPicture | None = None, *, first: int = 10
) -> list[ProductPlan]:
    """The first products as they would come in, each with its issues; one without a draft would be refused. What only
    the shop knows, such as a SKU of another product, is told by a dry run."""
    doubles, currency = _Doubles(bound.mapping), currency_of(bound)
    return _interpreted(bound, list(islice(source.products(), first)), find_picture, currency, doubles)


def currency_of(bound: BoundMapping) -> str:
    """That of prices which name none."""
    return bound.mapping.defaults.currency or settings().currency


def _batches(source: Source, skip: int) -> Iterator[list[ProductRows]]:
    batch: list[ProductRows] = []
    start = 0
    for group in islice(source.products(), skip, None):
        batch.append(group)
        if len(batch) == BATCH or source.position - start >= BATCH_BYTES:
            yield batch
            batch, start = [], source.position
    if batch:
        yield batch


async def _save(plans: Sequence[ProductPlan], defined: Sequence[AttributeDefinition], *, dry_run: bool) -> list[Saved]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await write(_try_saving if dry_run else save_products, plans, defined)
        except _Undone as undone:
            return undone.saved
        except (BelowReserved, SkuTaken):
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


async def _try_saving(
    uow: UnitOfWork, plans: Sequence[ProductPlan], defined: Sequence[AttributeDefinition]
) -> list[Saved]:
    raise _Undone(await save_products(uow, plans, defined))


def _add(report: ImportReport, saved: Saved) -> None:
    report.products[saved.outcome] += 1
    report.skus += saved.skus
    report.prices += saved.prices
    report.pictures += saved.pictures
    for issue in saved.issues:
        report.note(issue)


class _Doubles:
    """Finds what two products of one file both claim, however far apart they stand: the first has it."""

    def __init__(self, mapping: ImportMapping) -> None:
        self.key_column = _first(mapping.rows.group_by)
        self.slugs: dict[str, int] = {}
        self.skus: dict[str, int] = {}

    def refused(self, plan: ProductPlan) -> ProductPlan:
        """`plan` without what an earlier one has."""
        if plan.draft is None:
            return plan
        if (row := self.slugs.setdefault(plan.draft.slug, plan.row)) != plan.row:
            issue = Issue(plan.row, self.key_column, f"{plan.key!r} has the same address as the product in row {row}")
            return ProductPlan(plan.key, plan.row, issues=(*plan.issues, issue))
        doubled = {
            variant.draft.sku: Issue(
                variant.row,
                variant.sku_column,
                f"{variant.draft.sku!r} is in row {self.skus[variant.draft.sku]} already, for another product",
            )
            for variant in plan.variants
            if self.skus.setdefault(variant.draft.sku, variant.row) != variant.row
        }
        return _without(plan, doubled.keys(), doubled.values()) if doubled else plan


def _first(columns: Columns) -> str:
    return columns if isinstance(columns, str) else columns[0]


def _without(plan: ProductPlan, skus: Iterable[str], issues: Iterable[Issue]) -> ProductPlan:
    gone = set(skus)
    variants = tuple(variant for variant in plan.variants if variant.draft.sku not in gone)
    draft = plan.draft and msgspec.structs.replace(plan.draft, variants=tuple(each.draft for each in variants))
    return msgspec.structs.replace(
        plan,
        draft=draft if variants else None,
        variants=variants,
        issues=(*plan.issues, *issues),
        refused_skus=(*plan.refused_skus, *gone),
    )
