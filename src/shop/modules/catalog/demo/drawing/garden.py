"""For a garden, or for the two square metres that are to become one."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone
from shop.modules.catalog.demo.drawing.outlines import fan, leaves, sprig
from shop.modules.catalog.demo.drawing.terrace import ASH, BRASS, CLAY, LEAF, terrace


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


def hammock(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 300, cy=706, ry=30)
    for x in (6, 728):
        d.ellipse(x + 24, 716, 80, 18, d.glow("#1b1a22", 0.45))
        d.solid(f"M{x} 40h66v676q-33 16-66 0z", d.matte("#b98858"), texture="grain")
        d.line(f"M{x} 232h66M{x} 244h66", "#efe2c6", 9)
    d.line("M72 238L150 300M72 238l64 80M72 238l90 52M728 238l-78 62M728 238l-64 80M728 238l-90 52", "#f6ecd2", 5)
    d.path(_sling(330, 500), tone(colour, -0.45))
    with d.turned(-8, 300, 390):
        d.solid("M206 352q90-34 176 0 26 60 4 116-90 30-186 0-20-56 6-116z", d.cloth("#f1dfb8"), texture="canvas")
        d.line("M230 366q64-20 128 0M226 372v70", "#b5402f", 5, opacity="0.7")
    with d.turned(6, 490, 400):
        d.solid("M430 372l72-20 78 22v90l-78-18-72 20z", d.cloth("#fffaf0", 0.1))
        d.line("M502 354v90M444 388l44-12M444 406l44-12M518 378l44 12M518 396l44 12", "#8a7a5e", 4)
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


def planter_sizes(d: Drawing, colour: str) -> None:
    terrace(d)
    for x, ground, width in ((170, 660, 150), (368, 676, 210), (620, 690, 280)):
        d.shadow(x, width * 0.46, cy=ground, ry=width * 0.08)
        top, rim = ground - width * 0.86, width * 0.2
        green = LEAF if width != 210 else "#8fae8e"
        back = d.linear((0, tone(green, 0.12)), (1, tone(green, -0.5)), angle="down")
        d.path(fan(x, top + 6, (-72, -44, -16, 14, 42, 70), width * 0.86, width * 0.12), back)
        d.path(fan(x, top + 8, (-56, -28, 0, 30, 58), width * 0.62, width * 0.1), tone(green, 0.3))
        pot = f"M{x - width * 0.42:.0f} {top + rim:.0f}h{width * 0.84:.0f}l-{width * 0.1:.0f} {ground - top - rim:.0f}"
        pot += f"q-{width * 0.32:.0f} {width * 0.08:.0f}-{width * 0.64:.0f} 0z"
        d.solid(pot, d.matte(colour), texture="felt")
        low = f"M{x - width * 0.42:.0f} {top + rim:.0f}h{width * 0.84:.0f}v{width * 0.1:.0f}h-{width * 0.84:.0f}z"
        d.path(low, tone(colour, -0.5), opacity="0.35")
        d.solid(
            f"M{x - width * 0.5:.0f} {top:.0f}q{width * 0.5:.0f} {width * 0.12:.0f} {width:.0f} 0v{rim:.0f}"
            f"q-{width * 0.5:.0f} {width * 0.12:.0f}-{width:.0f} 0z",
            d.matte(tone(colour, 0.1)),
        )


def nest_box_open(d: Drawing, colour: str) -> None:
    terrace(d)
    d.path(sprig(640, 130, 70, 200, pairs=6, leaf=62), tone(LEAF, 0.12))
    d.path(sprig(180, 180, -60, 200, pairs=6, leaf=60), tone(LEAF, -0.05))
    d.shadow(400, 230, cy=690, ry=26)
    side = d.linear((0, tone(colour, -0.3)), (0.5, colour), (1, tone(colour, 0.24)))
    d.solid("M216 290l184-150 184 150v380q0 16-16 16H232q-16 0-16-16z", side, texture="grain")
    d.path("M246 330h308v326H246z", d.linear((0, "#2b1a10"), (1, "#5a3c24"), angle="down"))
    d.path("M246 330h40v326h-40z", "#1b0f0a", opacity="0.5")
    d.path("M246 656v-92q60-60 154-60t154 60v92z", d.cloth("#8f9a4c", 0.3))
    d.line(
        "M256 640l60-70M300 650l40-90M350 650l-50-80M420 650l60-90M470 650l-40-80M520 650l24-70M540 640l-70-60M270 "
        "590l70 40"
        "M390 600l80 40M460 560l70 30M330 540l-60 50",
        "#d6b878",
        5,
        opacity="0.8",
    )
    d.ellipse(400, 566, 108, 42, d.radial((0, "#3f2a18"), (1, "#7a5a34")))
    for x, y, turn in ((352, 562, -16), (398, 552, 6), (446, 562, 18), (376, 580, -4), (424, 582, 10)):
        with d.turned(turn, x, y):
            d.ellipse(x, y, 25, 32, d.radial((0, "#ffffff"), (0.6, "#f3e9dc"), (1, "#b9a58f"), cx=0.68, cy=0.25, r=0.8))
            d.line(f"M{x - 8} {y - 8}h0M{x + 6} {y + 4}h0M{x - 2} {y + 14}h0M{x + 8} {y - 12}h0", "#b5623c", 4)
    d.solid(
        "M246 330h308l52-96q-200-40-412 0z", d.linear((0, tone(colour, -0.35)), (1, tone(colour, 0.1))), texture="grain"
    )
    d.ellipse(400, 276, 56, 24, d.metal(BRASS))
    d.ellipse(400, 276, 44, 17, "#20140c")
    d.path("M400 66L150 280l26 32 224-184 224 184 26-32z", d.linear((0, "#5d6a66"), (1, "#93a29c")))
    d.path("M400 66l250 214-12 15L400 94z", "#c3cec6")


def fire_bowl(d: Drawing, colour: str) -> None:
    terrace(d)
    d.rect(0, 0, 800, 800, d.linear((0, "#171a45e8"), (0.6, "#4a2a55c8"), (1, "#2a1530d8"), angle="down"))
    d.ellipse(400, 400, 430, 400, d.glow("#ff9a3c", 0.75))
    d.ellipse(400, 690, 360, 80, d.glow("#ffb25c", 0.7))
    d.shadow(400, 210, cy=712, ry=22)
    for leg in ("M250 560l-60 150h22l74-130z", "M550 560l60 150h-22l-74-130z", "M388 600h24v124h-24z"):
        d.path(leg, d.metal(tone(colour, -0.35)))
    d.ellipse(400, 470, 270, 60, tone(colour, -0.7))
    d.ellipse(400, 500, 210, 40, d.radial((0, "#ffc14f"), (0.6, "#c9481d"), (1, "#3a1512")))
    hot = d.linear((0, "#ffd257"), (0.5, "#ff8a2b"), (1, "#d63c17"), angle="down")
    with d.moved(0, 26):
        d.path(
            "M250 470c-30-90 40-120 30-200 60 30 70 80 66 120 20-50 10-130 60-230 16 90 90 130 76 226 26-20 34-50 30-84"
            " 46 50 70 110 30 168z",
            hot,
            opacity="0.95",
        )
        d.path(
            "M306 474c-10-60 40-90 36-140 40 30 40 70 40 100 20-30 20-90 40-130 20 70 60 90 50 140 14-10 20-30 20-46 24 "
            "30 24 60 6 80z",
            d.linear((0, "#fff3b8"), (1, "#ffb638"), angle="down"),
        )
        d.path("M360 476c-4-40 24-60 34-96 14 36 50 50 40 96z", "#fffbe0")
    for turn, x, y in ((-18, 330, 480), (16, 470, 480), (3, 400, 500)):
        with d.turned(turn, x, y):
            d.rect(x - 110, y - 20, 220, 40, d.linear((0, "#7a4a2a"), (1, "#2a150c"), angle="down"), r=18)
            d.line(f"M{x - 80} {y + 8}h60M{x + 10} {y - 4}h70", "#ff8a3c", 4, opacity="0.8")
            d.ellipse(x + 104, y, 12, 20, "#d9a36a")
    bowl = d.solid("M128 470q272 96 544 0c-6 120-110 190-272 190S134 590 128 470z", d.metal(colour), texture="brushed")
    with d.inside(bowl):
        d.path("M120 470q280 100 560 0v26q-280 100-560 0z", "#ffb25c", opacity="0.55")
        d.path("M160 600q240 90 480 0v80H160z", "#140a14", opacity="0.35")
    d.line("M128 470q272 96 544 0", "#ffd9a0", 6, opacity="0.8")
    d.crest(400, 612, 80, tone(colour, -0.6))
    d.line(
        "M300 250l0 0M470 180l0 0M540 290l0 0M250 340l0 0M420 120l0 0M340 150l0 0M590 380l0 0M510 90l0 0", "#ffcf6b", 7
    )


PICTURES: Pictures = {
    "rill-watering-can": (watering_can, {"sage": "#93a98a", "steel": "#a9b1b3", "poppy": "#cf5a3a"}),
    "rill-watering-can-pouring": (watering_can_pouring, {"": "#93a98a"}),
    "clay-row-planter": (planter, {"terracotta": CLAY, "chalk": "#e5dccb"}),
    "clay-row-planter-sizes": (planter_sizes, {"": CLAY}),
    "almanac-seed-tin": (seed_tin, {"fern": "#5f8163", "cream": "#e9dcc0"}),
    "linden-hammock": (hammock, {"brick": "#c9573a", "petrol": "#2f7f86"}),
    "wren-nest-box": (nest_box, {"": "#c99a62"}),
    "wren-nest-box-open": (nest_box_open, {"": "#c99a62"}),
    "kindle-fire-bowl": (fire_bowl, {"": "#8a5a44"}),
}
