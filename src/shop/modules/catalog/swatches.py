"""Colours by their names, so that a choice of colour can be shown and not only told.

Merchants write names, not codes; a name that isn't known here is told in words alone.
"""

import re
from functools import lru_cache
from typing import Final

_NAMES: Final = """
black 1f1e1c, white fbfaf7, grey 8c8c8a, gray 8c8c8a, silver c3c6c8, charcoal 3b3d40, anthracite 35383b, graphite 45484b,
slate 5c6b76, stone a69f93, ash b3b0a8, smoke 7d8085, steel 8b959c, pewter 898d8f, lead 55595c, chalk efebe2, bone e8dfcd,
cream f1e6cd, ivory f5efdf, ecru e3d8bf, oat dccfb5, oatmeal d9cdb6, natural dccfb4, linen e4d9c5, undyed e6dcc8, sand d6bf97,
beige d9c8a9, camel b98a55, tan c69c6d, khaki a39468, taupe 8f8170, mushroom a8988a, clay b5714f, terracotta c2633f,
brick a5452f, rust a8512b, copper b4693b, bronze 8f6a3a, brass bd9648, gold c99a3c, ochre c8912f, mustard d0a02f, amber dd9a2c,
honey dba440, saffron e2a32b, yellow efc63a, lemon f2dc5b, butter f3e1a0, straw e3cc86, orange df7a2d, tangerine e7802f,
apricot eeb382, peach f2bd9c, coral e8735c, salmon ec9480, red b8322b, scarlet c42e25, crimson 9d2235, cherry 931f2e,
burgundy 6b1f2e, bordeaux 641c2c, wine 6a2135, berry 7c2a4d, maroon 6b2328, raspberry a62a52, pink e5a3b3, rose d98c94,
blush eac3bd, fuchsia c2347f, magenta b8327e, plum 6a3558, aubergine 47293f, purple 6f4a8e, violet 6d4f9c, lilac b8a1cd,
lavender b5a9d3, heather 9a8aa5, thistle b9a6bd, blue 2f5f9b, navy 22314f, indigo 2f3b6b, midnight 1d2740, ink 252f45,
cobalt 24509c, royal 2f4fa3, denim 48678f, petrol 1f5a68, teal 2a7a78, turquoise 3aa6a3, cyan 3bb4c4, aqua 8ccfce,
sky 8fbcdb, ice cfe0e8, fjord 4d7389, ocean 2b6384, lake 4f8aa0, sea 3f8088, storm 56646f, mist c2ccd0, fog c4c8c6,
green 3f7d4f, forest 2b4d3a, moss 6b7442, olive 6e6b3a, sage 9aa78a, mint b1d8c1, lime a9c247, fern 567d46, pine 2a5142,
spruce 2f5850, fir 2c4a3d, juniper 4b6a63, lichen a3aa84, ivy 355c3c, emerald 1f7a55, jade 4a9a7b, eucalyptus 8fae9f,
pistachio b5c78b, leaf 5c8c43, grass 6a9a43, brown 6d4c35, chestnut 7b4328, cognac 9a5b2d, walnut 5d4330, oak c29a69,
beech d3ac7d, birch e3cfa9, bark 5f4d3f, cocoa 5b3d2f, chocolate 4a2f24, coffee 55402f,
espresso 3a2a22, hazel 8b6b4b, hazelnut 9b7653, caramel b9773c, cinnamon a3623a, whisky a9652f, peat 42382f, earth 6f563f,
glacier 3f7f8c, lagoon 2a8a94, zinc b4bcc2, cranberry 8e2840, bottle 1f4a38, night 20243c, sunset d9643a,
transparent eef2f2, clear eef2f2, dusk 6a6580, dawn e9b49a, ember b5492a, poppy cc3f2c, sun f0c24a, snow f6f7f7
"""
COLORS: Final = {name: f"#{code}" for name, code in (pair.split() for pair in _NAMES.split(","))}
_PARTS: Final = re.compile(r"\s*(?:/|\+|&|,|\band\b)\s*", re.IGNORECASE)


def is_color(code: str) -> bool:
    """Whether the attribute of this code tells a colour: color, frame_color, product_colour."""
    return code.endswith(("color", "colour", "farbe"))


@lru_cache(maxsize=2048)
def swatch(value: str) -> tuple[str, ...]:
    """One or two colours as #rrggbb; empty for a name that says none. "Forest green" is green, "Black/White" is both."""
    known = [found for part in _PARTS.split(value)[:2] if (found := _color(part))]
    return tuple(known)


def _color(words: str) -> str | None:
    name = words.strip().lower()
    return COLORS.get(name) or COLORS.get(name.rsplit(" ", 1)[-1]) or COLORS.get(name.split(" ", 1)[0])
