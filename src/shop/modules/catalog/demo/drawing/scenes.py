"""Where the goods stand: one mood per category, planes that grow paler with distance, quiet enough behind the goods.

The sun is at the upper right in all of them, out of the way of what stands in the middle.
"""

from shop.modules.catalog.demo.drawing.canvas import SIZE, Drawing, mix, tone, warm

HORIZON = 560


def backdrop(d: Drawing, *colours: str, halo: str = "#fff6da", sun: tuple[float, float] = (620, 150)) -> None:
    """A sky or wall from its top to the horizon, and the light in it."""
    last = len(colours) - 1
    d.rect(0, 0, SIZE, SIZE, d.linear(*((0.72 * n / last, colour) for n, colour in enumerate(colours)), angle="down"))
    d.ellipse(*sun, 520, 520, d.glow(halo, 0.95))


def plane(d: Drawing, outline: str, colour: str, haze: str) -> None:
    """Hills, woods or roofs: lit along the top from the right, lost in haze at the foot."""
    d.path(
        f"{outline}V{SIZE}H0z",
        d.linear((0, warm(colour, 0.22)), (0.35, colour), (1, mix(colour, haze, 0.75)), angle="down"),
    )


def floor(d: Drawing, colour: str, *, y: float = HORIZON, pool: str = "#fff3d2", texture: str = "") -> None:
    """What the goods stand on, with a pool of light around them."""
    h = SIZE - y
    d.rect(0, y, SIZE, h, d.linear((0, tone(colour, 0.14)), (0.4, colour), (1, warm(colour, -0.34)), angle="down"))
    if texture:
        with d.moved(0, y, 1.6):
            d.rect(0, 0, SIZE, h, d.texture(texture))
    d.ellipse(440, 660, 470, 120, d.glow(pool, 0.6))


def window_light(d: Drawing, colour: str, opacity: float = 0.5) -> None:
    """What a window out of sight throws on the wall."""
    panes = "".join(f"M{x} {y}l116-34v124l-116 34z" for x, y in ((96, 150), (226, 112), (96, 292), (226, 254)))
    d.path(panes, colour, opacity=f"{opacity}")


def pebbles(d: Drawing, colour: str, *spots: tuple[float, float, float]) -> None:
    for x, y, r in spots:
        d.ellipse(x - r * 0.5, y + r * 0.35, r * 1.5, r * 0.5, d.glow("#20162a", 0.5))
        d.ellipse(x, y, r, r * 0.58, d.cloth(colour, 0.3))


def grass(d: Drawing, colour: str, *spots: tuple[float, float, float]) -> None:
    """Tufts at (x, y), each that high."""
    blades = "".join(
        f"M{x} {y}q-{h * 0.1:.0f}-{h * 0.5:.0f}-{h * 0.4:.0f}-{h * 0.8:.0f}M{x} {y}q0-{h * 0.6:.0f} {h * 0.06:.0f}-{h}"
        f"M{x} {y}q{h * 0.1:.0f}-{h * 0.5:.0f} {h * 0.5:.0f}-{h * 0.75:.0f}"
        for x, y, h in spots
    )
    d.line(blades, colour, 5)


def uplands(d: Drawing) -> None:
    """Bags: a high path in the last hour of sun."""
    backdrop(d, "#e6a978", "#f4cd98", "#fdebc6", sun=(700, 120))
    d.ellipse(708, 108, 46, 46, "#fffaf0", opacity="0.9")
    plane(d, "M0 440q120-90 240-30t240-50 320-20", "#dcab86", "#f6d9ae")
    plane(d, "M0 510q120-80 250-20t240-54 310-20", "#c99067", "#efc896")
    floor(d, "#d3a06a", y=566)
    d.path("M0 566q210-26 420-6t380-14v40H0z", "#dfb27c")
    grass(d, "#a9743f", (66, 690, 60), (116, 724, 40), (742, 676, 54), (700, 738, 36))
    pebbles(d, "#c2906a", (176, 722, 22), (664, 714, 30), (628, 738, 14))


def forest(d: Drawing) -> None:
    """Camp: a clearing in the mist, early."""
    backdrop(d, "#8fb9b4", "#c3d9c6", "#f2f0d5", halo="#fffbe0", sun=(640, 120))
    plane(d, "M0 400l120-120 90 84 140-160 170 190 96-86 184 150", "#93b8ac", "#dbe6d0")
    far = "".join(_fir(x, 500, h) for x, h in ((20, 170), (250, 120), (330, 150), (500, 130), (580, 160), (790, 180)))
    d.path(far, d.linear((0, "#7fa996"), (1, "#c3d8c0"), angle="down"))
    d.rect(0, 400, SIZE, 180, d.linear((0, "#dfead200"), (0.8, "#d3e3c9a6"), (1, "#c6dabab3"), angle="down"))
    near = "".join(_fir(x, 600, h) for x, h in ((76, 330), (168, 210), (650, 240), (738, 370)))
    d.path(near, d.linear((0, "#497a66"), (0.5, "#5d8e76"), (1, "#a3c3a0"), angle="down"))
    floor(d, "#8aa869", y=566, pool="#fdf6c4")
    d.path("M0 574q120-22 250-8t260-10 290 4v30H0z", "#a2bd83")
    grass(d, "#5d8253", (58, 700, 58), (104, 736, 40), (724, 690, 62), (766, 730, 40), (230, 764, 30))
    pebbles(d, "#9aa48c", (660, 732, 26), (628, 748, 13))


def _fir(x: float, ground: float, height: float) -> str:
    """Three tiers, each wider than the one above."""
    tiers = ((0.2, 0.4, 0.09), (0.16, 0.33, 0.09), (0.13, 0.27, 0))
    right = "".join(f"l{out * height:.0f} {down * height:.0f}h-{back * height:.0f}" for out, down, back in tiers)
    left = "".join(f"h-{back * height:.0f}l{out * height:.0f}-{down * height:.0f}" for out, down, back in tiers[::-1])
    width = 2 * sum(out - back for out, _, back in tiers) * height
    return f"M{x} {ground - height}{right}h-{width:.0f}{left}z"


def kitchen(d: Drawing) -> None:
    """Coffee: a counter with the morning on the wall."""
    backdrop(d, "#e8a985", "#f3c7a3", "#f8dcbe", halo="#fff0d6", sun=(700, 120))
    window_light(d, "#fff2d8", 0.42)
    with d.turned(24, 0, 0):
        for x, y, turn in ((150, 20, -60), (200, 60, 50), (250, 10, -60), (300, 60, 50), (350, 16, -20), (100, 62, 50)):
            leaf = f"translate({x} {y}) rotate({turn})"
            d.path("M0 0q46-34 92 0-46 34-92 0z", "#c47a55", opacity="0.3", transform=leaf)
        d.line("M40 46Q200 20 372 26", "#c47a55", 6, opacity="0.3")
    d.rect(0, HORIZON - 14, SIZE, 20, d.fade("#7c3f22", 0.3, "down"))
    floor(d, "#b9794a", texture="grain", pool="#ffe3b4")
    d.rect(0, HORIZON, SIZE, 5, "#fff0d4", opacity="0.55")


def tabletop(d: Drawing) -> None:
    """The same counter from above."""
    d.rect(0, 0, SIZE, SIZE, d.linear((0, "#dfa970"), (1, "#a3643a"), angle="slant"))
    with d.moved(0, 0, 2):
        d.rect(0, 0, 400, 400, d.texture("grain"))
    d.line("M0 250h800M0 540h800", "#7c4526", 7, opacity="0.5")
    d.line("M0 255h800M0 545h800", "#ffe3b4", 3, opacity="0.4")
    d.ellipse(660, 90, 560, 460, d.glow("#fff0d0", 0.7))


def dusk(d: Drawing) -> None:
    """Light: a lake below the ridge, after the sun has gone."""
    backdrop(d, "#1d2450", "#3c3f7a", "#8a6391", "#e79f83", halo="#c9c6ff", sun=(700, 100))
    stars = ((90, 120), (190, 70), (300, 150), (520, 90), (740, 250), (660, 190), (140, 250), (690, 330), (430, 50))
    d.path("".join(f"M{x} {y}h0" for x, y in stars), "none", stroke="#fff1da", stroke_width=5, stroke_linecap="round")
    d.ellipse(716, 88, 36, 36, "#fff6e2")
    d.path("M700 76q8-6 16 0-5 9-16 0zM718 100q8-5 12 2-8 6-12-2z", "#d9cdd6")
    plane(d, "M0 470l120-90 110 70 150-130 150 120 110-60 160 90", "#5b4d80", "#c98893")
    plane(d, "M0 540l90-50 120 30 130-60 120 50 190-40 150 44", "#3d3765", "#8d6286")
    d.rect(0, 560, SIZE, 90, d.linear((0, "#d98f84"), (0.5, "#7d5c8b"), (1, "#36335f"), angle="down"))
    d.line("M560 580h150M600 596h90M80 590h120M640 614h50M240 604h60", "#ffe3c4", 4, opacity="0.5")
    d.path(
        "M0 628q160-30 330-14t260-10 210 8v188H0z",
        d.linear((0, "#4b456f"), (0.4, "#2f2b4d"), (1, "#1b1932"), angle="down"),
    )


def dawn(d: Drawing) -> None:
    """Light, from the sun: the same lake, twelve hours later."""
    backdrop(d, "#5f86bd", "#a9b7d6", "#f3c3a6", "#ffe0ae", halo="#fff0c2", sun=(690, 110))
    d.ellipse(700, 104, 46, 46, "#fffbea")
    plane(d, "M0 470l120-90 110 70 150-130 150 120 110-60 160 90", "#8d8fb8", "#f0c6ae")
    plane(d, "M0 540l90-50 120 30 130-60 120 50 190-40 150 44", "#6d7aa0", "#d8b3a8")
    d.rect(0, 560, SIZE, 90, d.linear((0, "#fbd9b0"), (0.6, "#b7a9b9"), (1, "#7d86a6"), angle="down"))
    d.line("M540 580h170M590 596h90M80 590h120M620 612h50", "#fff7e0", 4, opacity="0.8")
    d.path(
        "M0 628q160-30 330-14t260-10 210 8v188H0z",
        d.linear((0, "#a99a8c"), (0.4, "#857c80"), (1, "#5f5c6e"), angle="down"),
    )
    d.ellipse(440, 670, 420, 90, d.glow("#ffe9c0", 0.5))


def departure(d: Drawing) -> None:
    """On the way: a quay under a high summer sky."""
    backdrop(d, "#6fa9c9", "#a9cfdc", "#e9f1e6", halo="#fffdf0", sun=(640, 130))
    cloud = "M0 90q-6-40 36-40 10-48 66-40 40-24 66 14 52-6 54 40 40 4 36 26z"
    for x, y, scale, veil in ((40, 150, 1.15, "0.85"), (520, 270, 0.8, "0.6"), (300, 60, 0.6, "0.5")):
        with d.moved(x, y, scale):
            d.path(cloud, d.linear((0, "#ffffff"), (1, "#dcebf0"), angle="down"), opacity=veil)
    plane(d, "M0 520q110-60 230-30t190-40 380 40", "#86b0bd", "#d3e5e2")
    d.rect(0, 540, SIZE, 60, d.linear((0, "#8fbfcb"), (1, "#5d9db3"), angle="down"))
    d.line("M520 556h180M580 570h90M60 562h130M120 578h60", "#f6fbf2", 4, opacity="0.75")
    floor(d, "#c9b79a", y=590, texture="grain", pool="#fff8e2")
    d.rect(0, 590, SIZE, 6, "#fffaf0", opacity="0.8")


def parlour(d: Drawing) -> None:
    """Home: a plastered wall, a shelf, the afternoon coming in."""
    backdrop(d, "#cf9a92", "#e2b9ab", "#f0d6c6", halo="#fff2e2", sun=(700, 120))
    d.path("M470 560V300a140 140 0 0 1 280 0v260z", d.linear((0, "#c58a83"), (1, "#deaf9f"), angle="down"))
    d.line("M470 560V300a140 140 0 0 1 280 0v260", "#fff1e2", 4, opacity="0.45")
    window_light(d, "#fff1e0", 0.4)
    d.rect(0, HORIZON - 14, SIZE, 20, d.fade("#6e3530", 0.3, "down"))
    floor(d, "#a9725c", texture="grain", pool="#ffe2c8")
    d.rect(0, HORIZON, SIZE, 5, "#fff0e2", opacity="0.55")
