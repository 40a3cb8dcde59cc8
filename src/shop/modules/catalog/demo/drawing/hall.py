"""Where clothes are shown: a hall to hang them in, and how cloth looks that hangs."""

from shop.modules.catalog.demo.drawing.canvas import SIZE, Drawing, tone, warm
from shop.modules.catalog.demo.drawing.scenes import backdrop, floor

OAK = "#c79a63"
STEEL = "#9aa3aa"
CREAM = "#f6ead2"


def hall(d: Drawing) -> None:
    """Wear: the hall of a house by the sea, a wet window, a peg rail and a bench."""
    backdrop(d, "#a5a3c6", "#c9c8de", "#ece7ec", halo="#fffaf4", sun=(700, 150))
    d.rect(548, 26, 300, 372, "#fbfbfd", r=8)
    sea = ((0, "#9fb5cb"), (0.55, "#dbe4e8"), (0.56, "#7f9fb3"), (1, "#a3bcc4"))
    d.rect(566, 44, 280, 336, d.linear(*sea, angle="down"))
    d.line(
        "M600 70l-12 40M650 120l-16 54M720 60l-14 46M690 190l-14 46M770 150l-14 48M610 250l-10 34M760 280l-10 36",
        "#fff",
        3,
        opacity="0.7",
    )
    d.path("M700 44h12v336h-12zM566 204h240v11H566z", "#fbfbfd")
    d.path("M560 398L150 640H-20V560L548 60z", d.fade("#fffaf0", 0.5))
    d.rect(0, 84, SIZE, 34, d.linear((0, tone(OAK, 0.3)), (0.2, OAK), (1, tone(OAK, -0.35)), angle="down"))
    d.rect(0, 118, SIZE, 16, d.fade("#2f2a4a", 0.35, "down"))
    floor(d, "#b98f68", y=600, texture="grain", pool="#fff2dc")
    d.rect(0, 600, SIZE, 6, "#fff6e8", opacity="0.7")


def peg(d: Drawing, x: float) -> None:
    d.ellipse(x - 8, 116, 17, 17, "#4a3a36", opacity="0.35")
    d.ellipse(x, 104, 16, 16, d.radial((0, tone(OAK, 0.6)), (0.5, OAK), (1, tone(OAK, -0.4)), cx=0.7, cy=0.25, r=0.8))


def wall_shadow(d: Drawing, cx: float, cy: float, rx: float, ry: float) -> None:
    d.ellipse(cx - 34, cy + 30, rx, ry, d.glow("#2a2440", 0.55))


def draped(d: Drawing, colour: str) -> str:
    """Cloth that hangs: dark in the fold at the left, lit at the right."""
    return d.linear(
        (0, warm(colour, -0.5)),
        (0.3, warm(colour, -0.12)),
        (0.62, colour),
        (0.86, warm(colour, 0.3)),
        (1, warm(colour, 0.05)),
    )


def hanger(d: Drawing) -> None:
    peg(d, 400)
    d.line("M400 210V160q0-14 12-22t4-32-28-4", STEEL, 7)
    d.cord("M262 292Q330 214 400 204 470 214 538 292", OAK, 22)
