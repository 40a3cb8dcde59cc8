"""Light and power."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, closer, tone, warm
from shop.modules.catalog.demo.drawing.scenes import dawn, dusk, grass

GRAPHITE = "#3d4049"
CREAM = "#f6e7cb"


def lantern(d: Drawing, colour: str) -> None:
    dusk(d)
    d.ellipse(400, 420, 400, 400, d.glow("#ffc56b", 0.85))
    d.shadow(400, 180)
    d.ellipse(400, 668, 330, 60, d.glow("#ffcf7d", 0.8))
    d.cord("M248 300C220 20 580 20 552 300", tone(colour, -0.1), 15)
    glass = d.solid(
        "M326 250h148q44 0 44 50v210q0 50-44 50H326q-44 0-44-50V300q0-50 44-50z",
        d.radial((0, "#fffdf0"), (0.45, "#ffe6a6"), (0.8, "#f6b455"), (1, "#c9762c"), r=0.62),
        rim=0.9,
    )
    d.path(
        "M400 300c58 76 58 118 40 152-16 30-64 30-80 0-18-34-10-70 40-152z",
        d.linear((0, "#fff6d0"), (0.6, "#ffcf5c"), (1, "#ff9d2e"), angle="down"),
    )
    d.path("M400 376c26 38 26 60 18 76-8 14-28 14-36 0-8-18-4-34 18-76z", "#fffdf4")
    with d.inside(glass):
        d.path("M470 240h34v330h-34z", "#fff", opacity="0.5")
        d.rect(280, 240, 40, 330, d.linear((0, "#7c3f1466"), (1, "#7c3f1400")))
    for x in (282, 400, 518):
        d.line(f"M{x} 262v290", tone(colour, -0.35), 11)
        d.line(f"M{x + 3} 262v290", warm(colour, 0.4), 3)
    d.line("M282 410q118 30 236 0", tone(colour, -0.3), 9)
    d.line("M282 407q118 30 236 0", warm(colour, 0.5), 3)
    d.solid("M264 238q10-104 136-104t136 104z", d.metal(colour), texture="brushed")
    d.path("".join(f"M{x} 196h22" for x in (316, 362, 408, 454)), "none", stroke=tone(colour, -0.7), stroke_width=14)
    d.solid("M342 138q0-56 58-56t58 56q-58 14-116 0z", d.metal(tone(colour, -0.1)))
    d.solid("M248 232h304q14 0 14 15t-14 15H248q-14 0-14-15t14-15z", d.metal(tone(colour, 0.05)), width=3)
    d.solid("M272 566h256l28 66q6 26-22 26H266q-28 0-22-26z", d.metal(colour), texture="brushed")
    d.solid("M258 546h284q13 0 13 14t-13 14H258q-13 0-13-14t13-14z", d.metal(tone(colour, 0.14)), width=3)
    d.ellipse(400, 616, 30, 30, tone(colour, -0.55))
    d.ellipse(402, 613, 24, 24, d.metal(tone(colour, 0.1)))
    d.line("M404 594v16", tone(colour, -0.6), 5)


def headlamp(d: Drawing, colour: str) -> None:
    dusk(d)
    d.path("M250 520L-60 250V820z", d.linear((0, "#fff2c900"), (1, "#fff2c9cc")))
    d.shadow(420, 290, ry=26)
    d.ellipse(430, 320, 262, 150, "none", stroke=tone(colour, -0.55), stroke_width=84)
    d.ellipse(430, 312, 262, 150, "none", stroke=tone(colour, -0.35), stroke_width=6, opacity="0.8")
    d.line("M470 168C420 240 380 300 316 420", tone(colour, -0.5), 62)
    front = "M692 330C720 560 560 600 420 590S156 520 168 330"
    d.line(front, tone(colour, -0.4), 100)
    d.line(
        "M694 322C718 548 560 588 420 578S160 508 170 322",
        d.linear((0, tone(colour, -0.1)), (0.55, colour), (1, warm(colour, 0.4))),
        88,
    )
    d.line("M690 340C700 540 540 566 420 556S180 500 178 350", CREAM, 7, stroke_dasharray="34 20", opacity="0.9")
    d.line("M716 330C734 560 566 618 420 610", warm(colour, 0.6), 4, opacity="0.7")
    with d.turned(-20, 610, 520):
        d.solid("M566 462h76q12 0 12 12v100q0 12-12 12h-76q-12 0-12-12V474q0-12 12-12z", d.metal(GRAPHITE), width=3)
        d.rect(574, 490, 60, 14, "#17181d", r=7)
        d.rect(574, 546, 60, 14, "#17181d", r=7)
    with d.turned(6, 290, 510):
        d.solid(
            "M220 376h150q74 0 74 74v120q0 74-74 74H220q-74 0-74-74V450q0-74 74-74z",
            d.linear((0, tone(GRAPHITE, 0.4)), (0.5, GRAPHITE), (1, tone(GRAPHITE, -0.5)), angle="slant"),
            rim=0.9,
        )
        d.solid("M256 352h86q12 0 12 14v16H244v-16q0-14 12-14z", d.cloth(colour), width=3)
        d.ellipse(282, 512, 116, 116, "#1c1e24")
        d.ellipse(282, 512, 102, 102, d.linear((0, "#f4f6f8"), (0.5, "#8a929c"), (1, "#d4d9de"), angle="slant"))
        d.ellipse(282, 512, 82, 82, d.radial((0, "#ffffff"), (0.5, "#fff3c4"), (1, "#f2bd52")))
        d.path("M236 470q44-44 96-20-50 0-96 20z", "#ffffff", opacity="0.9")
        d.ellipse(414, 490, 12, 12, d.radial((0, "#ffb0a4"), (1, "#d8432c")))
        d.ellipse(414, 530, 12, 12, d.radial((0, "#c8ffdc"), (1, "#3f9f6c")))
    d.ellipse(280, 514, 200, 200, d.glow("#fff0c0", 0.55))


def solar_panel(d: Drawing, colour: str) -> None:
    dawn(d)
    d.shadow(400, 340, ry=22)
    cells = d.linear((0, "#9cc0ee"), (0.3, "#41639f"), (0.6, "#22356b"), (1, "#131b3d"), angle="slant")
    frame = "".join(f"M{24 + x * 92} {26 + y * 104}h84v94h-84z" for x in range(2) for y in range(4))
    wires = "".join(f"M{30 + x * 92} {73 + y * 104}h72m-36-40v80" for x in range(2) for y in range(4))
    for place, (x, skew) in enumerate(((40, -9), (288, 0), (536, 9))):
        with d.moved(x, 168):
            body = (warm(colour, -0.2), colour, warm(colour, 0.15))[place]
            panel = d.solid(f"M{8 + skew} {abs(skew)}h208l{8 - skew} 464H{-4 + skew}z", d.cloth(body), texture="canvas")
            d.path(frame, cells)
            d.line(wires, "#c9d9fb", 2, opacity="0.55")
            with d.inside(panel):
                d.path("M230 0L60 480H-20L130 0z", "#ffffff", opacity="0.14")
            d.ellipse(112, 10, 8, 6, d.metal("#d6a94f"))
            d.crest(112, 458, 30, CREAM)
    for x in (276, 524):
        d.line(f"M{x} 180v440", tone(colour, -0.55), 7, stroke_dasharray="14 8")
    d.cord("M470 638q30 80 130 44t130 20", "#2b2d34", 12)
    d.solid("M716 682h56q8 0 8 8v24q0 8-8 8h-56q-8 0-8-8v-24q0-8 8-8z", d.metal("#4c4f57"), width=2)
    d.rect(778, 692, 22, 20, "#d8dce2")


def power_bank(d: Drawing, colour: str) -> None:
    dusk(d)
    d.ellipse(420, 400, 380, 380, d.glow("#ffb98a", 0.5))
    d.shadow(390, 210)
    d.cord("M322 120C322 0 180 10 150 130S80 380 40 560", CREAM, 16)
    with d.turned(6, 400, 400):
        d.path("M300 96h228q74 0 74 74v404q0 74-74 74H284q-74 0-74-74z", tone(colour, -0.62))
        body = d.solid(
            "M262 92h262q66 0 66 66v424q0 66-66 66H262q-66 0-66-66V158q0-66 66-66z",
            d.linear((0, tone(colour, 0.5)), (0.35, colour), (1, tone(colour, -0.42)), angle="slant"),
            texture="brushed",
            rim=0.9,
            width=6,
        )
        with d.inside(body):
            d.path("M600 60v260L330 660H220L600 60z", "#ffffff", opacity="0.1")
            d.path(
                "".join(f"M240 {y}h306" for y in range(470, 620, 26)),
                "none",
                stroke="#0e1016",
                stroke_width=8,
                opacity="0.28",
            )
            d.path(
                "".join(f"M240 {y + 5}h306" for y in range(470, 620, 26)),
                "none",
                stroke="#ffffff",
                stroke_width=2,
                opacity="0.3",
            )
        for place in range(4):
            d.ellipse(462 + place * 26, 160, 16, 16, d.glow("#8ff0b8", 0.8) if place < 3 else "none")
            d.ellipse(462 + place * 26, 160, 8, 8, "#b6ffd4" if place < 3 else tone(colour, -0.5))
        for x, y in ((232, 128), (554, 128), (232, 612), (554, 612)):
            d.ellipse(x, y, 13, 13, tone(colour, -0.5))
            d.ellipse(x + 1, y - 1, 10, 10, d.metal("#b9c0c6"))
            d.line(f"M{x - 5} {y}h12M{x + 1} {y - 6}v12", "#4a5058", 3)
        d.path("M412 206l-98 146h64l-26 122 106-152h-66z", d.linear((0, "#fff0c0"), (1, "#f2a93c"), angle="down"))
        d.rect(284, 80, 86, 20, "#101218", r=9)
        d.rect(412, 80, 60, 20, "#101218", r=6)
        d.solid("M296 46h54q8 0 8 8v36h-70V54q0-8 8-8z", d.metal("#e9ddc4"), width=2)


def string_lights(d: Drawing, colour: str) -> None:
    dusk(d)
    d.solid("M40 60h34l-10 600H20z", d.matte("#6b4a3a"), texture="grain")
    d.solid("M730 40h34l20 620h-44z", d.matte("#6b4a3a"), texture="grain")
    bulbs = (
        (150, 190),
        (262, 268),
        (384, 306),
        (508, 282),
        (622, 206),
        (118, 436),
        (240, 520),
        (378, 556),
        (520, 528),
        (654, 440),
    )
    d.ellipse(390, 380, 430, 330, d.glow("#ffb765", 0.55))
    d.line("M58 96Q390 470 746 80M52 350Q380 720 756 340", "#17141f", 9)
    d.line("M60 93Q392 466 748 78M54 347Q382 716 758 338", "#6d6577", 3)
    for x, y in bulbs:
        d.ellipse(x, y + 52, 100, 100, d.glow("#ffcb72", 0.85))
        d.rect(x - 13, y - 14, 26, 36, "#24202c", r=5)
        d.rect(x + 3, y - 12, 5, 32, "#857c92", r=2)
        d.ellipse(x, y + 56, 30, 38, d.radial((0, "#fffdf2"), (0.5, "#ffe29a"), (1, colour), cy=0.55))
        d.path(f"M{x - 9} {y + 66}l6-24 6 12 6-12 6 24", "none", stroke="#ff9d2e", stroke_width=3.5)
        d.ellipse(x + 11, y + 42, 6, 9, "#ffffff", opacity="0.9")
    d.ellipse(400, 700, 380, 60, d.glow("#ffcb72", 0.5))
    grass(d, "#1c1a33", (120, 720, 60), (690, 730, 70), (640, 760, 44))


def table_lamp(d: Drawing, colour: str) -> None:
    dusk(d)
    d.ellipse(400, 420, 420, 380, d.glow("#ffc98a", 0.75))
    d.shadow(400, 190)
    d.ellipse(400, 664, 300, 48, d.glow("#ffd79a", 0.9))
    d.solid("M376 330h48v250h-48z", d.metal(tone(colour, -0.1)))
    d.rect(376, 330, 48, 90, d.fade("#ffe0a0", 0.9, "down"))
    base = d.solid("M400 560q130 0 154 76 4 22-26 22H272q-30 0-26-22 24-76 154-76z", d.matte(colour))
    with d.inside(base):
        d.ellipse(400, 566, 130, 34, d.glow("#ffe0a0", 0.9))
    d.ellipse(400, 334, 214, 44, "#fff1cc")
    d.ellipse(400, 338, 196, 34, d.radial((0, "#ffffff"), (0.6, "#ffe9b8"), (1, "#f7bd62")))
    shade = d.solid(
        "M400 84c150 0 236 110 240 232 2 26-14 30-30 24-140-40-280-40-420 0-16 6-32 2-30-24 4-122 90-232 240-232z",
        d.matte(colour),
        rim=0.9,
        width=6,
    )
    with d.inside(shade):
        d.ellipse(400, 350, 250, 60, d.glow("#ffd79a", 0.85))
        d.path("M520 110c70 50 96 120 100 210l-46-14c0-80-20-150-54-196z", d.fade("#ffffff", 0.7, "down"))
    d.ellipse(400, 88, 26, 9, d.metal("#d6a94f"))
    d.ellipse(470, 620, 11, 11, d.metal("#d6a94f"))


def torch(d: Drawing, colour: str) -> None:
    dusk(d)
    d.shadow(420, 300, ry=26)
    with d.turned(-16, 400, 520):
        d.path("M190 500L-120 190V830z", d.linear((0, "#fff2c900"), (1, "#fff2c9e6")))
        d.solid(
            "M300 452h350q40 0 40 40v56q0 40-40 40H300z",
            d.linear(
                (0, tone(colour, 0.55)),
                (0.25, colour),
                (0.7, tone(colour, -0.3)),
                (1, tone(colour, -0.55)),
                angle="down",
            ),
        )
        d.path(
            "".join(f"M{x} 456l26 128M{x + 26} 456l-26 128" for x in range(380, 640, 26)),
            "none",
            stroke="#0e1016",
            stroke_width=4,
            opacity="0.35",
        )
        d.solid(
            "M660 446h40q26 0 26 30v88q0 30-26 30h-40z",
            d.linear((0, "#9aa2ac"), (0.3, GRAPHITE), (1, "#17181d"), angle="down"),
        )
        d.solid(
            "M180 400h60q40 30 70 40v160q-30 10-70 40h-60z",
            d.linear((0, "#aab2bc"), (0.25, "#565b66"), (0.7, "#2b2e36"), (1, "#17181d"), angle="down"),
            texture="brushed",
        )
        for x in (250, 272, 292):
            d.line(f"M{x} 430v180", "#0e1016", 6, opacity="0.5")
        d.solid("M180 392a46 128 0 1 0 1 0z", d.linear((0, "#dfe4e9"), (1, "#6f7680"), angle="slant"))
        d.ellipse(178, 520, 36, 108, d.radial((0, "#ffffff"), (0.5, "#fff3c4"), (1, "#f2bd52")))
        d.ellipse(345, 470, 26, 11, d.cloth("#d8532f"))
        d.ellipse(175, 520, 230, 230, d.glow("#fff0c0", 0.85))
        d.cord("M720 520q80 0 70 70t-60 80", "#c9a05a", 10)
        d.crest(520, 500, 40, CREAM)


def cable(d: Drawing, colour: str) -> None:
    dusk(d)
    d.shadow(400, 270, ry=28)
    d.ellipse(420, 380, 360, 340, d.glow("#ffc98a", 0.45))
    for r, y in ((220, 380), (206, 368), (194, 384), (180, 372)):
        d.ellipse(400, y, r, r, "none", stroke=tone(colour, -0.55), stroke_width=30)
        d.ellipse(400, y, r, r, "none", stroke=colour, stroke_width=23)
        d.ellipse(403, y - 3, r, r, "none", stroke=CREAM, stroke_width=9, stroke_dasharray="7 13", opacity="0.6")
    for way in ("M214 470q-30 120 60 170", "M590 470q40 90-20 150"):
        d.line(way, tone(colour, -0.55), 30)
        d.line(way, colour, 23)
        d.line(way, CREAM, 9, stroke_dasharray="7 13", opacity="0.6")
    for x, y, turn in ((290, 650, 68), (560, 634, 30)):
        with d.turned(turn, x, y), d.moved(x, y):
            d.rect(-18, -12, 36, 44, d.metal("#2b2d34"), r=8)
            d.solid(
                "M-25 24h50q8 0 8 8v62q0 8-8 8h-50q-8 0-8-8v-62q0-8 8-8z",
                d.metal("#d9dde1"),
                texture="brushed",
                width=2,
            )
            d.rect(-18, 100, 36, 34, d.metal("#aab2ba"), r=10)
    strap = d.solid(
        "M352 118h96q12 0 12 12v106q0 12-12 12h-96q-12 0-12-12V130q0-12 12-12z",
        d.cloth("#a2623a", 0.34),
        texture="leather",
    )
    with d.inside(strap):
        d.stitches("M352 132h96M352 234h96", CREAM)
    d.crest(400, 204, 56, CREAM)
    d.ellipse(400, 226, 8, 8, d.metal("#d6a94f"))


def radio(d: Drawing, colour: str) -> None:
    dusk(d)
    d.ellipse(420, 420, 400, 340, d.glow("#ffc98a", 0.5))
    d.shadow(400, 290, ry=24)
    d.line("M610 250L716 20", "#8d949a", 9)
    d.line("M612 250L718 20", "#eef2f4", 3)
    d.ellipse(717, 20, 9, 9, d.metal("#d8dce2"))
    d.cord("M232 240C232 100 568 100 568 240", "#a2623a", 24)
    d.line("M690 470h56v-84", "#5b6168", 18)
    d.line("M692 466h52v-80", "#aab2b8", 7)
    d.solid("M728 320h40v72h-40z", d.matte("#2c2e34"), width=3)
    body = d.solid(
        "M150 226h500q50 0 50 50v324q0 50-50 50H150q-50 0-50-50V276q0-50 50-50z",
        d.cloth(colour, 0.26),
        bulge=0.5,
        rim=0.9,
        width=6,
    )
    with d.inside(body):
        d.path("M90 610h620v50H90z", d.cloth("#8a5a34"))
        d.path("M90 610h620v50H90z", d.texture("grain"))
        d.ellipse(640, 240, 260, 120, d.glow("#fff6e0", 0.4))
    d.ellipse(270, 428, 138, 138, tone(colour, -0.5))
    d.ellipse(273, 425, 130, 130, "#26242c")
    d.path(
        "".join(
            f"M{274 - w} {y}h{2 * w}"
            for y, w in (
                (320, 62),
                (344, 92),
                (368, 110),
                (392, 120),
                (416, 126),
                (440, 125),
                (464, 118),
                (488, 106),
                (512, 86),
                (534, 54),
            )
        ),
        "none",
        stroke="#d0a043",
        stroke_width=7,
    )
    d.ellipse(273, 425, 130, 130, d.linear((0, "#ffffff4d"), (0.5, "#ffffff00"), angle="slant"))
    d.solid(
        "M450 300h200q12 0 12 12v70q0 12-12 12H450q-12 0-12-12v-70q0-12 12-12z",
        d.radial((0, "#fff6d8"), (0.6, "#ffdf9c"), (1, "#e9a94f")),
        width=3,
    )
    d.path(
        "".join(f"M{x} 316v{26 if (x - 456) % 56 == 0 else 14}" for x in range(456, 650, 14)),
        "none",
        stroke="#5c3a1c",
        stroke_width=3.5,
    )
    d.line("M566 308v78", "#c23b2e", 5)
    for x, turn in ((490, -40), (604, 30)):
        d.ellipse(x - 5, 492, 54, 52, d.glow("#170f1e", 0.6))
        d.ellipse(x, 482, 44, 44, tone(colour, -0.55))
        d.ellipse(x + 1, 480, 38, 38, d.metal("#d0a043"))
        with d.turned(turn, x, 480):
            d.rect(x - 3, 446, 6, 24, "#5c3a1c", r=3)
    d.crest(400, 640, 44, CREAM)


PICTURES: Pictures = {
    "lumen-camp-lantern": (lantern, {"brass": "#cd9d42", "black": "#4a4f59"}),
    "fox-400-headlamp": (headlamp, {"": "#e0703a"}),
    "sol-21-solar-panel": (solar_panel, {"": "#5b6a4c"}),
    "brick-power-bank": (power_bank, {"": "#4f7186"}),
    "glimmer-string-lights": (string_lights, {"": "#f0a23c"}),
    "petra-table-lamp": (table_lamp, {"terracotta": "#c2613c", "bone": "#e6dcc8", "ink": "#3c5480"}),
    "otter-torch": (torch, {"": "#4f7f62"}),
    "braid-usb-c-cable": (cable, {"rust": "#b9532f", "ink": "#33508a"}),
    "lumen-camp-lantern-detail": (closer(lantern, 400, 330, 1.7), {"brass": "#cd9d42"}),
    "otter-torch-detail": (closer(torch, 420, 480, 1.8), {"": "#4f7f62"}),
    "petra-table-lamp-detail": (closer(table_lamp, 430, 300, 1.7), {"terracotta": "#c2613c"}),
    "funk-crank-radio": (radio, {"cream": "#e3d3ae", "petrol": "#2b7080"}),
    "glimmer-string-lights-detail": (closer(string_lights, 450, 480, 1.9), {"": "#f0a23c"}),
    "funk-crank-radio-detail": (closer(radio, 480, 400, 1.6), {"cream": "#e3d3ae"}),
    "braid-usb-c-cable-detail": (closer(cable, 430, 540, 1.8), {"rust": "#b9532f"}),
    "fox-400-headlamp-detail": (closer(headlamp, 340, 470, 1.5), {"": "#e0703a"}),
}
