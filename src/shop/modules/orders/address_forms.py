"""How people write an address in a country: which parts it has, in which order, and what they are called there.

Only what differs from the plain form is listed. What a country doesn't use is not asked for; nothing is checked by it, as
addresses have more exceptions than rules, but where a parcel goes astray without a region it is asked for.
"""

from typing import Any, Final, Literal

import msgspec

from shop.contracts.orders import Address
from shop.kernel.errors import FieldError
from shop.modules.orders.rules import country_names

Width = Literal["full", "half", "third", "two-thirds"]


class AddressPart(msgspec.Struct, frozen=True):
    """One field of the form. `reprices`: what is typed here may change the total."""

    name: str
    label: str
    autocomplete: str
    required: bool = True
    width: Width = "full"
    inputmode: str | None = None
    reprices: bool = False


POSTAL_LABELS: Final = {
    "US": "ZIP code",
    "IE": "Eircode",
    "IN": "PIN code",
    **dict.fromkeys(("GB", "AU", "NZ", "ZA", "MY"), "Postcode"),
}
NUMERIC_CODES: Final = frozenset(
    "AT AU BE BG CH DE DK EE ES FI FR HR HU IT LT LV NO NZ RO SI TR US ZA".split()  # noqa: SIM905  # reads as a list
)
"""Here a postal code is digits only, so that a phone shows its number pad."""
CITY_LABELS: Final = {"GB": "Town or city", "IE": "Town or city"}
REGION_LABELS: Final = {
    "US": "State",
    "CA": "Province",
    "AU": "State or territory",
    "BR": "State",
    "IN": "State",
    "MX": "State",
    "MY": "State",
    "JP": "Prefecture",
    "CN": "Province",
    "IT": "Province",
    "ES": "Province",
    "IE": "County",
    "KR": "Province",
}
REGION_NEEDED: Final = frozenset({"US", "CA", "AU", "BR", "IN", "MX", "MY", "JP", "CN", "KR"})
CODE_BEFORE_CITY: Final = frozenset(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM".split()  # noqa: SIM905  # as above
)


def parts_after_street(country: str) -> list[AddressPart]:
    """City, postal code and region, as letters to `country` (ISO 3166-1 alpha-2) bear them."""
    code = AddressPart(
        "postal_code",
        POSTAL_LABELS.get(country, "Postal code"),
        "postal-code",
        inputmode="numeric" if country in NUMERIC_CODES else None,
        reprices=True,
    )
    city = AddressPart("city", CITY_LABELS.get(country, "City"), "address-level2")
    if country not in REGION_LABELS:
        pair = [_as_wide(code, "third"), _as_wide(city, "two-thirds")]
        return pair if country in CODE_BEFORE_CITY else [_as_wide(city, "two-thirds"), _as_wide(code, "third")]
    region = AddressPart(
        "region", REGION_LABELS[country], "address-level1", country in REGION_NEEDED, "half", reprices=True
    )
    if country in CODE_BEFORE_CITY:
        return [_as_wide(code, "third"), _as_wide(city, "two-thirds"), _as_wide(region, "full")]
    return [city, region, _as_wide(code, "half")]


def locality(city: str, postal_code: str, region: str | None, country: str) -> str:
    """The line of an address below its street: "10117 Berlin", "Portland, Oregon 97201"."""
    if country in CODE_BEFORE_CITY or (country not in REGION_LABELS and country not in CITY_LABELS):
        return f"{postal_code} {city}{f', {region}' if region else ''}"
    return f"{city}{f', {region}' if region else ''} {postal_code}"


def labels_in(country: str) -> dict[str, str]:
    return {part.name: part.label for part in parts_after_street(country)}


def missing_region(group: str, address: dict[str, Any]) -> list[FieldError]:
    """What to tell of the field group called `group` where its country needs a region and none was given."""
    if address.get("country") in REGION_NEEDED and not str(address.get("region") or "").strip():
        return [FieldError(f"{group}.region", "This is needed")]
    return []


def _as_wide(part: AddressPart, width: Width) -> AddressPart:
    return msgspec.structs.replace(part, width=width)


def named_country(address: Address) -> dict[str, Any]:
    """An address as people there write it, the country by its name."""
    return {
        **msgspec.structs.asdict(address),
        "locality": locality(address.city, address.postal_code, address.region, address.country),
        "country_name": country_names().get(address.country, address.country),
    }
