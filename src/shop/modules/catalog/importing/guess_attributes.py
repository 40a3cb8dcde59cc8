"""Which columns describe a product beyond the fields that every shop has: columns with a prefix, or with known names."""

import re
from collections import defaultdict
from collections.abc import MutableMapping
from typing import Any, Final

from shop.modules.catalog.importing.column_profile import MOSTLY, Profile
from shop.modules.catalog.importing.vocabulary import ATTRIBUTES, NOT_FACETS, PACKED, folded

ENOUGH: Final = 3
"""Columns with one prefix."""
_TYPED: Final = re.compile(r"([A-Za-z]+[_:])([a-z]{1,4})_(.+)")


def guess_attributes(free: MutableMapping[str, Profile]) -> dict[str, Any]:
    """Takes the columns that it places from `free`."""
    section: dict[str, Any] = {}
    prefixes = _prefixes(free)
    if prefixes:
        section["prefixes"] = {prefix: _kind([free[name] for name in names]) for prefix, names in prefixes.items()}
        for name in [name for names in prefixes.values() for name in names]:
            del free[name]
    packed = next((name for name, each in free.items() if each.key in PACKED and _is_packed(each)), None)
    if packed:
        section["packed"] = {"column": packed}
        del free[packed]
    listed = [name for name in free if folded(name.rsplit(".", 1)[-1]) in ATTRIBUTES]
    if listed:
        section["columns"] = listed
        kinds = {
            name: kind for name in listed if (kind := _kind([free[name]])) != "text" and folded(name) not in NOT_FACETS
        }
        if kinds:
            section["types"] = kinds
        section["facets"] = [name for name in listed if folded(name) not in NOT_FACETS]
        for name in listed:
            del free[name]
    if prefixes or packed:
        section.pop("facets", None)
    return section


def _prefixes(free: MutableMapping[str, Profile]) -> dict[str, list[str]]:
    """Columns by the longest prefix that enough of them have: `custom_field.custom.`, `attr_t_`, `specs.`."""
    typed: dict[str, list[str]] = defaultdict(list)
    plain: dict[str, list[str]] = defaultdict(list)
    for name in free:
        if match := _TYPED.fullmatch(name):
            typed[f"{match[1]}{match[2]}_"].append(name)
        if (match := re.match(r".+[.:]\s*", name)) or (
            match := re.match(r"(?i)(attr(?:ibute)?|spec|feature|merkmal|meta|pa)[_\- ]", name)
        ):
            plain[match[0]].append(name)
    kinds = {prefix: names for prefix, names in typed.items() if len(names) >= ENOUGH}
    found = kinds if len(kinds) > 1 else {}
    placed = {name for names in found.values() for name in names}
    for prefix, names in plain.items():
        rest = [name for name in names if name not in placed]
        if rest and (len(rest) >= ENOUGH or re.search(r"(?i)attr|spec|custom|feature|merkmal", prefix)):
            found[prefix] = rest
    # What has a longer prefix is looked for first.
    return dict(sorted(found.items(), key=lambda each: -len(each[0])))


def _kind(columns: list[Profile]) -> str:
    if all(each.yes_no == 1 for each in columns):
        return "bool"
    return "number" if all(each.number == 1 and each.comma == 0 for each in columns) else "text"


def _is_packed(profile: Profile) -> bool:
    return sum(":" in cell for cell in profile.most) >= len(profile.most) * MOSTLY
