"""Light and power."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone
from shop.modules.catalog.demo.drawing.scenes import dawn, dusk

GRAPHITE = "#3a3d45"


def lantern(d: Drawing, colour: str) -> None:
    dusk(d)
    d.ellipse(400, 430, 370, 370, d.glow("#ffcf7d", 0.75))
    d.shadow(400, 150)
    d.line("M268 330C250 130 550 130 532 330", tone(colour, -0.25), 12)
    d.line("M268 330C250 130 550 130 532 330", tone(colour, 0.55), 4, stroke_dasharray="230 900")
    d.rect(318, 300, 164, 250, d.radial((0, "#fffbe6"), (0.5, "#ffe29a"), (1, "#f2ae4e"), r=0.65), r=30)
    d.path(
        "M400 360c44 60 44 92 30 118-12 24-48 24-60 0-14-26-8-54 30-118z",
        d.linear((0, "#fff"), (1, "#ffb638"), angle="down"),
    )
    d.rect(330, 320, 20, 210, "#fff", r=10, opacity=0.6)
    d.line("M318 320v210M482 320v210", tone(colour, -0.2), 9)
    d.line("M318 424q82 26 164 0", tone(colour, -0.1), 6)
    d.path("M290 312q8-78 110-78t110 78z", d.metal(colour))
    d.path("M352 240q0-44 48-44t48 44z", d.metal(tone(colour, -0.15)))
    for x in (330, 370, 410, 450):
        d.rect(x, 272, 20, 12, tone(colour, -0.6), r=6)
    d.rect(280, 304, 240, 24, d.metal(tone(colour, -0.08)), r=12)
    d.path("M300 536h200l24 92q4 22-20 22H296q-24 0-20-22z", d.metal(colour))
    d.rect(290, 532, 220, 22, d.metal(tone(colour, 0.12)), r=11)
    d.ellipse(400, 604, 24, 24, tone(colour, -0.45))
    d.ellipse(398, 601, 18, 18, d.metal(tone(colour, 0.1)))


def headlamp(d: Drawing, colour: str) -> None:
    dusk(d)
    d.path("M330 500L-40 720V250z", d.linear((0, "#5a5f8f"), (1, "#fff2c9")), opacity=0.22)
    d.shadow(430, 250, ry=26)
    band = tone(colour, -0.45)
    d.line("M196 470C150 190 700 190 668 470", band, 76)
    d.line("M192 448C156 200 690 190 666 446", tone(colour, -0.2), 5, opacity=0.7)
    d.line("M430 254C410 330 380 380 340 430", tone(colour, -0.3), 56)
    d.line(
        "M668 470C680 620 540 636 400 606S190 570 196 470",
        d.linear((0, tone(colour, 0.25)), (0.5, colour), (1, tone(colour, -0.3))),
        80,
    )
    d.line("M672 480C676 600 540 612 400 586", "#fff3dc", 6, stroke_dasharray="30 18", opacity=0.85)
    d.rect(560, 546, 62, 92, GRAPHITE, r=10, transform="rotate(-14 590 590)")
    d.rect(572, 560, 36, 12, tone(GRAPHITE, 0.4), r=6, transform="rotate(-14 590 590)")
    with d.turned(8, 330, 540):
        d.rect(228, 420, 216, 206, d.linear((0, tone(GRAPHITE, 0.35)), (1, tone(GRAPHITE, -0.4)), angle="slant"), r=56)
        d.rect(296, 404, 84, 26, colour, r=10)
        d.ellipse(322, 522, 92, 92, "#23252b")
        d.ellipse(322, 522, 79, 79, d.metal("#c9ced6"))
        d.ellipse(322, 522, 62, 62, d.radial((0, "#fff"), (0.45, "#fff3c4"), (1, "#f4c35a")))
        d.ellipse(302, 498, 21, 14, "#fff", opacity=0.9)
        d.ellipse(424, 500, 9, 9, "#e2574a")
        d.ellipse(424, 534, 9, 9, "#7ad0a2")
    d.ellipse(320, 520, 200, 200, d.glow("#fff0c0", 0.75))


def solar_panel(d: Drawing, colour: str) -> None:
    dawn(d)
    d.shadow(400, 300, ry=26)
    cells = d.linear((0, "#6f8fd0"), (0.35, "#2f4a8c"), (1, "#141f45"), angle="slant")
    frame = "".join(f"M{24 + x * 76} {26 + y * 92}h70v84h-70z" for x in range(2) for y in range(4))
    wires = "".join(f"M{30 + x * 76} {68 + y * 92}h58m-29-36v72" for x in range(2) for y in range(4))
    for place, (x, skew) in enumerate(((96, -7), (300, 0), (504, 7))):
        with d.moved(x, 230):
            body = colour if place != 1 else tone(colour, 0.1)
            d.path(f"M{10 + skew} {abs(skew)}h176l{10 - skew} 410H{-4 + skew}z", d.cloth(body))
            d.path(frame, cells)
            d.line(wires, "#a9bdec", 2, opacity=0.5)
            d.shine("M24 26h60L24 180z", 0.3)
    for x in (296, 500):
        d.line(f"M{x} 240v396", tone(colour, -0.5), 5, stroke_dasharray="10 6")
    d.line("M420 644q30 50 110 26t150 10", "#23252b", 9)
    d.rect(672, 662, 56, 32, GRAPHITE, r=7)
    d.rect(724, 669, 20, 18, "#d8dce2", r=3)


def power_bank(d: Drawing, colour: str) -> None:
    dusk(d)
    d.ellipse(400, 400, 330, 330, d.glow("#ffc98a", 0.45))
    d.shadow(400, 170)
    with d.turned(7, 400, 420):
        d.rect(262, 150, 292, 492, tone(colour, -0.5), r=56)
        d.rect(
            246,
            146,
            292,
            492,
            d.linear((0, tone(colour, 0.32)), (0.4, colour), (1, tone(colour, -0.35)), angle="slant"),
            r=56,
        )
        d.shine("M262 210q0-48 48-48h90L262 420z", 0.16)
        for y in (470, 492, 514, 536, 558, 580):
            d.line(f"M290 {y}h204", tone(colour, -0.3), 6, opacity=0.5)
        for place in range(4):
            d.ellipse(446 + place * 22, 206, 7, 7, "#8ff0b8" if place < 3 else tone(colour, -0.5))
        d.path("M404 262l-62 92h44l-18 84 70-104h-46z", "#ffd27a")
        d.rect(310, 138, 64, 18, "#16181d", r=9)
        d.rect(410, 138, 46, 18, "#16181d", r=5)
        d.line("M342 140C342 60 250 70 214 130S120 240 90 300", "#f3ead9", 12)
        d.rect(320, 112, 44, 36, "#f3ead9", r=8)


PICTURES: Pictures = {
    "lumen-camp-lantern": (lantern, {"brass": "#c8993f", "black": "#3b3f47"}),
    "fox-400-headlamp": (headlamp, {"": "#e0703a"}),
    "sol-21-solar-panel": (solar_panel, {"": "#4d5a47"}),
    "brick-power-bank": (power_bank, {"": "#4b6472"}),
}
