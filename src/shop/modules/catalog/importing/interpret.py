"""Rows to a product, by a mapping. Whatever can't be read refuses its own row, and the product only where that row
carries it; so one bad price costs one variant."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

import msgspec

from shop.kernel.media.store import NotAPicture
from shop.modules.catalog.importing.cells import (
    BadCell,
    as_html,
    as_label,
    file_name,
    read_attribute,
    read_time,
)
from shop.modules.catalog.importing.mapping import BoundMapping
from shop.modules.catalog.importing.pictures import FindPicture
from shop.modules.catalog.importing.plan import ProductPlan, VariantPlan
from shop.modules.catalog.importing.reader import ProductRows, Row
from shop.modules.catalog.importing.report import Issue
from shop.modules.catalog.importing.variant_rows import read_variants
from shop.modules.catalog.rules import attribute_code, draft_problems, slugify
from shop.modules.catalog.schemas import (
    AttributeDefinition,
    AttributeValue,
    CategoryPath,
    ImageDraft,
    ProductDraft,
    ProductStatus,
)

T = TypeVar("T")

MAX_IMAGES: Final = 100


class Refusal(Exception):
    """Ends the reading of a product; its issue is noted already."""


def interpret(bound: BoundMapping, group: ProductRows, find_picture: FindPicture | None, currency: str) -> ProductPlan:
    """`currency` is that of prices which name none; without `find_picture` images are left as they are."""
    reading = _Reading(bound, group, find_picture, currency)
    try:
        return reading.plan()
    except Refusal:
        return ProductPlan(key=group.key, row=group.rows[0].number, issues=tuple(reading.issues))


class _Reading:
    """One product being read."""

    def __init__(
        self, bound: BoundMapping, group: ProductRows, find_picture: FindPicture | None, currency: str
    ) -> None:
        self.bound, self.mapping, self.group = bound, bound.mapping, group
        self.find_picture, self.currency = find_picture, currency
        self.issues: list[Issue] = []
        self.images: dict[str, ImageDraft] = {}

    def plan(self) -> ProductPlan:
        rows = [row for row in self.group.rows if self._is_whole(row)]
        product = self._product_row(rows)
        title = product[self.mapping.product.title]
        attributes = dict(self._attributes(product))
        shell = ProductDraft(
            slug=self._slug(product),
            title=title,
            variants=(),
            description_html=self._description(product),
            status=self._status(product),
            attributes={definition.code: value for definition, value in attributes.items()},
            categories=tuple(self._categories(product)),
            seo_title=product[self.mapping.product.seo_title] or None,
            seo_description=product[self.mapping.product.seo_description] or None,
            published_at=self._cell(product, self.mapping.product.published_at, read_time, None),
        )
        self._refuse_product(product, draft_problems(shell))
        product_images = self._pictures(product, self.mapping.images.product, title)
        read = read_variants(self.bound, rows, product, self.currency)
        self.issues += read.issues
        variants = [self._with_picture(variant, rows, title) for variant in read.variants]
        draft = msgspec.structs.replace(
            shell,
            option_names=read.option_names,
            variants=tuple(variant.draft for variant in variants),
            images=tuple({image.name: image for image in (*product_images, *self.images.values())}.values()),
        )
        draft, variants, refused = self._without_refused_variants(product, draft, variants)
        return ProductPlan(
            key=self.group.key,
            row=product.number,
            draft=draft,
            variants=tuple(variants),
            attributes=tuple(attributes),
            default_status=self.mapping.defaults.status,
            issues=tuple(self.issues),
            refused_skus=(*read.refused_skus, *refused),
            images_known=self.find_picture is not None,
        )

    def _note(self, row: Row, column: str | None, message: str, *, warning: bool = False) -> None:
        self.issues.append(Issue(row.number, column or "", message, warning))

    def _is_whole(self, row: Row) -> bool:
        if row.problem:
            self._note(row, None, row.problem)
        return row.problem is None

    def _product_row(self, rows: Sequence[Row]) -> Row:
        first = self.group.rows[0]
        if not self.group.key:
            self._note(first, self.mapping.rows.group_by, "is empty: it says which product the row belongs to")
            raise Refusal
        wanted = self.mapping.rows.product_when_filled
        for row in rows:
            if any(row[column] for column in wanted):
                return row
        if rows:
            self._note(rows[0], wanted[0], f"is filled in no good row of the product {self.group.key!r}")
        raise Refusal

    def _slug(self, product: Row) -> str:
        slug = slugify(self.group.key)
        if not slug:
            self._note(product, self.mapping.rows.group_by, f"{self.group.key!r} has no letters or digits")
            raise Refusal
        return slug

    def _cell(self, row: Row, column: str | None, read: Callable[[str], T], empty: T | None) -> T | None:
        """Of a cell without which the product can't be. Raises Refusal."""
        if not row[column]:
            return empty
        try:
            return read(row[column])
        except BadCell as error:
            self._note(row, column, str(error))
            raise Refusal from None

    def _description(self, product: Row) -> str:
        text = product[self.mapping.product.description]
        return as_html(text, is_html=self.mapping.product.description_format == "html")

    def _status(self, product: Row) -> ProductStatus | None:
        column = self.mapping.product.status
        meanings = {word.lower(): status for word, status in self.mapping.values.status.items()}

        def read(cell: str) -> ProductStatus:
            status = meanings.get(cell.lower())
            if status is None:
                raise BadCell(f"{cell!r} is none of {', '.join(meanings)}")
            return status

        return self._cell(product, column, read, None)

    def _categories(self, product: Row) -> Iterator[CategoryPath]:
        columns = self.mapping.product.categories
        found = False
        for column in columns.columns:
            cell = product[column]
            for path in cell.split(columns.list_separator) if columns.list_separator else [cell]:
                if parts := tuple(part.strip() for part in path.split(columns.separator) if part.strip()):
                    found = True
                    yield parts
        if not found and (default := self.mapping.defaults.category):
            yield tuple(part.strip() for part in default.split(columns.separator) if part.strip())

    def _attributes(self, product: Row) -> Iterator[tuple[AttributeDefinition, AttributeValue]]:
        rules = self.mapping.attributes
        for column in self.bound.attributes:
            label = rules.labels.get(column.code_name, as_label(column.code_name))
            kind = rules.types.get(column.code_name, "text")
            value = self._cell(product, column.name, lambda cell, kind=kind: read_attribute(cell, kind), None)  # type: ignore[misc]  # the default binds the loop's value
            if value is None:
                continue
            code = attribute_code(column.code_name)
            if not code:
                self._note(product, column.name, "an attribute's name needs letters or digits")
                raise Refusal
            facet = rules.facets is None or column.code_name in rules.facets
            yield AttributeDefinition(code, label, kind, facet), value

    def _refuse_product(self, product: Row, problems: Iterable[str]) -> None:
        """For problems of the product itself; it has no variants yet."""
        columns = {
            "title": self.mapping.product.title,
            "slug": self.mapping.rows.group_by,
            "seo_title": self.mapping.product.seo_title,
            "seo_description": self.mapping.product.seo_description,
            "category": next(iter(self.mapping.product.categories.columns), None),
        }
        own = [problem for problem in problems if not problem.startswith("variants:")]
        for problem in own:
            subject, _, message = problem.partition(": ")
            column = columns.get(subject.split(" ")[0])
            self._note(product, column, message if column else problem)
        if own:
            raise Refusal

    def _pictures(self, row: Row, columns: Iterable[str], alt: str) -> list[ImageDraft]:
        """Those that are there; a warning for each that isn't."""
        if self.find_picture is None:
            return []
        found: dict[str, ImageDraft] = {}
        separator = self.mapping.images.separator
        for column in columns:
            cells = row[column].split(separator) if separator else [row[column]]
            for cell in (each.strip() for each in cells[:MAX_IMAGES]):
                if not cell:
                    continue
                try:
                    picture = self.find_picture(file_name(cell))
                except NotAPicture as error:
                    self._note(row, column, f"image left out: {error}", warning=True)
                else:
                    found[picture.name] = ImageDraft(picture.name, picture.width, picture.height, alt)
        return list(found.values())

    def _with_picture(self, variant: VariantPlan, rows: Iterable[Row], title: str) -> VariantPlan:
        row = next(row for row in rows if row.number == variant.row)
        words = ", ".join(f"{name} {value}" for name, value in variant.draft.options.items())
        pictures = self._pictures(row, self.mapping.images.variant, f"{title}, {words}" if words else title)
        if not pictures:
            return variant
        for picture in pictures:
            self.images.setdefault(picture.name, picture)
        return msgspec.structs.replace(variant, draft=msgspec.structs.replace(variant.draft, image=pictures[0].name))

    def _without_refused_variants(
        self, product: Row, draft: ProductDraft, variants: list[VariantPlan]
    ) -> tuple[ProductDraft, list[VariantPlan], list[str]]:
        """Leaves out variants that the catalogue would not take, and notes why."""
        if not variants:
            self._note(product, None, "none of its variants can be kept")
            raise Refusal
        problems = draft_problems(draft)
        refused: list[str] = []
        for variant in variants:
            sku = variant.draft.sku
            own = [problem for problem in problems if problem.startswith((f"sku {sku}: ", f"sku {sku!r}: "))]
            for problem in own:
                self.issues.append(Issue(variant.row, self.mapping.variant.sku, problem.partition(": ")[2]))
            if own:
                refused.append(sku)
        if not refused:
            self._refuse_product(product, problems)
            return draft, variants, []
        kept = [variant for variant in variants if variant.draft.sku not in refused]
        rest = msgspec.structs.replace(draft, variants=tuple(variant.draft for variant in kept))
        draft, kept, more = self._without_refused_variants(product, rest, kept)
        return draft, kept, [*refused, *more]
