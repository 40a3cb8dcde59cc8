"""The colour in a picture's place until it is there."""

from pathlib import Path

import pytest
from PIL import Image

from shop.kernel.media.tints import NONE, PALETTE, style_sheet, tint_of_drawing, tint_of_picture

CSS = Path(__file__).parents[3] / "static/css/shop/tints.css"


def test_the_style_sheet_has_a_class_for_each():
    assert CSS.read_text() == style_sheet()
    assert len(PALETTE) == len(set(PALETTE)) == 31
    assert ".tint-31 { background-color: #384d73; }" in style_sheet()


@pytest.mark.parametrize("number", [1, 2, 8, 15, 16, 31])
def test_a_picture_of_a_colour_of_the_palette_has_that_tint(number):
    assert tint_of_picture(Image.new("RGB", (300, 200), f"#{PALETTE[number - 1]}")) == number


def test_the_backdrop_wins_over_the_thing_before_it():
    image = Image.new("RGB", (300, 300), "white")
    image.paste((160, 20, 20), (80, 80, 200, 200))
    assert tint_of_picture(image) == 1


def test_a_picture_one_can_see_through_has_none():
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    image.paste((160, 20, 20, 255), (80, 80, 220, 220))
    assert tint_of_picture(image) == NONE


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "I;16", "F"])
def test_every_mode_has_a_tint(mode):
    assert 0 <= tint_of_picture(Image.new(mode, (40, 30))) <= len(PALETTE)


@pytest.mark.parametrize(
    ("svg", "tint"),
    [
        (b'<svg><rect fill="#ffffff"/></svg>', 1),
        (b'<svg><path d="M0 0h1v1z" fill="#fff"/></svg>', 1),
        (b'<svg><rect fill="url(#gone)"/></svg>', NONE),
        (b'<svg><rect fill="papayawhip"/></svg>', NONE),
        (b"<svg/>", NONE),
        (b"", NONE),
    ],
)
def test_a_drawing_has_the_tint_of_its_first_shape_if_that_can_be_told(svg, tint):
    assert tint_of_drawing(svg) == tint
