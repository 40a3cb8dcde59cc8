"""Which pictures there are: a file name each, what draws it, in which colour."""

from collections.abc import Callable, Iterator
from typing import Final

from shop.modules.catalog.demo.drawing import bags, camp, home, kitchen, light, travel
from shop.modules.catalog.demo.drawing.canvas import Drawing

Draw = Callable[[Drawing, str], None]

PICTURES: Final[dict[str, tuple[Draw, dict[str, str]]]] = {
    "halden-28-backpack": (bags.backpack, {"moss": "#6d7a45", "slate": "#55636f", "ochre": "#c58a2e"}),
    "fjord-rolltop-18": (bags.rolltop, {"ink": "#2f4260", "sand": "#c9ab7c"}),
    "kattegat-weekender-40": (bags.weekender, {"navy": "#31435f", "olive": "#77774a"}),
    "lagom-sling-4": (bags.sling, {"rust": "#b4552f", "charcoal": "#4a4d52"}),
    "skog-2-tent": (camp.tent, {"": "#d9863b"}),
    "nordlys-sleeping-bag": (camp.sleeping_bag, {"": "#2f6a78"}),
    "tarn-sleeping-mat": (camp.mat, {"": "#c8643c"}),
    "vandra-trekking-poles": (camp.poles, {"": "#c23b2e"}),
    "ember-kettle": (kitchen.kettle, {"": "#a7b0b5"}),
    "dawn-pour-over-set": (kitchen.pour_over, {"": "#f0e6d6"}),
    "bothy-enamel-mug": (
        kitchen.mug,
        {"cream": "#efe3c8", "forest": "#3f6b4f", "sky": "#7fa9c4", "brick": "#b5533c"},
    ),
    "hearth-cast-iron-pan": (kitchen.pan, {"": "#40434a"}),
    "lumen-camp-lantern": (light.lantern, {"brass": "#c8993f", "black": "#3b3f47"}),
    "fox-400-headlamp": (light.headlamp, {"": "#e0703a"}),
    "sol-21-solar-panel": (light.solar_panel, {"": "#4d5a47"}),
    "brick-power-bank": (light.power_bank, {"": "#4b6472"}),
    "passage-passport-wallet": (travel.passport_wallet, {"chestnut": "#8f4f2b", "black": "#3a3a3e"}),
    "drift-travel-pillow": (travel.neck_pillow, {"": "#6f8fa3"}),
    "transit-packing-cubes": (travel.packing_cubes, {"teal": "#3f8482", "clay": "#c07a56"}),
    "atlas-insulated-bottle": (travel.bottle, {"pine": "#2f5d4c", "poppy": "#d1552f", "fog": "#b9c2c6"}),
    "heimat-wool-blanket": (home.blanket, {"oat": "#d8c3a0", "heather": "#96789a", "pine": "#4b6b56"}),
    "vesper-candle": (home.candle, {"": "#b98a5c"}),
    "meridian-wall-clock": (home.clock, {"oak": "#b9814f", "black": "#3a3a3e"}),
    "waypoint-notebook": (home.notebook, {"ochre": "#c98f2f", "slate": "#5b6b78"}),
}
"""Product, then its colours by the ending of the file name."""


def drawings() -> Iterator[tuple[str, str]]:
    """File name and SVG of every picture."""
    for product, (draw, colours) in PICTURES.items():
        for ending, colour in colours.items():
            drawing = Drawing()
            draw(drawing, colour)
            yield f"{product}-{ending}.svg" if ending else f"{product}.svg", drawing.svg()
