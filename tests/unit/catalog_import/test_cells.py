"""Cells become values without guessing: what can't be meant is refused."""

import pytest

from shop.kernel.money import Money
from shop.modules.catalog.importing.cells import (
    BadCell,
    as_html,
    as_label,
    file_name,
    read_attribute,
    read_grams,
    read_price,
    read_stock,
    read_time,
)
from shop.modules.catalog.importing.mapping import PriceColumns

DECIMAL = PriceColumns(amount="price")
COMMA = PriceColumns(amount="price", decimal_separator=",")


@pytest.mark.parametrize(
    ("cell", "currency", "columns", "amount"),
    [
        ("19.99", "EUR", DECIMAL, 1999),
        ("0", "EUR", DECIMAL, 0),
        (".5", "USD", DECIMAL, 50),
        ("1500", "JPY", DECIMAL, 1500),
        ("1.299,90", "EUR", COMMA, 129990),
        ("12,5", "EUR", COMMA, 1250),
        ("1299", "EUR", COMMA, 129900),
        ("1999", "EUR", PriceColumns(amount="price", notation="minor"), 1999),
        ("9,90 €", "EUR", COMMA, 990),
        ("EUR 9.90", "EUR", DECIMAL, 990),
        ("$5", "USD", DECIMAL, 500),
    ],
)
def test_prices_are_read_to_the_minor_unit(cell, currency, columns, amount):
    assert read_price(cell, currency, columns) == Money(amount, currency)


@pytest.mark.parametrize(
    "cell", ["", "abc", "-1", "1.999", "1e3", "NaN", "Infinity", "1,99", "$5", "5 CHF", "9" * 30, "١٢"]
)
def test_what_is_no_price_is_refused(cell):
    with pytest.raises(BadCell):
        read_price(cell, "EUR", DECIMAL)


@pytest.mark.parametrize("cell", ["9.90", "12.5", "1.2990,00", "1,2,3", ",", "", "1.299.9"])
def test_a_point_that_parts_no_thousands_is_not_taken_out_of_a_price(cell):
    with pytest.raises(BadCell):
        read_price(cell, "EUR", COMMA)


def test_a_weight_with_a_point_is_not_taken_for_a_thousandfold():
    assert read_grams("1.250,5", "g", ",") == 1251
    with pytest.raises(BadCell, match="1,5"):
        read_grams("0.35", "kg", ",")


@pytest.mark.parametrize(
    ("cell", "unit", "grams"), [("19.8", "lb", 8981), ("1.5", "KG", 1500), ("0.1", "g", 1), ("0", "oz", 0)]
)
def test_weights_are_rounded_to_the_gram_and_never_to_nothing(cell, unit, grams):
    assert read_grams(cell, unit) == grams


@pytest.mark.parametrize(("cell", "unit"), [("heavy", "g"), ("-1", "g"), ("1", "stone"), ("NaN", "kg"), ("1e9", "kg")])
def test_what_is_no_weight_is_refused(cell, unit):
    with pytest.raises(BadCell):
        read_grams(cell, unit)


@pytest.mark.parametrize("cell", ["many", "-3", "2.5", "1e3", "9" * 12])
def test_what_is_no_count_is_refused(cell):
    with pytest.raises(BadCell):
        read_stock(cell)


def test_a_spreadsheets_idle_fraction_is_a_whole_number():
    assert read_stock("12.0") == 12


def test_a_date_is_its_midnight_in_utc():
    assert read_time("2026-05-31").isoformat() == "2026-05-31T00:00:00+00:00"
    with pytest.raises(BadCell):
        read_time("31.05.2026")


def test_attributes_keep_their_kind():
    assert read_attribute("1400W", "text") == "1400W"
    assert read_attribute("2.50", "number") == 2.5
    assert read_attribute("40", "number") == 40
    assert read_attribute("No", "bool") is False
    for cell, kind in (("1400W", "number"), ("NaN", "number"), ("perhaps", "bool")):
        with pytest.raises(BadCell):
            read_attribute(cell, kind)


def test_plain_text_becomes_paragraphs_and_no_markup():
    assert as_html("One <b>\ntwo\n\nthree", is_html=False) == "<p>One &lt;b&gt;<br>two</p><p>three</p>"
    assert as_html("A & B", is_html=True) == "<p>A & B</p>"
    assert as_html("<ul><li>A</li></ul>", is_html=True) == "<ul><li>A</li></ul>"


@pytest.mark.parametrize(
    ("name", "label"),
    [("room_coverage", "Room coverage"), ("Made in", "Made in"), ("BPA", "BPA"), ("noise.level", "Noise level")],
)
def test_labels_read_as_people_write(name, label):
    assert as_label(name) == label


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("https://example.com/a/b/red%20mug.webp?v=3#x", "red mug.webp"),
        ("mug.webp", "mug.webp"),
        ("C:\\pictures\\mug.webp", "mug.webp"),
        ("../../etc/passwd", "passwd"),
        ("http://[broken/mug.webp", "mug.webp"),
    ],
)
def test_an_image_is_looked_for_by_the_last_part_of_its_address(cell, name):
    assert file_name(cell) == name
