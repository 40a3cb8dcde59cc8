"""For the weather that there is."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone, warm
from shop.modules.catalog.demo.drawing.hall import CREAM, OAK, draped, hall, peg, wall_shadow

BRASS = "#d6a94f"


def rain_jacket(d: Drawing, colour: str) -> None:
    hall(d)
    wall_shadow(d, 400, 430, 300, 360)
    peg(d, 400)
    d.line("M400 150V112", tone(colour, -0.4), 9)
    sleeve = draped(d, tone(colour, -0.1))
    d.solid("M292 262C226 296 202 430 178 570q-2 14 12 20l76 20q14 2 16-12L316 400z", sleeve)
    d.solid("M508 262C574 296 598 430 622 570q2 14-12 20l-76 20q-14 2-16-12L484 400z", draped(d, colour))
    d.line("M184 548l98 26M616 548l-98 26", tone(colour, -0.45), 4, opacity="0.5")
    d.rect(196, 552, 52, 24, tone(colour, -0.3), r=7, transform="rotate(15 222 564)")
    d.rect(552, 552, 52, 24, tone(colour, -0.2), r=7, transform="rotate(-15 578 564)")
    body = d.solid(
        "M316 246C280 256 266 266 260 296 256 420 250 550 244 672q156 36 312 0C550 550 544 420 540 296 534 266 520 "
        "256 484 246z",
        draped(d, colour),
    )
    with d.inside(body):
        d.line("M312 330q-30 180-36 360M476 400q-12 130 4 300", warm(colour, -0.6), 22, opacity="0.28")
        d.line("M346 380q-14 150-16 320M516 330q8 180 2 340", "#fff", 16, opacity="0.2")
        d.line("M250 336q150 40 300 0M240 644q160 36 320 0", warm(colour, -0.6), 4, opacity="0.6")
        d.stitches("M250 346q150 40 300 0", tone(colour, 0.6))
    for turn, x in ((-9, 284), (9, 436)):
        with d.turned(turn, x + 40, 520):
            d.rect(x + 3, 512, 78, 104, warm(colour, -0.5), r=6, opacity="0.28")
            d.solid(f"M{x} 494h84v32q-42 16-84 0z", d.cloth(tone(colour, 0.06)))
            d.ellipse(x + 42, 520, 6, 6, d.metal(BRASS))
    d.solid("M384 280h38v408q-20 3-38 1z", draped(d, tone(colour, 0.06)), rim=0.5)
    d.line("".join(f"M403 {y}h0" for y in range(318, 670, 62)), tone(BRASS, -0.4), 18)
    d.line("".join(f"M404 {y}h0" for y in range(317, 669, 62)), tone(BRASS, 0.35), 11)
    d.solid("M312 268C274 190 322 124 400 122S526 190 488 268C452 312 348 312 312 268z", d.cloth(colour, 0.3))
    d.path(
        "M340 262C318 192 352 156 400 154s82 38 60 108C440 292 360 292 340 262z",
        d.linear((0, "#23292f"), (1, "#5b6670"), angle="down"),
    )
    d.line("M376 274q24 8 48 0", CREAM, 12)
    d.line("M340 262C318 192 352 156 400 154s82 38 60 108", tone(colour, 0.3), 7)
    d.line("M350 278l-8 78M450 278l8 78", CREAM, 5)
    d.line("M342 356v16M458 356v16", "#3b3a40", 13)
    d.line(
        "M296 300h0M330 400h0M462 440h0M500 300h0M520 400h0M470 360h0M240 400h0M570 420h0M356 150h0M452 146h0M310 "
        "470h0M490 620h0",
        "#fff",
        7,
        opacity="0.75",
    )


def rain_jacket_packed(d: Drawing, colour: str) -> None:
    hall(d)
    wall_shadow(d, 400, 450, 270, 290)
    peg(d, 400)
    d.cord("M400 108C330 170 340 220 352 262M400 108C470 170 460 220 448 262", tone(colour, -0.25), 15)
    round_light = d.radial((0, warm(colour, 0.4)), (0.5, colour), (1, warm(colour, -0.65)), cx=0.68, cy=0.25, r=0.85)
    pouch = d.solid(
        "M232 262q168-44 336 0 40 14 48 60 30 170-6 300-10 36-50 44-160 30-320 0-40-8-50-44-36-130-6-300 8-46 48-60z",
        round_light,
    )
    with d.inside(pouch):
        d.line(
            "M210 420q60 60 50 240M590 430q-50 60-44 230M330 450q-40 90-10 210", warm(colour, -0.6), 20, opacity="0.22"
        )
        d.line("M560 430q-36 80-30 220M250 440q50 70 40 190", "#fff", 12, opacity="0.22")
        d.path("M170 380q230 110 460 0v40q-230 110-460 0z", warm(colour, -0.7), opacity="0.3")
    flap = d.solid(
        "M226 254q174-42 348 0 30 10 34 46l6 62q-214 112-428 0l6-62q4-36 34-46z", d.cloth(tone(colour, 0.1), 0.3)
    )
    with d.inside(flap):
        d.line("M204 352q196 100 392 0", tone(colour, 0.6), 3, stroke_dasharray="9 7", opacity="0.7")
        d.line("M240 270q160-34 320 0", tone(colour, 0.6), 3, stroke_dasharray="9 7", opacity="0.7")
        d.line("M320 250q-30 60-20 160M500 250q20 70 0 150", warm(colour, -0.6), 14, opacity="0.16")
    d.ellipse(400, 376, 20, 20, d.metal(BRASS))
    d.ellipse(400, 376, 9, 9, tone(BRASS, -0.35))
    d.rect(338, 486, 124, 92, tone(colour, -0.22), r=12, opacity="0.55")
    d.crest(400, 548, 80, CREAM)
    d.line("M364 562h72", CREAM, 5)
    d.solid("M606 430l44 8v54l-44-6z", d.cloth(CREAM), texture="canvas")
    d.line(
        "M290 320h0M470 300h0M540 340h0M280 520h0M520 500h0M550 600h0M300 610h0M230 470h0M480 640h0",
        "#fff",
        8,
        opacity="0.8",
    )


def brim_hat(d: Drawing, colour: str) -> None:
    hall(d)
    d.shadow(400, 300, cy=656, ry=34)
    back = d.linear((0, warm(colour, -0.7)), (1, warm(colour, -0.3)))
    d.path("M104 566q296-140 592 0-20 60-296 60t-296-60z", back)
    crown = d.solid(
        "M222 520C218 372 258 262 400 254S582 372 578 520q-178 54-356 0z", draped(d, colour), texture="canvas"
    )
    with d.inside(crown):
        d.line("M322 250q-44 110-40 290M478 250q44 110 40 290", warm(colour, -0.6), 5, opacity="0.6")
        d.line("M272 290q-30 100-20 250M430 300q30 100 20 260", warm(colour, -0.6), 24, opacity="0.2")
        d.path("M220 446q180 50 360 0v64q-180 50-360 0z", draped(d, tone(colour, -0.35)))
        d.line("M226 458q174 46 348 0", tone(colour, 0.4), 3, opacity="0.5")
    d.line("M250 400h0M264 404h0M548 400h0M534 404h0", BRASS, 13)
    brim = d.solid(
        "M232 496C150 520 84 566 80 610q8 24 60 36 260 50 520 0 52-12 60-36C716 566 650 520 568 496 480 548 320 548 "
        "232 496z",
        draped(d, tone(colour, 0.04)),
        texture="canvas",
    )
    with d.inside(brim):
        d.line("M150 540q-40 40-20 100M620 530q50 50 30 110", warm(colour, -0.6), 26, opacity="0.2")
        for rise in (0, 22, 44, 66, 88):
            d.line(
                f"M{96 + rise} {618 - rise * 0.9:.0f}q304 {76 - rise * 0.2:.0f} {608 - rise * 2} 0",
                warm(colour, -0.6),
                2.5,
                opacity="0.5",
            )
    d.line("M564 470q40 60 20 130t-20 66", "#8f5a32", 7)
    d.ellipse(566, 668, 11, 14, d.metal(BRASS))


def boots(d: Drawing, colour: str) -> None:
    hall(d)
    d.shadow(370, 240, cy=666, ry=26)
    with d.moved(118, -26, 0.96):
        _boot(d, tone(colour, -0.14))
    with d.moved(-52, 0):
        _boot(d, colour)


def _boot(d: Drawing, colour: str) -> None:
    gloss = d.linear(
        (0, warm(colour, -0.55)),
        (0.25, warm(colour, -0.1)),
        (0.55, colour),
        (0.8, warm(colour, 0.3)),
        (1, warm(colour, -0.05)),
    )
    d.ellipse(344, 176, 92, 24, warm(colour, -0.75))
    boot = d.solid(
        "M252 176q92 46 184 0 8 130 2 290 30 42 110 62 76 20 84 92l2 50H246q-14-60 0-150 22-160 6-344z", gloss
    )
    with d.inside(boot):
        d.path("M380 190h34q8 150 0 286 40 60 130 76-90 0-150-60-20-110-14-302z", "#fff", opacity="0.4")
        d.path("M570 560q50 20 56 70-40-40-90-56z", "#fff", opacity="0.5")
        d.line("M262 470q60 40 178 0M300 560q-40-30-60-20", warm(colour, -0.6), 7, opacity="0.4")
        d.path("M230 620h420v60H230z", "#e9dcc0")
        d.path("M230 648h420v40H230z", tone(colour, -0.6))
    d.line("M254 190q92 46 182 0", tone(colour, 0.35), 9)
    d.rect(312, 236, 60, 60, CREAM, r=8)
    d.crest(342, 276, 40, tone(colour, -0.4))
    d.line("M246 214q-40 10-30 60t36 46", tone(colour, -0.4), 13)


def scarf(d: Drawing, colour: str) -> None:
    hall(d)
    wall_shadow(d, 390, 420, 270, 320)
    peg(d, 400)
    tails = (
        (
            5,
            "M366 112C300 160 236 220 226 340L216 630q94 24 188 0L416 330C420 240 424 150 426 112z",
            216,
            404,
            634,
            -0.12,
        ),
        (
            -4,
            "M380 106C470 130 556 210 572 340L588 560q-92 24-186 0L396 330C384 240 380 150 380 106z",
            402,
            588,
            564,
            0.04,
        ),
    )
    for turn, outline, left, right, low, light in tails:
        with d.turned(turn, 400, 120):
            body = tone(colour, light)
            d.line("".join(f"M{x} {low}q4 24-3 54" for x in range(left + 8, right - 2, 12)), warm(body, 0.15), 6)
            tail = d.solid(outline, draped(d, body), texture="felt")
            with d.inside(tail):
                bands = "".join(f"M{x} 100h34v600h-34z" for x in (left + 40, left + 120))
                bands += "".join(f"M200 {y}h400v34H200z" for y in range(170, 660, 104))
                d.path(bands, warm(colour, -0.6), opacity="0.45")
                threads = "".join(f"M{x} 100v600" for x in (left + 28, left + 84, left + 96, left + 166))
                d.line(threads + "".join(f"M200 {y}h400" for y in range(158, 660, 104)), CREAM, 5, opacity="0.75")
                d.line("".join(f"M200 {y}h400" for y in range(232, 660, 104)), "#e0913f", 6, opacity="0.85")
                fold = f"M400 110Q{left + 60} 260 {left + 66} 680M404 110Q{right - 50} 260 {right - 44} 680"
                d.line(fold, warm(colour, -0.7), 16, opacity="0.25")
                d.line(f"M402 110Q{right - 90} 260 {right - 84} 680", "#fff", 12, opacity="0.16")
    d.ellipse(400, 106, 17, 17, d.radial((0, tone(OAK, 0.6)), (0.5, OAK), (1, tone(OAK, -0.4)), cx=0.7, cy=0.25, r=0.8))


PICTURES: Pictures = {
    "regn-rain-jacket": (rain_jacket, {"mustard": "#e2a52c", "fjord": "#3f7187", "brick": "#b4492f"}),
    "regn-rain-jacket-packed": (rain_jacket_packed, {"": "#e2a52c"}),
    "gale-brim-hat": (brim_hat, {"olive": "#7a7a4c", "tan": "#b98a55"}),
    "puddle-rubber-boots": (boots, {"moss": "#5f7a52", "mustard": "#e2a52c"}),
    "loch-lambswool-scarf": (scarf, {"heather": "#8f7090", "forest": "#3f6450"}),
}
