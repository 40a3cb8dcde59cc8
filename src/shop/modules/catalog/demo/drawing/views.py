"""Goods taken apart, laid out or seen from above: second pictures that tell what the first can't."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone, warm
from shop.modules.catalog.demo.drawing.scenes import grass, kitchen, parlour, tabletop

BRASS = "#d0a043"
CREAM = "#f6e7cb"
STEEL = "#aab2b8"
WOOD = "#b9814f"


def power_bank_open(d: Drawing, colour: str) -> None:
    """Four screws later."""
    tabletop(d)
    with d.turned(-8, 300, 420):
        d.path("M70 130h330q46 0 46 46v484q0 46-46 46H70q-46 0-46-46V176q0-46 46-46z", "#3a1c08", opacity="0.5")
        case = d.solid(
            "M92 110h330q46 0 46 46v484q0 46-46 46H92q-46 0-46-46V156q0-46 46-46z",
            d.linear((0, tone(colour, 0.4)), (1, tone(colour, -0.4)), angle="slant"),
            width=6,
        )
        d.solid("M104 136h306q32 0 32 32v460q0 32-32 32H104q-32 0-32-32V168q0-32 32-32z", tone(colour, -0.66), rim=0)
        with d.inside(case):
            d.solid("M92 152h330v110H92z", d.cloth("#2f7a5c"), width=3)
            d.line("M110 180h90l20 20h60M110 214h60l30 30h90M300 176h100M320 220h80", "#8fe0b0", 4, opacity="0.7")
            for x, y, w in ((130, 170, 44), (230, 214, 60), (330, 186, 50)):
                d.rect(x, y, w, 32, "#17181d", r=4)
                d.line(f"M{x + 8} {y + 10}h{w - 24}", "#9aa2ac", 3)
        for place, x in enumerate((96, 206, 316)):
            d.rect(x, 284, 96, 352, "#0e1016", r=14, opacity="0.5")
            shell = ("#d8a23e", "#c8573a", "#d8a23e")[place]
            d.rect(x + 3, 296, 90, 330, d.matte(shell), r=12)
            d.rect(x + 3, 296, 90, 30, d.metal("#c9d0d5"), r=8)
            d.rect(x + 30, 284, 36, 16, d.metal("#e4e8ea"), r=5)
            d.line(f"M{x + 48} 360v34M{x + 31} 377h34M{x + 31} 590h34", CREAM, 6)
    with d.turned(14, 610, 330):
        d.rect(486, 116, 250, 430, "#3a1c08", r=46, opacity="0.45")
        lid = d.solid(
            "M546 96h170q46 0 46 46v350q0 46-46 46H546q-46 0-46-46V142q0-46 46-46z",
            d.linear((0, tone(colour, 0.5)), (0.4, colour), (1, tone(colour, -0.36)), angle="slant"),
            texture="brushed",
            width=6,
        )
        with d.inside(lid):
            d.path("M760 80v200L560 540H460L740 80z", "#ffffff", opacity="0.12")
        d.path("M652 180l-84 124h54l-22 104 90-130h-56z", d.linear((0, "#fff0c0"), (1, "#f2a93c"), angle="down"))
        for x, y in ((532, 130), (730, 130), (532, 504), (730, 504)):
            d.ellipse(x, y, 11, 11, "#17181d")
    for x, y in ((560, 640), (610, 690), (520, 704), (668, 644)):
        d.ellipse(x - 5, y + 7, 18, 13, d.glow("#150d1c", 0.8))
        d.ellipse(x, y, 14, 14, d.metal("#c9d0d5"))
        d.line(f"M{x - 6} {y}h12M{x} {y - 6}v12", "#4a5058", 3)


def grinder_apart(d: Drawing, colour: str) -> None:
    """Into its five parts, as it is cleaned."""
    kitchen(d)
    d.shadow(180, 110)
    d.shadow(420, 120)
    d.shadow(640, 110)
    jar = d.solid("M86 440h190v170q0 40-30 40H116q-30 0-30-40z", "#f4e4cc", rim=0.9, width=5)
    with d.inside(jar):
        d.rect(
            80,
            440,
            200,
            220,
            d.linear((0, "#8a5a38"), (0.12, "#f1dcc0"), (0.85, "#fff6e6"), (1, "#b98a60")),
            opacity="0.7",
        )
        d.path("M80 560q60-30 110-18t96 0v120H80z", d.linear((0, "#3a1d0e"), (0.7, "#7a4a2a"), (1, "#4a2714")))
        d.path("M236 444h16v200h-16z", "#fff", opacity="0.55")
    d.ellipse(181, 440, 95, 18, "#e6d2b4")
    d.ellipse(181, 441, 84, 13, "#b98a60")
    body = d.solid("M310 270h220v362q0 18-18 18H328q-18 0-18-18z", d.matte(colour))
    with d.inside(body):
        d.rect(470, 270, 28, 390, d.fade("#ffffff", 0.5, "down"))
        d.path(
            "".join(f"M{x} 300v320" for x in range(322, 528, 18)),
            "none",
            stroke="#150d1c",
            stroke_width=7,
            opacity="0.14",
        )
    d.ellipse(420, 270, 110, 24, d.metal(STEEL))
    d.ellipse(420, 272, 94, 17, "#22242a")
    d.solid("M300 600h240v34H300z", d.metal(BRASS), texture="brushed", width=3)
    d.crest(420, 500, 84, CREAM)
    d.line("M420 270V150", "#8d949a", 14)
    burr = d.solid("M384 190h72l26 74q-62 22-124 0z", d.metal("#8d949a"), width=3)
    with d.inside(burr):
        d.path(
            "".join(f"M{x} 180l{(x - 420) // 2} 100" for x in range(370, 480, 16)),
            "none",
            stroke="#2b2e36",
            stroke_width=5,
            opacity="0.6",
        )
    d.solid("M560 606q0-30 30-30h110q30 0 30 30v44H560z", d.metal(tone(STEEL, -0.1)), texture="brushed")
    d.line("M646 576V300L560 170", tone(STEEL, -0.4), 24)
    d.line("M649 576V300L563 170", STEEL, 15)
    with d.turned(-32, 556, 150):
        d.solid("M522 70q34-24 68 0l8 96q-42 26-84 0z", d.cloth(WOOD, 0.36), texture="grain", bulge=0.7)
    for x, y, turn in ((80, 712, 20), (130, 740, -30), (330, 730, 60), (500, 716, 10)):
        with d.moved(x, y), d.turned(turn, 0, 0):
            d.ellipse(0, 8, 30, 12, d.glow("#150d1c", 0.6))
            d.ellipse(0, 0, 22, 15, d.cloth("#6b3a1f", 0.4))
            d.line("M-16 2q14-8 32-3", "#2b150a", 4)


def pan_from_above(d: Drawing, colour: str) -> None:
    """With a Sunday in it."""
    tabletop(d)
    d.ellipse(330, 450, 350, 340, d.glow("#150d1c", 0.75))
    with d.turned(-42, 360, 420):
        d.rect(640, 396, 220, 60, "#3a1c08", r=30, opacity="0.4")
        d.solid(
            "M612 384h60l200 8v56l-200 8h-60z",
            d.linear((0, warm(WOOD, 0.4)), (0.5, WOOD), (1, tone(WOOD, -0.4)), angle="down"),
            texture="grain",
        )
        d.solid("M600 376h44v88h-44z", d.metal(tone(colour, 0.1)), width=3)
    d.ellipse(360, 420, 286, 286, d.linear((0, tone(colour, 0.36)), (1, tone(colour, -0.4)), angle="slant"))
    d.ellipse(360, 420, 262, 262, tone(colour, -0.5))
    d.ellipse(356, 426, 254, 252, d.radial((0, tone(colour, 0.1)), (1, tone(colour, -0.4)), cx=0.6, cy=0.4))
    cake = d.solid(
        "M160 400q20-150 170-176 170-20 214 110 40 150-60 240-130 90-260 10-84-70-64-184z",
        d.radial((0, "#f7d48c"), (0.75, "#e9ab52"), (0.93, "#b9702a"), (1, "#8a4f20"), cx=0.56, cy=0.42, r=0.56),
        width=5,
    )
    with d.inside(cake):
        for x, y, r in ((270, 330, 46), (440, 300, 34), (460, 480, 56), (300, 520, 40), (350, 420, 30)):
            d.ellipse(x, y, r * 1.2, r, d.glow("#a85f22", 0.6))
        d.path("M300 250q90-40 170 10-60-10-170-10z", "#fff6dc", opacity="0.5")
    for x, y in ((250, 420), (330, 340), (420, 390), (390, 500), (300, 470), (470, 420), (360, 560), (230, 500)):
        d.ellipse(x - 5, y + 8, 26, 20, d.glow("#3a1530", 0.8))
        d.ellipse(x, y, 21, 21, d.radial((0, "#8f9be0"), (0.6, "#4a4f98"), (1, "#262650"), cx=0.68, cy=0.28))
        d.ellipse(x, y, 6, 5, "#1d1d40")
    d.solid("M330 404h74l14 50-64 18-40-30z", d.linear((0, "#fffdf0"), (1, "#f1d98a"), angle="slant"), width=3)
    d.path(
        "".join(
            f"M{x} {y}h0"
            for x, y in ((220, 360), (400, 300), (500, 380), (440, 560), (270, 570), (190, 460), (520, 460))
        ),
        "none",
        stroke="#fffaf0",
        stroke_width=9,
    )


def sleeping_bag_laid_out(d: Drawing, colour: str) -> None:
    """Open on the grass, its collar turned back."""
    d.rect(0, 0, 800, 800, d.linear((0, "#b5c987"), (1, "#5f8058"), angle="slant"))
    d.ellipse(640, 120, 560, 460, d.glow("#fdf6c4", 0.75))
    grass(d, "#5d8253", (70, 150, 60), (130, 700, 66), (716, 690, 70), (60, 420, 50), (740, 420, 54), (660, 110, 44))
    with d.turned(14, 400, 400):
        d.path("M232 60h310q26 0 26 26v640q0 26-26 26H232q-26 0-26-26V86q0-26 26-26z", "#24301f", opacity="0.35")
        d.solid(
            "M252 40h310q26 0 26 26v640q0 26-26 26H252q-26 0-26-26V66q0-26 26-26z",
            d.cloth("#d8a23e"),
            texture="ripstop",
        )
        d.path("M246 230q-30 240 60 440 30 50 94 50 70 0 96-50 90-200 60-440z", "#24301f", opacity="0.45")
        bag = d.solid(
            "M406 66c104 0 156 70 160 180 14 170-20 320-76 420-22 36-56 40-84 40"
            "s-62-4-84-40c-56-100-90-250-76-420 4-110 56-180 160-180z",
            d.linear((0, warm(colour, 0.4)), (0.5, colour), (1, warm(colour, -0.5)), angle="slant"),
            texture="ripstop",
            width=6,
        )
        with d.inside(bag):
            for y in range(330, 700, 62):
                d.line(f"M230 {y}q176 44 352 0", warm(colour, -0.6), 9, opacity="0.55")
                d.line(f"M230 {y + 12}q176 44 352 0", "#fff2d2", 6, opacity="0.35")
        hood = d.solid(
            "M406 96c84 0 124 54 128 140 4 60-50 92-128 92s-132-32-128-92c4-86 44-140 128-140z",
            d.cloth("#e8b66a"),
            texture="ripstop",
        )
        with d.inside(hood):
            d.ellipse(380, 220, 110, 100, d.glow("#5a2f18", 0.75))
        d.solid("M330 190q76-40 152 0 22 50 0 84-76 30-152 0-22-34 0-84z", d.cloth(CREAM), texture="felt")
        turned = d.solid("M470 320q70-16 100-80 16 120-6 230-60-50-94-150z", d.cloth("#e8b66a"), texture="ripstop")
        d.line("M470 320q34 100 94 150", BRASS, 5, stroke_dasharray="5 6")
        with d.inside(turned):
            d.line("M500 300q40 90 80 130M530 280q30 70 50 100", "#b9803a", 6, opacity="0.5")
        d.solid("M376 606h60v48h-60z", d.cloth("#e8c68f"), width=2)
        d.crest(406, 646, 38, tone(colour, -0.4))


def table_lamp_at_home(d: Drawing, colour: str) -> None:
    """On a sideboard by day, beside the book it will be needed for."""
    parlour(d)
    d.shadow(470, 170)
    d.solid("M446 330h48v250h-48z", d.metal(tone(colour, -0.1)))
    d.solid("M470 560q130 0 154 76 4 22-26 22H342q-30 0-26-22 24-76 154-76z", d.matte(colour))
    d.ellipse(470, 334, 214, 40, tone(colour, -0.55))
    shade = d.solid(
        "M470 84c150 0 236 110 240 232 2 26-14 30-30 24-140-40-280-40-420 0-16 6-32 2-30-24 4-122 90-232 240-232z",
        d.matte(colour),
        rim=0.9,
        width=6,
    )
    with d.inside(shade):
        d.path("M590 110c70 50 96 120 100 210l-46-14c0-80-20-150-54-196z", d.fade("#ffffff", 0.8, "down"))
    d.ellipse(470, 88, 26, 9, d.metal(BRASS))
    d.ellipse(540, 620, 11, 11, d.metal(BRASS))
    d.shadow(170, 150, ry=18)
    for y, h, tint, x, w in (
        (606, 44, "#35566e", 60, 230),
        (566, 40, "#c98f2f", 84, 196),
        (534, 32, "#8a4a3c", 72, 210),
    ):
        d.solid(f"M{x} {y}h{w}q6 0 6 6v{h - 12}q0 6-6 6h-{w}q-10-{h // 2} 0-{h}z", d.cloth(tint), width=3)
        d.rect(x + w - 10, y + 6, 14, h - 12, "#f4ead2")
        d.rect(x + 40, y + 4, 10, h - 8, CREAM, opacity="0.6")
    cup = d.solid("M120 448h110v60q0 26-26 26h-58q-26 0-26-26z", d.matte("#e6dcc8"), width=3)
    d.line("M230 464q36-6 34 24t-40 26", "#cfc3aa", 11)
    d.ellipse(175, 448, 55, 11, "#f4ecdc")
    d.ellipse(175, 449, 48, 8, "#8a5430")
    with d.inside(cup):
        d.crest(175, 518, 40, "#a9725c")


PICTURES: Pictures = {
    "brick-power-bank-open": (power_bank_open, {"": "#4f7186"}),
    "kurbel-hand-grinder-apart": (grinder_apart, {"walnut": "#7a4a2e"}),
    "hearth-cast-iron-pan-above": (pan_from_above, {"": "#454850"}),
    "nordlys-sleeping-bag-open": (sleeping_bag_laid_out, {"": "#2f6f80"}),
    "petra-table-lamp-home": (table_lamp_at_home, {"bone": "#e6dcc8"}),
}
