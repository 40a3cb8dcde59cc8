"""A small vocabulary for drawings with light and depth: colours that shade, stuffs that feel like something, soft
shadows.

All drawings are 800 x 800, lit from the upper right, standing on a ground at y = 650. They use no style attribute, no
script and no filter: a strict Content-Security-Policy lets them through, and a page of thirty is painted at once.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

SIZE: Final = 800
GROUND: Final = 650
DEEP: Final = "#1b1a22"
"""What shades tend to: a warm near-black."""

TEXTURES: Final = {
    "canvas": (
        'width="7" height="7" patternTransform="rotate(8)"><path d="M0 2h7M0 5.5h7" stroke="#000" stroke-opacity=".1"/>'
        '<path d="M2 0v7M5.5 0v7" stroke="#fff" stroke-opacity=".12"/>'
    ),
    "ripstop": (
        'width="18" height="18" patternTransform="rotate(-6)">'
        '<path d="M0 9h18M9 0v18" stroke="#fff" stroke-width="1.6" stroke-opacity=".13"/>'
    ),
    "leather": (
        'width="26" height="24"><path d="M2 5q4-4 8 0t8 1M14 17q4 4 8-1M1 18q4-5 7 1M20 3q3 3 5-1" fill="none" '
        'stroke="#000" stroke-width="1.4" stroke-opacity=".1"/>'
    ),
    "knit": (
        'width="16" height="14"><path d="M0 1l8 9 8-9" fill="none" stroke="#000" stroke-width="3" '
        'stroke-opacity=".13"/><path d="M0 7l8 9 8-9M0-7l8 9 8-9" fill="none" stroke="#fff" stroke-width="3" '
        'stroke-opacity=".13"/>'
    ),
    "felt": (
        'width="34" height="30"><path d="M3 6l6 3M18 3l-3 6M27 9l5-4M8 19l-4 5M17 16l7 2M28 24l-6 3M13 27l2-6" '
        'stroke="#fff" stroke-width="1.6" stroke-opacity=".16"/><path d="M11 4l4 3M30 16l-3 4M5 13l7-1M22 22l4 1" '
        'stroke="#000" stroke-width="1.6" stroke-opacity=".1"/>'
    ),
    "grain": (
        'width="220" height="44"><path d="M0 7q50-7 110 0t110 0M0 19q70 9 120-1t100 1M0 33q40 6 90 1t130-1M60 26q40-7 '
        '80 0" fill="none" stroke="#3a1c08" stroke-width="2.2" stroke-opacity=".17"/>'
    ),
    "brushed": (
        'width="90" height="15"><path d="M0 3h70M40 8h50M0 8h18M10 12.5h60" stroke="#fff" stroke-opacity=".2"/>'
        '<path d="M8 5.5h74M0 10.5h56" stroke="#000" stroke-opacity=".1"/>'
    ),
}
"""What a surface feels like, as a pattern to lay over its colour."""

Stop = tuple[float, str]
"""Where (0 to 1), and a colour `#rrggbb` or `#rrggbbaa`."""


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other` in it."""
    parts = (round(a + (b - a) * share) for a, b in zip(_channels(one), _channels(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def tone(colour: str, light: float) -> str:
    """Lighter above 0, darker below, -1 to 1."""
    return mix(colour, "#ffffff", light) if light >= 0 else mix(colour, DEEP, -light)


def warm(colour: str, light: float) -> str:
    """As `tone`, but light is sunlight and shade keeps its colour: for stuffs that glow."""
    return mix(colour, "#ffe9c2", light) if light >= 0 else mix(mix(colour, "#3a1530", -light * 0.8), DEEP, -light / 3)


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def _attributes(values: Mapping[str, float | str]) -> str:
    return "".join(f' {name.rstrip("_").replace("_", "-")}="{_number(value)}"' for name, value in values.items())


class Drawing:
    """Shapes in the order they are painted, and what they use (gradients, patterns, outlines), each written once."""

    def __init__(self) -> None:
        self._body: list[str] = []
        self._defs: dict[str, str] = {}

    def svg(self) -> str:
        defs = "".join(text.replace("#id", name) for text, name in self._defs.items())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}">'
            f'<defs>{defs}</defs><g stroke-linecap="round" stroke-linejoin="round">{"".join(self._body)}</g></svg>\n'
        )

    def _define(self, text: str) -> str:
        return self._defs.setdefault(text, f"g{len(self._defs)}")

    def _paint(self, text: str) -> str:
        return f"url(#{self._define(text)})"

    def linear(self, *stops: Stop, angle: str = "across") -> str:
        """A gradient `across` (from the left), `down` or `slant` (from the upper right, as the light comes)."""
        ends = {"across": "", "down": ' x2="0" y2="1"', "slant": ' x1="1" x2="0" y2="1"'}[angle]
        return self._paint(f'<linearGradient id="#id"{ends}>{_stops(stops)}</linearGradient>')

    def radial(self, *stops: Stop, cx: float = 0.5, cy: float = 0.5, r: float = 0.5) -> str:
        return self._paint(f'<radialGradient id="#id" cx="{cx}" cy="{cy}" r="{r}">{_stops(stops)}</radialGradient>')

    def texture(self, name: str) -> str:
        """One of TEXTURES, as a fill to lie over another."""
        return self._paint(f'<pattern id="#id" patternUnits="userSpaceOnUse" {TEXTURES[name]}</pattern>')

    def glow(self, colour: str, strength: float = 0.8) -> str:
        """Fades to nothing at its rim."""
        return self.radial((0, _clear(colour, strength)), (0.5, _clear(colour, strength * 0.4)), (1, _clear(colour, 0)))

    def fade(self, colour: str, strength: float = 0.6, angle: str = "slant") -> str:
        """From that strength to nothing."""
        return self.linear((0, _clear(colour, strength)), (1, _clear(colour, 0)), angle=angle)

    def cloth(self, colour: str, depth: float = 0.2) -> str:
        return self.linear(
            (0, warm(colour, depth * 1.1)), (0.4, colour), (1, warm(colour, -depth * 1.6)), angle="slant"
        )

    def metal(self, colour: str) -> str:
        """A shiny cylinder: a bright streak at the right, light thrown back from the ground at the left."""
        return self.linear(
            (0, tone(colour, -0.18)),
            (0.07, tone(colour, -0.44)),
            (0.3, tone(colour, -0.16)),
            (0.56, tone(colour, 0.12)),
            (0.7, tone(colour, 0.66)),
            (0.82, tone(colour, 0.16)),
            (1, tone(colour, -0.28)),
        )

    def matte(self, colour: str) -> str:
        """A dull cylinder."""
        return self.linear(
            (0, tone(colour, -0.3)),
            (0.08, tone(colour, -0.38)),
            (0.45, colour),
            (0.74, tone(colour, 0.24)),
            (1, tone(colour, -0.12)),
        )

    def _roundness(self, strength: float) -> str:
        return self.linear(
            (0, _clear(DEEP, strength * 0.5)),
            (0.36, _clear(DEEP, 0.02)),
            (0.5, _clear("#fff6e0", 0)),
            (0.82, _clear("#fff6e0", strength * 0.3)),
            (1, _clear("#fff6e0", strength * 0.06)),
        )

    def _rim(self, strength: float) -> str:
        return self.linear(
            (0, _clear("#fff6e0", strength)),
            (0.4, _clear("#fff6e0", 0)),
            (0.62, _clear(DEEP, 0)),
            (1, _clear(DEEP, strength * 0.6)),
            angle="slant",
        )

    def solid(
        self, d: str, fill: str, *, texture: str = "", bulge: float = 0, rim: float = 0.7, width: float = 4
    ) -> str:
        """A body: its colour, its texture, light along the edges that face the sun and shade along the others.

        `bulge` rounds it, 0 to 1: dark at the left, bright at the right. Returns its outline for `inside`.
        """
        outline = self._define(f'<path id="#id" d="{d}"/>')
        self._body.append(f'<use href="#{outline}" fill="{fill}"/>')
        if bulge:
            self._body.append(f'<use href="#{outline}" fill="{self._roundness(bulge)}"/>')
        if texture:
            self._body.append(f'<use href="#{outline}" fill="{self.texture(texture)}"/>')
        if rim:
            self._body.append(
                f'<use href="#{outline}" fill="none" stroke="{self._rim(rim)}" stroke-width="{_number(width)}"/>'
            )
        return outline

    @contextmanager
    def inside(self, outline: str) -> Iterator[None]:
        """What is painted shows only within that body."""
        clip = self._define(f'<clipPath id="#id"><use href="#{outline}"/></clipPath>')
        self._body.append(f'<g clip-path="url(#{clip})">')
        yield
        self._body.append("</g>")

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
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{_number(width)}"{_attributes(attributes)}/>'
        )

    def cord(self, d: str, colour: str, width: float) -> None:
        """A round strap or wire: dark below, its colour, a streak of light on it."""
        self.line(d, tone(colour, -0.45), width)
        with self.moved(width * 0.08, -width * 0.08):
            self.line(d, colour, width * 0.72)
        with self.moved(width * 0.18, -width * 0.18):
            self.line(d, tone(colour, 0.45), width * 0.16, opacity="0.7")

    def stitches(self, d: str, colour: str) -> None:
        self.line(d, colour, 2.5, stroke_dasharray="9 7", opacity="0.65")

    def shine(self, d: str, opacity: float = 0.25) -> None:
        self.path(d, "#fff", opacity=f"{opacity}")

    def shade(self, d: str, opacity: float = 0.18) -> None:
        self.path(d, DEEP, opacity=f"{opacity}")

    def crest(self, x: float, y: float, width: float, colour: str) -> None:
        """The house mark, two peaks, standing on (x, y) with that width."""
        with self.moved(x - width / 2, y, width / 100):
            self.path("M0 0L36-52 54-30 68-46 100 0z", colour)
            self.path("M36-52L54-30 44-24 36-34 26-26 22-31z", "#fff", opacity="0.35")

    def shadow(self, cx: float, rx: float, cy: float = GROUND, ry: float = 20) -> None:
        """On the ground: a wide one that falls to the left, a soft one, and a dark one where the thing stands."""
        soft, hard = self.glow("#20162a", 0.42), self.glow("#150d1c", 0.75)
        self.ellipse(cx - rx * 0.42, cy + ry * 0.5, rx * 1.5, ry * 2.3, soft)
        self.ellipse(cx - rx * 0.06, cy, rx * 1.16, ry * 1.2, hard)

    @contextmanager
    def turned(self, degrees: float, x: float, y: float) -> Iterator[None]:
        self._body.append(f'<g transform="rotate({_number(degrees)} {_number(x)} {_number(y)})">')
        yield
        self._body.append("</g>")

    @contextmanager
    def moved(self, x: float, y: float, scale: float = 1) -> Iterator[None]:
        zoom = f" scale({scale:.3g})" if scale != 1 else ""
        self._body.append(f'<g transform="translate({_number(x)} {_number(y)}){zoom}">')
        yield
        self._body.append("</g>")

    @contextmanager
    def mirrored(self) -> Iterator[None]:
        """Left is right: for a thing drawn the other way round."""
        self._body.append(f'<g transform="matrix(-1 0 0 1 {SIZE} 0)">')
        yield
        self._body.append("</g>")


Draw = Callable[[Drawing, str], None]
"""Paints a thing in a colour."""
Pictures = dict[str, tuple[Draw, dict[str, str]]]
"""By the start of the file name, mostly a product's slug: what draws it, and its colours by the name's ending. A second
view is an entry of its own."""


def closer(draw: Draw, x: float, y: float, scale: float) -> Draw:
    """The same from nearer by, (x, y) in the middle."""

    def paint(d: Drawing, colour: str) -> None:
        with d.moved(SIZE / 2 - x * scale, SIZE / 2 - y * scale, scale):
            draw(d, colour)

    return paint


def _clear(colour: str, opacity: float) -> str:
    """`colour`, six digits long, that much to be seen."""
    return f"{colour}{round(opacity * 255):02x}"


def _stops(stops: tuple[Stop, ...]) -> str:
    return "".join(_stop(offset, colour) for offset, colour in stops)


def _stop(offset: float, colour: str) -> str:
    where = f' offset="{offset:g}"' if offset else ""
    veil = f' stop-opacity="{int(colour[7:], 16) / 255:.2g}"' if len(colour) == 9 else ""
    return f'<stop{where} stop-color="{colour[:7]}"{veil}/>'
