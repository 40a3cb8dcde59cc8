"""For a garden, or for the two square metres that are to become one."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone
from shop.modules.catalog.demo.drawing.outlines import fan, leaves, sprig
from shop.modules.catalog.demo.drawing.scenes import backdrop, floor, plane

ASH = "#d9b27c"
STEEL = "#c4c9cb"
BRASS = "#d9a94e"
LEAF = "#6f9a4d"
CLAY = "#c8744a"


def terrace(d: Drawing) -> None:
    """Garden: a balcony in the morning, hedges beyond the rail, warm tiles, a leaf close to the eye."""
    backdrop(d, "#9fc3a4", "#cfddac", "#f9f0c8", halo="#fffadb", sun=(660, 110))
    plane(d, "M0 430q50-50 110-20 40-60 120-20 60-70 140-6 70-60 130 0 60-50 120-4 70-60 180 10", "#a5c58c", "#e6eebf")
    plane(d, "M0 506q60-46 120-10 70-50 150 0 60-40 130 6 80-56 150-4 60-50 130-6 60-30 120 6", "#7fa768", "#c9d999")
    d.path("M0 462h800v9H0z" + "".join(f"M{x} 462h6v140h-6z" for x in range(34, 800, 76)), "#fffdf2", opacity="0.6")
    floor(d, "#c98559", y=590, pool="#ffedc4")
    d.line(
        "M-40 640H840M-40 716H840M130 590L10 800M310 590l-50 210M490 590l50 210M670 590l120 210",
        "#8f5532",
        3,
        opacity="0.3",
    )
    d.path(fan(-30, 830, (8, 30, 52, 70), 260, 44), "#5f8a4d", opacity="0.75")


def _can(d: Drawing, colour: str) -> None:
    d.cord("M556 420C690 400 690 590 560 600", colour, 24)
    d.path(
        "M300 622C226 596 190 440 138 286l34-14C220 404 252 500 302 530z",
        d.linear((0, tone(colour, -0.4)), (0.6, colour), (1, tone(colour, 0.3)), angle="slant"),
    )
    d.path("M92 296l92-50-6 46-50 28z", d.matte(BRASS))
    d.ellipse(138, 271, 54, 17, tone(BRASS, 0.35), transform="rotate(-28 138 271)")
    d.line("M112 286h0M126 277h0M140 270h0M154 262h0M167 254h0M132 288h0M150 278h0M164 268h0", tone(BRASS, -0.6), 6)
    d.line("M212 420L306 436", tone(colour, -0.3), 11)
    d.solid("M298 400h244l26 236q-148 34-296 0z", d.metal(colour), texture="brushed")
    d.path("M284 520q138 30 272 0l3 24q-138 30-278 0z", tone(colour, -0.35), opacity=0.3)
    d.path("M272 636q148 34 296 0l2 16q-150 34-300 0z", tone(colour, -0.35))
    d.ellipse(420, 400, 124, 25, tone(colour, 0.4))
    d.ellipse(420, 403, 112, 19, tone(colour, -0.65))
    d.path("M308 402a112 19 0 0 0 112 20v-38a112 19 0 0 0-112 18z", d.matte(tone(colour, 0.1)))
    d.cord("M330 398C330 210 510 210 512 398", colour, 24)
    d.path("M372 262q48-26 98-2l-8 30q-42-20-82 2z", d.linear((0, tone(ASH, 0.3)), (1, tone(ASH, -0.35)), angle="down"))
    d.rect(372, 470, 96, 60, d.metal(BRASS), r=8)
    d.path("M390 518l18-28 11 14 9-11 22 25z", tone(BRASS, -0.5))
    d.shine("M516 426l14 196q-14 6-24 6l-10-198q12-1 20-4z", 0.38)


def watering_can(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(420, 200, cy=668, ry=26)
    with d.moved(-66, -90, 1.16):
        _can(d, colour)


def watering_can_pouring(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(190, 120, cy=690, ry=20)
    d.line(
        "M118 330q-24 90-28 220M138 340q-10 90-10 214M160 346q10 90 10 200M182 340q26 80 36 196",
        "#a5d3e2",
        5,
        stroke_dasharray="26 14 8 12",
        opacity=0.9,
    )
    d.path(
        fan(180, 600, (-62, -38, -12, 14, 40, 64), 160, 30),
        d.linear((0, tone(LEAF, 0.25)), (1, tone(LEAF, -0.35)), angle="down"),
    )
    d.path(fan(184, 604, (-50, -24, 2, 28, 52), 116, 24), tone(LEAF, 0.28))
    d.path("M92 596h188l-16 96H108z", d.matte(CLAY))
    d.rect(84, 582, 204, 32, d.matte(tone(CLAY, 0.1)), r=8)
    with d.turned(-32, 400, 400), d.moved(90, -40, 0.92):
        _can(d, colour)


def planter(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(350, 200, cy=672, ry=26)
    back = d.linear((0, tone(LEAF, 0.05)), (1, tone(LEAF, -0.5)), angle="down")
    d.path(fan(350, 440, (-74, -54, -34, -14, 6, 26, 46, 68), 350, 44), back)
    d.path(
        fan(352, 446, (-62, -42, -20, 0, 20, 38, 58), 290, 38),
        d.linear((0, tone(LEAF, 0.35)), (1, LEAF), angle="slant"),
    )
    d.line(
        "M352 446L276 196M354 446L362 170M356 446L450 220M350 446L200 272M358 446L520 310",
        tone(LEAF, 0.5),
        3,
        opacity=0.6,
    )
    d.path(fan(354, 452, (-46, -10, 30, 54), 190, 34), tone(LEAF, 0.42))
    d.solid("M206 452h288l-34 210q-110 26-220 0z", d.matte(colour), texture="felt")
    d.path("M206 452h288l-6 40q-138 26-276 0z", tone(colour, -0.5), opacity=0.35)
    d.solid("M188 412q162 40 324 0v56q-162 36-324 0z", d.matte(tone(colour, 0.1)))
    d.path("M470 478l-26 180q10-2 16-4l32-188z", tone(colour, 0.5), opacity=0.5)
    d.line("M220 540q130 26 262-2M228 590q122 24 244-2", tone(colour, -0.35), 3, opacity=0.3)
    d.shadow(600, 84, cy=690, ry=16)
    d.path(fan(600, 566, (-70, -46, -22, 0, 22, 46, 70), 92, 22), "#8fae8e")
    d.path(fan(600, 570, (-54, -28, 0, 28, 54), 66, 18), "#b9d0b0")
    d.path("M526 570h148l-18 112q-56 14-112 0z", d.matte(colour))
    d.path("M516 548q84 20 168 0v34q-84 20-168 0z", d.matte(tone(colour, 0.1)))


def seed_tin(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 270, cy=668, ry=28)
    d.path(
        "M196 226q204-26 408 0l22 196H174z", d.linear((0, tone(colour, -0.3)), (1, tone(colour, 0.1)), angle="slant")
    )
    d.path("M216 244q184-22 368 0l18 166H198z", tone(colour, -0.5), opacity=0.5)
    d.line("M250 300h150M250 330h110", "#fdf6e3", 7, opacity=0.5)
    d.path("M170 420h460v70H170z", tone(colour, -0.7))
    packets = (
        (196, 346, "#f6ecd2", "#d9622f"),
        (284, 316, "#e9cf7a", "#b5402f"),
        (356, 340, "#cfe0c6", "#e8b63a"),
        (428, 310, "#f2d3c0", "#8a4a6b"),
        (484, 338, "#f6ecd2", "#4f7f4c"),
        (548, 322, "#bcd4dc", "#e0703a"),
    )
    for x, y, paper, bloom in packets:
        d.rect(x, y, 66, 160, d.linear((0, tone(paper, -0.14)), (1, tone(paper, 0.2))), r=4)
        d.rect(x, y, 66, 14, bloom, r=4, opacity=0.8)
        d.path(leaves(*((x + 33, y + 62, turn, 26, 16) for turn in range(0, 360, 90))), bloom)
        d.ellipse(x + 33, y + 62, 8, 8, "#fbe3a2")
        d.line(f"M{x + 33} {y + 88}v40", LEAF, 5)
    d.path(
        "M160 470h480l-14 172q-2 22-24 22H198q-22 0-24-22z",
        d.linear((0, tone(colour, -0.32)), (0.45, colour), (0.85, tone(colour, 0.3)), (1, tone(colour, 0.05))),
    )
    d.rect(152, 458, 496, 26, d.linear((0, tone(colour, -0.1)), (0.8, tone(colour, 0.55)), (1, tone(colour, 0.2))), r=9)
    d.rect(300, 520, 200, 92, d.metal(BRASS), r=8)
    d.rect(312, 532, 176, 68, "#fdf6e3", r=3)
    d.path(sprig(356, 590, 8, 40, pairs=3, leaf=16), tone(LEAF, -0.2))
    d.line("M392 556h72M392 576h50", "#5c5140", 6)
    d.rect(384, 446, 32, 56, d.metal(BRASS), r=6)
    d.shine("M606 490h18l-12 150q-2 12-12 14z", 0.35)


def hand_tools(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 240, cy=690, ry=24)
    with d.turned(22, 400, 420):
        _handle(d, 400, colour)
        for x in (356, 400, 444):
            d.path(f"M{x - 8} 500q-4 110 8 170 12-60 8-170z", d.metal(STEEL))
        d.path("M348 520q-4-52 40-66V430h24v24q44 14 40 66-52-36-104 0z", d.metal(STEEL))
    with d.turned(-20, 400, 420):
        _handle(d, 400, colour)
        d.path("M340 516q-4-46 46-62V428h28v26q50 16 46 62 0 110-60 190-60-80-60-190z", d.metal(STEEL))
        d.path("M394 470q-8 120 6 220 14-100 6-220z", tone(STEEL, -0.45), opacity=0.55)
        d.path("M356 590q44 20 88 0-10 60-44 110-34-50-44-110z", "#6b4a33", opacity=0.75)


def _handle(d: Drawing, x: float, colour: str) -> None:
    d.rect(x - 13, 300, 26, 150, d.metal(STEEL))
    d.path(f"M{x - 20} 108q20-22 40 0l8 96q2 60-8 132h-40q-10-72-8-132z", d.matte(ASH))
    d.line(f"M{x - 8} 130q-8 90 0 190M{x + 6} 126q8 100 0 196", tone(ASH, -0.4), 2.5, opacity=0.45)
    d.path(f"M{x - 24} 150q24 10 48 0l4 44q-28 12-56 0z", d.matte(colour))
    d.rect(x - 19, 326, 38, 30, d.metal(BRASS), r=4)
    d.line(f"M{x} 108C{x - 60} 40 {x + 70} 30 {x} 108", "#8f4f2b", 7)


def hammock(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 300, cy=706, ry=30)
    for x in (6, 728):
        d.ellipse(x + 24, 716, 80, 18, d.glow("#1b1a22", 0.45))
        d.solid(f"M{x} 40h66v676q-33 16-66 0z", d.matte("#b98858"), texture="grain")
        d.line(f"M{x} 232h66M{x} 244h66", "#efe2c6", 9)
    d.line("M72 238L150 300M72 238l64 80M72 238l90 52M728 238l-78 62M728 238l-64 80M728 238l-90 52", "#f6ecd2", 5)
    d.path(_sling(330, 500), tone(colour, -0.45))
    with d.moved(0, 12):
        d.solid("M208 400q10-84 96-84 96-6 108 60 4 60-60 84-110 0-144-60z", d.cloth("#f1dfb8"), texture="canvas")
        d.path("M446 428l70-58 76 22-64 70z", "#fffaf0")
        d.path("M446 428l70-58 8 5-8 86z", "#c4532f")
    stripes = (
        colour,
        "#f8eed6",
        tone(colour, 0.3),
        "#eab64e",
        tone(colour, -0.1),
        "#f8eed6",
        colour,
        tone(colour, -0.35),
    )
    for place, tint in enumerate(stripes):
        d.path(
            _sling(486 + place * 30, 518 + place * 30),
            d.linear((0, tone(tint, -0.4)), (0.5, tint), (0.78, tone(tint, 0.22)), (1, tone(tint, -0.12))),
        )
    d.path(_sling(486, 750), d.texture("canvas"))
    d.line("M140 304C240 486 560 486 660 304", "#fff6df", 5, opacity="0.8")
    d.line("".join(f"M{x:.0f} {y:.0f}q3 16-2 30" for x, y in _hem(730)), "#f1e2bf", 6)


def _hem(low: float) -> list[tuple[float, float]]:
    """Points along the lower edge of a sling."""
    shares = [step / 24 for step in range(5, 20)]
    return [(140 + 300 * t + 660 * t**2 - 440 * t**3, 304 + 3 * t * (1 - t) * (low - 304)) for t in shares]


def _sling(front: float, low: float) -> str:
    """Cloth between two curves that hang from the same two points."""
    return f"M140 304C240 {front} 560 {front} 660 304C560 {low} 240 {low} 140 304z"


def nest_box(d: Drawing, colour: str) -> None:
    terrace(d)
    d.path("M318-10h150q-12 300 30 820H300q34-500 18-820z", d.matte("#e6dfd0"))
    for x, y, w in ((330, 60, 60), (420, 130, 40), (326, 700, 70), (430, 640, 50), (340, 760, 40), (410, 30, 30)):
        d.path(f"M{x} {y}q{w / 2} -10 {w} 2-{w / 2} 14-{w} -2z", "#4f4a44", opacity=0.6)
    d.path(sprig(476, 190, 62, 230, pairs=6, leaf=62), tone(LEAF, 0.12))
    d.path(sprig(330, 120, -66, 210, pairs=6, leaf=56), tone(LEAF, -0.05))
    d.ellipse(360, 440, 250, 270, d.glow("#2c2a20", 0.4))
    d.path(
        "M264 330l136-112 136 112v300q0 12-12 12H276q-12 0-12-12z",
        d.linear((0, tone(colour, -0.3)), (0.5, colour), (1, tone(colour, 0.24))),
    )
    d.line("M332 300v340M400 230v410M468 300v340", tone(colour, -0.4), 3, opacity=0.45)
    d.line(
        "M290 380q8 100-2 220M366 480q8 80 0 150M436 500q-8 60 2 130M502 360q8 120 0 260",
        tone(colour, -0.35),
        2,
        opacity=0.35,
    )
    d.path("M400 176L214 330l22 30 164-136 164 136 22-30z", d.linear((0, "#5d6a66"), (1, "#93a29c")))
    d.path("M400 176l186 154-10 13-176-146z", "#c3cec6")
    d.ellipse(400, 404, 62, 62, d.metal(BRASS))
    d.ellipse(400, 404, 50, 50, d.radial((0, "#15110d"), (1, "#43301f"), cx=0.6, cy=0.6))
    d.rect(348, 560, 104, 44, "#fdf6e3", r=4)
    d.path("M372 596l18-26 10 12 8-9 20 23z", "#5c5140")
    with d.moved(470, 156):
        d.path(
            "M-6 60q-20-50 24-64 44-8 56 34 30 10 60 44-40 0-62-8-40 24-78-6z",
            d.linear((0, "#3f7fa6"), (1, "#9fcbe0"), angle="slant"),
        )
        d.path("M0 56q4-30 34-24 30 10 28 40-34 18-62-16z", "#f3cf5d")
        d.path("M-2 18q8-22 30-20 20 6 18 26-30 8-48-6z", "#fdf9ec")
        d.path("M-4 18l50 2-2 8-48-4zM6 0q20-10 36 6-18 2-36-6z", "#23303a")
        d.path("M-4 20l-22 6 22 6z", "#3b3630")
        d.ellipse(14, 20, 4.5, 4.5, "#111")
        d.line("M30 84v14M46 84v12", "#5a4a3a", 5)


def secateurs(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 250, cy=700, ry=26)
    d.path(
        sprig(120, 720, 62, 230, pairs=4, leaf=70), d.linear((0, tone(LEAF, 0.3)), (1, tone(LEAF, -0.2)), angle="down")
    )
    d.line("M120 720l203-108", tone(LEAF, -0.35), 6)
    grip = (
        "M430 380C420 440 372 470 346 552 330 610 330 650 338 700q6 24 28 20t22-32C384 630 392 590 412 548 432 "
        "506 452 470 452 420z"
    )
    with d.turned(30, 400, 400), d.moved(-18, -14, 1.04):
        with d.mirrored():
            d.solid(grip, d.linear((0, tone(colour, 0.3)), (0.4, colour), (1, tone(colour, -0.4))))
        d.solid("M358 430c-44-36-74-104-58-186 14 50 44 84 88 106 22 14 40 40 44 76z", d.metal(tone(STEEL, -0.2)))
        d.solid(
            "M384 420c-30-80-34-230 46-346 42 90 52 230 12 346z",
            d.linear((0, tone(STEEL, -0.3)), (0.55, tone(STEEL, 0.45)), (1, STEEL)),
        )
        d.path("M430 74c42 90 52 230 12 346h-14c22-110 22-240 2-346z", "#fff", opacity="0.8")
        d.line("M376 500q24 14 48 0t-6 26-34 10 40 16-8 26", STEEL, 7)
        d.solid(grip, d.linear((0, tone(colour, -0.35)), (0.5, colour), (0.85, tone(colour, 0.4)), (1, colour)))
        d.line("M356 610q-8 40-2 88", tone(colour, 0.7), 7, opacity="0.6")
        d.ellipse(408, 412, 38, 38, d.metal(BRASS))
        d.ellipse(408, 412, 20, 20, d.metal(tone(BRASS, -0.25)))
        d.line("M398 420l20-16", "#3b3630", 5)


def trug(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 300, cy=672, ry=30)
    d.line("M190 470C190 120 610 120 610 470", tone(colour, -0.4), 36)
    d.line("M190 470C190 120 610 120 610 470", colour, 26)
    d.line("M200 430C216 150 590 150 600 430", tone(colour, 0.4), 7, opacity=0.8)
    d.path(
        fan(230, 440, (-60, -40, -18, 4, 26), 170, 30),
        d.linear((0, tone(LEAF, 0.3)), (1, tone(LEAF, -0.4)), angle="down"),
    )
    d.path(fan(330, 430, (-36, -12, 12, 36), 190, 20), tone(LEAF, 0.05))
    for x, turn in ((300, -30), (352, -14), (398, 4)):
        with d.turned(turn, x, 440):
            d.path(f"M{x - 24} 400q24-22 48 0l-10 130h-28z", d.matte("#e6812f"))
            d.path(f"M{x - 20} 420h22M{x - 6} 446h22", "none", stroke="#b85a1d", stroke_width=4, opacity=0.6)
            d.path(fan(x, 400, (-20, 20), 90, 12), tone(LEAF, 0.2))
    for x, y, r in ((470, 430, 54), (560, 444, 50), (516, 396, 46)):
        d.ellipse(
            x, y, r, r * 0.94, d.radial((0, "#ff9a73"), (0.5, "#d9432c"), (1, "#8e2219"), cx=0.68, cy=0.28, r=0.75)
        )
        d.path(fan(x, y - r * 0.72, (-80, 0, 80), 28, 8), tone(LEAF, -0.25))
        d.ellipse(x + r * 0.36, y - r * 0.4, r * 0.16, r * 0.1, "#fff", opacity=0.7)
    for place, low in enumerate((0, 1, 2, 3)):
        y, left = 452 + low * 50, 118 + low * 22
        wood = tone(colour, (0.14, 0, 0.08, -0.08)[place])
        d.path(
            f"M{left} {y}Q400 {y + 50} {800 - left} {y}l-16 54Q400 {y + 104} {left + 16} {y + 54}z",
            d.linear((0, tone(wood, -0.38)), (0.55, wood), (0.85, tone(wood, 0.26)), (1, tone(wood, -0.05))),
        )
        d.line(f"M{left + 60} {y + 36}Q400 {y + 72} {740 - left} {y + 34}", tone(wood, -0.35), 2.5, opacity=0.4)
    d.path(
        "M104 440Q400 506 696 440l4 28Q400 536 100 468z",
        d.linear((0, tone(colour, -0.3)), (0.6, tone(colour, 0.1)), (1, tone(colour, 0.35))),
    )
    for x, y in ((176, 470), (624, 470)):
        d.ellipse(x, y, 8, 8, d.metal(BRASS))


PICTURES: Pictures = {
    "rill-watering-can": (watering_can, {"sage": "#93a98a", "zinc": "#a9b1b3", "poppy": "#cf5a3a"}),
    "rill-watering-can-pouring": (watering_can_pouring, {"": "#93a98a"}),
    "clay-row-planter": (planter, {"terracotta": CLAY, "chalk": "#e5dccb"}),
    "almanac-seed-tin": (seed_tin, {"fern": "#5f8163", "cream": "#e9dcc0"}),
    "furrow-hand-tools": (hand_tools, {"": "#8f4f2b"}),
    "linden-hammock": (hammock, {"sunset": "#c9573a", "lagoon": "#2f7f86"}),
    "wren-nest-box": (nest_box, {"": "#c99a62"}),
    "thicket-secateurs": (secateurs, {"": "#b5402f"}),
    "harvest-trug": (trug, {"": "#c58f55"}),
}
