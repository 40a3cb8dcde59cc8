"""For working in the garden, and for carrying in what it gives."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone
from shop.modules.catalog.demo.drawing.outlines import box, fan, sprig
from shop.modules.catalog.demo.drawing.terrace import ASH, BRASS, LEAF, STEEL, terrace

GRIP = (
    "M430 380C420 440 372 470 346 552 330 610 330 650 338 700q6 24 28 20t22-32C384 630 392 590 412 548 432 506 "
    "452 470 452 420z"
)
HOOK = "M358 430c-44-36-74-104-58-186 14 50 44 84 88 106 22 14 40 40 44 76z"
BLADE = "M384 420c-30-80-34-230 46-346 42 90 52 230 12 346z"
EDGE = "M430 74c42 90 52 230 12 346h-14c22-110 22-240 2-346z"


def hand_tools(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 240, cy=690, ry=24)
    with d.turned(22, 400, 420):
        _handle(d, 400, colour)
        for x in (356, 400, 444):
            d.path(f"M{x - 8} 500q-4 110 8 170 12-60 8-170z", d.metal(STEEL))
        d.path("M348 520q-4-52 40-66V430h24v24q44 14 40 66-52-36-104 0z", d.metal(STEEL))
    with d.turned(-20, 400, 420):
        _handle(d, 400, colour)
        d.path("M340 516q-4-46 46-62V428h28v26q50 16 46 62 0 110-60 190-60-80-60-190z", d.metal(STEEL))
        d.path("M394 470q-8 120 6 220 14-100 6-220z", tone(STEEL, -0.45), opacity=0.55)
        d.path("M356 590q44 20 88 0-10 60-44 110-34-50-44-110z", "#6b4a33", opacity=0.75)


def _handle(d: Drawing, x: float, colour: str) -> None:
    d.rect(x - 13, 300, 26, 150, d.metal(STEEL))
    d.path(f"M{x - 20} 108q20-22 40 0l8 96q2 60-8 132h-40q-10-72-8-132z", d.matte(ASH))
    d.line(f"M{x - 8} 130q-8 90 0 190M{x + 6} 126q8 100 0 196", tone(ASH, -0.4), 2.5, opacity=0.45)
    d.path(f"M{x - 24} 150q24 10 48 0l4 44q-28 12-56 0z", d.matte(colour))
    d.rect(x - 19, 326, 38, 30, d.metal(BRASS), r=4)
    d.line(f"M{x} 108C{x - 60} 40 {x + 70} 30 {x} 108", "#8f4f2b", 7)


def secateurs(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 250, cy=700, ry=26)
    d.path(
        sprig(120, 720, 62, 230, pairs=4, leaf=70), d.linear((0, tone(LEAF, 0.3)), (1, tone(LEAF, -0.2)), angle="down")
    )
    d.line("M120 720l203-108", tone(LEAF, -0.35), 6)
    with d.turned(30, 400, 400), d.moved(-18, -14, 1.04):
        with d.mirrored():
            d.solid(GRIP, d.linear((0, tone(colour, 0.3)), (0.4, colour), (1, tone(colour, -0.4))))
        d.solid(HOOK, d.metal(tone(STEEL, -0.2)))
        d.solid(
            BLADE,
            d.linear((0, tone(STEEL, -0.3)), (0.55, tone(STEEL, 0.45)), (1, STEEL)),
        )
        d.path(EDGE, "#fff", opacity="0.8")
        d.line("M376 500q24 14 48 0t-6 26-34 10 40 16-8 26", STEEL, 7)
        d.solid(GRIP, d.linear((0, tone(colour, -0.35)), (0.5, colour), (0.85, tone(colour, 0.4)), (1, colour)))
        d.line("M356 610q-8 40-2 88", tone(colour, 0.7), 7, opacity="0.6")
        d.ellipse(408, 412, 38, 38, d.metal(BRASS))
        d.ellipse(408, 412, 20, 20, d.metal(tone(BRASS, -0.25)))
        d.line("M398 420l20-16", "#3b3630", 5)


def trug(d: Drawing, colour: str) -> None:
    terrace(d)
    d.shadow(400, 300, cy=672, ry=30)
    d.line("M190 470C190 120 610 120 610 470", tone(colour, -0.4), 36)
    d.line("M190 470C190 120 610 120 610 470", colour, 26)
    d.line("M200 430C216 150 590 150 600 430", tone(colour, 0.4), 7, opacity=0.8)
    d.path(
        fan(230, 440, (-60, -40, -18, 4, 26), 170, 30),
        d.linear((0, tone(LEAF, 0.3)), (1, tone(LEAF, -0.4)), angle="down"),
    )
    d.path(fan(330, 430, (-36, -12, 12, 36), 190, 20), tone(LEAF, 0.05))
    for x, turn in ((300, -30), (352, -14), (398, 4)):
        with d.turned(turn, x, 440):
            d.path(f"M{x - 24} 400q24-22 48 0l-10 130h-28z", d.matte("#e6812f"))
            d.path(f"M{x - 20} 420h22M{x - 6} 446h22", "none", stroke="#b85a1d", stroke_width=4, opacity=0.6)
            d.path(fan(x, 400, (-20, 20), 90, 12), tone(LEAF, 0.2))
    for x, y, r in ((470, 430, 54), (560, 444, 50), (516, 396, 46)):
        d.ellipse(
            x, y, r, r * 0.94, d.radial((0, "#ff9a73"), (0.5, "#d9432c"), (1, "#8e2219"), cx=0.68, cy=0.28, r=0.75)
        )
        d.path(fan(x, y - r * 0.72, (-80, 0, 80), 28, 8), tone(LEAF, -0.25))
        d.ellipse(x + r * 0.36, y - r * 0.4, r * 0.16, r * 0.1, "#fff", opacity=0.7)
    for place, low in enumerate((0, 1, 2, 3)):
        y, left = 452 + low * 50, 118 + low * 22
        wood = tone(colour, (0.14, 0, 0.08, -0.08)[place])
        d.path(
            f"M{left} {y}Q400 {y + 50} {800 - left} {y}l-16 54Q400 {y + 104} {left + 16} {y + 54}z",
            d.linear((0, tone(wood, -0.38)), (0.55, wood), (0.85, tone(wood, 0.26)), (1, tone(wood, -0.05))),
        )
        d.line(f"M{left + 60} {y + 36}Q400 {y + 72} {740 - left} {y + 34}", tone(wood, -0.35), 2.5, opacity=0.4)
    d.path(
        "M104 440Q400 506 696 440l4 28Q400 536 100 468z",
        d.linear((0, tone(colour, -0.3)), (0.6, tone(colour, 0.1)), (1, tone(colour, 0.35))),
    )
    for x, y in ((176, 470), (624, 470)):
        d.ellipse(x, y, 8, 8, d.metal(BRASS))


def secateurs_parts(d: Drawing, colour: str) -> None:
    terrace(d)
    with d.turned(-4, 400, 400):
        d.path(box(54, 84, 700, 640, 30), "#1d120c", opacity="0.3")
        d.solid(box(64, 70, 690, 640, 30), d.cloth("#efe4cd", 0.1), texture="canvas")
        d.stitches(box(84, 90, 650, 600, 18), "#b59a6c")
        with d.moved(-86, 34, 0.92), d.turned(8, 400, 400), d.mirrored():
            d.solid(GRIP, d.linear((0, tone(colour, 0.3)), (0.4, colour), (1, tone(colour, -0.4))))
        with d.moved(150, 34, 0.92), d.turned(-8, 400, 400):
            d.solid(GRIP, d.linear((0, tone(colour, -0.35)), (0.5, colour), (0.85, tone(colour, 0.4)), (1, colour)))
            d.line("M356 610q-8 40-2 88", tone(colour, 0.7), 7, opacity="0.6")
        with d.moved(160, 60, 0.8), d.turned(14, 400, 300):
            d.solid(BLADE, d.linear((0, tone(STEEL, -0.3)), (0.55, tone(STEEL, 0.45)), (1, STEEL)))
            d.path(EDGE, "#fff", opacity="0.8")
        with d.moved(-120, -40, 1.1), d.turned(-8, 340, 330):
            d.solid(HOOK, d.metal(tone(STEEL, -0.2)))
        d.line("M404 500l-56 22 104 22-104 24 104 24-104 24 56 22", tone(STEEL, -0.3), 12)
        d.line("M404 497l-56 22 104 22-104 24 104 24-104 24 56 22", tone(STEEL, 0.4), 5)
        d.shadow(400, 40, cy=372, ry=10)
        d.ellipse(400, 336, 44, 44, d.metal(BRASS))
        d.ellipse(400, 336, 22, 22, d.metal(tone(BRASS, -0.3)))
        d.line("M388 344l24-16", "#3b3630", 6)
        d.ellipse(400, 440, 26, 26, d.metal(BRASS))
        d.ellipse(400, 440, 11, 11, "#efe4cd")


PICTURES: Pictures = {
    "furrow-hand-tools": (hand_tools, {"": "#8f4f2b"}),
    "thicket-secateurs": (secateurs, {"": "#b5402f"}),
    "thicket-secateurs-parts": (secateurs_parts, {"": "#b5402f"}),
    "harvest-trug": (trug, {"": "#c58f55"}),
}
