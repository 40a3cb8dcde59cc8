"""For being on the way."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone, warm
from shop.modules.catalog.demo.drawing.outlines import box
from shop.modules.catalog.demo.drawing.scenes import departure

BRASS = "#d6a94f"
LEATHER = "#9c5f36"
GRAPHITE = "#30343a"
PAPER = "#f7f1e3"
STEEL = "#c3c9cd"


def passport_wallet(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 210, cy=676, ry=24)
    with d.turned(-8, 400, 430):
        with d.turned(15, 440, 300):
            d.solid(box(330, 96, 250, 330, 8), d.cloth(PAPER, 0.1), rim=0.4)
            d.path("M330 96h250v62H330z", "#d9643c")
            d.line("M360 190h120M360 216h80M360 242h140", "#a39472", 7)
            d.path("M0-16l10 18 34 8-34 6-10 22-6-20-22-6 20-8z", "#fff3df", transform="translate(540 128) rotate(40)")
        with d.turned(6, 400, 400):
            d.solid(box(262, 138, 240, 360, 14), d.cloth("#27476e"), texture="leather")
            d.ellipse(382, 268, 52, 52, "none", stroke="#e6c677", stroke_width=6)
            d.line("M330 268h104M382 216v104M344 238q38 20 76 0M344 298q38-20 76 0M336 184h92", "#e6c677", 5)
        d.path(box(206, 270, 384, 410, 30), "#160d10", opacity="0.3")
        d.solid(box(214, 254, 384, 410, 30), d.cloth(colour, 0.26), texture="leather")
        d.stitches(box(234, 274, 344, 370, 16), tone(colour, 0.75))
        d.line("M214 300h384", warm(colour, -0.5), 4, opacity="0.4")
        d.solid("M598 398H490q-48 0-48 48t48 48h108z", d.cloth(tone(colour, 0.04), 0.3), texture="leather")
        d.stitches("M588 412h-98q-34 0-34 34t34 34h98", tone(colour, 0.75))
        d.ellipse(496, 446, 22, 22, d.metal(BRASS))
        d.crest(308, 612, 96, warm(colour, -0.45))


def passport_wallet_open(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 310, cy=650, ry=26)
    d.solid(
        "M90 260q150-24 310 14 160-38 310-14l26 370q-170-26-336 20-166-46-336-20z",
        d.cloth(tone(colour, -0.1)),
        texture="leather",
    )
    d.stitches(
        "M108 276q146-20 288 14M692 276q-146-20-288 14M84 614q160-22 310 18M716 614q-160-22-310 18", tone(colour, 0.75)
    )
    d.line("M400 278v364", warm(colour, -0.6), 9, opacity="0.6")
    with d.turned(-4, 240, 440):
        d.solid(box(130, 236, 226, 320, 10), d.cloth("#27476e"), texture="leather")
        d.ellipse(243, 350, 48, 48, "none", stroke="#e6c677", stroke_width=6)
        d.line("M195 350h96M243 302v96M206 322q37 20 74 0M206 378q37-20 74 0M200 276h86", "#e6c677", 5)
    d.solid("M84 440q150-22 304 12v186q-156-40-318-14z", d.cloth(colour, 0.28), texture="leather")
    for place, tint in enumerate(("#e9d9b5", "#6f9a8d", "#d9643c", "#f3efe4")):
        y = 316 + place * 58
        d.solid(f"M434 {y + 12}q110-26 236-18l8 120H438z", d.cloth(tint, 0.12), rim=0.4)
        d.solid(
            f"M426 {y + 58}q130-32 262-22l10 {270 - place * 56}q-140-20-280 14z",
            d.cloth(colour, 0.28),
            texture="leather",
        )
    d.crest(228, 594, 90, warm(colour, -0.45))


def neck_pillow(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 260, cy=664, ry=30)
    ring = d.solid(
        "M400 132c190 0 300 136 290 306-6 122-66 226-150 226-66 0-92-48-82-112 8-52 20-66 16-108-4-44-32-70-74-70"
        "s-70 26-74 70c-4 42 8 56 16 108 10 64-16 112-82 112-84 0-144-104-150-226C100 268 210 132 400 132z",
        d.radial((0, warm(colour, 0.55)), (0.5, colour), (1, warm(colour, -0.6)), cx=0.68, cy=0.14, r=0.95),
        texture="felt",
    )
    with d.inside(ring):
        d.ellipse(400, 470, 150, 190, d.glow("#1b1a30", 0.7))
        d.ellipse(520, 206, 180, 64, d.glow("#ffffff", 0.5), transform="rotate(24 520 206)")
        d.line("M400 132c-190 0-300 136-290 306 6 122 66 226 150 226", warm(colour, -0.5), 54, opacity="0.2")
        d.line("M330 140q-90 110-70 250M470 140q90 110 70 250", warm(colour, -0.5), 5, opacity="0.45")
    d.line(
        "M168 470C150 270 270 190 400 190s250 80 232 280q-8 80-60 140M168 470q8 80 60 140",
        tone(colour, 0.5),
        3,
        stroke_dasharray="10 8",
        opacity="0.7",
    )
    d.cord("M330 600q20 40 44 44M470 600q-20 40-44 44", GRAPHITE, 14)
    d.rect(352, 628, 48, 36, d.metal(GRAPHITE), r=9)
    d.rect(404, 628, 48, 36, d.metal(tone(GRAPHITE, 0.14)), r=9)
    d.solid("M606 300l58 34-22 44-60-36z", d.cloth("#f1e6cf"), texture="canvas")
    d.crest(622, 350, 32, tone(colour, -0.4))


def bottle(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 130, cy=688, ry=24)
    d.cord("M446 132c96-40 116 82 50 120", GRAPHITE, 20)
    body = d.solid(
        "M344 214h112v40q66 22 66 104v282q0 50-50 50H328q-50 0-50-50V358q0-82 66-104z", d.matte(colour), texture="felt"
    )
    with d.inside(body):
        d.path("M466 262q30 30 30 96v340h-24V370q0-70-22-100z", "#fff", opacity="0.45")
        d.path("M270 640h260v12H270z", warm(colour, -0.5), opacity="0.6")
        d.rect(270, 652, 260, 40, d.metal(STEEL))
    d.rect(338, 200, 124, 30, d.metal(STEEL), r=7)
    d.solid("M330 108q0-28 28-28h84q28 0 28 28v98H330z", d.matte(GRAPHITE))
    d.line("M352 120v70M376 120v70M400 120v70M424 120v70M448 120v70", "#000", 7, opacity="0.35")
    d.crest(400, 494, 104, tone(colour, 0.8))
    d.line("M352 516h96", tone(colour, 0.8), 6)


def bottle_poured(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(310, 120, cy=680, ry=22)
    d.shadow(570, 120, cy=694, ry=20)
    body = d.solid(
        "M256 206h108v40q62 22 62 100v284q0 50-48 50H242q-48 0-48-50V346q0-78 62-100z", d.matte(colour), texture="felt"
    )
    with d.inside(body):
        d.path("M374 254q28 30 28 96v330h-22V362q0-70-22-100z", "#fff", opacity="0.45")
        d.rect(180, 644, 260, 40, d.metal(STEEL))
    d.rect(252, 168, 116, 52, d.metal(STEEL), r=8)
    d.line("M256 184h108M256 200h108", tone(STEEL, -0.4), 4)
    d.ellipse(310, 168, 58, 13, tone(STEEL, 0.4))
    d.ellipse(310, 169, 48, 9, "#22262b")
    d.crest(310, 490, 96, tone(colour, 0.8))
    d.line("M266 512h88", tone(colour, 0.8), 6)
    d.solid("M482 520h176l-14 156q-4 20-26 20h-96q-22 0-26-20z", d.matte(GRAPHITE))
    d.line("M508 560l8 100M540 560l4 104M600 560l-4 104M632 560l-8 100", "#000", 7, opacity="0.3")
    d.ellipse(570, 520, 90, 22, d.metal(STEEL))
    d.ellipse(570, 522, 78, 16, "#6b3a1c")
    d.ellipse(594, 518, 40, 7, "#c08a55", opacity="0.7")
    d.line("M540 480q-22-30 0-58t-6-60M584 470q-22-34 2-62t-4-64M620 484q-18-28 2-50", "#fff", 11, opacity="0.55")


def umbrella(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(420, 240, cy=706, ry=22)
    with d.turned(-13, 400, 400), d.moved(-14, 10, 1.04):
        d.line("M400 96V60", STEEL, 12)
        d.path("M96 388q304-120 608 0-150 40-304 40T96 388z", warm(colour, -0.75))
        d.line("M400 350L140 388M400 350l-100 56M400 350l100 56M400 350l260 38", STEEL, 3, opacity="0.7")
        d.rect(393, 300, 14, 330, d.metal(STEEL))
        dome = d.solid(
            "M90 392C104 190 250 92 400 92S696 190 710 392q-52-46-103 0-52-48-104 0-51-48-103 0-51-48-103 "
            "0-52-48-104 0-51-46-103 0z",
            d.radial((0, warm(colour, 0.45)), (0.5, colour), (1, warm(colour, -0.6)), cx=0.72, cy=0.16, r=0.95),
            texture="ripstop",
        )
        with d.inside(dome):
            d.path(
                "M400 92C330 150 300 260 297 400h206C500 260 470 150 400 92zM400 92C200 130 130 260 90 400h103C210 "
                "270 280 150 400 92zM400 92C600 130 670 260 710 400H607C590 270 520 150 400 92z",
                "#fff",
                opacity="0.1",
            )
            d.line(
                "M400 92C280 150 210 270 193 400M400 92C330 150 300 260 297 400M400 92C470 150 500 260 503 400M400 "
                "92C520 150 590 270 607 400",
                warm(colour, -0.5),
                4,
                opacity="0.6",
            )
        d.line(
            "M90 392q51-46 103 0 52-48 104 0 52-48 103 0 52-48 103 0 52-48 104 0 51-46 103 0",
            tone(colour, 0.5),
            4,
            opacity="0.7",
        )
        d.solid("M386 560h28v78q0 62-58 62-52 0-56-54 0-16 14-16t14 16q2 26 28 26 30 0 30-34z", d.matte(LEATHER))
        d.rect(384, 548, 32, 22, d.metal(BRASS), r=4)


def umbrella_closed(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(380, 240, cy=706, ry=22)
    with d.turned(38, 400, 400), d.moved(-20, -22, 1.05):
        d.rect(394, 46, 12, 60, d.metal(STEEL), r=5)
        body = d.solid("M388 96h24q44 170 52 400-64 30-128 0 8-230 52-400z", d.matte(colour), texture="ripstop")
        with d.inside(body):
            d.line(
                "M400 90q-60 200-40 430M404 90q20 200-4 430M410 90q60 200 40 430", warm(colour, -0.6), 7, opacity="0.5"
            )
            d.line("M410 120q24 180 14 400", "#fff", 9, opacity="0.3")
            d.path("M320 330q80 40 160-8v36q-80 44-160 8z", warm(colour, -0.3))
        d.ellipse(440, 350, 9, 9, d.metal(BRASS))
        d.rect(380, 494, 40, 34, d.metal(BRASS), r=5)
        d.solid("M386 526h28v120q0 70-66 70-60 0-64-60 0-18 15-18t15 18q2 30 34 30 38 0 38-40z", d.matte(LEATHER))
        d.stitches("M400 540v100", PAPER)


def eye_mask(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 300, cy=650, ry=26)
    d.line("M118 400C60 180 740 180 682 400", warm(colour, -0.5), 40)
    d.line("M122 380C90 200 710 200 678 380", tone(colour, 0.2), 4, opacity="0.6")
    d.rect(366, 212, 66, 50, d.metal(BRASS), r=8)
    shape = (
        "M82 396c0-66 66-92 150-92 70 0 110 18 168 18s98-18 168-18c84 0 150 26 150 92 0 130-80 236-178 236-66 "
        "0-86-84-140-84s-74 84-140 84C162 632 82 526 82 396z"
    )
    mask = d.solid(
        shape,
        d.radial((0, warm(colour, 0.55)), (0.5, colour), (1, warm(colour, -0.55)), cx=0.74, cy=0.12, r=0.95),
        width=6,
    )
    with d.inside(mask):
        d.ellipse(560, 370, 170, 50, d.glow("#ffffff", 0.55), transform="rotate(12 560 370)")
        d.ellipse(230, 380, 120, 34, d.glow("#ffffff", 0.3))
        d.line("M400 330q-40 90-10 220M130 420q30 130 100 190", warm(colour, -0.6), 26, opacity="0.2")
    d.line(shape, warm(colour, -0.5), 9, opacity="0.5")
    d.line(
        "M176 442q64 60 128 0M496 442q64 60 128 0M190 466l-16 20M222 484l-8 24M258 484l8 24M290 466l16 20M510 466"
        "l-16 20M542 484l-8 24M578 484l8 24M610 466l16 20",
        "#f6e4c0",
        8,
    )
    d.shadow(640, 90, cy=706, ry=14)
    d.rect(560, 640, 160, 62, d.metal(STEEL), r=12)
    d.ellipse(640, 640, 80, 20, d.metal(tone(STEEL, 0.2)))
    d.crest(640, 648, 44, tone(STEEL, -0.5))


def binoculars(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 260, cy=690, ry=28)
    d.cord("M196 330C30 390 60 680 220 716Q410 752 600 716C750 680 770 390 604 330", LEATHER, 18)
    d.solid("M300 300h200v120q-100 30-200 0z", d.metal(GRAPHITE))
    d.rect(352, 196, 96, 120, d.metal(BRASS), r=14)
    d.line("M360 214v84M374 214v84M388 214v84M402 214v84M416 214v84M430 214v84", tone(BRASS, -0.5), 4, opacity="0.6")
    d.rect(384, 150, 32, 60, d.metal(tone(BRASS, -0.1)), r=8)
    for x, dim in ((262, -0.1), (538, 0.0)):
        d.rect(x - 52, 96, 104, 62, d.metal("#2a2c31"), r=16)
        d.rect(x - 44, 150, 88, 70, d.metal(BRASS))
        body = tone(colour, dim)
        prism = f"M{x - 60} 214h120q46 10 46 70v60q0 34-30 52H{x - 76}q-30-18-30-52v-60q0-60 46-70z"
        d.solid(prism, d.matte(body), texture="leather")
        d.rect(x - 92, 386, 184, 26, d.metal(BRASS), r=6)
        d.solid(f"M{x - 86} 412h172l24 190q-110 50-220 0z", d.matte(body), texture="leather")
        d.stitches(f"M{x + 62} 420l22 184", tone(colour, 0.7))
        d.path(f"M{x - 116} 596q116 40 232 0v34q-116 50-232 0z", d.metal(BRASS))
        d.ellipse(x, 632, 116, 58, d.metal(tone(GRAPHITE, 0.05)))
        coated = ((0, "#f2c6e6"), (0.35, "#7d6fc0"), (0.75, "#2b3a78"), (1, "#0f1430"))
        d.ellipse(x, 634, 96, 46, d.radial(*coated, cx=0.66, cy=0.24, r=0.85))
        d.ellipse(x + 34, 616, 30, 12, "#fff", opacity="0.75", transform=f"rotate(-12 {x + 34} 616)")
        d.ellipse(x - 44, 652, 26, 9, "#9fe0d0", opacity="0.5")
    d.crest(262, 356, 70, tone(BRASS, 0.3))


PICTURES: Pictures = {
    "passage-passport-wallet": (passport_wallet, {"chestnut": "#9a5630", "black": "#45444a"}),
    "passage-passport-wallet-open": (passport_wallet_open, {"": "#9a5630"}),
    "drift-travel-pillow": (neck_pillow, {"": "#6f8fa3"}),
    "atlas-insulated-bottle": (bottle, {"pine": "#2f6350", "poppy": "#d1552f", "fog": "#bcc5c8"}),
    "atlas-insulated-bottle-poured": (bottle_poured, {"": "#2f6350"}),
    "quay-umbrella": (umbrella, {"mustard": "#dfa32f", "navy": "#3a5078"}),
    "quay-umbrella-closed": (umbrella_closed, {"": "#dfa32f"}),
    "hush-sleep-mask": (eye_mask, {"plum": "#74466e", "midnight": "#36466e"}),
    "lookout-pocket-binoculars": (binoculars, {"tan": "#a8703f", "forest": "#3c6350"}),
}
