"""A report as its row keeps it: plain data that a page shows, and that the next worker goes on with. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from shop.kernel.money import format_money
from shop.modules.catalog.importing.plan import ProductPlan
from shop.modules.catalog.importing.report import ImportReport, Issue, Outcome


class ToldReport(msgspec.Struct):
    """What an `ImportReport` counts, and which columns of the file are read and which are not."""

    products: dict[Outcome, int] = {}
    skus: int = 0
    prices: int = 0
    pictures: int = 0
    refused_rows: int = 0
    warnings: int = 0
    issues: list[Issue] = []
    unlisted_issues: int = 0
    columns_used: list[str] = []
    columns_unused: list[str] = []
    notes: list[str] = []

    @property
    def done(self) -> int:
        return sum(self.products.values())


class PreviewedProduct(msgspec.Struct, frozen=True):
    """One product as it would come in; without a title it would be refused. `price` is of its first variant."""

    row: int
    title: str
    slug: str = ""
    status: str = ""
    category: str = ""
    variants: int = 0
    price: str = ""
    pictures: int = 0
    problems: tuple[str, ...] = ()


def told(report: ImportReport, columns_used: Sequence[str], columns_unused: Sequence[str], notes: Sequence[str]) -> str:
    """As JSON."""
    return msgspec.json.encode(
        ToldReport(
            products=dict(report.products),
            skus=report.skus,
            prices=report.prices,
            pictures=report.pictures,
            refused_rows=len(report.refused_rows),
            warnings=report.warnings,
            issues=report.issues,
            unlisted_issues=report.unlisted_issues,
            columns_used=list(columns_used),
            columns_unused=list(columns_unused),
            notes=list(notes),
        )
    ).decode()


def read_report(stored: Mapping[str, Any] | None) -> ToldReport:
    return msgspec.convert(stored or {}, ToldReport)


def gone_on_with(stored: Mapping[str, Any] | None) -> ImportReport:
    """The report of a worker that is gone, to be counted on. Rows beyond those it lists count once more if they are
    refused again."""
    before = read_report(stored)
    report = ImportReport()
    report.products = Counter(before.products)
    report.skus, report.prices, report.pictures = before.skus, before.prices, before.pictures
    report.issues, report.warnings = list(before.issues), before.warnings
    report.unlisted_issues = before.unlisted_issues
    report.refused_rows = {issue.row for issue in before.issues if not issue.warning}
    return report


def previewed(plan: ProductPlan) -> PreviewedProduct:
    problems = tuple(
        f"row {issue.row}{f', {issue.column}' if issue.column else ''}: {issue.message}" for issue in plan.issues
    )
    if plan.draft is None:
        return PreviewedProduct(plan.row, plan.key, problems=problems)
    prices = [price.amount for variant in plan.variants[:1] for price in variant.prices]
    return PreviewedProduct(
        row=plan.row,
        title=plan.draft.title,
        slug=plan.draft.slug,
        status=plan.draft.status or plan.default_status,
        category=" > ".join(plan.draft.categories[0]) if plan.draft.categories else "",
        variants=len(plan.variants),
        price=", ".join(format_money(price) for price in prices),
        pictures=len(plan.draft.images),
        problems=problems,
    )
