"""For the cook: what stands on the flame, cuts, grinds, stirs and carries lunch."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, closer, tone, warm
from shop.modules.catalog.demo.drawing.kitchen import CREAM, STEEL, WOOD, steam
from shop.modules.catalog.demo.drawing.scenes import kitchen, tabletop

BRASS = "#d0a043"


def moka(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(390, 190)
    steam(d, 232, 180, 0.7)
    d.cord("M520 250h70q40 0 40 40v130q0 30-18 52", "#2c2a2d", 34)
    facets = ((0, -0.34), (0.18, -0.12), (0.42, 0.14), (0.68, 0.5), (0.86, 0.1))
    for points, low in (("M286 390L254 200h276l-34 190z", 0), ("M290 424h204l46 190q6 36-30 36H274q-36 0-30-36z", 1)):
        body = d.solid(points, colour, rim=0.9, width=5)
        with d.inside(body):
            for place, light in facets:
                x = 240 + place * 300
                lean = (0.5 - place) * (70 if not low else -110)
                d.path(
                    f"M{x} {190 if not low else 660}L{x + lean:.0f} {400 if not low else 420}h70V{190 if not low else 660}z",
                    tone(colour, light),
                    opacity="0.75",
                )
            d.rect(220, 190, 340, 470, d.texture("brushed"))
    d.solid("M254 206l-60-34q-10-6-4-16l10-10 84 40z", d.metal(colour), width=3)
    d.solid(
        "M276 386h230q12 0 12 12v22q0 12-12 12H276q-12 0-12-12v-22q0-12 12-12z",
        d.metal(tone(colour, -0.12)),
        texture="brushed",
    )
    d.path(
        "".join(f"M{x} 392v34" for x in range(284, 512, 14)), "none", stroke="#150d1c", stroke_width=3, opacity="0.3"
    )
    d.solid("M250 204q142-84 284 0z", d.metal(tone(colour, 0.1)), texture="brushed")
    d.solid("M372 116h40l10 42h-60z", d.matte("#2c2a2d"), width=3)
    d.ellipse(392, 116, 22, 15, "#3d3a3e")
    d.ellipse(430, 530, 15, 15, d.metal(BRASS))
    d.ellipse(430, 530, 6, 6, tone(BRASS, -0.5))


def grinder(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(390, 150)
    for x, y, turn in ((600, 668, 20), (560, 704, -30), (650, 700, 60), (196, 700, 10), (240, 676, -40)):
        with d.moved(x, y), d.turned(turn, 0, 0):
            d.ellipse(0, 8, 30, 12, d.glow("#150d1c", 0.6))
            d.ellipse(0, 0, 22, 15, d.cloth("#6b3a1f", 0.4))
            d.line("M-16 2q14-8 32-3", "#2b150a", 4)
    d.line("M392 150L560 96", tone(STEEL, -0.4), 24)
    d.line("M394 146L560 92", STEEL, 16)
    d.line("M400 140L556 90", "#eef2f4", 4)
    d.solid("M532 20q34-24 66 0l6 60q-36 26-76 0z", d.cloth(WOOD, 0.36), texture="grain", bulge=0.7)
    d.solid("M376 128h32v50h-32z", d.metal(STEEL), width=3)
    d.solid("M290 190q0-30 30-30h144q30 0 30 30v42H290z", d.metal(tone(STEEL, -0.1)), texture="brushed")
    body = d.solid("M280 226h224v262H280z", d.matte(colour))
    with d.inside(body):
        d.rect(440, 220, 30, 280, d.fade("#ffffff", 0.55, "down"))
        d.path(
            "".join(f"M{x} 250v214" for x in range(292, 500, 18)),
            "none",
            stroke="#150d1c",
            stroke_width=7,
            opacity="0.14",
        )
    d.solid("M272 470h240v34H272z", d.metal(BRASS), texture="brushed", width=3)
    jar = d.solid("M286 504h212v116q0 30-30 30H316q-30 0-30-30z", "#f4e4cc", rim=0.9, width=5)
    with d.inside(jar):
        d.rect(
            280,
            500,
            230,
            160,
            d.linear((0, "#8a5a38"), (0.12, "#f1dcc0"), (0.85, "#fff6e6"), (1, "#b98a60")),
            opacity="0.7",
        )
        d.path("M270 580q60-34 124-22t124 10v100H270z", d.linear((0, "#3a1d0e"), (0.7, "#7a4a2a"), (1, "#4a2714")))
        d.path("M452 506h20v140h-20z", "#fff", opacity="0.55")
    d.crest(392, 380, 84, CREAM)


def knife(d: Drawing, colour: str) -> None:
    tabletop(d)
    d.path("M92 226h580q34 0 34 34v330q0 34-34 34H92q-34 0-34-34V260q0-34 34-34z", "#3a1c08", opacity="0.5")
    d.ellipse(370, 440, 420, 260, d.glow("#3a1c08", 0.5))
    board = d.solid(
        "M110 210h580q34 0 34 34v330q0 34-34 34H110q-34 0-34-34V244q0-34 34-34z",
        d.cloth("#c99255", 0.3),
        texture="grain",
        width=6,
    )
    d.ellipse(660, 272, 24, 24, "#6b3f1c")
    d.ellipse(658, 275, 20, 20, "#b57c46")
    with d.inside(board):
        d.ellipse(420, 500, 330, 60, d.glow("#150d1c", 0.4))
        d.line("M180 300l60 50M250 270l30 34M330 560l60-20", "#8a5a2c", 3, opacity="0.6")
    for x, y, r in ((200, 316, 62), (300, 296, 50)):
        d.ellipse(x - 10, y + 16, r * 1.1, r * 0.9, d.glow("#150d1c", 0.7))
        d.ellipse(x, y, r, r * 0.94, d.radial((0, "#ff9a78"), (0.7, "#d8432c"), (1, "#9c2418"), cx=0.68, cy=0.28))
        d.ellipse(x, y, r * 0.76, r * 0.7, "#f6a386", opacity="0.75")
        d.path(
            f"M{x} {y - r * 0.6}v{r * 1.2}M{x - r * 0.6} {y}h{r * 1.2}",
            "none",
            stroke="#d8432c",
            stroke_width=9,
            opacity="0.8",
        )
    d.line("M440 300q50-50 110-40M470 276q-2-30 20-46M510 262q10-28 40-34", "#5f8a45", 12)
    with d.turned(-13, 400, 440):
        d.path("M120 474h400v70H330q-150 0-210-70z", "#150d1c", opacity="0.3")
        blade = d.solid(
            "M90 444q220-24 430-18v86H330Q180 512 90 444z",
            d.linear((0, "#f6f8f8"), (0.5, "#bcc5ca"), (0.56, "#8d98a0"), (1, "#e6ebee"), angle="down"),
            texture="brushed",
        )
        with d.inside(blade):
            d.path("M400 400l70 0-60 130h-60z", "#fff", opacity="0.5")
        d.crest(480, 486, 30, "#7a868e")
        d.solid("M516 420h34v96h-34z", d.metal(BRASS), width=3)
        d.solid(
            "M548 422q90-8 150 4 34 10 32 44 0 44-46 40-70-6-136-2z",
            d.linear((0, warm(colour, 0.35)), (0.5, colour), (1, tone(colour, -0.45)), angle="down"),
            texture="grain",
        )
        for x in (590, 644, 696):
            d.ellipse(x, 466, 9, 9, d.metal(BRASS))


def stove(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(400, 200)
    d.solid("M300 470q0-26 26-26h148q26 0 26 26v150q0 30-30 30H330q-30 0-30-30z", d.matte(colour), bulge=0.3)
    d.rect(300, 520, 200, 66, CREAM, opacity="0.92")
    d.crest(400, 574, 60, tone(colour, -0.3))
    d.solid("M330 444q0-34 70-34t70 34z", d.metal("#c3c9cd"), width=3)
    d.solid("M372 350h56v64h-56z", d.metal(BRASS), texture="brushed", width=3)
    d.cord("M430 386h90", "#7c8389", 11)
    d.solid("M516 366h44v40h-44z", d.cloth("#c23b2e", 0.4), width=3)
    for side in (-1, 1):
        d.line(f"M{400 + side * 30} 366L{400 + side * 190} 330V250", "#4c5258", 18)
        d.line(f"M{400 + side * 32} 360L{400 + side * 188} 326V252", "#98a1a8", 6)
    d.ellipse(400, 250, 240, 150, d.glow("#6fb4ff", 0.7))
    d.solid("M316 330q84-26 168 0v24q-84 22-168 0z", d.metal("#8d949a"), texture="brushed", width=3)
    for x, h in ((326, 76), (362, 110), (400, 130), (438, 110), (474, 76)):
        d.path(
            f"M{x - 17} 332q-8-{h * 0.5:.0f} 17-{h} 25 {h * 0.5:.0f} 17 {h}z",
            d.linear((0, "#ffd98a"), (0.35, "#ff9a4a"), (0.6, "#4f9dff"), (1, "#2a62d8"), angle="down"),
            opacity="0.92",
        )
    d.line("M196 250h408", "#4c5258", 16)
    d.line("M200 246h400", "#98a1a8", 5)
    pot = d.solid("M210 70h380v140q0 32-32 32H242q-32 0-32-32z", d.metal("#a7b0b5"), texture="brushed")
    with d.inside(pot):
        d.ellipse(400, 250, 220, 60, d.glow("#ff9a4a", 0.7))
    d.ellipse(400, 70, 192, 28, tone(STEEL, -0.45))
    d.ellipse(400, 74, 180, 22, "#c8803c")
    d.path("M280 74q40-16 70 0t70-4 80 6q-50 18-110 14t-110-16z", "#e8ae62")
    d.cord("M588 96c90-10 100 80 30 110", "#8d949a", 14)


def spoon(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(400, 160)
    for turn, shape in (
        (-17, "M380 420L388 200Q340 180 342 110q4-70 62-70t60 70q0 70-50 90l-6 220z"),
        (13, "M384 420V190h-26q-16 0-16-18l6-116q2-16 18-16h72q16 0 18 16l6 116q0 18-16 18h-30v230z"),
        (1, "M384 420l4-206q-46-16-46-86 0-92 60-92t60 92q0 70-48 86l2 206z"),
    ):
        with d.turned(turn, 400, 560):
            outline = d.solid(shape, d.cloth(warm(colour, 0.1 if turn == 1 else -0.08), 0.36), texture="grain")
            if turn != 13:
                with d.inside(outline):
                    d.ellipse(
                        398, 126, 40, 66, d.linear((0, tone(colour, -0.3)), (1, warm(colour, 0.4)), angle="slant")
                    )
    crock = d.solid(
        "M254 370h292q10 0 8 14l-22 228q-4 38-44 38H312q-40 0-44-38l-22-228q-2-14 8-14z",
        d.matte("#dfe3df"),
        texture="felt",
        rim=0.8,
        width=5,
    )
    with d.inside(crock):
        d.path("M240 540q160 40 320 0v120H240z", "#3f6f86", opacity="0.85")
        d.path("M240 524q160 40 320 0v12q-160 40-320 0z", "#3f6f86", opacity="0.5")
        d.rect(470, 370, 36, 290, d.fade("#ffffff", 0.5, "down"))
    d.line("M258 374q142 20 284 0", "#fffdf6", 10)


def lunch_tin(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(400, 270)
    d.ellipse(640, 668, 70, 22, d.glow("#150d1c", 0.7))
    for y, h in ((452, 198), (268, 178)):
        body = d.solid(f"M160 {y}h480v{h - 40}q0 40-40 40H200q-40 0-40-40z", d.metal(colour), texture="brushed")
        with d.inside(body):
            d.rect(150, y, 500, 26, d.linear((0, "#150d1c73"), (1, "#150d1c00"), angle="down"))
        d.solid(f"M150 {y - 14}h500q10 0 10 12t-10 12H150q-10 0-10-12t10-12z", d.metal(tone(colour, 0.14)), width=3)
    d.solid("M164 256q0-56 56-62h360q56 6 56 62z", d.metal(tone(colour, 0.08)), texture="brushed")
    d.crest(400, 574, 110, tone(colour, -0.5))
    for x in (132, 624):
        d.solid(f"M{x} 240h44v300h-44q-8-150 0-300z", d.metal(tone(colour, -0.15)), width=3)
        d.rect(x + 10, 300, 24, 120, "#150d1c", r=12, opacity="0.25")
    d.cord("M190 220C190 70 610 70 610 220", tone(colour, -0.2), 18)
    d.solid("M300 82q100-22 200 0v36q-100-20-200 0z", d.cloth(WOOD, 0.36), texture="grain", width=3)
    d.ellipse(676, 640, 52, 50, d.radial((0, "#ff9f80"), (0.7, "#d8432c"), (1, "#95231a"), cx=0.68, cy=0.28))
    d.line("M676 594q4-24 18-30", "#5a3a1c", 7)
    d.path("M692 580q34-24 56 2-32 18-56-2z", "#6f9a54")


def dutch_oven(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(400, 270)
    steam(d, 400, 150, 0.9)
    for x, turn in ((112, 0), (688, 180)):
        with d.turned(turn, x, 400):
            d.line(f"M{x + 40} 376h-30q-26 0-26 26t26 26h30", tone(colour, -0.5), 30)
            d.line(f"M{x + 42} 372h-32q-22 0-22 24", tone(colour, -0.05), 13)
    pot = d.solid(
        "M140 330h520v210q0 110-110 110H250q-110 0-110-110z", d.matte(colour), texture="felt", rim=0.8, width=6
    )
    with d.inside(pot):
        d.path("M530 320h70q6 180-60 330h-60q66-150 50-330z", d.fade("#ffffff", 0.5, "down"))
        d.ellipse(400, 330, 290, 46, d.glow("#150d1c", 0.6))
        d.ellipse(400, 664, 260, 50, d.glow("#150d1c", 0.5))
    d.solid("M126 306h548q12 0 12 16t-12 16H126q-12 0-12-16t12-16z", d.metal(tone(colour, -0.1)), width=4)
    lid = d.solid(
        "M140 306q20-96 260-106 240 10 260 106z", d.matte(tone(colour, 0.06)), texture="felt", rim=0.9, width=5
    )
    with d.inside(lid):
        d.ellipse(540, 240, 130, 46, d.glow("#ffffff", 0.5))
        d.line("M170 290q230-40 460 0", tone(colour, -0.35), 5, opacity="0.6")
    d.solid("M374 176h52l10 32h-72z", d.metal(BRASS), width=3)
    d.ellipse(400, 172, 44, 18, d.metal(BRASS))
    d.crest(400, 540, 130, tone(colour, -0.35))
    for x, y, turn in ((690, 680, 20), (724, 656, -30), (96, 690, 60)):
        d.path("M0 0q24-26 44 0-20 22-44 0z", "#6f9a54", transform=f"translate({x} {y}) rotate({turn})")


def tea_towels(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.line("M60 120h690", tone(BRASS, -0.45), 26)
    d.line("M60 117h690", BRASS, 18)
    d.line("M60 112h690", warm(BRASS, 0.7), 5)
    for x in (70, 740):
        d.ellipse(x, 118, 24, 24, d.metal(BRASS))
    for x, y, w, h, base, bars in ((130, 112, 290, 470, "#f1e6d0", colour), (388, 112, 286, 526, colour, "#f6ead2")):
        d.ellipse(x + w / 2 - 30, y + h - 4, w * 0.62, 34, d.glow("#3a1c08", 0.4))
        cloth = d.solid(
            f"M{x} {y - 12}q{w / 2} 18 {w} 0l6 {h}q-{w / 4} 22-{w / 2} 4t-{w / 2 + 8} 6z",
            d.cloth(base, 0.2),
            texture="canvas",
            bulge=0.5,
        )
        with d.inside(cloth):
            for low, thick in ((h * 0.2, 16), (h * 0.25, 7), (h * 0.78, 34), (h * 0.87, 12)):
                d.line(f"M{x - 20} {y + low:.0f}q{w / 2} 18 {w + 40} 0", bars, thick, opacity="0.9")
            for fold in (0.24, 0.5, 0.78):
                d.path(
                    f"M{x + w * fold:.0f} {y}q22 {h / 2:.0f} 0 {h + 20}h-34q22-{h / 2:.0f} 0-{h + 20}z",
                    "#3a1c08",
                    opacity="0.1",
                )
                d.path(
                    f"M{x + w * fold + 6:.0f} {y}q22 {h / 2:.0f} 0 {h + 20}h20q18-{h / 2:.0f} 0-{h + 20}z",
                    "#fff6e0",
                    opacity="0.22",
                )
    d.solid("M560 560h64v44h-64z", d.cloth("#a2623a"), width=2)
    d.crest(592, 596, 38, CREAM)


PICTURES: Pictures = {
    "vulkan-moka-pot": (moka, {"": "#b4bcc2"}),
    "kurbel-hand-grinder": (grinder, {"walnut": "#7a4a2e", "graphite": "#4a4d54"}),
    "skarp-kitchen-knife": (knife, {"": "#7a4a2e"}),
    "spira-gas-stove": (stove, {"": "#b5533c"}),
    "linde-spoons": (spoon, {"": "#c99255"}),
    "picknick-lunch-tin": (lunch_tin, {"": "#bcc4c9"}),
    "skarp-kitchen-knife-detail": (closer(knife, 500, 400, 1.75), {"": "#7a4a2e"}),
    "spira-gas-stove-detail": (closer(stove, 410, 330, 1.8), {"": "#b5533c"}),
    "gusto-dutch-oven": (dutch_oven, {"brick": "#a8452f", "pine": "#33604d", "cream": "#e4d6b6"}),
    "streif-tea-towels": (tea_towels, {"indigo": "#37477a", "rust": "#b9603c"}),
    "vulkan-moka-pot-detail": (closer(moka, 400, 330, 1.7), {"": "#b4bcc2"}),
    "gusto-dutch-oven-detail": (closer(dutch_oven, 450, 300, 1.65), {"brick": "#a8452f"}),
    "streif-tea-towels-detail": (closer(tea_towels, 500, 500, 1.8), {"indigo": "#37477a"}),
    "linde-spoons-detail": (closer(spoon, 400, 260, 1.6), {"": "#c99255"}),
}
