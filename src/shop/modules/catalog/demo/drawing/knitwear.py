"""What is knitted: sweaters, shirts, and what keeps ends warm."""

from math import cos, radians, sin

from shop.modules.catalog.demo.drawing.canvas import SIZE, Drawing, Pictures, tone, warm
from shop.modules.catalog.demo.drawing.hall import CREAM, OAK, draped, hall, hanger, peg, wall_shadow

STAR = "M0-94L20-20 94 0 20 20 0 94-20 20-94 0-20-20z"


def _cables(columns: tuple[float, ...], top: float, turns: int) -> str:
    strands = ("q24 20 0 40q-24 20 0 40" * turns, "q-24 20 0 40q24 20 0 40" * turns)
    return "".join(f"M{x} {top}{strand}" for x in columns for strand in strands)


def sweater(d: Drawing, colour: str) -> None:
    hall(d)
    wall_shadow(d, 400, 430, 310, 350)
    hanger(d)
    side = "M290 266C226 290 200 420 172 580q-2 12 10 16l82 20q12 2 14-10L316 420z"
    d.solid(side, draped(d, tone(colour, -0.08)), texture="knit")
    d.solid(
        "M510 266C574 290 600 420 628 580q2 12-10 16l-82 20q-12 2-14-10L484 420z", draped(d, colour), texture="knit"
    )
    body = d.solid(
        "M330 232C296 246 268 256 260 290 256 420 256 540 254 664q146 26 292 0C544 540 544 420 540 290 532 256 504 "
        "246 470 232 440 270 360 270 330 232z",
        draped(d, colour),
        texture="knit",
    )
    rope = _cables((316, 400, 484), 250, 5)
    with d.inside(body):
        d.line(rope, warm(colour, -0.5), 19, opacity="0.75")
        d.line(rope, warm(colour, 0.22), 11)
        d.path("M240 612q160 28 320 0v80H240z", draped(d, tone(colour, -0.06)))
        d.line("".join(f"M{x} 612v80" for x in range(262, 550, 16)), warm(colour, -0.5), 5, opacity="0.5")
        d.line("M268 300q20 160 4 310M532 300q-16 160-2 310", warm(colour, -0.5), 8, opacity="0.35")
    for turn, x in ((13.5, 186), (-13.5, 524)):
        with d.turned(turn, x + 45, 580):
            d.rect(x, 556, 92, 54, draped(d, tone(colour, -0.06)), r=10)
            d.line("".join(f"M{x + step} 560v46" for step in range(12, 92, 14)), warm(colour, -0.5), 4, opacity="0.5")
    d.line("M330 234C352 290 448 290 470 234", warm(colour, -0.35), 34)
    d.line("M330 232C352 288 448 288 470 232", warm(colour, 0.08), 26)


def sweater_detail(d: Drawing, colour: str) -> None:
    d.rect(0, 0, SIZE, SIZE, d.cloth(colour, 0.25))
    with d.moved(0, 0, 2.4):
        d.rect(0, 0, 340, 340, d.texture("knit"))
        rope = _cables((60, 168, 276), -20, 5)
        d.line(rope, warm(colour, -0.6), 21, opacity="0.75")
        d.line(rope, warm(colour, 0.12), 14)
        d.line(rope, warm(colour, 0.4), 3, opacity="0.7")
    d.rect(0, 0, SIZE, SIZE, d.fade("#fff3da", 0.45))
    d.path("M0 800V520L330 800z", d.linear((0, "#1b1a2200"), (1, "#1b1a2288"), angle="slant"))
    d.rect(462, 474, 216, 150, "#241c1a", r=8, opacity="0.4", transform="rotate(-6 570 550)")
    with d.turned(-6, 570, 550):
        d.solid("M468 462h216v150H468z", d.cloth("#f3e7cf"), texture="canvas")
        d.crest(576, 550, 96, tone(colour, -0.5))
        d.line("M520 574h112", tone(colour, -0.5), 6)
        d.stitches("M480 474h192v126H480z", tone(colour, -0.3))


def tee(d: Drawing, colour: str) -> None:
    hall(d)
    wall_shadow(d, 400, 430, 310, 350)
    hanger(d)
    d.solid(
        "M304 256C250 272 190 350 146 452q-3 9 6 14l92 44q10 3 14-6L330 380z",
        draped(d, tone(colour, -0.08)),
        texture="felt",
    )
    d.solid("M496 256C550 272 610 350 654 452q3 9-6 14l-92 44q-10 3-14-6L470 380z", draped(d, colour), texture="felt")
    d.line("M160 450l92 44M640 450l-92 44", warm(colour, -0.5), 4, opacity="0.6")
    body = d.solid(
        "M322 226C292 244 262 254 252 280 256 420 250 550 246 676q154 26 308 0C550 550 544 420 548 280 538 254 508 "
        "244 478 226 446 282 354 282 322 226z",
        draped(d, colour),
        texture="felt",
    )
    with d.inside(body):
        d.line(
            "M290 350q16 160-14 340M498 400q20 140 6 290M400 500q-20 90-8 190", warm(colour, -0.6), 24, opacity="0.22"
        )
        d.line("M316 420q10 120-8 260M528 340q-2 180 6 340", "#fff", 15, opacity="0.16")
        d.line("M240 660q160 26 320 0", warm(colour, -0.5), 4, opacity="0.6")
        d.line("M262 300q70 120-6 230M540 300q-60 90 8 200", warm(colour, -0.6), 12, opacity="0.22")
    d.line("M322 228C352 292 448 292 478 228", warm(colour, -0.5), 24)
    d.line("M322 226C352 290 448 290 478 226", warm(colour, 0.1), 17)
    d.rect(290, 566, 66, 40, CREAM, r=4, transform="rotate(2 320 586)")
    d.crest(323, 600, 40, warm(colour, -0.5))


def beanie(d: Drawing, colour: str) -> None:
    hall(d)
    d.shadow(400, 260, cy=664, ry=30)
    _bobble(d, colour)
    _cap(d, colour)


def beanie_bare(d: Drawing, colour: str) -> None:
    hall(d)
    d.shadow(330, 230, cy=660, ry=28)
    with d.moved(-26, 30, 0.92):
        _cap(d, colour)
    d.ellipse(342, 204, 15, 15, d.cloth("#a2653a", 0.4))
    d.line("M338 202h0M346 206h0", "#3b2616", 5)
    d.shadow(654, 70, cy=722, ry=16)
    with d.moved(254, 500):
        _bobble(d, colour)


def _bobble(d: Drawing, colour: str) -> None:
    for reach, count, light in ((84, 40, -0.3), (74, 34, 0.0), (54, 24, 0.25)):
        turns = [360 / count * step + reach for step in range(count)]
        tufts = ((cos(radians(turn)), sin(radians(turn)), reach - (turn * 7) % 11) for turn in turns)
        d.line("".join(f"M400 160l{x * r:.0f} {y * r:.0f}" for x, y, r in tufts), warm(colour, light), 9)
    d.ellipse(418, 140, 60, 54, d.glow("#fff1dc", 0.5))


def _cap(d: Drawing, colour: str) -> None:
    dome = d.solid("M176 540C160 320 250 192 400 188S640 320 624 540z", draped(d, colour), texture="knit")
    with d.inside(dome):
        d.line(
            "".join(f"M400 180Q{400 + x * 1.25:.0f} 300 {400 + x} 540" for x in range(-200, 201, 50)),
            warm(colour, -0.55),
            9,
            opacity="0.5",
        )
        d.line(
            "".join(f"M400 180Q{412 + x * 1.25:.0f} 300 {416 + x} 540" for x in range(-200, 201, 50)),
            "#fff",
            4,
            opacity="0.22",
        )
    cuff = d.solid(
        "M172 484q228 40 456 0 24 2 26 30l-8 110q-2 24-28 28-218 34-436 0-26-4-28-28l-8-110q2-28 26-30z",
        draped(d, tone(colour, 0.06)),
    )
    with d.inside(cuff):
        d.line("".join(f"M{x} 480v200" for x in range(160, 660, 26)), warm(colour, -0.5), 7, opacity="0.5")
        d.line("".join(f"M{x + 9} 480v200" for x in range(160, 660, 26)), "#fff", 5, opacity="0.25")
        d.path("M140 480q260 56 520 0v26q-260 54-520 0z", "#fff", opacity="0.14")
    d.solid("M458 540l124-10 4 84-124 12z", d.cloth("#a2653a"), texture="leather")
    d.crest(522, 596, 70, CREAM)


def socks(d: Drawing, colour: str) -> None:
    hall(d)
    wall_shadow(d, 390, 440, 300, 300)
    d.line("M-10 142q410 60 820 0", "#7b6a58", 7)
    for x, turn, shade in ((250, 4, -0.12), (424, -5, 0.0)):
        with d.turned(turn, x + 90, 170), d.moved(x - 290, 12):
            body = tone(colour, shade)
            sock = d.solid(
                "M316 152h134v262q2 44-14 78-18 54-76 90l-104 70q-52 28-88-12-30-46 14-88l104-84q32-30 32-70z",
                draped(d, body),
                texture="knit",
            )
            with d.inside(sock):
                d.ellipse(452, 492, 74, 70, d.cloth(CREAM, 0.25))
                d.ellipse(180, 620, 74, 84, d.cloth(CREAM, 0.25))
                d.path("M300 250h160v22H300zM300 310h160v22H300z", CREAM)
                d.path("M300 280h160v22H300z", warm(body, -0.4))
                d.rect(300, 140, 170, 84, warm(body, -0.06))
                d.line("".join(f"M{step} 146v78" for step in range(324, 460, 15)), warm(body, -0.5), 5, opacity="0.55")
                d.line("M330 420q-6 60-70 100", warm(body, -0.6), 20, opacity="0.3")
                d.rect(130, 140, 340, 540, d.texture("knit"))
            d.path("M372 108h22l4 76q-15 8-30 0z", d.matte(OAK))
            d.line("M374 142h18", tone(OAK, -0.5), 4)


def mittens(d: Drawing, colour: str) -> None:
    hall(d)
    wall_shadow(d, 400, 430, 300, 290)
    peg(d, 400)
    d.cord("M400 112C380 250 200 200 240 640M400 112C420 250 600 200 560 640", CREAM, 10)
    with d.mirrored(), d.turned(10, 400, 420), d.moved(-22, 14):
        _mitten(d, tone(colour, -0.08), lit=False)
    with d.turned(10, 400, 420), d.moved(-22, 14):
        _mitten(d, colour, lit=True)


def _mitten(d: Drawing, colour: str, *, lit: bool) -> None:
    paint = draped(d, colour) if lit else d.linear((0, colour), (0.6, warm(colour, -0.15)), (1, warm(colour, -0.5)))
    d.solid(
        "M618 470C650 430 660 396 690 390 724 390 724 424 706 456 684 506 640 560 610 570z",
        paint,
        texture="knit",
        rim=0.5,
    )
    hand = d.solid(
        "M452 580C432 450 424 330 462 250 500 190 574 196 602 262 626 330 628 460 618 580z",
        paint,
        texture="knit",
        rim=0.5,
    )
    with d.inside(hand):
        d.line(
            "M430 300l28-28 28 28 28-28 28 28 28-28 28 28 28-28M430 510l28 28 28-28 28 28 28-28 28 28 28-28 28 28",
            CREAM,
            9,
        )
        with d.moved(532, 402, 0.74):
            d.path(STAR, CREAM)
            with d.turned(45, 0, 0):
                d.path(STAR, CREAM)
            d.line("M0-70V70M-70 0H70M-44-44L44 44M44-44L-44 44", colour, 7)
        d.line("M440 558h200", CREAM, 7, stroke_dasharray="8 10")
    d.solid("M446 572q90 20 178 0 10 4 10 14l-4 84q-2 14-16 16-80 14-158 0-14-2-16-16l-4-84q0-10 10-14z", paint)
    d.line("".join(f"M{x} 586v92" for x in range(456, 630, 17)), warm(colour, -0.55), 6, opacity="0.5")


def mittens_detail(d: Drawing, colour: str) -> None:
    d.rect(0, 0, SIZE, SIZE, draped(d, colour))
    with d.moved(-60, 0, 2.6):
        with d.moved(174, 152):
            d.path(STAR, CREAM)
            with d.turned(45, 0, 0):
                d.path(STAR, CREAM)
            d.line("M0-70V70M-70 0H70M-44-44L44 44M44-44L-44 44", colour, 5)
        zigzag = "l22-22 22 22" * 8
        d.line(f"M0 34{zigzag}M0 290{zigzag}", CREAM, 9)
        d.line("M0 52h340M0 252h340", CREAM, 8, stroke_dasharray="1 16")
        d.rect(0, 0, 340, 320, d.texture("knit"))
    d.rect(0, 0, SIZE, SIZE, d.fade("#fff3da", 0.4))
    d.path("M0 800V480L380 800z", d.linear((0, "#1b1a2200"), (1, "#1b1a2288"), angle="slant"))


PICTURES: Pictures = {
    "holm-fisherman-sweater": (sweater, {"oat": "#d9c6a2", "ink": "#34496b", "moss": "#6f7d4e"}),
    "holm-fisherman-sweater-detail": (sweater_detail, {"": "#d9c6a2"}),
    "skein-merino-tee": (tee, {"heather": "#9d7f9b", "slate": "#5d6f7e", "rust": "#b55d38"}),
    "tuft-beanie": (beanie, {"rust": "#bf5a34", "pine": "#3f6b58", "oat": "#dcc9a4"}),
    "tuft-beanie-bare": (beanie_bare, {"": "#bf5a34"}),
    "trot-hiking-socks": (socks, {"brick": "#b4492f", "pine": "#3f6b58"}),
    "star-mittens": (mittens, {"cherry": "#a63440", "ink": "#34496b"}),
    "star-mittens-detail": (mittens_detail, {"": "#a63440"}),
}
