"""Rows to a product, by a mapping. Whatever can't be read refuses its own row, and the product only where that row
carries it; so one bad price costs one variant."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from shop.kernel.media.store import NotAPicture
from shop.modules.catalog.importing.attributes import BadAttribute, read_attributes
from shop.modules.catalog.importing.binding import BoundMapping
from shop.modules.catalog.importing.cells import BadCell, as_html, cut, file_name, read_time
from shop.modules.catalog.importing.pictures import MAX_IMAGES, FindPicture
from shop.modules.catalog.importing.plan import ProductPlan, VariantPlan
from shop.modules.catalog.importing.reader import Columns, ProductRows, Row
from shop.modules.catalog.importing.report import Issue
from shop.modules.catalog.importing.variant_rows import read_variants
from shop.modules.catalog.rules import (
    MAX_ATTRIBUTE,
    MAX_NAME,
    MAX_SEO_TEXT,
    MAX_SLUG,
    MAX_TITLE,
    draft_problems,
    slugify,
)
from shop.modules.catalog.schemas import (
    AttributeDefinition,
    AttributeValue,
    CategoryPath,
    ImageDraft,
    ProductDraft,
    ProductStatus,
)

T = TypeVar("T")


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

    def plan(self) -> ProductPlan:
        rows = [row for row in self.group.rows if self._is_whole(row)]
        product = self._product_row(rows)
        title = self._line(product, self.mapping.product.title, MAX_TITLE)
        attributes = list(self._attributes(product))
        shell = ProductDraft(
            slug=self._slug(product),
            title=title,
            variants=(),
            description_html=self._description(product),
            status=self._status(product),
            attributes={definition.code: value for definition, value in attributes},
            categories=tuple(self._categories(product)),
            seo_title=self._line(product, self.mapping.product.seo_title, MAX_SEO_TEXT) or None,
            seo_description=self._line(product, self.mapping.product.seo_description, MAX_SEO_TEXT) or None,
            published_at=self._cell(product, self.mapping.product.published_at, read_time, None),
        )
        self._refuse_product(product, draft_problems(shell))
        read = read_variants(self.bound, rows, product, shell.slug, self.currency)
        self.issues += read.issues
        images = dict(self._product_pictures(rows, product, title))
        variants = [
            self._with_picture(variant, read.rows[variant.draft.sku], images, title) for variant in read.variants
        ]
        draft = msgspec.structs.replace(
            shell,
            option_names=read.option_names,
            variants=tuple(variant.draft for variant in variants),
            images=tuple(images.values()),
        )
        draft, variants, refused = self._without_refused_variants(product, draft, variants)
        return ProductPlan(
            key=self.group.key,
            row=product.number,
            draft=draft,
            variants=tuple(variants),
            attributes=tuple(definition for definition, _ in attributes),
            all_categories=tuple(self._all_categories(product)),
            default_status=self.mapping.defaults.status,
            issues=tuple(self.issues),
            refused_skus=(*read.refused_skus, *refused),
            images_known=self.find_picture is not None,
            slug_is_made=bool(self.mapping.product.slug),
        )

    def _note(self, row: Row, columns: Columns | None, message: str, *, warning: bool = False) -> None:
        self.issues.append(Issue(row.number, row.where(columns) or "", message, warning))

    def _is_whole(self, row: Row) -> bool:
        if row.problem:
            self._note(row, None, row.problem)
        return row.problem is None

    def _product_row(self, rows: Sequence[Row]) -> Row:
        first, rules = self.group.rows[0], self.mapping.rows
        if not self.group.key:
            if first.problem is None:
                self._note(first, rules.group_by, "is empty: it says which product the row belongs to")
            raise Refusal
        own = [row for row in rows if not row[rules.parent]]
        for row in own:
            if any(row[column] for column in rules.product_when_filled):
                return row
        if own:
            self._note(own[0], rules.product_when_filled[0], f"is filled in no good row of {self.group.key!r}")
        elif rows:
            self._note(rows[0], rules.parent, f"no good row has {self.group.key!r} as its {_words(rules.group_by)}")
        raise Refusal

    def _slug(self, product: Row) -> str:
        """The address, of several columns with the first one cut where they are too long together."""
        first, *others = [slugify(product[column]) for column in self.mapping.product.slug] or [""]
        end = "-".join(part for part in others if part)
        slug = slugify("-".join(part for part in (first[: max(MAX_SLUG - len(end) - 1, 0)].strip("-"), end) if part))
        slug = slug or slugify(self.group.key)
        if not slug:
            self._note(product, self.mapping.rows.group_by, f"{self.group.key!r} has no letters or digits")
            raise Refusal
        return slug

    def _line(self, row: Row, columns: Columns | None, longest: int) -> str:
        """A text, cut where the mapping says so."""
        text = row[columns]
        return self._cut(row, columns, text, longest) if self.mapping.product.cut_long_texts else text

    def _cut(self, row: Row, columns: Columns | None, text: str, longest: int) -> str:
        line = cut(text, longest)
        if len(text) > longest:
            self._note(row, columns, f"has {len(text)} characters: cut to {longest}", warning=True)
        return line

    def _cell(self, row: Row, columns: Columns | None, read: Callable[[str], T], empty: T | None) -> T | None:
        """Of a cell without which the product can't be. Raises Refusal."""
        if not row[columns]:
            return empty
        try:
            return read(row[columns])
        except BadCell as error:
            self._note(row, columns, str(error))
            raise Refusal from None

    def _description(self, product: Row) -> str:
        text = product[self.mapping.product.description]
        return as_html(text, is_html=self.mapping.product.description_format == "html")

    def _status(self, product: Row) -> ProductStatus | None:
        meanings = {word.lower(): status for word, status in self.mapping.values.status.items()}

        def read(cell: str) -> ProductStatus:
            status = meanings.get(cell.lower())
            if status is None:
                raise BadCell(f"{cell!r} is none of {', '.join(meanings)}")
            return status

        return self._cell(product, self.mapping.product.status, read, None)

    def _categories(self, product: Row) -> Iterator[CategoryPath]:
        rules = self.mapping.product.categories
        found = False
        for column in rules.columns:
            for path in product.parts(column, rules.list_separator):
                if parts := [part.strip() for part in path.split(rules.separator) if part.strip()]:
                    found = True
                    cutting = self.mapping.product.cut_long_texts
                    yield tuple(self._cut(product, column, part, MAX_NAME) if cutting else part for part in parts)
            if found and rules.first_of:
                break
        if not found and (default := self.mapping.defaults.category):
            yield tuple(part.strip() for part in default.split(rules.separator) if part.strip())

    def _all_categories(self, product: Row) -> Iterator[CategoryPath]:
        rules = self.mapping.product.categories
        for path in product.parts(rules.all, rules.list_separator) if rules.all else ():
            parts = tuple(part.strip() for part in path.split(rules.separator))
            if all(slugify(part) and cut(part, MAX_NAME) == part for part in parts):
                yield parts
            elif path:
                self._note(product, rules.all, f"{path[:MAX_NAME]!r} is no path of categories: left out", warning=True)

    def _attributes(self, product: Row) -> Iterator[tuple[AttributeDefinition, AttributeValue]]:
        try:
            for column, definition, value in read_attributes(self.bound, product):
                if self.mapping.product.cut_long_texts and isinstance(value, str):
                    yield definition, self._cut(product, column, value, MAX_ATTRIBUTE)
                else:
                    yield definition, value
        except BadAttribute as error:
            self._note(product, error.column, str(error))
            raise Refusal from None

    def _refuse_product(self, product: Row, problems: Iterable[str]) -> None:
        """For problems of the product itself; it has no variants yet."""
        columns = {
            "title": self.mapping.product.title,
            "slug": self.mapping.rows.group_by,
            "seo_title": self.mapping.product.seo_title,
            "seo_description": self.mapping.product.seo_description,
            "category": self.mapping.product.categories.columns or None,
        }
        own = [problem for problem in problems if not problem.startswith("variants:")]
        for problem in own:
            subject, _, message = problem.partition(": ")
            column = columns.get(subject.split(" ")[0])
            self._note(product, column, message if column else problem)
        if own:
            raise Refusal

    def _product_pictures(self, rows: Sequence[Row], product: Row, title: str) -> list[tuple[str, ImageDraft]]:
        """In the order of their positions; those without one in the order of their rows, after them."""
        rules = self.mapping.images
        found: list[tuple[int, ImageDraft]] = []
        for row in rows if rules.every_row else [product]:
            cell = row[rules.position]
            place = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 6 else 10**6
            alt = cut(row[rules.alt], MAX_SEO_TEXT) or title
            found += ((place, image) for image in self._pictures(row, rules.product, alt))
        ordered = [image for _, image in sorted(found, key=lambda each: each[0])]
        if len(ordered) > MAX_IMAGES:
            self._note(product, rules.product, f"{len(ordered)} images: only {MAX_IMAGES} are kept", warning=True)
        return [(image.name, image) for image in ordered[:MAX_IMAGES]]

    def _pictures(self, row: Row, columns: Iterable[str], alt: str) -> list[ImageDraft]:
        """Those that are there; a warning for each that isn't."""
        if self.find_picture is None:
            return []
        found: dict[str, ImageDraft] = {}
        problems: list[Issue] = []
        for column in columns:
            for cell in filter(None, row.parts(column, self.mapping.images.separator)[: MAX_IMAGES + 1]):
                try:
                    picture = self.find_picture(file_name(cell))
                except NotAPicture as error:
                    problems.append(Issue(row.number, column, f"image left out: {error}", warning=True))
                else:
                    found[picture.name] = ImageDraft(picture.name, picture.width, picture.height, alt)
            if found and self.mapping.images.first_of:
                return list(found.values())
        self.issues += problems[:1] if self.mapping.images.first_of else problems
        return list(found.values())

    def _with_picture(self, variant: VariantPlan, row: Row, images: dict[str, ImageDraft], title: str) -> VariantPlan:
        """Its own picture joins `images`."""
        words = ", ".join(f"{name} {value}" for name, value in variant.draft.options.items())
        pictures = self._pictures(row, self.mapping.images.variant, f"{title}, {words}" if words else title)
        if not pictures:
            return variant
        for picture in pictures:
            images.setdefault(picture.name, picture)
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
                self.issues.append(Issue(variant.row, variant.sku_column, problem.partition(": ")[2]))
            if own:
                refused.append(sku)
        if not refused:
            self._refuse_product(product, problems)
            return draft, variants, []
        kept = [variant for variant in variants if variant.draft.sku not in refused]
        rest = msgspec.structs.replace(draft, variants=tuple(variant.draft for variant in kept))
        draft, kept, more = self._without_refused_variants(product, rest, kept)
        return draft, kept, [*refused, *more]


def _words(columns: Columns) -> str:
    return columns if isinstance(columns, str) else " or ".join(columns)
