"""All broken fields are told at once, in words that say what to mend."""

from typing import Annotated

import msgspec
import pytest

from shop.kernel.errors import Invalid
from shop.kernel.http.fields import CountryCode, Email, Line, Quantity, check


class Place(msgspec.Struct):
    city: Line
    country: CountryCode
    line2: Line | None = None


class Form(msgspec.Struct):
    email: Email
    quantity: Quantity
    place: Place
    age: Annotated[int, msgspec.Meta(ge=18)] | None = None


GOOD = {"email": "a@b.de", "quantity": 2, "place": {"city": "Ulm", "country": "DE"}}


def refusals(data) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        check(Form, data)
    return {error.field: error.message for error in caught.value.errors}


def test_a_good_form_becomes_a_struct():
    assert check(Form, GOOD).place.city == "Ulm"


def test_text_from_a_form_is_read_as_numbers():
    assert check(Form, GOOD | {"quantity": "3"}).quantity == 3


def test_every_broken_field_is_named():
    assert set(refusals({"email": "", "quantity": 0, "place": {"country": "Germany"}})) == {
        "email",
        "quantity",
        "place.city",
        "place.country",
    }


@pytest.mark.parametrize("quantity", [0, -1, 1000, 10**30, 1.5, "two", None, [], True])
def test_a_quantity_that_no_shop_sells_is_refused(quantity):
    assert set(refusals(GOOD | {"quantity": quantity})) == {"quantity"}


@pytest.mark.parametrize("city", ["", "   ", "a\x00b", "a\nb", "x" * 201, "\ud800", 5, None])
def test_a_line_that_can_t_be_printed_is_refused(city):
    assert set(refusals(GOOD | {"place": {"city": city, "country": "DE"}})) == {"place.city"}


@pytest.mark.parametrize("data", [None, [], "text", 5, {}])
def test_what_is_no_object_is_refused(data):
    assert refusals(data)


def test_messages_speak_to_people():
    told = refusals({"email": "a@b.de", "quantity": 5000, "place": {"city": "", "country": "de"}})
    assert told == {
        "quantity": "At most 999",
        "place.city": "This is needed",
        "place.country": "A country code such as DE",
    }
