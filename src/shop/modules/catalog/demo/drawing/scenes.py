"""Backgrounds: one mood per category, quiet enough that the goods stand out."""

from shop.modules.catalog.demo.drawing.canvas import GROUND, SIZE, Drawing, mix, tone


def _stage(d: Drawing, wall: str, floor: str, halo: str) -> None:
    """A wall with light from the upper left, a floor that it falls on."""
    d.rect(
        0, 0, SIZE, SIZE, d.radial((0, tone(wall, 0.5)), (0.55, wall), (1, tone(wall, -0.1)), cx=0.36, cy=0.28, r=0.85)
    )
    d.ellipse(360, 330, 400, 400, d.glow(halo, 0.85))
    d.rect(
        0, 590, SIZE, 210, d.linear((0, mix(wall, floor, 0.55)), (0.35, floor), (1, tone(floor, -0.1)), angle="down")
    )


def uplands(d: Drawing) -> None:
    wall, far = "#f1dfc0", "#e3c795"
    _stage(d, wall, "#dfbf8a", "#fff6e2")
    d.ellipse(600, 190, 74, 74, "#fff3d6", opacity=0.85)
    d.path("M0 590V470q120-90 230-30t210-60 180 20 180-50v240z", tone(far, 0.2), opacity=0.55)
    d.path("M0 592V530q160-60 300-14t260-36 240 16v96z", far, opacity=0.6)


def forest(d: Drawing) -> None:
    wall, wood = "#d9e4d2", "#9db796"
    _stage(d, wall, "#b3c7a4", "#fbfdf3")
    d.path("M0 592V440l150-150 120 120 130-170 160 200 90-80 150 140v92z", tone(wood, 0.35), opacity=0.5)
    firs = "".join(_fir(x, height) for x, height in ((60, 230), (150, 150), (660, 170), (745, 260)))
    d.path(firs, tone(wood, 0.08), opacity=0.55)


def _fir(x: float, height: float) -> str:
    """Three tiers, each wider than the one above."""
    tiers = ((0.22, 0.42, 0.09), (0.17, 0.34, 0.1), (0.13, 0.24, 0))
    right = "".join(f"l{out * height:.0f} {down * height:.0f}h-{back * height:.0f}" for out, down, back in tiers)
    left = "".join(f"h-{back * height:.0f}l{out * height:.0f}-{down * height:.0f}" for out, down, back in tiers[::-1])
    width = 2 * sum(out - back for out, _, back in tiers) * height
    return f"M{x} {590 - height}{right}h-{width:.0f}{left}z"


def kitchen(d: Drawing) -> None:
    _stage(d, "#f3d8c4", "#d99f78", "#fff3e6")
    d.rect(470, 90, 240, 330, tone("#f3d8c4", 0.45), r=120, opacity=0.75)
    d.line("M590 90V420M470 270H710", "#ecc6aa", 9)
    d.rect(0, 590, SIZE, 8, "#fff", opacity=0.25)


def dusk(d: Drawing) -> None:
    _sky(d, ("#2a3357", "#5a5f8f", "#c48a86", "#e2ac85"))
    stars = ((90, 120), (190, 70), (300, 150), (520, 90), (640, 160), (720, 70), (140, 250), (690, 290), (430, 60))
    for place, (x, y) in enumerate(stars):
        d.ellipse(x, y, 2 + place % 3, 2 + place % 3, "#fff4dc", opacity=0.75)
    _ridge(d, "#38456e", "#2e3252")


def dawn(d: Drawing) -> None:
    _sky(d, ("#6176ad", "#9da3c8", "#efc0a2", "#f6d3a4"))
    d.ellipse(560, 200, 330, 330, d.glow("#ffe3a6", 0.95))
    d.ellipse(560, 200, 58, 58, "#fff3cf")
    _ridge(d, "#5b6794", "#494f78")


def _sky(d: Drawing, colours: tuple[str, str, str, str]) -> None:
    high, middle, low, rim = colours
    d.rect(0, 0, SIZE, SIZE, d.linear((0, high), (0.5, middle), (0.78, low), (1, rim), angle="down"))


def _ridge(d: Drawing, far: str, near: str) -> None:
    d.path("M0 640V500l130-90 120 80 170-140 150 130 110-70 120 90v140z", mix(far, "#b98389", 0.45), opacity=0.7)
    d.path("M0 800V590q200-40 400-18t400-14v242z", d.linear((0, tone(near, 0.15)), (1, near), angle="down"))


def departure(d: Drawing) -> None:
    wall = "#cfe1ea"
    _stage(d, wall, "#a9c6d3", "#fbfeff")
    cloud = "M120 250q10-46 58-40 24-52 84-30 46-30 76 22 48-4 50 48z"
    d.path(cloud, "#fff", opacity=0.7)
    with d.moved(380, 120, 0.8):
        d.path(cloud, "#fff", opacity=0.55)
    d.line("M-20 520Q380 180 830 250", "#fff", 5, stroke_dasharray="3 20", opacity=0.9)


def parlour(d: Drawing) -> None:
    _stage(d, "#ecd5d0", "#c99c90", "#fff5f1")
    d.path("M120 592V300a150 150 0 0 1 300 0v292z", tone("#ecd5d0", 0.4), opacity=0.65)
    leaf = "M0 0q-46-40-30-120 44 40 30 120z"
    for x, y, turn in ((700, 590, -26), (700, 590, 8), (700, 590, 38), (700, 560, -58)):
        with d.moved(x, y), d.turned(turn, 0, 0), d.moved(0, 0, 1.7):
            d.path(leaf, "#b9a68c", opacity=0.55)
    d.path(f"M652 520h96l-14 {GROUND - 540}h-68z", tone("#c99c90", 0.2), opacity=0.8)
