"""Colours by their names: what is known is shown, what isn't is left to words."""

import re

import pytest

from shop.modules.catalog.swatches import COLORS, is_color, swatch


@pytest.mark.parametrize("code", ["color", "frame_colour", "product_color", "farbe"])
def test_an_attribute_of_colours_is_known_by_its_code(code):
    assert is_color(code)


@pytest.mark.parametrize("code", ["colors_supported", "size", "color_temperature"])
def test_other_attributes_are_none(code):
    assert not is_color(code)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Moss", [COLORS["moss"]]),
        ("NAVY", [COLORS["navy"]]),
        ("Forest green", [COLORS["green"]]),
        ("Slate melange", [COLORS["slate"]]),
        ("Black/White", [COLORS["black"], COLORS["white"]]),
        ("Red and blue", [COLORS["red"], COLORS["blue"]]),
        ("Mystery", []),
        ("", []),
    ],
)
def test_a_name_shows_one_colour_or_two(told, shown):
    assert swatch(told) == tuple(shown)


def test_every_colour_is_six_hexadecimal_digits():
    assert [name for name, code in COLORS.items() if not re.fullmatch("#[0-9a-f]{6}", code)] == []
