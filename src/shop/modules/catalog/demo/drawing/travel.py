"""For being on the way."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone
from shop.modules.catalog.demo.drawing.scenes import departure

BRASS = "#d6a94f"


def passport_wallet(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 190)
    with d.turned(-9, 400, 430):
        d.rect(330, 150, 240, 330, "#f7f1e3", r=10)
        d.rect(344, 164, 212, 60, "#e7dcc2", r=4)
        d.line("M360 184h120M360 204h80", "#a39472", 6)
        with d.turned(7, 400, 400):
            d.rect(262, 168, 230, 330, d.cloth("#27476e"), r=12)
            d.ellipse(377, 288, 50, 50, "none", stroke="#e0bd6a", stroke_width=6)
            d.line("M327 288h100M377 238v100M340 258q37 20 74 0M340 318q37-20 74 0", "#e0bd6a", 4)
            d.line("M330 210h94", "#e0bd6a", 8)
        d.rect(232, 276, 348, 374, tone(colour, -0.45), r=26)
        d.rect(224, 270, 348, 374, d.cloth(colour), r=26)
        d.shine("M240 300q0-16 16-16h120L240 470z", 0.14)
        d.stitches("M244 292h308v330H244z", tone(colour, 0.75))
        d.path("M572 400h-92q-44 0-44 44t44 44h92z", d.cloth(tone(colour, -0.14)))
        d.stitches("M562 412h-80q-34 0-34 32t34 32h80", tone(colour, 0.75))
        d.ellipse(486, 444, 20, 20, d.metal(BRASS))
        d.path("M290 590l26-36 16 18 10-14 30 32z", tone(colour, -0.42))


def neck_pillow(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 240, ry=26)
    d.path(
        "M400 190c170 0 268 120 258 270-6 110-60 190-132 190-60 0-84-44-74-100 8-46 18-60 14-96"
        "-4-38-30-60-66-60s-62 22-66 60c-4 36 6 50 14 96"
        " 10 56-14 100-74 100-72 0-126-80-132-190-10-150 88-270 258-270z",
        d.radial((0, tone(colour, 0.35)), (0.6, colour), (1, tone(colour, -0.3)), cx=0.35, cy=0.22, r=0.9),
    )
    d.shine("M396 214c-130 0-220 92-222 214 24-98 100-168 222-176 60-4 90-38 0-38z", 0.32)
    d.shade(
        "M658 460c-6 110-60 190-132 190-40 0-64-20-72-50 70 30 140-30 150-140 6-80-20-140-60-180 80 40 120 110 114 180z",
        0.16,
    )
    d.line("M212 470c6 70 40 130 70 140M588 470c-6 70-40 130-70 140", tone(colour, -0.35), 5, opacity=0.6)
    d.line("M336 470c-8-60 20-100 64-100s72 40 64 100", tone(colour, -0.35), 6, opacity=0.5)
    d.path("M330 584l26 34M470 584l-26 34", "none", stroke="#2f3b45", stroke_width=14, stroke_linecap="round")
    d.rect(344, 606, 52, 34, "#2f3b45", r=9)
    d.rect(404, 606, 52, 34, "#3d4b57", r=9)
    d.rect(558, 360, 60, 40, tone(colour, -0.4), r=6, transform="rotate(64 588 380)")


def packing_cubes(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 220, ry=24)
    for x, y, w, h, shade in ((178, 500, 446, 150, -0.1), (214, 368, 372, 132, 0.08), (258, 262, 292, 106, 0.24)):
        body = tone(colour, shade)
        d.rect(x, y, w, h, d.linear((0, tone(body, 0.2)), (0.5, body), (1, tone(body, -0.3)), angle="down"), r=24)
        d.path(f"M{x + 24} {y}h{w - 48}q24 0 24 22-{w / 2:.0f} 18-{w} 0 0-22 24-22z", tone(body, 0.35), opacity=0.7)
        d.line(f"M{x + 6} {y + 34}q{w / 2 - 6:.0f} 16 {w - 12} 0", tone(body, -0.5), 6)
        d.line(f"M{x + w - 70} {y + 38}l26 30", BRASS, 7)
        d.rect(x + 40, y + 62, w - 150, h - 88, tone(body, -0.34), r=12, opacity=0.75)
        d.line(
            f"M{x + 54} {y + 70}" + "".join(f"l14 {h - 104}l14-{h - 104}" for _ in range(int((w - 180) / 28))),
            tone(body, 0.3),
            1.5,
            opacity=0.5,
        )
        d.rect(x + w - 92, y + h - 52, 62, 30, "#f4ead6", r=5)
    d.line("M344 262q60-62 120 0", tone(colour, -0.35), 15)


def bottle(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 104)
    d.line("M436 138c70-30 96 60 40 92", tone("#30343a", 0.1), 16)
    d.path("M352 212h96v34q52 16 52 82v276q0 46-46 46H346q-46 0-46-46V328q0-66 52-82z", d.matte(colour))
    d.shine("M326 340q0-56 36-74 10 0 10 12-18 20-18 66v260q0 20 6 32-34-2-34-40z", 0.34)
    d.shade("M500 560v44q0 46-46 46H346q-46 0-46-46v-44q100 30 200 0z", 0.14)
    d.rect(346, 204, 108, 26, d.metal("#c3c9cd"), r=6)
    d.path("M340 130q0-22 22-22h76q22 0 22 22v78H340z", d.matte("#30343a"))
    for x in (358, 378, 398, 418, 438):
        d.rect(x, 136, 6, 62, "#000", r=3, opacity=0.3)
    d.path("M352 470l34-50 16 20 14-18 36 48z", tone(colour, 0.8), opacity=0.9)
    d.line("M356 490h92", tone(colour, 0.8), 5, opacity=0.9)
    d.rect(300, 612, 200, 8, tone(colour, -0.3), opacity=0.6)


PICTURES: Pictures = {
    "passage-passport-wallet": (passport_wallet, {"chestnut": "#8f4f2b", "black": "#3a3a3e"}),
    "drift-travel-pillow": (neck_pillow, {"": "#6f8fa3"}),
    "transit-packing-cubes": (packing_cubes, {"teal": "#3f8482", "clay": "#c07a56"}),
    "atlas-insulated-bottle": (bottle, {"pine": "#2f5d4c", "poppy": "#d1552f", "fog": "#b9c2c6"}),
}
