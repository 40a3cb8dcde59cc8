"""What is packed, and what it is packed in."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone, warm
from shop.modules.catalog.demo.drawing.outlines import box
from shop.modules.catalog.demo.drawing.scenes import departure

BRASS = "#d6a94f"
LEATHER = "#9c5f36"
GRAPHITE = "#30343a"
PAPER = "#f7f1e3"
STEEL = "#c3c9cd"


def _shell(colour: str) -> tuple[tuple[float, str], ...]:
    """Hard and slightly glossy, from the left to the right."""
    return (
        (0, warm(colour, -0.5)),
        (0.12, warm(colour, -0.3)),
        (0.55, colour),
        (0.8, warm(colour, 0.34)),
        (1, warm(colour, 0.02)),
    )


def packing_cubes(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 270, cy=676, ry=30)
    for x, y, w, h, shade in ((128, 490, 544, 190, -0.08), (176, 326, 448, 170, 0.06), (232, 192, 336, 140, 0.18)):
        body = tone(colour, shade)
        d.solid(box(x, y, w, h, 34), d.linear(*_shell(body)), texture="ripstop")
        d.rect(x + 10, y + 4, w - 20, 30, "#fff", r=15, opacity="0.16")
        d.line(f"M{x + 8} {y + 46}q{w / 2 - 8:.0f} 20 {w - 16} 0", warm(body, -0.65), 11)
        d.line(f"M{x + 8} {y + 46}q{w / 2 - 8:.0f} 20 {w - 16} 0", BRASS, 3, stroke_dasharray="3 5")
        d.line(f"M{x + w - 86} {y + 54}l30 34", BRASS, 9)
        d.rect(x + 42, y + 74, w - 186, h - 98, "#14232a", r=12, opacity="0.55")
        for place, tint in enumerate(("#d98a5c", "#e8d2a4", "#7f95a8")):
            wide = (w - 214) / 3
            d.rect(x + 54 + place * (wide + 5), y + 88, wide, h - 124, d.cloth(tint, 0.3), r=14, opacity="0.9")
        mesh = "".join(
            f"M{x + 44 + n} {y + 76}l{100 - h} {h - 100}m0-{h - 100}l{h - 100} {h - 100}"
            for n in range(h - 80, w - 190, 22)
        )
        d.line(mesh, "#0f2028", 2, opacity="0.35")
        d.solid(box(x + w - 116, y + h - 72, 78, 46, 6), d.cloth("#f4ead6"), texture="canvas", rim=0.3)
        d.crest(x + w - 77, y + h - 38, 40, tone(colour, -0.4))
    d.cord("M328 194q72-84 144 0", tone(colour, -0.2), 20)


def suitcase(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 220, cy=694, ry=26)
    d.line("M322 210V66h156v144", "#5b6268", 18)
    d.line("M326 210V66M478 210V66", "#dfe5e8", 6)
    d.rect(304, 48, 192, 40, d.matte(GRAPHITE), r=18)
    for x in (250, 510):
        d.rect(x, 640, 44, 32, tone(GRAPHITE, 0.1), r=8)
        d.ellipse(x + 22, 680, 24, 24, d.radial((0, "#6a7078"), (1, "#15171a"), cx=0.7, cy=0.3, r=0.8))
        d.ellipse(x + 22, 680, 9, 9, STEEL)
    shell = d.solid(box(206, 176, 388, 484, 56), d.linear(*_shell(colour)))
    with d.inside(shell):
        for x in range(246, 580, 44):
            d.line(f"M{x} 170v500", warm(colour, -0.5), 9, opacity="0.5")
            d.line(f"M{x + 10} 170v500", "#fff", 5, opacity="0.28")
        d.path("M206 176h388v66q-190-40-388 0z", "#fff", opacity="0.16")
        d.path("M200 560q200 60 400 0v110H200z", "#1b1030", opacity="0.2")
    for x, y, turn in ((206, 176, 0), (594, 176, 90), (594, 660, 180), (206, 660, 270)):
        with d.turned(turn, x, y):
            d.path(f"M{x - 3} {y + 84}v-26q0-61 61-61h26v20q-60 0-67 67z", d.cloth(LEATHER))
    d.rect(320, 196, 160, 34, d.cloth(LEATHER), r=12)
    d.line("M330 213h140", warm(LEATHER, -0.5), 8, opacity="0.5")
    d.solid(box(348, 372, 104, 64, 10), d.metal(BRASS))
    d.crest(400, 420, 60, tone(BRASS, -0.6))
    d.line("M470 216q50 30 34 90", LEATHER, 8)
    with d.turned(10, 500, 340):
        d.solid(box(464, 296, 74, 112, 14), d.cloth(LEATHER, 0.3), texture="leather")
        d.rect(476, 328, 50, 64, PAPER, r=4)
        d.line("M484 346h34M484 362h24M484 378h30", "#8d7f66", 4)


def suitcase_open(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 330, cy=680, ry=26)
    for x in (60, 408):
        d.solid(box(x, 170, 332, 510, 46), d.linear(*_shell(colour)))
        d.rect(x + 20, 190, 292, 470, d.cloth("#e9dcc3", 0.25), r=30)
    d.rect(390, 220, 20, 410, d.metal(tone(colour, -0.4)))
    for y, tint in ((214, "#c8643c"), (318, "#5f7f94"), (422, "#e3b75a")):
        d.solid(box(96, y, 262, 96, 26), d.cloth(tint, 0.28), texture="felt")
        d.line(f"M110 {y + 62}q120 12 234 0", warm(tint, -0.5), 4, opacity="0.5")
    d.solid(box(96, 530, 124, 112, 54), d.cloth("#6d7a45", 0.3), texture="knit")
    d.solid(box(232, 530, 124, 112, 54), d.cloth("#a63440", 0.3), texture="knit")
    d.line("M82 210L370 640M370 210L82 640", warm(colour, -0.5), 17)
    d.line("M85 208L373 638M373 208L85 638", tone(colour, 0.3), 4, opacity="0.6")
    d.solid(box(198, 398, 56, 50, 10), d.metal(GRAPHITE))
    d.path(box(436, 200, 276, 450, 26), "#2b2f3a", opacity="0.2")
    d.line(
        "".join(f"M{436} {y}L712 {y + 90}M712 {y}L436 {y + 90}" for y in range(216, 560, 30)),
        "#6c6a70",
        2,
        opacity="0.35",
    )
    d.line("M436 330h276", warm(colour, -0.6), 12)
    d.line("M436 330h276", BRASS, 4, stroke_dasharray="4 6")
    d.line("M690 332l-20 44", BRASS, 9)
    d.solid(box(490, 430, 168, 130, 12), d.cloth(LEATHER, 0.3), texture="leather")
    d.crest(574, 520, 90, PAPER)


def luggage_tag(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 250, cy=684, ry=26)
    with d.turned(16, 400, 300):
        _tag(d, tone(colour, -0.14), 424, back=True)
    with d.turned(-10, 400, 300):
        _tag(d, colour, 236, back=False)


def _tag(d: Drawing, colour: str, x: float, *, back: bool) -> None:
    d.cord(f"M{x + 110} 240C{x + 20} 80 {x + 150} 20 {x + 190} 60S{x + 170} 180 {x + 118} 240", tone(colour, -0.1), 24)
    d.rect(x + 136, 60, 52, 40, d.metal(BRASS), r=8, transform=f"rotate(40 {x + 160} 80)")
    d.solid(
        f"M{x + 70} 210h80q16 0 26 14l32 52q12 16 12 36v300q0 30-30 30H{x + 30}q-30 0-30-30V312q0-20 12-36l32-52"
        "q10-14 26-14z",
        d.cloth(colour, 0.28),
        texture="leather",
    )
    d.stitches(
        f"M{x + 74} 226h72q10 0 16 10l34 54q8 12 8 26v290q0 20-20 20H{x + 36}q-20 0-20-20V316q0-14 8-26l34-54q6-10 "
        "16-10z",
        tone(colour, 0.75),
    )
    d.ellipse(x + 110, 258, 19, 19, d.metal(BRASS))
    d.ellipse(x + 110, 258, 10, 10, "#1d1512")
    if back:
        d.crest(x + 110, 500, 110, warm(colour, -0.5))
        return
    d.rect(x + 32, 340, 156, 240, warm(colour, -0.6), r=14)
    d.rect(x + 40, 350, 140, 222, PAPER, r=8)
    d.line(f"M{x + 58} 392q20-14 34 0t40-4M{x + 58} 430q30-12 50 0t50-6M{x + 58} 468q16-10 40 0t30-4", "#3b4a68", 6)
    d.path(f"M{x + 130} 516h36v42h-36z", "#d9643c")
    d.path(f"M{x + 176} 350L{x + 90} 572h50L{x + 180} 470z", "#fff", opacity="0.5")


PICTURES: Pictures = {
    "transit-packing-cubes": (packing_cubes, {"teal": "#3f8482", "clay": "#c07a56"}),
    "cabin-36-suitcase": (suitcase, {"sage": "#8fa58a", "midnight": "#33456a", "coral": "#d96a4e"}),
    "cabin-36-suitcase-open": (suitcase_open, {"": "#8fa58a"}),
    "kiosk-luggage-tags": (luggage_tag, {"tan": "#b9783f", "forest": "#3c6350"}),
}
