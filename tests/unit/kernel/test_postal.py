"""How an address is asked for, checked and written in one country and another."""

import pytest

from shop.kernel.errors import FieldError
from shop.kernel.postal import (
    country_names,
    customs_of,
    labels_in,
    locality,
    normal,
    normal_code,
    normal_region,
    parts_after_street,
    problems,
)


def names(country):
    return [part.name for part in parts_after_street(country)]


def test_country_names_hold_countries_only():
    names = country_names()
    assert names["DE"] == "Germany"
    assert not {"EU", "ZZ", "UN", "001", "QO"} & set(names)


@pytest.mark.parametrize(
    ("country", "order"),
    [
        ("DE", ["postal_code", "city"]),
        ("IT", ["postal_code", "city", "region"]),
        ("GB", ["city", "postal_code"]),
        ("US", ["city", "region", "postal_code"]),
    ],
)
def test_parts_stand_in_the_order_that_letters_bear_them(country, order):
    assert names(country) == order


@pytest.mark.parametrize("country", [*country_names(), "", "??", "ZZ", "../US", "x" * 200])
def test_every_country_asks_for_city_and_postal_code(country):
    assert {"city", "postal_code"} <= set(names(country)) <= {"city", "postal_code", "region"}


def test_parts_are_called_as_people_there_call_them():
    assert labels_in("US") == {"city": "City", "region": "State", "postal_code": "ZIP code"}
    assert labels_in("GB") == {"city": "Town or city", "postal_code": "Postcode"}
    assert labels_in("JP")["region"] == "Prefecture"


def test_regions_are_offered_by_name_and_kept_by_code():
    [region] = [part for part in parts_after_street("US") if part.name == "region"]
    assert ("OR", "Oregon") in region.choices
    assert region.required
    [county] = [part for part in parts_after_street("IE") if part.name == "region"]
    assert not county.required


@pytest.mark.parametrize("country", country_names())
def test_what_the_data_gives_as_an_example_fits(country):
    customs = customs_of(country)
    for example in customs.examples:
        assert normal_code(example, country) == example
    for value, label in customs.regions:
        assert normal_region(value, country) == value == normal_region(label, country)


@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", " ec1y  8sy", "EC1Y 8SY"),
        ("GB", "GIR 0AAXX", None),
        ("DE", "D-10117", "10117"),
        ("DE", "1011", None),
        ("DE", "١٠١١٧", None),
        ("CH", "CH-8001", "8001"),
        ("PL", "00950", "00-950"),
        ("LV", "1010", "LV-1010"),
        ("US", "97201-1234", "97201-1234"),
        ("HK", "000", "000"),
        ("??", "anything", "anything"),
    ],
)
def test_a_postal_code_is_written_as_its_country_does(country, typed, code):
    assert normal_code(typed, country) == code


@pytest.mark.parametrize(
    ("country", "typed", "region"),
    [
        ("US", "oregon", "OR"),
        ("US", "Bavaria", None),
        ("CA", "Québec", "QC"),
        ("CA", "quebec", "QC"),
        ("ES", "Alava", "VI"),
        ("JP", "東京都", "Tokyo"),
        ("IE", "Cork", "Co. Cork"),
        ("DE", "Bavaria", "Bavaria"),
        ("??", "Anywhere", "Anywhere"),
    ],
)
def test_a_region_is_known_by_name_and_code_where_its_country_has_a_list(country, typed, region):
    assert normal_region(typed, country) == region


def test_what_does_not_fit_is_told_with_an_example():
    assert problems({"country": "US", "postal_code": "1", "region": "Bavaria"}) == [
        FieldError("postal_code", "This is no ZIP code of that country: one looks like 95014"),
        FieldError("region", "That country has no state of this name"),
    ]
    assert problems({"country": "XX"}) == [FieldError("country", "There is no country with this code")]


@pytest.mark.parametrize("region", [None, "", "  "])
def test_a_region_is_missed_only_where_letters_need_one(region):
    assert problems({"country": "US", "region": region}) == [FieldError("region", "This is needed")]
    for country in ("DE", "IE", "GB"):
        assert problems({"country": country, "region": region}) == []


def test_an_address_is_kept_as_its_country_writes_it():
    address = {"name": "Ada", "country": "US", "region": "oregon", "postal_code": "972011234", "city": "Portland"}
    assert normal(address) == {**address, "region": "OR", "postal_code": "97201-1234"}
    odd = {"country": "US", "region": "Bavaria", "postal_code": "1"}
    assert normal(odd) == odd
    assert normal({"country": "DE", "postal_code": None}) == {"country": "DE", "postal_code": None, "region": None}


@pytest.mark.parametrize(
    ("region", "country", "line"),
    [
        (None, "DE", "123 Town"),
        ("RM", "IT", "123 Town, RM"),
        ("OR", "US", "Town, OR 123"),
        (None, "GB", "Town 123"),
        (None, "??", "Town 123"),
    ],
)
def test_city_and_code_are_written_as_on_letters(region, country, line):
    assert locality("Town", "123", region, country) == line


def test_real_postal_codes_of_the_united_states_fit(real_data):
    lines = (real_data("geo-tax") / "geonames-US-postal.txt").read_text(encoding="utf-8").splitlines()
    wrong = [
        (code, state)
        for _, code, _, _, state, *_ in (line.split("\t") for line in lines)
        if state and problems({"country": "US", "postal_code": code, "region": state})
    ]
    assert len(lines) > 40_000
    assert wrong == []
