"""A small vocabulary for flat drawings with light and depth: colours that shade, cloth and metal, shadows on the ground.

All drawings are 800 x 800, lit from the upper left, standing on a ground at y = 650. They use no style attribute or
script, so that a strict Content-Security-Policy lets them through.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

SIZE: Final = 800
GROUND: Final = 650
DEEP: Final = "#1b1a22"
"""What shades tend to: a warm near-black."""

Stop = tuple[float, str]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other` in it."""
    parts = (round(a + (b - a) * share) for a, b in zip(_channels(one), _channels(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def tone(colour: str, light: float) -> str:
    """Lighter above 0, darker below, -1 to 1."""
    return mix(colour, "#ffffff", light) if light >= 0 else mix(colour, DEEP, -light)


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def _attributes(values: Mapping[str, float | str]) -> str:
    return "".join(f' {name.rstrip("_").replace("_", "-")}="{_number(value)}"' for name, value in values.items())


class Drawing:
    """Shapes in the order they are painted, and the gradients they use, each written once."""

    def __init__(self) -> None:
        self._body: list[str] = []
        self._defs: dict[str, str] = {}

    def svg(self) -> str:
        defs = "".join(text.replace("#id", name) for text, name in self._defs.items())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}">'
            f"<defs>{defs}</defs>{''.join(self._body)}</svg>\n"
        )

    def _define(self, text: str) -> str:
        name = self._defs.setdefault(text, f"g{len(self._defs)}")
        return f"url(#{name})"

    def linear(self, *stops: Stop, angle: str = "across") -> str:
        """A gradient `across`, `down` or `slant` (from the upper left)."""
        ends = {"across": 'x2="1" y2="0"', "down": 'x2="0" y2="1"', "slant": 'x2="1" y2="1"'}[angle]
        return self._define(f'<linearGradient id="#id" {ends}>{_stops(stops)}</linearGradient>')

    def radial(self, *stops: Stop, cx: float = 0.5, cy: float = 0.5, r: float = 0.5) -> str:
        return self._define(f'<radialGradient id="#id" cx="{cx}" cy="{cy}" r="{r}">{_stops(stops)}</radialGradient>')

    def glow(self, colour: str, strength: float = 0.8) -> str:
        """Fades to nothing at its rim."""
        return self._define(
            f'<radialGradient id="#id"><stop stop-color="{colour}" stop-opacity="{strength}"/>'
            f'<stop offset="1" stop-color="{colour}" stop-opacity="0"/></radialGradient>'
        )

    def cloth(self, colour: str, depth: float = 0.2) -> str:
        return self.linear((0, tone(colour, depth)), (0.45, colour), (1, tone(colour, -depth * 1.3)), angle="slant")

    def metal(self, colour: str) -> str:
        """A shiny cylinder."""
        return self.linear(
            (0, tone(colour, -0.25)),
            (0.16, tone(colour, 0.12)),
            (0.3, tone(colour, 0.55)),
            (0.42, tone(colour, 0.1)),
            (0.75, tone(colour, -0.15)),
            (0.92, tone(colour, -0.4)),
            (1, tone(colour, -0.22)),
        )

    def matte(self, colour: str) -> str:
        """A dull cylinder."""
        return self.linear(
            (0, tone(colour, -0.12)), (0.28, tone(colour, 0.18)), (0.6, colour), (1, tone(colour, -0.34))
        )

    def path(self, d: str, fill: str, **attributes: float | str) -> None:
        self._body.append(f'<path d="{d}" fill="{fill}"{_attributes(attributes)}/>')

    def rect(
        self, x: float, y: float, w: float, h: float, fill: str, *, r: float = 0, **attributes: float | str
    ) -> None:
        box = _attributes({"x": x, "y": y, "width": w, "height": h} | ({"rx": r} if r else {}))
        self._body.append(f'<rect{box} fill="{fill}"{_attributes(attributes)}/>')

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, fill: str, **attributes: float | str) -> None:
        box = _attributes({"cx": cx, "cy": cy, "rx": rx, "ry": ry})
        self._body.append(f'<ellipse{box} fill="{fill}"{_attributes(attributes)}/>')

    def line(self, d: str, colour: str, width: float, **attributes: float | str) -> None:
        self._body.append(
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{_number(width)}"'
            f' stroke-linecap="round" stroke-linejoin="round"{_attributes(attributes)}/>'
        )

    def stitches(self, d: str, colour: str) -> None:
        self.line(d, colour, 2.5, stroke_dasharray="9 7", opacity=0.55)

    def shine(self, d: str, opacity: float = 0.25) -> None:
        self.path(d, "#fff", opacity=f"{opacity}")

    def shade(self, d: str, opacity: float = 0.18) -> None:
        self.path(d, DEEP, opacity=f"{opacity}")

    def shadow(self, cx: float, rx: float, cy: float = GROUND, ry: float = 20) -> None:
        """On the ground: a wide soft one, and a dark one where the thing stands."""
        soft = self.glow(DEEP, 0.34)
        self.ellipse(cx + rx * 0.12, cy + 4, rx * 1.35, ry * 2.1, soft)
        self.ellipse(cx + rx * 0.03, cy, rx * 1.04, ry, soft)

    @contextmanager
    def turned(self, degrees: float, x: float, y: float) -> Iterator[None]:
        self._body.append(f'<g transform="rotate({_number(degrees)} {_number(x)} {_number(y)})">')
        yield
        self._body.append("</g>")

    @contextmanager
    def moved(self, x: float, y: float, scale: float = 1) -> Iterator[None]:
        zoom = f" scale({scale})" if scale != 1 else ""
        self._body.append(f'<g transform="translate({_number(x)} {_number(y)}){zoom}">')
        yield
        self._body.append("</g>")


Draw = Callable[[Drawing, str], None]
"""Paints a thing in a colour."""
Pictures = dict[str, tuple[Draw, dict[str, str]]]
"""By the start of the file name, mostly a product's slug: what draws it, and its colours by the name's ending. A second
view is an entry of its own."""


def _stops(stops: tuple[Stop, ...]) -> str:
    return "".join(
        f'<stop{f" offset={chr(34)}{offset}{chr(34)}" if offset else ""} stop-color="{colour}"/>'
        for offset, colour in stops
    )
