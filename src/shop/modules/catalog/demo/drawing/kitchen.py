"""For coffee, on the trail and at home."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, closer, tone
from shop.modules.catalog.demo.drawing.scenes import kitchen, tabletop

WOOD = "#b9814f"
STEEL = "#aab2b8"
CREAM = "#f6e7cb"
COFFEE = "#4a2714"


def steam(d: Drawing, x: float, y: float, size: float = 1) -> None:
    for shift, height in ((-40, 120), (2, 170), (44, 110)):
        h = height * size
        d.line(
            f"M{x + shift * size} {y}q{-34 * size}-{h * 0.3:.0f} 0-{h * 0.55:.0f}t0-{h * 0.5:.0f}",
            "#fff6e8",
            15 * size,
            opacity="0.34",
        )


def coffee(d: Drawing, cx: float, cy: float, rx: float, ry: float) -> None:
    """Its surface, the window in it."""
    d.ellipse(cx, cy, rx, ry, d.radial((0, "#8a5430"), (0.7, COFFEE), (1, "#2b150a"), cx=0.62, cy=0.6))
    d.path(
        f"M{cx + rx * 0.2} {cy - ry * 0.4}q{rx * 0.5} 0 {rx * 0.56} {ry * 0.5}-{rx * 0.36}-{ry * 0.1}-{rx * 0.56}-{ry * 0.5}z",
        "#ffe9c8",
        opacity="0.4",
    )


def kettle(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(390, 230)
    steam(d, 660, 250, 0.8)
    d.cord("M226 292C206 40 560 40 546 292", tone(colour, -0.35), 20)
    d.solid("M300 112q84-38 172 0l6 34q-90-30-184 0z", d.cloth(WOOD, 0.34), texture="grain", width=3)
    d.solid("M556 470c70-14 50-150 108-202l32 24c-52 50-36 204-150 262z", d.metal(tone(colour, -0.05)))
    d.ellipse(680, 279, 22, 10, tone(colour, -0.65), transform="rotate(38 680 279)")
    body = d.solid(
        "M256 296h264c58 70 84 166 84 254q0 100-104 100H276q-104 0-104-100c0-88 26-184 84-254z",
        d.metal(colour),
        texture="brushed",
    )
    with d.inside(body):
        d.path(
            "M150 556q238 60 476 0v110H150z",
            d.linear((0, "#2c5f8a"), (0.35, "#7c5a8c"), (0.7, "#c98a4a"), (1, "#8c9398")),
            opacity="0.4",
        )
        d.ellipse(388, 300, 180, 40, d.glow("#150d1c", 0.5))
    d.solid("M246 300q142-56 284 0-16 30-142 30t-142-30z", d.metal(tone(colour, -0.06)), texture="brushed")
    d.ellipse(388, 280, 112, 22, d.cloth(tone(colour, 0.25), 0.3))
    d.rect(378, 236, 20, 38, d.metal(tone(colour, -0.2)))
    d.solid("M388 196a32 26 0 1 0 1 0z", d.cloth(WOOD, 0.34), texture="grain", width=3)
    for x in (226, 546):
        d.ellipse(x, 296, 19, 19, d.metal(tone(colour, -0.3)))
    d.crest(388, 480, 84, tone(colour, -0.5))


def kettle_pouring(d: Drawing, colour: str) -> None:
    """Its spout over a mug."""
    kitchen(d)
    d.shadow(612, 130)
    d.cord("M676 470c96-22 100 130 0 130", "#b5533c", 26)
    cup = d.solid("M520 420h166v180q0 50-50 50h-66q-50 0-50-50z", d.matte("#b5533c"))
    d.ellipse(603, 420, 83, 20, "#f1e4cf")
    d.ellipse(603, 422, 74, 15, COFFEE)
    steam(d, 640, 390, 0.7)
    d.path("M556 292q24 60 28 132h14q0-90-28-140z", "#e7f2f5", opacity="0.85")
    with d.moved(-70, -60), d.turned(24, 388, 400), d.moved(60, 60, 0.82):
        d.cord("M226 292C206 40 560 40 546 292", tone(colour, -0.35), 20)
        d.solid("M300 112q84-38 172 0l6 34q-90-30-184 0z", d.cloth(WOOD, 0.34), texture="grain", width=3)
        d.solid("M556 470c70-14 50-150 108-202l32 24c-52 50-36 204-150 262z", d.metal(tone(colour, -0.05)))
        d.solid(
            "M256 296h264c58 70 84 166 84 254q0 100-104 100H276q-104 0-104-100c0-88 26-184 84-254z",
            d.metal(colour),
            texture="brushed",
        )
        d.solid("M246 300q142-56 284 0-16 30-142 30t-142-30z", d.metal(tone(colour, -0.06)), texture="brushed")
        d.solid("M388 196a32 26 0 1 0 1 0z", d.cloth(WOOD, 0.34), texture="grain", width=3)
        d.crest(388, 480, 84, tone(colour, -0.5))
    with d.inside(cup):
        d.crest(603, 570, 60, CREAM)


def pour_over(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(400, 190)
    steam(d, 400, 130, 0.9)
    glass = d.solid(
        "M328 380h144v44c72 34 116 92 116 148q0 78-76 78H288q-76 0-76-78c0-56 44-114 116-148z",
        "#fff8ea",
        rim=0.9,
        width=6,
    )
    with d.inside(glass):
        d.rect(
            200,
            370,
            400,
            290,
            d.linear((0, "#7c4526"), (0.1, "#f1d9bc"), (0.9, "#fffaf0"), (1, "#c99b74")),
            opacity="0.5",
        )
        d.path("M190 528h420v140H190z", d.linear((0, "#2f1609"), (0.45, "#5a2f18"), (0.8, "#9a5a30"), (1, "#5a2f18")))
        d.ellipse(400, 528, 190, 22, d.linear((0, "#6b3a1f"), (1, "#b9743f")))
        d.path("M530 450q44 50 44 120 0 40-16 60-20-110-60-170z", "#fff", opacity="0.55")
        d.path("M252 520q-20 40-12 80 8 20 20 24-10-60 14-110z", "#fff", opacity="0.2")
    d.line("M400 420v100", "#6b3a1f", 7)
    d.solid(
        "M316 376h168q14 0 14 16v52q0 16-14 16H316q-14 0-14-16v-52q0-16 14-16z",
        d.cloth(WOOD, 0.36),
        texture="grain",
        bulge=0.8,
    )
    d.line("M304 420h192", "#5d3a1e", 9)
    d.line("M400 420l-22 48M400 420l26 44", "#5d3a1e", 7)
    d.ellipse(400, 420, 13, 13, d.cloth(WOOD))
    d.cord("M596 200c84-4 90 116-48 124", tone(colour, -0.12), 26)
    cone = d.solid(
        "M178 170h444L478 362H322z",
        d.linear((0, tone(colour, -0.32)), (0.4, colour), (0.74, tone(colour, 0.7)), (1, tone(colour, -0.1))),
        width=5,
    )
    with d.inside(cone):
        for x, shift in ((230, 118), (296, 72), (364, 26), (436, -26), (504, -72), (570, -118)):
            d.line(f"M{x} 188l{shift} 180", tone(colour, -0.3), 6, opacity="0.45")
            d.line(f"M{x + 7} 188l{shift} 180", "#ffffff", 4, opacity="0.7")
    d.ellipse(400, 170, 222, 38, d.linear((0, tone(colour, -0.14)), (1, tone(colour, 0.7))))
    d.ellipse(400, 173, 200, 29, "#d9b98c")
    coffee(d, 400, 180, 166, 19)
    d.solid("M306 356h188q12 0 12 12t-12 12H306q-12 0-12-12t12-12z", d.matte(tone(colour, 0.1)), width=3)


def mug(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(380, 226)
    steam(d, 380, 200)
    pale = colour > "#c"
    d.line("M566 350c168-40 178 216-8 216", tone(colour, -0.4), 46)
    d.line("M570 348c156-36 166 200-6 206", colour, 34)
    d.line("M574 340c140-26 150 130 90 176", tone(colour, 0.55), 9, opacity="0.8")
    d.path("M548 330h34v60h-34zM548 534h34v60h-34z", tone(colour, -0.35), opacity="0.7")
    body = d.solid("M180 252h400v318q0 80-80 80H260q-80 0-80-80z", d.matte(colour), rim=0.5, width=6)
    with d.inside(body):
        d.path("M470 240h58v330q0 50-30 90h-40q24-50 22-110z", d.fade("#ffffff", 0.6, "down"))
        d.rect(180, 604, 400, 60, d.linear((0, "#150d1c00"), (1, "#150d1c66"), angle="down"))
        specks = ((250, 400), (440, 350), (540, 470), (300, 580), (226, 500), (500, 560), (410, 600), (330, 330))
        d.path(
            "".join(f"M{x} {y}h0" for x, y in specks),
            "none",
            stroke=tone(colour, -0.4 if pale else 0.5),
            stroke_width=7,
            opacity="0.6",
        )
    d.crest(360, 520, 150, tone(colour, -0.6) if pale else tone(colour, 0.8))
    d.ellipse(380, 252, 202, 46, "#23272d")
    d.ellipse(380, 250, 192, 40, d.linear((0, tone(colour, -0.25)), (1, tone(colour, 0.6))))
    coffee(d, 380, 260, 176, 32)


def mug_from_above(d: Drawing, colour: str) -> None:
    """With a cinnamon bun."""
    tabletop(d)
    d.ellipse(300, 420, 300, 290, d.glow("#150d1c", 0.7))
    d.line("M500 300l120-104", tone(colour, -0.35), 64)
    d.line("M502 294l114-98", colour, 44)
    d.line("M506 284l104-90", tone(colour, 0.6), 8)
    d.ellipse(340, 380, 236, 236, d.cloth(colour, 0.34))
    d.ellipse(340, 380, 222, 222, "#23272d")
    d.ellipse(340, 380, 212, 212, d.linear((0, tone(colour, 0.5)), (1, tone(colour, -0.4)), angle="slant"))
    d.ellipse(332, 390, 186, 184, d.radial((0, "#9a6238"), (0.75, COFFEE), (1, "#2b150a"), cx=0.6, cy=0.6))
    d.path("M250 300q80-70 180-20-20 30-70 26t-110-6z", "#ffe9c8", opacity="0.3")
    d.line("M210 420a130 120 0 0 0 200 80", "#c08a58", 9, opacity="0.5")
    d.ellipse(590, 640, 170, 110, d.glow("#150d1c", 0.75))
    d.ellipse(610, 612, 148, 136, d.radial((0, "#e8b066"), (0.8, "#c07a34"), (1, "#8a4f20"), cx=0.65, cy=0.3))
    d.line("M610 612c30-26 62 14 26 44s-96-4-84-60 104-84 146-20-20 130-84 130", "#7c4018", 15)
    for x, y in ((560, 560), (650, 540), (690, 620), (590, 690), (660, 680), (530, 640)):
        d.rect(x, y, 13, 9, "#fffaf0", r=3)


def pan(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(340, 290, ry=26)
    steam(d, 330, 380, 0.9)
    d.solid("M560 486l178-96q42-18 50 14t-30 46l-172 90z", d.cloth(WOOD, 0.36), texture="grain")
    d.ellipse(752, 418, 13, 9, "#3a1c08")
    d.solid("M536 488l58-36 26 62-56 34z", d.metal(tone(colour, 0.1)), width=3)
    body = d.solid(
        "M44 470h580q0 180-180 180H224q-180 0-180-180z", d.matte(tone(colour, 0.06)), texture="felt", width=6
    )
    with d.inside(body):
        d.path("M480 470h100q-6 120-90 180h-60q60-80 50-180z", "#fff", opacity="0.1")
    d.ellipse(334, 470, 292, 96, d.linear((0, tone(colour, -0.1)), (1, tone(colour, 0.5))))
    d.ellipse(
        334,
        476,
        274,
        84,
        d.linear((0, tone(colour, 0.02)), (0.5, tone(colour, -0.45)), (1, tone(colour, 0.12)), angle="slant"),
    )
    d.path("M170 478q-30-54 66-56 40-42 124-12 92-14 106 34 54 40-26 68-66 40-146 18-112 8-124-52z", "#e3d2b0")
    d.path(
        "M170 470q-30-54 66-56 40-42 124-12 92-14 106 34 54 40-26 68-66 40-146 18-112 8-124-52z",
        d.radial((0, "#fffefa"), (0.7, "#fffaf0"), (1, "#f3e3c2")),
    )
    d.ellipse(336, 464, 74, 42, "#d98a1c", opacity="0.5")
    d.ellipse(338, 456, 70, 42, d.radial((0, "#ffe27a"), (0.6, "#f9ac2e"), (1, "#dc7d12"), cx=0.65, cy=0.3, r=0.7))
    d.ellipse(366, 440, 20, 9, "#fffdf0", opacity="0.9")
    for x, y, turn in ((132, 500, 20), (500, 500, -30), (300, 534, 8), (210, 420, 40), (520, 440, 60)):
        d.path("M0 0q20-22 36 0-16 18-36 0z", "#6f9a54", transform=f"translate({x} {y}) rotate({turn})")


PICTURES: Pictures = {
    "ember-kettle": (kettle, {"": "#b4bcc0"}),
    "ember-kettle-pouring": (kettle_pouring, {"": "#b4bcc0"}),
    "dawn-pour-over-set": (pour_over, {"": "#f0e6d6"}),
    "bothy-enamel-mug": (mug, {"cream": "#f0e2c4", "forest": "#3f7052", "sky": "#6fa3c4", "brick": "#b5533c"}),
    "bothy-enamel-mug-above": (mug_from_above, {"cream": "#f0e2c4"}),
    "hearth-cast-iron-pan": (pan, {"": "#454850"}),
    "dawn-pour-over-set-detail": (closer(pour_over, 430, 320, 1.6), {"": "#f0e6d6"}),
}
