"""For coming home."""

from math import cos, radians, sin

from shop.modules.catalog.demo.drawing.canvas import SIZE, Drawing, Pictures, tone, warm
from shop.modules.catalog.demo.drawing.outlines import box, leaves, sprig
from shop.modules.catalog.demo.drawing.scenes import parlour

WOOD = "#b9814f"
BRASS = "#d6a94f"
INK = "#3b342e"
PAPER = "#f7efdf"


def blanket(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 300, cy=688, ry=32)
    for y, shade in ((578, -0.12), (466, 0.0), (354, 0.12)):
        body = tone(colour, shade)
        roll = d.solid(
            f"M160 {y}h452q76 0 76 57t-76 57H160q-60 0-60-57t60-57z",
            d.linear((0, warm(body, 0.4)), (0.4, body), (1, warm(body, -0.55)), angle="down"),
            texture="felt",
        )
        with d.inside(roll):
            d.line(f"M100 {y + 57}h480q40 0 40 20", warm(body, -0.5), 8, opacity="0.4")
            d.line(f"M100 {y + 68}h480", "#fff", 4, opacity="0.3")
            d.path(f"M506 {y}h22v120h-22zM540 {y}h10v120h-10z", warm(body, -0.45), opacity="0.6")
    throw = d.solid(
        "M228 330q100-30 204 0l6 330q-108 34-216 0z",
        d.linear((0, warm(colour, -0.3)), (0.3, warm(colour, 0.1)), (0.75, warm(colour, 0.5)), (1, colour)),
        texture="felt",
    )
    with d.inside(throw):
        for y in (384, 416, 566, 598):
            d.line(f"M220 {y}q108 24 222 0", warm(colour, -0.5), 13, opacity="0.85")
        d.line("M220 400q108 24 222 0M220 582q108 24 222 0", warm(colour, 0.8), 7)
        d.line("M270 330q-12 160-6 350M396 330q14 180 8 350", warm(colour, -0.5), 12, opacity="0.2")
    d.line(
        "".join(f"M{x} {672 + 12 * sin((x - 222) / 69):.0f}q4 16-2 36" for x in range(226, 438, 15)),
        warm(colour, 0.25),
        7,
    )
    d.solid("M470 500h104v64H470z", d.cloth("#f4e9d8"), texture="canvas")
    d.crest(522, 550, 62, tone(colour, -0.5))


def candle(d: Drawing, colour: str) -> None:
    parlour(d)
    d.ellipse(400, 250, 400, 380, d.glow("#ffe0a4", 0.95))
    d.shadow(400, 190, cy=688, ry=28)
    d.solid(box(226, 300, 348, 388, 48), d.matte(colour), rim=0.9)
    d.solid(
        box(246, 388, 308, 284, 34),
        d.linear((0, "#d9ac78"), (0.4, "#f7dcb2"), (0.75, "#fff4dd"), (1, "#eac999")),
        rim=0,
    )
    d.ellipse(400, 392, 154, 32, d.radial((0, "#fffbe8"), (0.35, "#ffe9b4"), (1, "#f0c98c")))
    d.line("M400 394v-50", "#4a3a2c", 9)
    d.path(
        "M400 206c52 64 58 100 38 134-18 26-58 26-76 0-20-34-14-70 38-134z",
        d.linear((0, "#fff6d4"), (0.55, "#ffc155"), (1, "#ee7f25"), angle="down"),
    )
    d.path("M400 276c24 34 26 50 16 66-8 12-24 12-32 0-8-16-8-32 16-66z", "#fffbe8")
    d.ellipse(400, 304, 172, 28, "none", stroke=tone(colour, 0.7), stroke_width=8, opacity="0.85")
    d.path("M520 330h26v300q-2 24-26 30z", "#fff", opacity="0.5")
    d.path("M256 340h12v290q-10-6-12-20z", "#fff", opacity="0.35")
    d.solid(box(302, 468, 196, 146, 10), d.cloth("#fbf6ec", 0.1), rim=0.4)
    d.crest(400, 552, 104, tone(colour, -0.5))
    d.line("M342 580h116", tone(colour, -0.4), 6)


def candle_tumbler(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(290, 150, cy=676, ry=26)
    d.solid(
        "M162 300h260l-20 354q-2 30-32 30H214q-30 0-32-30z",
        d.linear((0, tone(colour, -0.3)), (0.5, colour), (0.78, tone(colour, 0.5)), (1, tone(colour, 0.05))),
        rim=0.9,
    )
    d.path(
        "M172 430h240l-14 214q-2 24-28 24H214q-26 0-28-24z",
        d.linear((0, "#7a2f16"), (0.6, "#c9642c"), (1, "#e59448")),
        opacity="0.75",
    )
    d.ellipse(292, 430, 120, 24, "#e8a262", opacity="0.9")
    d.ellipse(292, 300, 130, 26, "none", stroke=tone(colour, 0.7), stroke_width=8)
    with d.turned(14, 300, 420):
        d.solid(box(232, 398, 84, 80, 14), d.linear((0, "#ffffffcc"), (1, "#ffffff44"), angle="slant"))
    d.solid(box(310, 420, 76, 72, 14), d.linear((0, "#ffffffcc"), (1, "#ffffff44"), angle="slant"))
    d.path("M380 330h20l-16 300q-4 18-20 24z", "#fff", opacity="0.5")
    d.line("M236 290L330 130", "#f4e3bf", 13)
    d.ellipse(208, 326, 62, 62, d.radial((0, "#ffd98a"), (0.7, "#f2a63c"), (1, "#d9822b")))
    d.line("M208 326l0-48M208 326l42-24M208 326l42 26M208 326v50M208 326l-42 24M208 326l-42-26", "#fff0c8", 5)
    d.shadow(580, 110, cy=700, ry=20)
    d.solid(box(474, 508, 216, 190, 24), d.matte(colour))
    d.solid("M460 494q122 26 244 0v48q-122 28-244 0z", d.matte(WOOD), texture="grain")
    d.ellipse(582, 494, 122, 22, d.cloth(tone(WOOD, 0.25)))
    d.rect(524, 570, 116, 86, "#fbf6ec", r=8)
    d.crest(582, 634, 72, tone(colour, -0.5))


def clock(d: Drawing, colour: str) -> None:
    parlour(d)
    d.ellipse(362, 400, 330, 330, d.glow("#4a1f28", 0.75))
    x, y = 400, 356
    d.ellipse(x, y, 274, 274, d.cloth(colour, 0.36))
    d.ellipse(x, y, 274, 274, d.texture("grain"))
    d.ellipse(x, y, 268, 268, "none", stroke=d.fade("#fff2da", 0.8), stroke_width=8)
    d.ellipse(x, y, 236, 236, d.linear((0, warm(colour, -0.7)), (1, warm(colour, 0.2)), angle="slant"))
    d.ellipse(x, y, 226, 226, d.radial((0, "#fffdf8"), (0.7, "#faf3e6"), (1, "#dccdb4"), cx=0.62, cy=0.34, r=0.75))
    marks = ((hour * 30, 172 if hour % 3 == 0 else 186) for hour in range(12))
    ticks = ((sin(radians(turn)), cos(radians(turn)), inner) for turn, inner in marks)
    d.line(
        "".join(f"M{x + s * r:.0f} {y - c * r:.0f}L{x + s * 204:.0f} {y - c * 204:.0f}" for s, c, r in ticks), INK, 9
    )
    d.line(
        "".join(f"M{x + sin(radians(t)) * 204:.0f} {y - cos(radians(t)) * 204:.0f}h0" for t in range(0, 360, 6)), INK, 5
    )
    d.crest(x, 282, 56, warm(colour, -0.2))
    with d.moved(-9, 10):
        d.line(f"M{x} {y}L290 290M{x} {y}L536 262", "#5b4030", 14, opacity="0.2")
    d.line(f"M{x} {y}L290 290", "#2f2a26", 17)
    d.line(f"M{x} {y}L536 262", "#2f2a26", 12)
    d.line(f"M412 300L{x - 30} 528", "#c4532f", 5)
    d.ellipse(x, y, 17, 17, d.metal(BRASS))
    d.path("M190 300A222 222 0 0 1 470 146 300 300 0 0 0 190 300z", "#fff", opacity="0.35")


def notebook(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 220, cy=690, ry=26)
    with d.turned(-8, 400, 430):
        d.path("M234 118h352q14 0 14 14v532q0 14-14 14H234z", d.linear((0, "#cdbd9c"), (1, "#fdf6e4")))
        d.line("M240 656h352M240 664h352M240 671h352", "#c2b08c", 2)
        d.path("M432 660v84l20-18 20 18v-84z", "#c4532f")
        d.solid(box(208, 100, 380, 556, 24), d.cloth(colour, 0.3), texture="canvas")
        d.path("M232 100h38v556h-38q-24 0-24-24V124q0-24 24-24z", warm(colour, -0.5), opacity="0.5")
        d.line("M272 104v548", "#fff", 3, opacity="0.3")
        d.rect(520, 98, 20, 562, warm(colour, -0.65))
        d.rect(530, 98, 5, 562, "#fff", opacity="0.25")
        d.ellipse(396, 306, 86, 86, "none", stroke="#f6e8c8", stroke_width=6)
        d.ellipse(396, 306, 72, 72, "none", stroke="#f6e8c8", stroke_width=2.5)
        d.path("M396 232l20 74-20 74-20-74z", "#f6e8c8")
        d.path("M322 306l74-20 74 20-74 20z", "#f6e8c8", opacity="0.65")
        d.line("M340 560h112", "#f6e8c8", 6, opacity="0.7")
    with d.turned(30, 640, 500):
        d.solid("M618 250h34v330l-17 56-17-56z", d.matte("#d9643c"))
        d.path("M618 580h34l-17 56z", "#f1d9b4")
        d.path("M629 616h12l-6 20z", INK)
        d.rect(616, 224, 38, 36, d.metal(BRASS), r=3)
        d.rect(617, 192, 36, 38, d.matte("#d98f86"), r=12)


def notebook_open(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 350, cy=640, ry=30)
    d.path("M40 214q180-36 360 24 180-60 360-24l24 424q-190-30-384 26-194-56-384-26z", warm(colour, -0.2))
    d.path("M58 204q176-36 342 30v400q-170-54-362-26z", d.linear((0, "#efe3ca"), (0.8, "#fdf7e8"), (1, "#cdbb98")))
    d.path("M742 204q-176-36-342 30v400q170-54 362-26z", d.linear((0, "#cbb994"), (0.2, "#fbf3e0"), (1, "#fffdf6")))
    d.line("M82 590q150-20 290 16M718 590q-150-20-290 16", "#8a7a5e", 3, opacity="0.5")
    d.path("M98 470l70-120 40 60 52-96 90 130q-120-30-252 26z", d.linear((0, "#6b8796"), (1, "#b9c9c9"), angle="down"))
    d.path("M88 520q120-70 276-20v24q-150-40-278 20z", "#7d9a6b")
    d.ellipse(320, 300, 26, 26, "#e9a44c")
    d.line("M150 540q60-40 90-14t80-30", "#c4532f", 4, stroke_dasharray="3 11")
    d.line("M92 250q120-20 240 6", "#5a6f8d", 7, opacity="0.8")
    for y in (270, 312, 354, 396, 438):
        d.line(f"M446 {y + 6}q30-16 60-8t60-6 60-4 {66 - (y % 5) * 22} 0", "#4a5a78", 5, opacity="0.8")
    d.path(leaves((640, 560, -24, 70, 14), (640, 560, 8, 84, 15), (640, 560, 38, 66, 13)), "#8aa07a")
    d.path("M386 226h28v452l-14-16-14 16z", "#c4532f")
    with d.turned(52, 560, 500):
        d.solid(box(540, 280, 40, 260, 16), d.matte(INK))
        d.rect(538, 470, 44, 16, d.metal(BRASS))
        d.path("M544 540h32l-16 66z", d.metal(BRASS))


def desk_lamp(d: Drawing, colour: str) -> None:
    parlour(d)
    _lamp(d, colour)


def desk_lamp_at_night(d: Drawing, colour: str) -> None:
    parlour(d)
    d.rect(0, 0, SIZE, SIZE, d.linear((0, "#17143af0"), (0.7, "#2a1d48d8"), (1, "#241430e0"), angle="down"))
    d.ellipse(300, 560, 420, 360, d.glow("#ffcf7d", 0.75))
    d.solid("M110 640q80-30 150-4 70-26 150 4l14 62q-90-26-164 2-74-28-164-2z", d.cloth(PAPER, 0.2))
    d.line("M260 638v62M134 654q50-14 100-4M130 672q56-14 104-4M288 650q52-12 96 2M288 668q56-12 104 4", "#8a7a5e", 3)
    _lamp(d, colour)


def _lamp(d: Drawing, colour: str) -> None:
    d.path("M250 330L60 690h480L392 330z", d.linear((0, "#fff0bfd0"), (1, "#fff0bf00"), angle="down"))
    d.ellipse(300, 676, 280, 46, d.glow("#fff0c0", 0.95))
    d.shadow(560, 130, cy=694, ry=24)
    d.cord("M566 660L630 380", BRASS, 20)
    d.cord("M630 380L420 190", BRASS, 20)
    d.line("M586 640l48-220M608 386L440 234", tone(BRASS, -0.35), 4, opacity="0.7")
    for at in ((630, 380), (420, 190)):
        d.ellipse(*at, 26, 26, d.metal(BRASS))
        d.ellipse(*at, 11, 11, tone(BRASS, -0.5))
    d.solid("M440 676q0-34 128-34t128 34v18q-128 30-256 0z", d.metal(colour))
    d.ellipse(568, 670, 128, 24, d.cloth(tone(colour, 0.16)))
    d.rect(548, 640, 40, 34, d.metal(BRASS), r=6)
    with d.turned(20, 340, 270):
        d.ellipse(320, 366, 148, 34, d.radial((0, "#fffbe6"), (0.5, "#ffe49c"), (1, "#e9a94e")))
        d.ellipse(320, 372, 54, 30, "#fffdf2")
        d.solid("M288 176q32-20 64 0l12 40c80 20 112 84 104 150q-148 46-296 0c-8-66 24-130 104-150z", d.metal(colour))
        d.rect(280, 160, 80, 28, d.metal(BRASS), r=8)
        d.line("M172 366q148 46 296 0", tone(colour, 0.5), 6)
    d.ellipse(320, 380, 210, 210, d.glow("#fff2c4", 0.6))


def vase(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 180, cy=688, ry=28)
    stems = d.linear((0, "#e9c98a"), (1, "#a97f45"), angle="down")
    d.line(
        "M396 350Q360 230 286 140M402 350Q400 200 410 96M408 350Q450 240 530 150M400 350Q330 260 226 226M406 350"
        "Q480 270 590 250",
        "#9a7442",
        6,
    )
    d.path(sprig(350, 250, -40, 170, pairs=5, leaf=62) + sprig(452, 250, 38, 160, pairs=5, leaf=62), "#8c9b77")
    d.path(sprig(404, 260, 2, 180, pairs=6, leaf=58), "#a3b08a")
    d.path(
        leaves(
            *((226 + 14 * n, 232 + 12 * n, -80 + 9 * n, 62, 10) for n in range(7)),
            *((590 - 14 * n, 256 + 8 * n, 80 - 9 * n, 62, 10) for n in range(7)),
        ),
        stems,
    )
    body = d.solid(
        "M340 336q60 20 120 0c-4 50 20 66 70 110 50 46 56 130 16 190-20 34-52 54-92 54h-108c-40 "
        "0-72-20-92-54-40-60-34-144 16-190 50-44 74-60 70-110z",
        d.matte(colour),
        texture="felt",
    )
    with d.inside(body):
        d.path(
            "M200 560q200 70 400 0v140H200z",
            d.linear((0, warm(colour, -0.4)), (0.6, warm(colour, -0.15)), (1, warm(colour, -0.3))),
            opacity="0.8",
        )
        d.line("M200 556q200 70 400 0", warm(colour, 0.7), 5, opacity="0.6")
        d.line("M240 500q160 50 320 0M260 470q140 44 290-4", warm(colour, -0.5), 3, opacity="0.35")
        d.ellipse(516, 500, 22, 70, "#fff", opacity="0.4", transform="rotate(-16 516 500)")
    d.ellipse(400, 338, 60, 14, warm(colour, -0.7))
    d.ellipse(400, 337, 60, 14, "none", stroke=tone(colour, 0.45), stroke_width=6)


def globe(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 190, cy=692, ry=26)
    d.solid("M250 668q0-32 150-32t150 32v20q-150 28-300 0z", d.matte(WOOD), texture="grain")
    d.ellipse(400, 662, 146, 24, d.cloth(tone(WOOD, 0.2)))
    d.solid("M376 560h48l14 96q-38 12-76 0z", d.metal(BRASS))
    d.line("M520 80A262 262 0 1 1 284 566", tone(BRASS, -0.45), 24)
    d.line("M520 80A262 262 0 1 1 284 566", BRASS, 15)
    d.line("M528 84A262 262 0 0 1 640 330", "#fff3cf", 5, opacity="0.9")
    ball = "M400 104a218 218 0 1 1 0 436 218 218 0 1 1 0-436z"
    sphere = d.solid(
        ball, d.radial((0, tone(colour, 0.6)), (0.5, colour), (1, warm(colour, -0.55)), cx=0.7, cy=0.22, r=0.85)
    )
    with d.inside(sphere), d.turned(-20, 400, 322):
        land = d.radial((0, "#fbe8b8"), (0.6, "#d9b06a"), (1, "#7f5a34"), cx=0.8, cy=0.1, r=1.1)
        d.path("M330 130q70-30 130 6 60 6 90 50-10 40-60 36-20 30-60 20-30 26-54 8-40 10-50-26-40-24-24-60z", land)
        d.path("M330 300q50-26 100-6 50 4 70 50 10 40-30 70-10 60-50 104-40 10-46-44-4-40-34-64-50-50-10-110z", land)
        d.path(
            "M190 210q40-20 60 20-6 50-50 70-30-20-10-90zM560 360q50-30 80 10 0 40-50 56-50-10-30-66zM570 240q30-20 "
            "50 0-10 26-40 26z",
            land,
        )
        d.line(
            "M170 250q230 60 460 0M170 400q230 60 460 0M176 326q224 66 448 0M400 100q-130 220 0 440M400 100q130 220 "
            "0 440M400 100v440",
            "#fff6df",
            2.5,
            opacity="0.4",
        )
    d.ellipse(490, 214, 92, 62, d.glow("#ffffff", 0.65), transform="rotate(36 490 214)")
    d.ellipse(528, 82, 17, 17, d.metal(BRASS))
    d.ellipse(282, 566, 17, 17, d.metal(BRASS))


def pen_tray(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 340, cy=650, ry=30)
    with d.turned(-5, 400, 500):
        d.solid(box(66, 388, 668, 250, 60), d.cloth(WOOD, 0.34), texture="grain")
        d.path(box(96, 414, 608, 192, 44), d.linear((0, warm(WOOD, -0.75)), (1, warm(WOOD, -0.25)), angle="down"))
        d.path(box(96, 420, 608, 186, 44), d.texture("grain"))
        d.line("M100 560q0 46 44 46h512q44 0 44-46", "#ffe9c6", 5, opacity="0.5")
    with d.turned(-22, 400, 420):
        d.path("M122 470h430l70 18-70 18H122z", "#1a0e10", opacity="0.35")
        d.solid(
            "M110 418q-22 0-22 24t22 24h300v-48z",
            d.linear(
                (0, tone(colour, 0.15)),
                (0.25, tone(colour, 0.75)),
                (0.55, colour),
                (1, tone(colour, -0.55)),
                angle="down",
            ),
        )
        d.solid(
            "M410 414h190l56 20v16l-56 20H410z",
            d.linear(
                (0, tone(colour, 0.1)),
                (0.3, tone(colour, 0.6)),
                (0.6, tone(colour, -0.1)),
                (1, tone(colour, -0.6)),
                angle="down",
            ),
        )
        d.rect(404, 412, 18, 60, d.linear((0, "#fff6dc"), (0.5, BRASS), (1, "#6e4a1c"), angle="down"))
        d.rect(590, 412, 10, 60, tone(colour, -0.5))
        d.path("M654 432l74 9v2l-74 9z", d.linear((0, "#fff0cf"), (1, "#8a6a34"), angle="down"))
        d.line("M690 442h36", "#4a3a20", 2)
        d.path("M116 402h190q10 0 10 7t-10 7H130q-14 0-14-14z", d.linear((0, "#fff6dc"), (1, "#8a6428"), angle="down"))
    for x, y in ((548, 540), (612, 556), (582, 572)):
        d.solid(box(x - 34, y - 10, 68, 22, 11), d.linear((0, tone(BRASS, 0.6)), (1, tone(BRASS, -0.4)), angle="down"))


def bookends(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 330, cy=688, ry=30)
    spines = (
        (218, 300, 62, "#a63f35"),
        (280, 250, 54, "#e3c98e"),
        (334, 330, 72, "#3f6b6f"),
        (406, 270, 48, "#d98a3f"),
        (454, 310, 66, "#4a4f7c"),
        (520, 360, 52, "#7d8a5c"),
    )
    for x, y, w, tint in spines:
        cloth = d.linear((0, warm(tint, -0.45)), (0.3, tint), (0.75, warm(tint, 0.3)), (1, warm(tint, -0.2)))
        d.solid(box(x, y, w, 686 - y, 7), cloth, texture="canvas")
        d.line(
            f"M{x + 6} {y + 34}h{w - 12}M{x + 6} {y + 46}h{w - 12}M{x + 6} 640h{w - 12}", "#f4e2b4", 4, opacity="0.8"
        )
        d.rect(x + w / 2 - 5, y + 80, 10, 110, "#f4e2b4", r=5, opacity="0.7")
    for peak in ("M44 690L150 420 190 480 214 440V690z", "M578 690V360L640 300 676 400 700 376 772 690z"):
        lit = d.linear((0, tone(colour, 0.5)), (0.35, colour), (1, tone(colour, -0.55)), angle="slant")
        with d.inside(d.solid(peak, lit)):
            d.path("M150 420L44 690h70zM640 300L578 420v270h30z", tone(colour, -0.6), opacity="0.4")
            d.path("M150 420l-34 86 30-22 20 34 24-38zM640 300l-62 60v40l34-34 22 30 30-24z", "#fff7e4", opacity="0.85")
    d.rect(30, 680, 190, 14, d.metal(colour), r=4)
    d.rect(572, 680, 208, 14, d.metal(colour), r=4)


PICTURES: Pictures = {
    "heimat-wool-blanket": (blanket, {"oat": "#d8c3a0", "heather": "#96789a", "pine": "#4f7560"}),
    "vesper-candle": (candle, {"": "#b9834f"}),
    "vesper-candle-tumbler": (candle_tumbler, {"": "#b9834f"}),
    "meridian-wall-clock": (clock, {"oak": "#b9814f", "black": "#45444a"}),
    "waypoint-notebook": (notebook, {"ochre": "#c98f2f", "slate": "#5b6b78"}),
    "waypoint-notebook-open": (notebook_open, {"": "#c98f2f"}),
    "perch-desk-lamp": (desk_lamp, {"forest": "#3f6b58", "cream": "#ecdfc4"}),
    "perch-desk-lamp-night": (desk_lamp_at_night, {"": "#3f6b58"}),
    "sill-vase": (vase, {"chalk": "#e9dfce", "indigo": "#465a86", "moss": "#7a8560"}),
    "orbis-desk-globe": (globe, {"sea": "#3f7f94", "sand": "#d9bd8c"}),
    "margin-brass-pen": (pen_tray, {"": "#c99a45"}),
    "summit-bookends": (bookends, {"brass": "#c99a45", "black": "#4b4a50"}),
}
