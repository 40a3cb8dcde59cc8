"""For cooking and coffee, on the trail and at home."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, mix, tone
from shop.modules.catalog.demo.drawing.scenes import kitchen

WOOD = "#b9814f"
STEEL = "#aab2b8"


def _steam(d: Drawing, x: float, y: float) -> None:
    for shift, height in ((-34, 90), (4, 120), (40, 84)):
        d.line(
            f"M{x + shift} {y}q-26-{height * 0.3:.0f} 0-{height * 0.55:.0f}t0-{height * 0.5:.0f}",
            "#fff",
            10,
            opacity=0.5,
        )


def kettle(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(385, 190)
    _steam(d, 622, 300)
    d.line("M240 300C240 120 530 120 530 300", tone(colour, -0.45), 18)
    d.line("M246 286C250 136 400 134 430 150", tone(colour, 0.4), 5)
    d.line("M318 176q70-30 138 2", d.cloth(WOOD), 34)
    d.path("M540 470c60-10 50-120 96-152l24 20c-40 40-30 170-120 214z", d.cloth(tone(colour, -0.05)))
    d.ellipse(648, 328, 17, 9, tone(colour, -0.6), transform="rotate(40 648 328)")
    d.path("M270 310h230c44 60 66 140 66 230q0 110-110 110H316q-110 0-110-110c0-90 22-170 64-230z", d.metal(colour))
    d.shade("M210 570q176 50 352 0-8 80-106 80H316q-100 0-106-80z", 0.16)
    d.path("M262 312q122-46 246 0-10 24-123 24t-123-24z", d.metal(tone(colour, -0.08)))
    d.ellipse(385, 294, 104, 20, tone(colour, 0.25))
    d.rect(378, 252, 16, 34, tone(colour, -0.4))
    d.ellipse(386, 250, 26, 20, d.cloth(WOOD))
    d.ellipse(240, 306, 15, 15, tone(colour, -0.5))
    d.ellipse(530, 306, 15, 15, tone(colour, -0.5))


def pour_over(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(400, 160)
    _steam(d, 400, 196)
    glass = mix(colour, "#ffffff", 0.72)
    d.path("M340 404h120v40c60 30 96 80 96 130q0 76-70 76H314q-70 0-70-76c0-50 36-100 96-130z", glass, opacity=0.62)
    d.path(
        "M262 540h276q10 16 10 36 0 66-62 66H314q-62 0-62-66 0-20 10-36z",
        d.linear((0, "#7a4526"), (0.5, "#5a2f18"), (1, "#3c1d0e")),
    )
    d.ellipse(400, 540, 138, 16, "#8d5632")
    d.line("M398 414v118", "#6b3a1f", 6)
    d.shine("M352 440c-62 34-92 78-92 130 0 22 8 40 22 50-10-60 20-130 84-170z", 0.55)
    d.rect(330, 396, 140, 66, d.cloth(WOOD), r=14)
    d.line("M336 430h128", tone(WOOD, -0.5), 7)
    d.ellipse(400, 452, 12, 12, tone(WOOD, -0.45))
    d.path(
        "M210 214h380l-120 180H330z",
        d.linear((0, tone(colour, 0.5)), (0.35, tone(colour, 0.1)), (1, tone(colour, -0.3))),
    )
    for x, shift in ((280, 70), (340, 38), (400, 0), (460, -38), (520, -70)):
        d.line(f"M{x} 232l{shift * 0.9:.0f} 150", tone(colour, -0.25), 4, opacity=0.55)
    d.ellipse(400, 214, 190, 30, tone(colour, 0.25))
    d.ellipse(400, 216, 172, 23, "#f7efe2")
    d.ellipse(400, 222, 140, 16, "#4a2815")
    d.ellipse(380, 220, 60, 6, "#7a4a2c")
    d.path("M318 392h164q10 0 10 10t-10 10H318q-10 0-10-10t10-10z", d.metal(tone(colour, -0.1)))
    d.line("M574 244c70-4 76 100-40 102", tone(colour, -0.18), 20)


def mug(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(380, 190)
    _steam(d, 380, 250)
    d.line("M540 380c130-30 140 170-6 170", tone(colour, -0.22), 40)
    d.line("M544 372c110-14 116 130 6 148", tone(colour, 0.35), 7, opacity=0.7)
    d.path("M206 300h348v278q0 72-74 72H280q-74 0-74-72z", d.matte(colour))
    d.shine("M240 330h40v270q0 22 8 36-48-8-48-60z", 0.3)
    for x, y, r in (
        (300, 420, 3),
        (470, 380, 4),
        (420, 560, 3),
        (350, 590, 4),
        (500, 500, 3),
        (330, 500, 2),
        (450, 460, 2),
    ):
        d.ellipse(x, y, r, r, tone(colour, 0.5 if colour != "#efe3c8" else -0.4), opacity=0.7)
    d.path("M332 520l46-66 22 26 20-24 50 64z", tone(colour, 0.75 if colour != "#efe3c8" else -0.55), opacity=0.85)
    d.ellipse(380, 300, 176, 38, "#2d3136")
    d.ellipse(380, 298, 166, 32, tone(colour, 0.45))
    d.ellipse(380, 306, 152, 26, "#4a2714")
    d.path("M234 312q40-26 146-26 60 0 100 8-140 0-200 30-30-4-46-12z", "#85502e", opacity=0.8)


def pan(d: Drawing, colour: str) -> None:
    kitchen(d)
    d.shadow(360, 250, ry=28)
    d.path(
        "M560 520l170-74q34-8 38 16t-22 34l-176 72z",
        d.linear((0, tone(WOOD, 0.25)), (1, tone(WOOD, -0.35)), angle="down"),
    )
    d.ellipse(736, 470, 11, 9, tone(WOOD, -0.6))
    d.path("M530 512l60-26 22 56-60 28z", tone(colour, -0.2))
    d.path(
        "M110 500h500q-6 150-150 150H260q-144 0-150-150z",
        d.linear((0, tone(colour, 0.1)), (0.3, tone(colour, 0.35)), (0.6, colour), (1, tone(colour, -0.45))),
    )
    d.ellipse(360, 500, 250, 78, tone(colour, 0.3))
    d.ellipse(360, 504, 236, 70, d.linear((0, tone(colour, -0.35)), (1, tone(colour, 0.1)), angle="down"))
    d.path("M246 500q-20-40 50-42 30-30 90-8 70-10 80 26 40 30-20 52-50 30-110 14-84 6-90-42z", "#fffdf6")
    d.path("M250 512q10 34 86 32 60 16 110-14 30-12 36-28-10 44-52 54-50 22-100 6-70 4-80-50z", "#e6ddc9")
    d.ellipse(372, 494, 52, 29, d.radial((0, "#ffd95e"), (0.7, "#f6a72b"), (1, "#e18a1c"), cx=0.4, cy=0.3, r=0.7))
    d.ellipse(356, 484, 16, 7, "#fff", opacity=0.75)
    for x, y in ((214, 500), (500, 516), (330, 552), (250, 470)):
        d.path(f"M{x} {y}q14-14 24 0-10 12-24 0z", "#6f9a54")
    _steam(d, 360, 400)


PICTURES: Pictures = {
    "ember-kettle": (kettle, {"": "#a7b0b5"}),
    "dawn-pour-over-set": (pour_over, {"": "#f0e6d6"}),
    "bothy-enamel-mug": (mug, {"cream": "#efe3c8", "forest": "#3f6b4f", "sky": "#7fa9c4", "brick": "#b5533c"}),
    "hearth-cast-iron-pan": (pan, {"": "#40434a"}),
}
