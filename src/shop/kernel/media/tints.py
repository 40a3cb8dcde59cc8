"""The colour that stands in a picture's place until it is there: the one it holds most of, out of 31.

A class per colour rather than a colour per picture, because pages allow no inline style. `tints.css` is written from
`PALETTE` by `python -m shop.kernel.media.tints`.
"""

import re
from functools import lru_cache
from typing import Final

from PIL import Image

NONE: Final = 0
"""Of a picture one can see through: a colour behind it would stay."""
PALETTE: Final = (
    *("ffffff", "f2f0ec", "dbd9d5", "b3b1ad", "82807c", "4f4d49", "211f1c", "e4dbd0", "c6bcb0", "a2968a"),
    *("fbd3cf", "f5d8c1", "e7debd", "cce6cc", "bce8e7", "c4e3f9", "dadbfc", "f5d3e5"),
    *("dc8c85", "d39562", "b8a457", "7cb57d", "49b8b8", "67addd", "9e9ce1", "d28bb3"),
    *("6f3b47", "63471c", "315833", "00595a", "384d73"),
)
"""Greys and the warm greys of studios, then pale, middle and deep tones around the colour circle; tint 1 is the first."""
SAMPLE: Final = 24
"""Pixels along a side of the picture's sample, enough to see what it holds most of."""
OPAQUE_SHARE: Final = 0.995

_FIRST_SHAPE: Final = re.compile(rb"<(?:rect|path|circle|ellipse|polygon)\b[^>]*?\bfill=\"([^\"]+)\"")
_HEX: Final = re.compile(rb"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")


def tint_of_picture(image: Image.Image) -> int:
    """Of a decoded picture."""
    sample = image.convert("RGBA").resize((SAMPLE, SAMPLE), Image.Resampling.BOX, reducing_gap=2.0)
    opaque = sum(sample.getchannel("A").histogram()[250:])
    if opaque < OPAQUE_SHARE * SAMPLE * SAMPLE:
        return NONE
    return _most_frequent(sample.convert("RGB"))


def tint_of_drawing(svg: bytes) -> int:
    """Of a vector drawing of our own making, whose first shape is its backdrop: its fill, or the mean of the stops of
    the gradient that fills it."""
    body = svg.partition(b"</defs>")[2] or svg
    shape = _FIRST_SHAPE.search(body)
    if shape is None:
        return NONE
    fill = shape[1]
    if fill.startswith(b"url(#"):
        gradient = re.search(rb'id="' + re.escape(fill[5:-1]) + rb'".*?</', svg, re.DOTALL)
        colours = _HEX.findall(gradient[0]) if gradient else []
    else:
        colours = _HEX.findall(fill)
    channels = [_channels(colour) for colour in colours]
    if not channels:
        return NONE
    mean = tuple(round(sum(channel) / len(channels)) for channel in zip(*channels, strict=True))
    return _most_frequent(Image.new("RGB", (1, 1), mean))


def _channels(colour: bytes) -> tuple[int, int, int]:
    digits = colour.decode()
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _most_frequent(sample: Image.Image) -> int:
    counted = sample.quantize(palette=_palette(), dither=Image.Dither.NONE).histogram()
    return counted.index(max(counted)) + 1


@lru_cache(maxsize=1)
def _palette() -> Image.Image:
    image = Image.new("P", (1, 1))
    image.putpalette(bytes.fromhex("".join(PALETTE)))
    return image


def style_sheet() -> str:
    rules = "\n".join(
        f"  .tint-{number:02} {{ background-color: #{colour}; }}" for number, colour in enumerate(PALETTE, 1)
    )
    return (
        "/* A picture's main colour in its place until it is there. Written by `python -m shop.kernel.media.tints`;\n"
        "   the same in the dark, where a picture and its place are dimmed alike. */\n"
        f"@layer base {{\n{rules}\n}}\n"
    )


if __name__ == "__main__":
    print(style_sheet(), end="")  # noqa: T201  # into static/css/shop/tints.css
