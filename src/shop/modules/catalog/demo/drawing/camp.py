"""For nights and days outside."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, closer, tone, warm
from shop.modules.catalog.demo.drawing.scenes import dusk, forest

ALLOY = "#b9bfc4"
WOOD = "#b9814f"
CREAM = "#f6e7cb"
ROPE = "#efe2c4"
LEATHER = "#8f5531"


def _canopy(d: Drawing, colour: str, inside: str, lamp: str) -> None:
    """The tent itself, its door open; `inside` is its dark, `lamp` what shines there."""
    d.line("M400 150L60 664M400 150L748 646", ROPE, 4)
    d.path("M400 190L350 656 496 654z", tone(colour, -0.5))
    left = d.solid(
        "M400 168C330 300 230 470 112 652q200 26 356 6-60-230-68-490z",
        d.cloth(warm(colour, 0.1), 0.26),
        texture="canvas",
    )
    right = d.solid(
        "M400 168c-8 160 22 330 80 490 96-10 160-24 214-48C592 462 486 306 400 168z",
        d.cloth(warm(colour, 0.24), 0.3),
        texture="canvas",
    )
    with d.inside(left):
        d.path("M400 168C350 330 250 500 112 652h80C300 510 380 340 400 168z", "#fff2d2", opacity="0.1")
    with d.inside(right):
        d.path("M400 168C470 320 560 480 640 640h90L480 200z", "#fff2d2", opacity="0.28")
        d.line("M440 250c40 130 90 260 150 400", tone(colour, -0.4), 4, opacity="0.4")
    door = d.solid("M388 220C340 360 292 510 230 662q100 8 196-4-34-150-38-438z", inside, rim=0)
    with d.inside(door):
        d.ellipse(350, 610, 190, 170, d.glow(lamp, 0.95))
        d.path("M236 664q20-66 78-66 36-30 70 0t44 66z", d.cloth("#3f7380"))
        d.path("M292 600q30-24 62 2v20h-62z", CREAM)
    d.solid(
        "M388 220c-44 120-92 260-158 442-34 0-62-2-82-6C256 520 340 370 388 220z",
        d.cloth(warm(colour, 0.22)),
        texture="canvas",
    )
    d.solid(
        "M388 220c34 90 6 210-84 284-26 20-36 12-30-10 40-90 78-170 114-274z",
        d.cloth(warm(colour, 0.4)),
        texture="canvas",
    )
    d.line("M288 470l30-12", LEATHER, 10)
    d.line("M400 166C330 300 230 470 110 654M400 166C486 306 594 462 700 612", tone(colour, -0.35), 8)
    d.line("M403 168C489 306 594 460 696 606", warm(colour, 0.6), 3)
    d.ellipse(400, 160, 13, 13, d.metal("#d6a94f"))
    d.line("M52 650l14 26M740 634l16 26", LEATHER, 10)


def tent(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(400, 330, ry=24)
    _canopy(d, colour, "#3b3a31", "#ffca70")


def tent_at_night(d: Drawing, colour: str) -> None:
    """With the lamp on."""
    dusk(d)
    d.ellipse(400, 560, 440, 330, d.glow("#ffb765", 0.55))
    d.ellipse(330, 664, 380, 70, d.glow("#ffc987", 0.6))
    _canopy(d, warm(colour, 0.08), "#ffd98f", "#fff4cf")
    d.ellipse(350, 560, 300, 300, d.glow("#ffcf7d", 0.4))


def sleeping_bag(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(370, 300, ry=24)
    roll = d.solid(
        "M186 420h330c62 0 96 52 96 116s-34 116-96 116H186z",
        d.linear((0, warm(colour, 0.4)), (0.4, colour), (1, warm(colour, -0.5)), angle="down"),
        texture="ripstop",
        bulge=0.4,
    )
    with d.inside(roll):
        for x in (268, 344, 420, 496):
            d.line(f"M{x} 416q56 120 0 240", warm(colour, -0.5), 9, opacity="0.5")
            d.line(f"M{x + 10} 420q54 116 0 232", "#fff2d2", 5, opacity="0.35")
    d.solid("M186 420a104 116 0 1 0 1 0z", d.cloth(warm(colour, 0.1)), texture="ripstop")
    for share in (0.84, 0.66, 0.48, 0.3):
        d.ellipse(
            186, 536, 104 * share, 116 * share, "none", stroke=warm(colour, -0.45), stroke_width=9, opacity="0.75"
        )
        d.ellipse(188, 534, 104 * share - 5, 116 * share - 5, "none", stroke="#e8c68f", stroke_width=4, opacity="0.8")
    d.ellipse(186, 536, 16, 18, "#e8c68f")
    for x in (306, 456):
        d.path(f"M{x} 420q56 116 0 232h30q56-116 0-232z", tone(colour, -0.66))
        d.rect(x + 20, 504, 44, 46, d.metal("#e0b566"), r=8)
        d.rect(x + 31, 516, 22, 22, tone(colour, -0.6), r=4)
    d.shadow(610, 140, cy=690, ry=18)
    sack = d.solid(
        "M494 420q112-36 224 0 28 130 8 238-6 34-40 34H526q-34 0-40-34-20-108 8-238z",
        d.cloth(warm(colour, -0.2), 0.3),
        texture="ripstop",
        bulge=0.9,
    )
    with d.inside(sack):
        d.path("M480 408h260v40q-130-34-260 6z", tone(colour, -0.55))
        d.path("M540 450q-10 110 10 240M664 446q14 110-4 240", "none", stroke="#0d1a1e", stroke_width=6, opacity="0.22")
    d.cord("M606 408q-8-50 0-62t34-36", "#e8c68f", 9)
    d.cord("M606 408q8-60-30-104", "#e8c68f", 9)
    d.solid("M560 518h92v76h-92z", d.cloth("#e8c68f"), width=3)
    d.crest(606, 580, 60, tone(colour, -0.4))


def mat(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(390, 290, ry=24)
    roll = d.solid(
        "M236 280h370c70 0 102 84 102 185s-32 185-102 185H236z",
        d.linear((0, warm(colour, 0.5)), (0.35, colour), (1, warm(colour, -0.5)), angle="down"),
        texture="ripstop",
        bulge=0.4,
    )
    with d.inside(roll):
        for x in (330, 410, 490, 570):
            d.line(f"M{x} 274q60 190 0 382", warm(colour, -0.45), 11, opacity="0.5")
            d.line(f"M{x + 13} 280q58 186 0 370", "#fff2d2", 6, opacity="0.4")
    d.solid("M236 280a132 185 0 1 0 1 0z", d.cloth(warm(colour, 0.16)), texture="ripstop")
    for share in (0.86, 0.7, 0.54, 0.38, 0.22):
        d.ellipse(
            236, 465, 132 * share, 185 * share, "none", stroke=warm(colour, -0.45), stroke_width=10, opacity="0.8"
        )
        d.ellipse(239, 462, 132 * share - 4, 185 * share - 4, "none", stroke="#ffe2bd", stroke_width=3, opacity="0.7")
    for x in (358, 540):
        d.path(f"M{x} 280q58 185 0 370h32q58-185 0-370z", "#2f332e")
        d.rect(x + 18, 436, 54, 56, d.metal("#e0b04a"), r=9)
        d.rect(x + 31, 450, 28, 28, "#2f332e", r=4)
    d.rect(688, 552, 44, 38, d.metal(ALLOY), r=9)
    d.ellipse(732, 571, 11, 19, tone(ALLOY, -0.35))
    with d.turned(10, 470, 360):
        d.crest(470, 396, 66, CREAM)


def poles(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(400, 250)
    with d.moved(-60, -66, 1.15):
        for turn, side in ((19, -1), (-19, 1)):
            with d.turned(turn, 400, 420):
                _pole(d, 400, side, colour)


def _pole(d: Drawing, x: float, side: int, colour: str) -> None:
    d.rect(x - 8, 618, 16, 34, d.metal("#5b6064"))
    d.path(f"M{x - 7} 648h14l-5 30h-4z", "#3b3f42")
    d.ellipse(x, 630, 54, 15, "#23262a")
    d.ellipse(x, 625, 54, 14, d.linear((0, "#3a3f44"), (1, "#7a838a")))
    d.rect(x - 12, 440, 24, 180, d.metal(ALLOY))
    d.rect(x - 17, 236, 34, 210, d.metal(colour))
    for y in (290, 306, 390):
        d.rect(x - 17, y, 34, 8, CREAM, opacity="0.85")
    d.rect(x - 23, 428, 46, 46, d.metal("#34373b"), r=9)
    d.rect(x + side * 26 - 11, 436, 22, 30, d.cloth(colour), r=6)
    d.cord(f"M{x - 8} 70C{x - 100 * side} 90 {x - 120 * side} 220 {x - 20 * side} 250", "#3a3d3f", 15)
    d.solid(
        f"M{x - 26} 76q0-32 26-32t28 32l2 46q0 14-8 26l6 82q0 18-26 18t-26-18l6-82q-8-12-8-26z",
        d.matte("#c79c68"),
        texture="felt",
        width=3,
    )
    d.rect(x - 27, 226, 54, 26, d.metal("#34373b"), r=9)


def pillow(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(390, 320, cy=664, ry=26)
    mat_ = d.solid(
        "M84 556q316-44 632 0 26 52 0 104-316 34-632 0-26-52 0-104z",
        d.cloth("#c8643c", 0.3),
        texture="ripstop",
        width=5,
    )
    with d.inside(mat_):
        d.ellipse(390, 590, 330, 44, d.glow("#170f1e", 0.7))
        d.line("M80 632q320 36 640 0", tone("#c8643c", -0.4), 8, opacity="0.5")
    body = d.solid(
        "M112 296q-26-62 40-50 248 50 496 0 66-12 40 50-44 130 0 260 26 62-40 52-248-44-496 0-66 10-40-52 44-130 0-260z",
        d.linear((0, warm(colour, 0.34)), (0.5, colour), (1, warm(colour, -0.5)), angle="slant"),
        texture="ripstop",
        width=6,
    )
    with d.inside(body):
        for x, bend in ((128, 26), (236, 14), (344, 5), (456, -5), (564, -14), (672, -26)):
            if x < 672:
                d.ellipse(x + 70, 400, 52, 176, d.glow("#fff6e0", 0.5))
            d.line(f"M{x} 240q{bend * 2} 180 0 390", warm(colour, -0.75), 16, opacity="0.28")
            d.line(f"M{x} 240q{bend * 2} 180 0 390", warm(colour, -0.75), 4, opacity="0.5")
        d.ellipse(400, 620, 320, 70, d.glow("#170f1e", 0.4))
        d.ellipse(400, 262, 240, 34, d.glow("#170f1e", 0.25))
    d.solid("M586 496h80v58h-80z", d.cloth("#e8c68f"), width=3)
    d.crest(626, 544, 50, tone(colour, -0.4))
    with d.turned(-24, 220, 150):
        d.path("M150 150q60-46 140 0-80 46-140 0z", d.linear((0, "#dfe9e6"), (1, "#ffffff"), angle="slant"))
        d.line("M124 152q80-6 150-2", "#b9c9c6", 4)
        d.line("M190 150l22-18M216 150l22-18M190 151l20 18M216 151l20 18", "#c9d6d3", 3)


PICTURES: Pictures = {
    "skog-2-tent": (tent, {"": "#d9863b"}),
    "skog-2-tent-night": (tent_at_night, {"": "#d9863b"}),
    "nordlys-sleeping-bag": (sleeping_bag, {"": "#2f6f80"}),
    "tarn-sleeping-mat": (mat, {"": "#c8643c"}),
    "vandra-trekking-poles": (poles, {"": "#c23b2e"}),
    "vandra-trekking-poles-detail": (closer(poles, 400, 240, 1.75), {"": "#c23b2e"}),
    "eider-down-pillow": (pillow, {"mist": "#8fa9ad", "heather": "#8d7396"}),
    "tarn-sleeping-mat-detail": (closer(mat, 500, 450, 1.8), {"": "#c8643c"}),
    "eider-down-pillow-detail": (closer(pillow, 530, 430, 1.7), {"mist": "#8fa9ad"}),
}
