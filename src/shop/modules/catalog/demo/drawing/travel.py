"""For being on the way."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone, warm
from shop.modules.catalog.demo.drawing.outlines import box
from shop.modules.catalog.demo.drawing.scenes import departure

BRASS = "#d6a94f"
LEATHER = "#9c5f36"
GRAPHITE = "#30343a"
PAPER = "#f7f1e3"
STEEL = "#c3c9cd"


def _shell(colour: str) -> tuple[tuple[float, str], ...]:
    """Hard and slightly glossy, from the left to the right."""
    return (
        (0, warm(colour, -0.5)),
        (0.12, warm(colour, -0.3)),
        (0.55, colour),
        (0.8, warm(colour, 0.34)),
        (1, warm(colour, 0.02)),
    )


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


def packing_cubes(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 270, cy=676, ry=30)
    for x, y, w, h, shade in ((128, 490, 544, 190, -0.08), (176, 326, 448, 170, 0.06), (232, 192, 336, 140, 0.18)):
        body = tone(colour, shade)
        d.solid(box(x, y, w, h, 34), d.linear(*_shell(body)), texture="ripstop")
        d.rect(x + 10, y + 4, w - 20, 30, "#fff", r=15, opacity="0.16")
        d.line(f"M{x + 8} {y + 46}q{w / 2 - 8:.0f} 20 {w - 16} 0", warm(body, -0.65), 11)
        d.line(f"M{x + 8} {y + 46}q{w / 2 - 8:.0f} 20 {w - 16} 0", BRASS, 3, stroke_dasharray="3 5")
        d.line(f"M{x + w - 86} {y + 54}l30 34", BRASS, 9)
        d.rect(x + 42, y + 74, w - 186, h - 98, "#14232a", r=12, opacity="0.55")
        for place, tint in enumerate(("#d98a5c", "#e8d2a4", "#7f95a8")):
            wide = (w - 214) / 3
            d.rect(x + 54 + place * (wide + 5), y + 88, wide, h - 124, d.cloth(tint, 0.3), r=14, opacity="0.9")
        mesh = "".join(
            f"M{x + 44 + n} {y + 76}l{100 - h} {h - 100}m0-{h - 100}l{h - 100} {h - 100}"
            for n in range(h - 80, w - 190, 22)
        )
        d.line(mesh, "#0f2028", 2, opacity="0.35")
        d.solid(box(x + w - 116, y + h - 72, 78, 46, 6), d.cloth("#f4ead6"), texture="canvas", rim=0.3)
        d.crest(x + w - 77, y + h - 38, 40, tone(colour, -0.4))
    d.cord("M328 194q72-84 144 0", tone(colour, -0.2), 20)


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


def suitcase(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 220, cy=694, ry=26)
    d.line("M322 210V66h156v144", "#5b6268", 18)
    d.line("M326 210V66M478 210V66", "#dfe5e8", 6)
    d.rect(304, 48, 192, 40, d.matte(GRAPHITE), r=18)
    for x in (250, 510):
        d.rect(x, 640, 44, 32, tone(GRAPHITE, 0.1), r=8)
        d.ellipse(x + 22, 680, 24, 24, d.radial((0, "#6a7078"), (1, "#15171a"), cx=0.7, cy=0.3, r=0.8))
        d.ellipse(x + 22, 680, 9, 9, STEEL)
    shell = d.solid(box(206, 176, 388, 484, 56), d.linear(*_shell(colour)))
    with d.inside(shell):
        for x in range(246, 580, 44):
            d.line(f"M{x} 170v500", warm(colour, -0.5), 9, opacity="0.5")
            d.line(f"M{x + 10} 170v500", "#fff", 5, opacity="0.28")
        d.path("M206 176h388v66q-190-40-388 0z", "#fff", opacity="0.16")
        d.path("M200 560q200 60 400 0v110H200z", "#1b1030", opacity="0.2")
    for x, y, turn in ((206, 176, 0), (594, 176, 90), (594, 660, 180), (206, 660, 270)):
        with d.turned(turn, x, y):
            d.path(f"M{x - 3} {y + 84}v-26q0-61 61-61h26v20q-60 0-67 67z", d.cloth(LEATHER))
    d.rect(320, 196, 160, 34, d.cloth(LEATHER), r=12)
    d.line("M330 213h140", warm(LEATHER, -0.5), 8, opacity="0.5")
    d.solid(box(348, 372, 104, 64, 10), d.metal(BRASS))
    d.crest(400, 420, 60, tone(BRASS, -0.6))
    d.line("M470 216q50 30 34 90", LEATHER, 8)
    with d.turned(10, 500, 340):
        d.solid(box(464, 296, 74, 112, 14), d.cloth(LEATHER, 0.3), texture="leather")
        d.rect(476, 328, 50, 64, PAPER, r=4)
        d.line("M484 346h34M484 362h24M484 378h30", "#8d7f66", 4)


def suitcase_open(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 330, cy=680, ry=26)
    for x in (60, 408):
        d.solid(box(x, 170, 332, 510, 46), d.linear(*_shell(colour)))
        d.rect(x + 20, 190, 292, 470, d.cloth("#e9dcc3", 0.25), r=30)
    d.rect(390, 220, 20, 410, d.metal(tone(colour, -0.4)))
    for y, tint in ((214, "#c8643c"), (318, "#5f7f94"), (422, "#e3b75a")):
        d.solid(box(96, y, 262, 96, 26), d.cloth(tint, 0.28), texture="felt")
        d.line(f"M110 {y + 62}q120 12 234 0", warm(tint, -0.5), 4, opacity="0.5")
    d.solid(box(96, 530, 124, 112, 54), d.cloth("#6d7a45", 0.3), texture="knit")
    d.solid(box(232, 530, 124, 112, 54), d.cloth("#a63440", 0.3), texture="knit")
    d.line("M82 210L370 640M370 210L82 640", warm(colour, -0.5), 17)
    d.line("M85 208L373 638M373 208L85 638", tone(colour, 0.3), 4, opacity="0.6")
    d.solid(box(198, 398, 56, 50, 10), d.metal(GRAPHITE))
    d.path(box(436, 200, 276, 450, 26), "#2b2f3a", opacity="0.2")
    d.line(
        "".join(f"M{436} {y}L712 {y + 90}M712 {y}L436 {y + 90}" for y in range(216, 560, 30)),
        "#6c6a70",
        2,
        opacity="0.35",
    )
    d.line("M436 330h276", warm(colour, -0.6), 12)
    d.line("M436 330h276", BRASS, 4, stroke_dasharray="4 6")
    d.line("M690 332l-20 44", BRASS, 9)
    d.solid(box(490, 430, 168, 130, 12), d.cloth(LEATHER, 0.3), texture="leather")
    d.crest(574, 520, 90, PAPER)


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


def luggage_tag(d: Drawing, colour: str) -> None:
    departure(d)
    d.shadow(400, 250, cy=684, ry=26)
    with d.turned(16, 400, 300):
        _tag(d, tone(colour, -0.14), 424, back=True)
    with d.turned(-10, 400, 300):
        _tag(d, colour, 236, back=False)


def _tag(d: Drawing, colour: str, x: float, *, back: bool) -> None:
    d.cord(f"M{x + 110} 240C{x + 20} 80 {x + 150} 20 {x + 190} 60S{x + 170} 180 {x + 118} 240", tone(colour, -0.1), 24)
    d.rect(x + 136, 60, 52, 40, d.metal(BRASS), r=8, transform=f"rotate(40 {x + 160} 80)")
    d.solid(
        f"M{x + 70} 210h80q16 0 26 14l32 52q12 16 12 36v300q0 30-30 30H{x + 30}q-30 0-30-30V312q0-20 12-36l32-52"
        "q10-14 26-14z",
        d.cloth(colour, 0.28),
        texture="leather",
    )
    d.stitches(
        f"M{x + 74} 226h72q10 0 16 10l34 54q8 12 8 26v290q0 20-20 20H{x + 36}q-20 0-20-20V316q0-14 8-26l34-54q6-10 "
        "16-10z",
        tone(colour, 0.75),
    )
    d.ellipse(x + 110, 258, 19, 19, d.metal(BRASS))
    d.ellipse(x + 110, 258, 10, 10, "#1d1512")
    if back:
        d.crest(x + 110, 500, 110, warm(colour, -0.5))
        return
    d.rect(x + 32, 340, 156, 240, warm(colour, -0.6), r=14)
    d.rect(x + 40, 350, 140, 222, PAPER, r=8)
    d.line(f"M{x + 58} 392q20-14 34 0t40-4M{x + 58} 430q30-12 50 0t50-6M{x + 58} 468q16-10 40 0t30-4", "#3b4a68", 6)
    d.path(f"M{x + 130} 516h36v42h-36z", "#d9643c")
    d.path(f"M{x + 176} 350L{x + 90} 572h50L{x + 180} 470z", "#fff", opacity="0.5")


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


PICTURES: Pictures = {
    "passage-passport-wallet": (passport_wallet, {"chestnut": "#9a5630", "black": "#45444a"}),
    "passage-passport-wallet-open": (passport_wallet_open, {"": "#9a5630"}),
    "drift-travel-pillow": (neck_pillow, {"": "#6f8fa3"}),
    "transit-packing-cubes": (packing_cubes, {"teal": "#3f8482", "clay": "#c07a56"}),
    "atlas-insulated-bottle": (bottle, {"pine": "#2f6350", "poppy": "#d1552f", "fog": "#bcc5c8"}),
    "atlas-insulated-bottle-poured": (bottle_poured, {"": "#2f6350"}),
    "cabin-36-suitcase": (suitcase, {"sage": "#8fa58a", "midnight": "#33456a", "coral": "#d96a4e"}),
    "cabin-36-suitcase-open": (suitcase_open, {"": "#8fa58a"}),
    "quay-umbrella": (umbrella, {"mustard": "#dfa32f", "navy": "#3a5078"}),
    "quay-umbrella-closed": (umbrella_closed, {"": "#dfa32f"}),
    "kiosk-luggage-tags": (luggage_tag, {"tan": "#b9783f", "forest": "#3c6350"}),
    "hush-sleep-mask": (eye_mask, {"plum": "#74466e", "midnight": "#36466e"}),
}
