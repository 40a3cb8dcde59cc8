"""For the place between the tent and the path: something to sit on, to split wood with, to find north, to stay dry."""

from shop.modules.catalog.demo.drawing.camp import CREAM, LEATHER, ROPE, WOOD
from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, closer, tone, warm
from shop.modules.catalog.demo.drawing.scenes import forest

BRASS = "#d0a043"


def chair(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(400, 270, ry=26)
    for x, top, foot in ((262, 360, 250), (552, 352, 566)):
        d.line(f"M{x} {top}L{foot} 610", tone(WOOD, -0.5), 22)
    d.line("M232 440L520 648M560 440L280 648", tone(WOOD, -0.4), 26)
    d.line("M236 436L524 642", WOOD, 18)
    d.line("M564 436L284 642", warm(WOOD, 0.3), 18)
    back = d.solid("M230 110q170 34 340 0l-14 256q-156 40-312 0z", d.cloth(colour), texture="canvas", bulge=0.6)
    with d.inside(back):
        d.path("M220 320q180 50 360 0v60H220z", "#170f1e", opacity="0.3")
        d.path("M300 130q20 120-10 240h-20q20-140 0-240z", "#170f1e", opacity="0.12")
    d.stitches("M248 136q152 26 304 0", CREAM)
    d.crest(400, 250, 84, CREAM)
    seat = d.solid(
        "M236 352q164 44 328 0l44 84q-208 66-416 0z", d.cloth(warm(colour, 0.12)), texture="canvas", bulge=0.6
    )
    with d.inside(seat):
        d.ellipse(400, 380, 170, 36, d.glow("#170f1e", 0.55))
    d.stitches("M208 424q192 56 384 0", CREAM)
    for x, lean in ((216, -8), (560, 8)):
        d.solid(f"M{x} 92h26l{lean} 350h-26z", d.matte(WOOD), texture="grain", width=3)
        d.ellipse(x + 13, 92, 13, 7, warm(WOOD, 0.4))
        d.ellipse(x + 13 + lean * 0.8, 392, 8, 8, d.metal(BRASS))
    for x in (150, 560):
        d.solid(
            f"M{x} 356q0-14 18-14h62q18 0 18 14t-18 14h-62q-18 0-18-14z",
            d.cloth(LEATHER, 0.3),
            texture="leather",
            width=3,
        )
    d.line("M214 648h70M516 648h70", tone(WOOD, -0.35), 22)


def axe(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(400, 280, ry=28)
    d.solid("M150 520h500v74q0 56-250 56t-250-56z", d.matte("#7c5a3e"), texture="grain", bulge=0.4)
    d.ellipse(400, 520, 250, 62, d.cloth("#e0b982", 0.3))
    for share in (0.82, 0.6, 0.4, 0.2):
        d.ellipse(392, 521, 250 * share, 62 * share, "none", stroke="#a9774a", stroke_width=4, opacity="0.55")
    d.line("M410 520l150 40M400 522l-110 44", "#8a5a34", 5, opacity="0.6")
    d.ellipse(352, 524, 120, 20, d.glow("#170f1e", 0.7))
    with d.turned(24, 400, 400):
        d.solid(
            "M382 92q22-12 42 2 6 140-2 260-8 90 14 150 6 28-26 28t-34-24q6-80 6-154 0-140 0-262z",
            d.matte(WOOD),
            texture="grain",
            width=3,
        )
        d.solid("M376 470q26 16 52 0l10 38q4 28-28 28t-36-26z", d.cloth(LEATHER, 0.3), texture="leather", width=3)
        head = d.solid(
            "M352 108h88q10 0 10 10v74q0 10-10 10h-88c-54 6-92 44-114 92-36-86-36-190 0-272 24 48 64 82 114 86z",
            d.linear(
                (0, "#eef2f4"),
                (0.2, "#a6b0b7"),
                (0.27, tone(colour, 0.1)),
                (0.7, tone(colour, -0.2)),
                (1, tone(colour, 0.14)),
            ),
            texture="brushed",
        )
        with d.inside(head):
            d.path("M238 10q-60 140 0 290l26-24q-44-120 0-240z", "#fff", opacity="0.5")
            d.ellipse(410, 112, 110, 26, d.glow("#ffffff", 0.6))
        d.solid("M378 84q24-12 50 0v26h-50z", d.matte(WOOD), width=3)
        d.crest(352, 176, 44, "#c8cfd4")
    d.line("M150 690l60-16M612 700l50 10M560 716l34-8", "#e0b982", 9)


def compass(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(400, 240, ry=30)
    d.cord("M400 150C300 20 150 90 190 220S60 420 110 560", LEATHER, 16)
    d.solid("M378 96h44v70h-44z", d.metal(colour), width=3)
    d.ellipse(400, 96, 40, 40, "none", stroke=tone(colour, -0.35), stroke_width=16)
    d.ellipse(402, 94, 40, 40, "none", stroke=warm(colour, 0.5), stroke_width=5)
    d.solid("M400 150a250 250 0 1 0 1 0z", d.cloth(colour, 0.42), texture="brushed", width=6)
    d.ellipse(400, 400, 212, 212, d.linear((0, tone(colour, -0.55)), (1, warm(colour, 0.35)), angle="slant"))
    face = d.solid(
        "M400 198a202 202 0 1 0 1 0z",
        d.radial((0, "#fffdf4"), (0.7, "#f7eed8"), (1, "#d9c79f"), cx=0.6, cy=0.35, r=0.75),
        rim=0,
    )
    for n in range(24):
        with d.turned(n * 15, 400, 400):
            d.line("M400 212v26" if n % 6 == 0 else "M400 212v13", "#5c4a30", 6 if n % 6 == 0 else 3)
    d.path("M400 262l22 116 116 22-116 22-22 116-22-116-116-22 116-22z", "#d9c392")
    d.path("M400 262v138l22-22zM538 400H400l22 22zM400 538V400l-22 22zM262 400h138l-22-22z", "#a98a52")
    with d.inside(face):
        d.ellipse(392, 412, 40, 200, d.glow("#170f1e", 0.4), transform="rotate(30 400 400)")
    with d.turned(30, 400, 400):
        d.path("M400 236l26 164h-52z", "#c23b2e")
        d.path("M400 236l26 164h-26z", "#e8604c")
        d.path("M400 564l26-164h-52z", "#3d4650")
        d.path("M400 564l26-164h-26z", "#6b7680")
    d.ellipse(400, 400, 22, 22, d.metal(colour))
    with d.inside(face):
        d.path("M300 180q220-20 310 170-60 20-120-60T300 180z", "#fff", opacity="0.4")


def tarp(d: Drawing, colour: str) -> None:
    forest(d)
    for x, lean in ((20, 3), (742, -4)):
        d.shadow(x + 20, 56, cy=650, ry=12)
        d.solid(f"M{x} -10h42l{lean} 664h-{42 + 2 * lean}z", d.matte("#8a6a4c"), texture="grain", width=3)
    d.line("M40 214L310 186 600 130 764 104", ROPE, 7)
    d.shadow(420, 330, cy=640, ry=26)
    opening = d.solid("M310 186Q230 430 66 628L520 648Q400 420 310 186z", d.cloth(warm(colour, -0.62)), rim=0)
    with d.inside(opening):
        d.path("M310 186Q230 430 66 628h180q60-200 64-442z", d.cloth(warm(colour, -0.3)))
        d.path("M310 186Q230 430 66 628h180q60-200 64-442z", d.texture("ripstop"))
        d.path("M60 600h480v60H60z", "#5f7b48")
        d.ellipse(330, 640, 220, 150, d.glow("#ffca70", 0.75))
        d.path("M190 640q90-50 260-14v30H190z", d.cloth("#b5533c", 0.4))
        d.path("M220 622q90-28 210-4v12q-110-22-218 4z", CREAM)
    side = d.solid(
        "M310 186Q460 176 600 130 660 330 770 520 660 600 520 648 400 420 310 186z",
        d.cloth(colour, 0.34),
        texture="ripstop",
    )
    with d.inside(side):
        d.path("M420 166Q500 380 640 610l60-40Q560 360 500 150z", "#fff2d2", opacity="0.16")
        d.path("M310 186Q400 420 520 648l40-18Q430 400 350 180z", "#170f1e", opacity="0.2")
        d.ellipse(640, 220, 160, 120, d.glow("#fff2d2", 0.5))
    d.line("M310 186Q230 430 66 628", warm(colour, 0.3), 7)
    d.line("M310 186Q400 420 520 648", warm(colour, 0.5), 5)
    d.stitches("M520 632Q650 586 752 516", CREAM)
    d.line("M66 628l-34 40M520 648l16 40M770 520l22 60", ROPE, 5)
    d.line("M28 660l12 22M532 682l10 20", LEATHER, 11)
    for x, y in ((310, 186), (600, 130), (520, 646), (768, 520), (68, 626)):
        d.ellipse(x, y, 9, 9, d.metal(BRASS))
    with d.turned(-14, 600, 420):
        d.crest(580, 440, 90, CREAM)


PICTURES: Pictures = {
    "fika-camp-chair": (chair, {"rust": "#b1552f", "pine": "#3f6a53"}),
    "ulv-camp-axe": (axe, {"": "#59616a"}),
    "nord-compass": (compass, {"": "#d0a043"}),
    "skydd-tarp-3x3": (tarp, {"olive": "#7f8a4e", "ochre": "#d3983a"}),
    "nord-compass-detail": (closer(compass, 440, 400, 1.9), {"": "#d0a043"}),
    "ulv-camp-axe-detail": (closer(axe, 470, 240, 1.75), {"": "#59616a"}),
    "fika-camp-chair-detail": (closer(chair, 520, 320, 1.8), {"rust": "#b1552f"}),
    "skydd-tarp-3x3-detail": (closer(tarp, 500, 330, 1.6), {"olive": "#7f8a4e"}),
}
