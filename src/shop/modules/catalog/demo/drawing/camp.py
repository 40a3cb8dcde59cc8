"""For nights and days outside."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone
from shop.modules.catalog.demo.drawing.scenes import forest

ALLOY = "#b9bfc4"


def tent(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(410, 300, ry=26)
    d.line("M400 196L92 652M400 196L716 640", "#efe9da", 4)
    d.path(
        "M400 214C330 330 240 480 140 646q200 22 330 4z", d.linear((0, tone(colour, 0.3)), (1, colour), angle="slant")
    )
    d.path(
        "M400 214c-10 140 20 300 70 436 90-8 150-20 196-40C580 470 480 320 400 214z",
        d.linear((0, tone(colour, -0.1)), (1, tone(colour, -0.38)), angle="slant"),
    )
    d.path(
        "M388 262C346 372 296 500 246 650q90 6 170-2c-22-120-32-260-28-386z",
        d.linear((0, "#3a3b36"), (1, "#1e211f"), angle="down"),
    )
    d.path("M388 262c-40 106-90 240-142 386-30 0-54-2-74-4C262 510 330 380 388 262z", d.cloth(tone(colour, 0.18)))
    d.path("M388 262c30 70 10 190-72 252-24 18-34 14-30-6 30-90 70-170 102-246z", d.cloth(tone(colour, 0.35)))
    d.path("M300 648q30-60 74-60t40 60z", "#d8a25a", opacity=0.85)
    d.ellipse(352, 600, 90, 70, d.glow("#ffce7a", 0.6))
    d.line("M400 210C330 326 240 478 138 648M400 210C480 318 582 470 668 612", tone(colour, -0.3), 7)
    d.line("M400 210C330 326 240 478 138 648", tone(colour, 0.55), 2.5)
    d.path("M440 330q60 70 96 150-40 26-72 24-26-90-24-174z", tone(colour, -0.5), opacity=0.5)
    d.ellipse(400, 208, 10, 10, "#efe9da")
    d.line("M84 640l14 22M708 630l14 22", "#8c7a58", 8)


def sleeping_bag(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(400, 250, ry=26)
    with d.turned(-4, 400, 560):
        d.path(
            "M120 560q0-90 110-90h360q96 0 96 90t-96 90H230q-110 0-110-90z",
            d.linear((0, tone(colour, 0.3)), (0.5, colour), (1, tone(colour, -0.4)), angle="down"),
        )
        for x in (250, 330, 410, 490, 570):
            d.line(f"M{x} 474q26 86 0 172", tone(colour, -0.4), 6, opacity=0.6)
            d.line(f"M{x + 7} 480q24 78 0 158", tone(colour, 0.4), 3, opacity=0.5)
        d.ellipse(236, 560, 96, 90, d.linear((0, tone(colour, 0.15)), (1, tone(colour, -0.3)), angle="slant"))
        for rx in (84, 66, 48, 30):
            d.ellipse(
                236 + (84 - rx) * 0.08,
                560,
                rx,
                rx * 0.93,
                "none",
                stroke=tone("#e8c68f" if rx in (66, 30) else colour, -0.12),
                stroke_width=8,
            )
        d.ellipse(240, 560, 16, 15, "#e8c68f")
        for x in (344, 520):
            d.rect(x, 466, 30, 188, tone(colour, -0.6), r=6)
            d.rect(x - 5, 540, 40, 36, "#e8c68f", r=7)
            d.rect(x + 3, 550, 24, 14, tone(colour, -0.6), r=4)
    d.shadow(600, 120, cy=690, ry=18)
    d.path(
        "M506 470q94-34 188 0 22 90 8 196-6 26-34 26H534q-28 0-34-26-14-106 6-196z", d.cloth(tone(colour, -0.3), 0.28)
    )
    d.shine("M524 486q-14 90-6 190-14-6-18-14-10-100 6-176z", 0.2)
    d.path("M506 470q94-34 188 0l4 30q-98-30-196 0z", tone(colour, -0.5))
    d.line("M600 462v-56m0 0q-20-28 0-44t0 44", "#e8c68f", 6)
    d.rect(556, 556, 88, 62, "#e8c68f", r=7)
    d.path("M576 604l20-30 12 16 10-12 18 26z", tone(colour, -0.45))


def mat(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(400, 250, ry=26)
    d.path(
        "M262 330h346c58 0 84 70 84 160s-26 160-84 160H262z",
        d.linear((0, tone(colour, 0.32)), (0.4, colour), (1, tone(colour, -0.35)), angle="down"),
    )
    for x in (330, 400, 470, 540, 610):
        d.line(f"M{x} 338q34 150 0 306", tone(colour, -0.35), 8, opacity=0.55)
        d.line(f"M{x + 10} 344q30 146 0 294", tone(colour, 0.5), 4, opacity=0.5)
    d.ellipse(262, 490, 118, 160, d.linear((0, tone(colour, 0.22)), (1, tone(colour, -0.25)), angle="slant"))
    for share in (0.86, 0.68, 0.5, 0.32):
        d.ellipse(262, 490, 118 * share, 160 * share, "none", stroke=tone(colour, -0.32), stroke_width=9)
        d.ellipse(259, 487, 118 * share, 160 * share, "none", stroke=tone(colour, 0.45), stroke_width=3, opacity=0.7)
    d.ellipse(262, 490, 16, 24, tone(colour, -0.55))
    for x in (368, 548):
        d.rect(x, 326, 26, 326, "#2f332e", r=4)
        d.rect(x + 5, 326, 5, 326, "#fff", opacity=0.15)
        d.rect(x - 8, 452, 42, 46, "#e9b44c", r=7)
        d.rect(x + 1, 464, 24, 22, "#2f332e", r=4)
    d.rect(670, 560, 36, 32, d.metal(ALLOY), r=8)
    d.ellipse(706, 576, 9, 16, tone(ALLOY, -0.3))


def poles(d: Drawing, colour: str) -> None:
    forest(d)
    d.shadow(400, 230)
    with d.moved(-68, -68, 1.17):
        for turn, side in ((17, -1), (-17, 1)):
            with d.turned(turn, 400, 400):
                _pole(d, 400, side, colour)


def _pole(d: Drawing, x: float, side: int, colour: str) -> None:
    d.rect(x - 8, 596, 16, 30, d.metal("#5b6064"))
    d.path(f"M{x - 7} 624h14l-5 24h-4z", "#3b3f42")
    d.ellipse(x, 602, 44, 12, "#2a2d2f")
    d.ellipse(x, 598, 44, 11, "#4d5256")
    d.rect(x - 11, 420, 22, 172, d.metal(ALLOY))
    d.rect(x - 15, 240, 30, 186, d.metal(colour))
    for y in (286, 300, 372):
        d.rect(x - 15, y, 30, 7, "#fff", opacity=0.65)
    d.rect(x - 20, 410, 40, 40, "#2a2d2f", r=8)
    d.rect(x - side * 22 - 9, 418, 18, 24, colour, r=4)
    d.path(f"M{x - 22} 104q0-24 22-24t24 22l2 42q0 12-7 22l5 76q0 14-22 14t-22-14l5-76q-7-12-7-22z", d.matte("#c39a6b"))
    for y in (176, 194, 212, 230):
        d.line(f"M{x - 15} {y}h30", "#8c6840", 5, opacity=0.6)
    d.line(f"M{x - side * 8} 96q{-side * 84} 30 {-side * 64} 120t{side * 44} -92", "#30343a", 10)


PICTURES: Pictures = {
    "skog-2-tent": (tent, {"": "#d9863b"}),
    "nordlys-sleeping-bag": (sleeping_bag, {"": "#2f6a78"}),
    "tarn-sleeping-mat": (mat, {"": "#c8643c"}),
    "vandra-trekking-poles": (poles, {"": "#c23b2e"}),
}
