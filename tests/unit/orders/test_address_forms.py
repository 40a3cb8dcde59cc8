"""How an address is asked for in one country and another."""

import pytest

from shop.modules.orders.address_forms import labels_in, locality, missing_region, parts_after_street
from shop.modules.orders.rules import country_names


def names(country):
    return [part.name for part in parts_after_street(country)]


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


@pytest.mark.parametrize("country", [*country_names(), "", "??", "x" * 200])
def test_every_country_asks_for_city_and_postal_code(country):
    assert {"city", "postal_code"} <= set(names(country)) <= {"city", "postal_code", "region"}


def test_parts_are_called_as_people_there_call_them():
    assert labels_in("US") == {"city": "City", "region": "State", "postal_code": "ZIP code"}
    assert labels_in("GB") == {"city": "Town or city", "postal_code": "Postcode"}


@pytest.mark.parametrize("region", [None, "", "  "])
def test_a_region_is_missed_only_where_parcels_need_one(region):
    [error] = missing_region("billing_address", {"country": "US", "region": region})
    assert error.field == "billing_address.region"
    for country in ("DE", "IT", "", None):
        assert missing_region("billing_address", {"country": country, "region": region}) == []
    assert missing_region("billing_address", {"country": "US", "region": "Oregon"}) == []
    assert missing_region("billing_address", {}) == []


@pytest.mark.parametrize(
    ("region", "country", "line"),
    [
        (None, "DE", "123 Town"),
        ("Roma", "IT", "123 Town, Roma"),
        ("Oregon", "US", "Town, Oregon 123"),
        (None, "GB", "Town 123"),
        (None, "??", "123 Town"),
    ],
)
def test_city_and_code_are_written_as_on_letters(region, country, line):
    assert locality("Town", "123", region, country) == line
