"""Which column is which field: by known names first, by content where no name is known. Each guess says so in a note."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from shop.kernel.money import is_currency
from shop.modules.catalog.importing.column_profile import MOSTLY, Profile
from shop.modules.catalog.importing.guess_attributes import guess_attributes
from shop.modules.catalog.importing.mapping import FileFormat
from shop.modules.catalog.importing.reader import Row
from shop.modules.catalog.importing.vocabulary import (
    FIELDS,
    IMAGES,
    MEANT,
    OPTIONS,
    PRICE_WORDS,
    SIZES,
    STATUSES,
    UNITS,
    folded,
    without_remark,
    words,
)

SEPARATORS: Final = (" -> ", "->", " > ", ">", " / ", "::", " | ", "/")
TO_COMPLETE: Final = "(to be completed)"
Section = dict[str, Any]


class Guess:
    """`sections` is the mapping as TOML has it; `notes`, `missing` and `unplaced` are for whoever completes it."""

    def __init__(self, columns: Mapping[str, Profile], rows: Sequence[Row], file: FileFormat) -> None:
        self.columns, self.rows = columns, rows
        self.free = {name: profile for name, profile in columns.items() if profile.filled}
        self.notes: list[str] = []
        self.missing: list[str] = []
        self.fields = {field: self._named(field) for field in ("parent", "slug", "sku", "currency", "stock")}
        self.prices = self._prices()
        self.title = self._title()
        self.group, self.slug = self._group()
        self.options = self._options()
        self.sections: dict[str, Section | list[Section]] = {"file": _file(file)}
        self.sections["product"] = self._product()
        self.sections["variant"] = self._variant()
        self.sections["prices"] = self.prices
        self.sections["images"] = self._images()
        self.sections["rows"] = self._rows()
        self.sections["attributes"] = guess_attributes(self.free)
        used = self._used()
        self.unplaced = [name for name, profile in columns.items() if profile.filled and name not in used]
        self.sections["values"] = self._values()
        self._require()
        self.sections["defaults"] = self._defaults()
        if self.unplaced:
            self.notes.append(f"Not placed: {', '.join(self.unplaced[:30])}{' …' if len(self.unplaced) > 30 else ''}")

    def _take(self, name: str) -> str:
        self.free.pop(name, None)
        return name

    def _named(self, field: str, fits: Callable[[Profile], bool] = lambda _: True) -> str | None:
        """The free column whose name is known for `field`, the likeliest name first; so is the last part of `a.b`, and
        what goes before a remark in brackets."""
        for known in FIELDS[field].split():
            for key in (folded, lambda name: folded(name.rsplit(".", 1)[-1]), without_remark):
                for name, profile in self.free.items():
                    if key(name) == known and fits(profile):
                        return self._take(name)
        return None

    def _by_content(self, field: str, fits: Callable[[Profile], bool], rank: Callable[[Profile], float]) -> str | None:
        unnamed = (each for each in self.free.values() if not {each.key, without_remark(each.name)} & MEANT)
        found = max((each for each in unnamed if fits(each)), key=rank, default=None)
        if found is None:
            return None
        self.notes.append(f"Guessed from its content: {found.name!r} is the {field}.")
        return self._take(found.name)

    def _title(self) -> str:
        title = self._named("title") or self._by_content(
            "title",
            lambda each: each.number < 0.5 and each.picture < 0.5 and 4 <= each.length <= 150 and not each.html,
            lambda each: each.distinct / max(len(self.rows), 1) + (each.length > 10),
        )
        if title is None:
            self.missing.append("product.title")
        return title or TO_COMPLETE

    def _group(self) -> tuple[str, list[str]]:
        """The column that products go by, and those that make the address where it would not be a good one."""
        fields = self.fields
        if fields["parent"] and (key := self._parent_key(fields["parent"])):
            return key, [fields["slug"]] if fields["slug"] else [self.title, key]
        if fields["slug"]:
            return fields["slug"], []
        shared = self._named("group", lambda each: not each.unique and each.filled >= len(self.rows) * MOSTLY)
        key = shared or self._named("id", lambda each: each.unique) or fields["sku"]
        if key is None:
            self.notes.append(
                f"No column says which product a row is: {self.title!r} does, so titles must not come twice."
            )
            return self.title, []
        if fields["sku"] is None:
            fields["sku"] = key if self.columns[key].unique else None
        return key, [self.title, key]

    def _parent_key(self, parent: str) -> str | None:
        wanted = {row[parent] for row in self.rows} - {""}
        names = [name for name in (self.fields["sku"], self.fields["slug"], *self.free) if name]
        best = max(names, key=lambda name: len(wanted & {row[name] for row in self.rows}), default=None)
        return best if best and wanted & {row[best] for row in self.rows} else None

    def _options(self) -> list[Section]:
        found: dict[str, Section] = {}
        for name in list(self.free):
            if match := re.fullmatch(
                r"(?i)(.*?option|.*?attribute)[ _]?(\d)[ _.]?(name|value)(?:\(s\))?", name.strip()
            ):
                kind = "option" if "option" in match[1].lower() else "attribute"
                if kind == "option":
                    found.setdefault(match[2], {})[match[3].lower()] = self._take(name)
        pairs = [pair for _, pair in sorted(found.items()) if len(pair) == 2]
        if pairs:
            return [{"name": pair["name"], "value": pair["value"]} for pair in pairs]
        if len({row[self.group] for row in self.rows}) == len(self.rows) and not self.fields["parent"]:
            return []
        varying = [
            name
            for name, profile in self.free.items()
            if folded(name.rsplit(".", 1)[-1]) in OPTIONS and self._varies(name)
        ]
        return [
            {"label": " ".join(words(name.rsplit(".", 1)[-1])).capitalize(), "value": self._take(name)}
            for name in varying
        ]

    def _varies(self, name: str) -> bool:
        """Within one product."""
        parent = self.fields["parent"]
        seen: dict[str, set[str]] = {}
        for row in self.rows:
            if row[name]:
                seen.setdefault((row[parent] if parent else "") or row[self.group], set()).add(row[name])
        return any(len(values) > 1 for values in seen.values())

    def _product(self) -> Section:
        section: Section = {"title": self.title}
        if self.slug:
            section["slug"] = list(dict.fromkeys(self.slug))
        if description := self._named("description", lambda each: each.picture == 0) or self._by_content(
            "description", lambda each: each.length > 60 and each.picture == 0, lambda each: each.length
        ):
            section["description"] = description
            section["description_format"] = "html" if self.columns[description].html else "text"
        if status := self._named("status", lambda each: each.distinct <= 8 and self._are_statuses(each)):
            section["status"] = status
        for field, key in (("seo_title", "seo_title"), ("seo_description", "seo_description")):
            if column := self._named(field):
                section[key] = column
        if column := self._named("tax_class", lambda each: each.distinct <= 12):
            section["tax_class"] = column
        if column := self._named("published", lambda each: each.date >= MOSTLY):
            section["published_at"] = column
        if categories := self._categories():
            section["categories"] = categories
        section["cut_long_texts"] = True
        return section

    def _are_statuses(self, profile: Profile) -> bool:
        known = set().union(*STATUSES.values())
        return any(word.lower() in known for word in profile.most)

    def _categories(self) -> Section | None:
        numbered = sorted(name for name in self.free if re.fullmatch(r"(?i)(categor(y|ie)|kategorie)[ _]?\d", name))
        columns = [self._take(name) for name in numbered]
        if not columns and (one := self._named("categories", lambda each: each.length < 200)):
            columns = [one]
        if not columns:
            self.notes.append("No column names a category: product.categories or defaults.category can.")
            return None
        cells = [cell for row in self.rows for name in columns for cell in row.parts(name, None) if cell]
        counts = {sign: sum(sign in cell for cell in cells) for sign in SEPARATORS}
        sign = max(SEPARATORS, key=lambda each: counts[each])
        several = sum("|" in cell for cell in cells) if sign.strip() != "|" else 0
        section: Section = {"columns": columns, "separator": sign.strip() if counts[sign] else ">"}
        if several:
            section["list_separator"] = "|"
        return section

    def _variant(self) -> Section:
        section: Section = {}
        if sku := self.fields["sku"]:
            section["sku"] = sku
        if sku is None or any(not row[sku] for row in self.rows):
            section["make_sku"] = True
            self.notes.append("Some rows have no SKU: they get one made of the product's address and the options.")
        if self.fields["stock"]:
            section["stock"] = self.fields["stock"]
        if weight := self._named("weight", lambda each: each.number >= MOSTLY):
            section["weight"] = {"column": weight, "unit": _unit(weight)}
            if self.columns[weight].comma > self.columns[weight].point:
                section["weight"]["decimal_separator"] = ","
            if unit_column := self._named("weight_unit"):
                usual = next(
                    (UNITS[each.lower()] for each in self.columns[unit_column].most if each.lower() in UNITS), "g"
                )
                section["weight"] |= {"unit_column": unit_column, "unit": usual}
        if self.options:
            section["options"] = self.options
        return section

    def _prices(self) -> list[Section]:
        found: dict[str, Section] = {}
        for name in list(self.free):
            match = re.fullmatch(r"(.*?)[ _\-.(]*([A-Za-z]{3})\)?", name)
            if (
                match
                and is_currency(match[2].upper())
                and folded(match[1]) in PRICE_WORDS
                and match[2] in name[len(match[1]) :]
            ):
                pattern = name.replace(match[2], "{currency}") if name.count(match[2]) == 1 else None
                compare = folded(match[1]) in FIELDS["compare_at"].split()
                if pattern:
                    found.setdefault("placed", {})["compare_at" if compare else "amount"] = pattern
                    self._take(name)
        if "amount" in found.get("placed", {}):
            return [found["placed"]]
        amount = self._named("price", lambda each: each.money >= 0.5) or self._by_content(
            "price", lambda each: max(each.point, each.comma) >= MOSTLY, lambda each: each.distinct
        )
        if amount is None:
            self.missing.append("prices.amount")
            return [{"amount": TO_COMPLETE}]
        section: Section = {"amount": amount}
        if compare_at := self._named("compare_at", lambda each: each.money >= 0.5):
            section["compare_at"] = compare_at
        if currency := self.fields["currency"]:
            section["currency_column"] = currency
        profile = self.columns[amount]
        if profile.comma > profile.point:
            section["decimal_separator"] = ","
        if self._is_minor(amount):
            section["notation"] = "minor"
            self.notes.append(f"{amount!r} seems to be in cents: 1999 is read as 19.99. Check that.")
        return [section]

    def _is_minor(self, column: str) -> bool:
        if {"cents", "cent", "minor"} & {word.lower() for word in words(column)}:
            return True
        if self.columns[column].whole < 1:
            return False
        amounts = sorted(int(float(row[column])) for row in self.rows if row[column])
        return (
            bool(amounts)
            and amounts[len(amounts) // 2] >= 1000
            and sum(a % 100 == 0 for a in amounts) < len(amounts) / 2
        )

    def _images(self) -> Section:
        section: Section = {}
        if variant := self._named("variant_image"):
            section["variant"] = [variant]
        images = [
            name
            for name, each in self.free.items()
            if each.picture >= 0.5 or (IMAGES.fullmatch(each.key) and each.number < 0.5)
        ]
        if not images:
            return section
        section["product"] = [self._take(name) for name in images]
        if len(images) > 1 and all(SIZES.search(self.columns[name].key) for name in images):
            section["first_of"] = True
        cells = [row[name] for row in self.rows for name in images]
        for sign in ("|", ";", ","):
            if any(
                cell.count(sign) and len([p for p in cell.split(sign) if re.search(r"\.\w{3,4}$", p.strip())]) > 1
                for cell in cells
            ):
                section["separator"] = sign
                break
        several = Counter(row[self.group] for row in self.rows if any(row[name] for name in images))
        if any(count > 1 for count in several.values()):
            if "variant" not in section and self._shown_by_variant(images):
                section["variant"] = section["product"]
            else:
                section["every_row"] = True
        for field, key in (("image_position", "position"), ("image_alt", "alt")):
            if column := self._named(field):
                section[key] = column
        return section

    def _shown_by_variant(self, images: Sequence[str]) -> bool:
        """Whether nearly every row of a variant has a picture."""
        carriers = [row for row in self.rows if any(row[option["value"]] for option in self.options)]
        shown = sum(any(row[name] for name in images) for row in carriers)
        return bool(carriers) and shown >= len(carriers) * MOSTLY

    def _rows(self) -> Section:
        section: Section = {"group_by": self.group, "product_when_filled": [self.title]}
        if self.fields["parent"]:
            section["parent"] = self.fields["parent"]
            return section
        if len({row[self.group] for row in self.rows}) == len(self.rows):
            return section
        sku = self.fields["sku"]
        values = [option["value"] for option in self.options]
        repeated = sku and len({row[sku] for row in self.rows}) < sum(bool(row[sku]) for row in self.rows)
        amounts = [] if "{" in self.prices[0]["amount"] else [self.prices[0]["amount"]]
        section["variant_when_filled"] = values if repeated and values else [*([sku] if sku else amounts), *values]
        return section

    def _require(self) -> None:
        """What no product can be without; the rest may be absent from the next file."""
        amounts = [price["amount"] for price in self.prices if "{" not in price["amount"]]
        file = self.sections["file"]
        if isinstance(file, dict):
            file["required_columns"] = list(dict.fromkeys([self.group, self.title, *amounts]))

    def _used(self) -> set[str]:
        return set(self.columns) - set(self.free)

    def _values(self) -> Section:
        product = self.sections["product"]
        section: Section = {}
        if isinstance(product, dict) and (status := product.get("status")):
            found = {word.lower(): self._status(word) for word in self.columns[status].most}
            section["status"] = {"active": "active", "draft": "draft", "archived": "archived"} | found
        if isinstance(product, dict) and (column := product.get("tax_class")):
            section["tax_class"] = {word.lower(): _tax_class(word) for word in self.columns[column].most}
        if any("default title" in (cell.lower() for cell in self.columns[each["value"]].most) for each in self.options):
            section["no_option"] = ["Default Title"]
        return section

    def _status(self, word: str) -> str:
        for status, known in STATUSES.items():
            if word.lower() in known:
                return status
        self.notes.append(f"The status {word!r} is not known: it is taken for a draft. Check that.")
        return "draft"

    def _defaults(self) -> Section:
        section: Section = {"stock": 0}
        if self.fields["stock"] is None:
            self.notes.append("No column has a count: defaults.stock is what new variants get.")
        if not self.fields["currency"] and "{currency}" not in self.prices[0]["amount"]:
            self.notes.append(
                "No column names a currency: the shop's own is meant, or defaults.currency, or --currency."
            )
        return section


def _file(file: FileFormat) -> Section:
    given = {"format": file.format, "delimiter": file.delimiter, "encoding": file.encoding, "nested": file.nested}
    return {key: value for key, value in given.items() if value is not None}


def _unit(column: str) -> str:
    return next((UNITS[word.lower()] for word in reversed(words(column)) if word.lower() in UNITS), "kg")


def _tax_class(word: str) -> str:
    return "reduced" if re.search(r"reduc|ermäß|ermaess|7", word.lower()) else "standard"
