"""For the weather that there is."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone, warm
from shop.modules.catalog.demo.drawing.hall import CREAM, STEEL, draped, hall, peg, wall_shadow

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
    d.shadow(400, 210, cy=676, ry=30)
    pouch = d.solid(
        "M236 300q164-50 328 0 44 20 48 120 6 130-26 222-12 30-52 34-134 16-268 0-40-4-52-34-32-92-26-222 4-100 "
        "48-120z",
        d.cloth(colour, 0.32),
    )
    with d.inside(pouch):
        d.line(
            "M190 520q120-30 150 170M610 430q-70 70-60 260M300 270q-40 90-110 130",
            warm(colour, -0.6),
            26,
            opacity="0.3",
        )
        d.line("M220 560q90 0 110 130M560 350q30 80 10 190", "#fff", 16, opacity="0.22")
    d.line("M228 324q172-44 344 0", warm(colour, -0.6), 14)
    d.line("M228 324q172-44 344 0", BRASS, 5, stroke_dasharray="4 6")
    d.line("M556 322l26 50", BRASS, 9)
    d.cord("M250 310C210 200 280 150 330 176", tone(colour, -0.25), 22)
    d.line("M330 176c-40-80 60-120 90-50 10 30 0 60-40 66-30 2-44-6-50-16z", STEEL, 12)
    d.line("M342 152c10-30 44-32 60-10", "#fff", 4, opacity="0.8")
    d.rect(330, 440, 140, 104, tone(colour, -0.2), r=10, opacity="0.5")
    d.crest(400, 506, 84, CREAM)
    d.line("M362 524h76", CREAM, 5)
    d.line(
        "M280 380h0M500 400h0M530 520h0M260 560h0M470 610h0M330 350h0M560 460h0M310 610h0M450 340h0",
        "#fff",
        8,
        opacity="0.75",
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
    d.shadow(400, 290, cy=690, ry=30)
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


PICTURES: Pictures = {
    "regn-rain-jacket": (rain_jacket, {"mustard": "#e2a52c", "fjord": "#3f7187", "brick": "#b4492f"}),
    "regn-rain-jacket-packed": (rain_jacket_packed, {"": "#e2a52c"}),
    "gale-brim-hat": (brim_hat, {"olive": "#7a7a4c", "tan": "#b98a55"}),
    "puddle-rubber-boots": (boots, {"moss": "#5f7a52", "mustard": "#e2a52c"}),
}
