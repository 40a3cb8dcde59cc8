"""A mapping that can't work is told so before a row is read."""

import pytest

from shop.modules.catalog.importing.binding import bind
from shop.modules.catalog.importing.mapping import MappingError, load_preset, parse_mapping, presets

MINIMAL = """
[rows]
group_by = "id"
product_when_filled = ["name"]
variant_when_filled = ["sku"]
[product]
title = "name"
[variant]
sku = "sku"
[[prices]]
amount = "price"
"""


def parsed(toml: str):
    return parse_mapping(toml.encode(), "mine.toml")


@pytest.mark.parametrize("name", presets())
def test_every_preset_can_be_used(name):
    assert load_preset(name).prices


def test_an_unknown_preset_is_answered_with_those_there_are():
    with pytest.raises(MappingError, match="there are: icecat, shop, shopify, spree"):
        load_preset("nonesuch")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("not toml", "mine.toml: not TOML"),
        (MINIMAL.replace('title = "name"', 'titel = "name"'), "titel"),
        (MINIMAL.replace('title = "name"', ""), "title"),
        (MINIMAL.replace('amount = "price"', 'amount = "price"\ncurrency = "EURO"'), "'EURO' is not an ISO 4217"),
        (MINIMAL.replace('sku = "sku"', 'sku = "sku"\noptions = [{ value = "size" }]'), "either name"),
        (MINIMAL.replace('sku = "sku"', 'sku = "sku"\nweight = { column = "w", unit = "stone" }'), "'stone'"),
        (MINIMAL + "[defaults]\nstock = -1\n", "defaults.stock"),
        (MINIMAL + "[file]\ndelimiter = ';;'\n", "file.delimiter"),
        (MINIMAL + "[file]\nencoding = 'klingon'\n", "file.encoding 'klingon'"),
        (MINIMAL + "[file]\nencoding = 'base64'\n", "file.encoding 'base64'"),
        (MINIMAL.replace('sku = "sku"', "stock = 'sku'"), "make_sku"),
        (MINIMAL + "[attributes]\npacked = { column = 'x', separator = '' }\n", "separator"),
        (MINIMAL + "[images]\nseparator = ''\n", "separator"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_in_words(toml, words):
    with pytest.raises(MappingError, match=words):
        parsed(toml)


def test_every_column_that_the_file_lacks_is_named_at_once():
    with pytest.raises(MappingError, match="no column 'name', 'price'; it has: 'id', 'sku'"):
        bind(parsed(MINIMAL), ("id", "sku"))


def test_columns_that_nobody_reads_are_told():
    assert bind(parsed(MINIMAL), ("id", "name", "sku", "price", "colour of the box")).unused == ("colour of the box",)


def test_prices_are_found_for_every_currency_in_the_columns_names():
    bound = bind(load_preset("shop"), ("slug", "title", "sku", "price_eur", "price_jpy", "compare_at_eur", "price_tag"))
    assert [(each.currency, each.compare_at) for each in bound.prices] == [("EUR", "compare_at_eur"), ("JPY", None)]


@pytest.mark.parametrize(
    ("preset", "columns", "words"),
    [
        (
            "shop",
            ("slug", "title", "sku", "preis_eur"),
            "no column with prices: 'price_eur' is expected; it has: 'preis_eur'",
        ),
        ("shopify", ("Handle", "Title"), "no column with prices: 'Variant Price' or 'Price' is expected"),
        ("spree", ("slug", "sku", "name", "prize", "currency"), "no column 'price'; it has: 'prize'"),
        ("shopify", ("handle", "Title", "Price"), "no column 'Handle' or 'URL handle'; it has: 'handle'"),
    ],
)
def test_a_file_without_a_needed_column_is_told_which_and_what_may_be_meant(preset, columns, words):
    with pytest.raises(MappingError, match=words):
        bind(load_preset(preset), columns)


def test_attributes_of_one_name_in_two_types_have_codes_of_their_own():
    columns = (
        "id",
        "title",
        "price",
        "supplier",
        "attr_t_colour",
        "attr_b_colour",
        "attr_n_" + "x" * 70,
        "attr_t_" + "x" * 70,
    )
    codes = {name: each.code for name, each in bind(load_preset("icecat"), columns).attributes.items()}
    assert codes["attr_b_colour"] == "colour"
    assert codes["attr_t_colour"] == "colour_2"
    assert len(set(codes.values())) == len(codes)
    assert all(len(code) <= 60 for code in codes.values())
