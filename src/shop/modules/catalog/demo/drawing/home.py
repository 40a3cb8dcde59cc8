"""For coming home."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone
from shop.modules.catalog.demo.drawing.scenes import parlour

WOOD = "#b9814f"


def blanket(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 240, ry=24)
    for y, shade in ((560, -0.14), (470, 0.0), (380, 0.12)):
        body = tone(colour, shade)
        d.path(
            f"M190 {y}h410q50 0 50 45t-50 45H190q-44 0-44-45t44-45z",
            d.linear((0, tone(body, 0.3)), (0.45, body), (1, tone(body, -0.32)), angle="down"),
        )
        d.line(f"M600 {y + 22}q22 2 22 23t-22 23", tone(body, -0.4), 5, opacity=0.7)
        d.line(f"M196 {y + 45}h396", tone(body, -0.3), 4, opacity=0.45)
    d.path(
        "M330 372h160v262q-80 26-160 0z",
        d.linear((0, tone(colour, 0.34)), (0.5, tone(colour, 0.12)), (1, tone(colour, -0.2))),
    )
    for y in (410, 436, 566, 592):
        d.line(f"M330 {y}q80 16 160 0", tone(colour, 0.75), 9, opacity=0.85)
    for y in (424, 579):
        d.line(f"M330 {y}q80 16 160 0", tone(colour, -0.5), 6, opacity=0.75)
    for x in range(338, 490, 14):
        d.line(f"M{x} 638q3 14-2 30", tone(colour, 0.2), 6)
    d.rect(222, 500, 70, 44, "#f4e9d8", r=5)
    d.path("M238 534l14-18 9 10 6-8 14 16z", tone(colour, -0.45))


def candle(d: Drawing, colour: str) -> None:
    parlour(d)
    d.ellipse(400, 280, 300, 300, d.glow("#ffd9a0", 0.85))
    d.shadow(400, 140)
    d.rect(
        270,
        356,
        260,
        294,
        d.linear(
            (0, tone(colour, -0.1)), (0.25, tone(colour, 0.4)), (0.55, tone(colour, 0.08)), (1, tone(colour, -0.3))
        ),
        r=34,
    )
    d.rect(286, 420, 228, 214, d.linear((0, "#fff1d8"), (0.5, "#f7dfb8"), (1, "#e3bd8c")), r=22, opacity=0.9)
    d.ellipse(400, 422, 114, 22, "#fff6e4")
    d.ellipse(400, 424, 66, 11, "#ffe2a6")
    d.line("M400 424v-40", "#4a3a2c", 7)
    d.path(
        "M400 286c36 46 40 70 26 92-12 18-40 18-52 0-14-22-10-46 26-92z",
        d.linear((0, "#fff3c9"), (0.6, "#ffb84a"), (1, "#f08a2c"), angle="down"),
    )
    d.path("M400 330c16 24 16 34 10 44-6 8-16 8-22 0-4-10-2-22 12-44z", "#fff8e0")
    d.ellipse(400, 358, 130, 20, "none", stroke="#fff", stroke_width=6, opacity=0.75)
    d.shine("M290 392h22v220q-18 0-22-20z", 0.6)
    d.rect(328, 486, 144, 104, "#fbf6ec", r=8)
    d.path("M362 548l24-34 14 16 10-12 30 30z", tone(colour, -0.35))
    d.line("M356 566h88", tone(colour, -0.35), 5)


def clock(d: Drawing, colour: str) -> None:
    parlour(d)
    d.ellipse(428, 392, 236, 236, d.glow("#5a352b", 0.5))
    d.ellipse(400, 360, 220, 220, d.cloth(colour, 0.3))
    d.ellipse(400, 360, 192, 192, tone(colour, -0.4))
    d.ellipse(402, 363, 188, 188, d.radial((0, "#fffdf8"), (0.75, "#faf3e6"), (1, "#e6d9c4"), cx=0.4, cy=0.35, r=0.75))
    for hour in range(12):
        with d.turned(hour * 30, 400, 360):
            long = hour % 3 == 0
            d.rect(395 if long else 397, 190, 10 if long else 6, 34 if long else 20, "#3b342e", r=3)
    with d.turned(-58, 400, 360):
        d.rect(393, 256, 14, 122, "#2f2a26", r=7)
    with d.turned(54, 400, 360):
        d.rect(395, 210, 10, 170, "#2f2a26", r=5)
    with d.turned(190, 400, 360):
        d.rect(398, 200, 4, 200, "#c4532f", r=2)
    d.ellipse(400, 360, 14, 14, "#c4532f")
    d.ellipse(397, 357, 5, 5, "#fff", opacity=0.7)
    d.path("M232 290A180 180 0 0 1 470 188 230 230 0 0 0 232 290z", "#fff", opacity=0.45)


def notebook(d: Drawing, colour: str) -> None:
    parlour(d)
    d.shadow(400, 200, ry=24)
    with d.turned(-8, 400, 430):
        d.path("M262 210h292q16 0 16 16v402q0 14-16 14H262z", "#e9dfca")
        for y in (616, 624, 632):
            d.line(f"M262 {y}h302", "#c9bb9d", 2)
        d.rect(244, 196, 308, 436, tone(colour, -0.4), r=18)
        d.rect(236, 190, 308, 436, d.cloth(colour), r=18)
        d.rect(236, 190, 46, 436, tone(colour, -0.35), r=18, opacity=0.55)
        d.line("M284 194v428", tone(colour, -0.5), 3, opacity=0.6)
        d.shine("M290 206h150L290 420z", 0.14)
        d.rect(492, 186, 16, 444, tone(colour, -0.6))
        d.rect(495, 186, 4, 444, "#fff", opacity=0.2)
        d.ellipse(390, 330, 62, 62, "none", stroke="#f4e6c6", stroke_width=5)
        d.path("M390 282l16 48-16 48-16-48z", "#f4e6c6")
        d.path("M342 330l48-14 48 14-48 14z", "#f4e6c6", opacity=0.65)
        d.path("M380 622v60l14-14 14 14v-60z", "#c4532f")
    with d.turned(38, 600, 560):
        d.rect(588, 360, 24, 250, d.matte(WOOD), r=4)
        d.path("M588 610h24l-12 44z", "#f1d9b4")
        d.path("M596 640h8l-4 14z", "#2f2a26")
        d.rect(588, 344, 24, 30, d.metal("#d6a94f"), r=3)
        d.rect(588, 326, 24, 24, "#c96f5c", r=8)


PICTURES: Pictures = {
    "heimat-wool-blanket": (blanket, {"oat": "#d8c3a0", "heather": "#96789a", "pine": "#4b6b56"}),
    "vesper-candle": (candle, {"": "#b98a5c"}),
    "meridian-wall-clock": (clock, {"oak": "#b9814f", "black": "#3a3a3e"}),
    "waypoint-notebook": (notebook, {"ochre": "#c98f2f", "slate": "#5b6b78"}),
}
