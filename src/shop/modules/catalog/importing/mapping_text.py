"""A guessed mapping as TOML that a person reads, completes and hands to `shop import products --mapping`."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from shop.modules.catalog.importing.guess import TO_COMPLETE, Guess

ORDER: Final = ("file", "rows", "product", "variant", "prices", "attributes", "images", "values", "defaults")
COMMENTS: Final = {
    ("file", "required_columns"): "without these nothing is imported; the others may be absent",
    ("rows", "group_by"): "rows with the same value are one product",
    ("rows", "product_when_filled"): "such rows carry the product",
    ("rows", "variant_when_filled"): "such rows carry a variant; others add a price or pictures",
    ("rows", "parent"): "filled in rows of variants: the group_by of their product",
    ("product", "slug"): "the address is made of these",
    ("product", "cut_long_texts"): "with a warning, instead of refusing the product",
    ("variant", "make_sku"): "where a row has none",
    ("prices", "notation"): '"minor": 1999 is 19.99; "decimal": 1999 is 1999.00',
    ("attributes", "facets"): "offered as filters; without this line all are",
    ("images", "every_row"): "also from rows that only add a picture",
    ("values", "status"): "the file's words: active, draft or archived",
    ("values", "tax_class"): "the file's words: standard, reduced or zero",
    ("defaults", "stock"): "of new variants, where the file has no count",
}


def mapping_text(guess: Guess, name: str) -> str:
    return "\n".join(_lines(guess, name)) + "\n"


def _lines(guess: Guess, name: str) -> Iterator[str]:
    yield f"# Proposed by `shop import detect` from {_comment(name)}. docs/import.md describes every key."
    for missing in guess.missing:
        yield f"# MISSING: {missing} is needed; put a column of the file in the place of {TO_COMPLETE!r}."
    for note in guess.notes:
        yield f"# {_comment(note)}"
    for section in ORDER:
        content = guess.sections.get(section)
        for each in content if isinstance(content, list) else [content]:
            if each:
                yield ""
                yield f"[[{section}]]" if isinstance(content, list) else f"[{section}]"
                for key, value in each.items():
                    comment = COMMENTS.get((section, key))
                    yield f"{key} = {_toml(value)}" + (f"  # {comment}" if comment else "")
        if section == "attributes" and guess.unplaced:
            yield ""
            yield "# Not placed. Put what describes a product into attributes.columns:"
            yield from (f"#   {_comment(column)}" for column in guess.unplaced)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return "[\n" + "".join(f"    {_toml(inner)},\n" for inner in value) + "]"
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value) if isinstance(value, int) else _quoted(value)


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
