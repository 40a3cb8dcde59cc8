"""More to carry things in: a tote, a messenger, a pack for weeks, pouches."""

from shop.modules.catalog.demo.drawing.bags import BRASS, CREAM, LEATHER, patch, strap, zip_
from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, closer, tone, warm
from shop.modules.catalog.demo.drawing.scenes import uplands


def tote(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 226)
    d.cord("M304 300C296 80 360 60 400 60s104 20 96 240", tone(LEATHER, -0.35), 18)
    d.path("M196 268q204-40 408 0v40H196z", tone(colour, -0.5))
    with d.turned(-12, 340, 300):
        d.solid("M300 320V170q0-46 34-46t34 46v150z", d.cloth("#d59a52", 0.34), bulge=0.5, width=3)
        d.line("M316 176l36-20M314 216l40-22M314 258l40-22", "#f6dca6", 9)
    d.solid("M420 320l14-128h76l-14 128z", d.cloth("#6f8f6a", 0.25), width=3)
    d.line("M446 222h44M444 242h30", CREAM, 5)
    d.line("M540 300C560 210 590 190 640 176M560 240q20-30 14-64M586 208q34 4 54 26", "#5b7a45", 7)
    bag = d.solid(
        "M186 270q214 46 428 0l22 322q2 58-58 58H222q-60 0-58-58z", d.cloth(colour), texture="canvas", bulge=0.7
    )
    with d.inside(bag):
        d.path("M150 566h500v100H150z", d.cloth(LEATHER, 0.3))
        d.path("M150 566h500v100H150z", d.texture("leather"))
        d.path("M150 552h500v14H150z", "#170f1e", opacity="0.22")
        d.path("M250 320q70 90 20 240h-60zM570 330q-90 60-60 220l40 10z", "#170f1e", opacity="0.1")
        d.path("M176 270q224 46 448 0v40q-224 46-448 0z", warm(colour, -0.14), opacity="0.8")
    d.stitches("M190 312q210 40 420 0M176 582h448", tone(colour, 0.7))
    for x in (286, 482):
        d.solid(f"M{x} 296h32v132l-16 12-16-12z", d.cloth(LEATHER, 0.3), texture="leather", width=3)
        d.stitches(f"M{x + 7} 304v114M{x + 25} 304v114", CREAM)
        d.ellipse(x + 16, 414, 7, 7, d.metal(BRASS))
    d.cord("M302 320C290 130 350 104 400 104s110 26 98 216", LEATHER, 20)
    d.crest(400, 520, 120, tone(colour, -0.45) if colour > "#8" else CREAM)


def messenger(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 280)
    d.cord("M140 380C100 150 260 60 400 60s300 90 260 320", tone(colour, -0.4), 34)
    d.line("M152 300C160 160 280 84 400 78", tone(colour, -0.15), 5, opacity="0.8")
    d.solid(
        "M132 330h536q22 0 22 22v236q0 62-62 62H172q-62 0-62-62V352q0-22 22-22z",
        d.cloth(warm(colour, -0.2)),
        texture="canvas",
        bulge=0.7,
    )
    d.cord("M340 312q0-40 60-40t60 40", LEATHER, 18)
    d.path("M112 330h576v200q0 30-30 34-256 26-516 0-30-4-30-34z", "#170f1e", opacity="0.3")
    flap = d.solid(
        "M128 308h544q26 0 26 26v176q0 34-34 38-262 26-528 0-34-4-34-38V334q0-26 26-26z",
        d.cloth(colour),
        texture="canvas",
        bulge=0.8,
    )
    with d.inside(flap):
        d.ellipse(580, 330, 260, 110, d.glow("#fff2d2", 0.45))
    d.stitches("M120 330v176q0 22 22 24 258 24 516 0 22-2 22-24V330", tone(colour, 0.65))
    for x in (214, 558):
        strap(d, x, 400, 208)
    patch(d, 340, 400, 120, 64)


def trekking_pack(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 220, ry=22)
    dark = "#3a3c43"
    d.solid("M232 640h336q36 0 36-34t-36-34H232q-36 0-36 34t36 34z", d.cloth("#d8a23e", 0.3), texture="ripstop")
    d.ellipse(590, 606, 20, 30, tone("#d8a23e", 0.25))
    for r in (13, 7):
        d.ellipse(590, 606, r, r * 1.5, "none", stroke=tone("#d8a23e", -0.35), stroke_width=4)
    for side in ("M214 340q-44 10-44 90v90q0 40 44 48z", "M586 340q44 10 44 90v90q0 40-44 48z"):
        d.solid(side, d.cloth(warm(colour, -0.3)), texture="ripstop", bulge=0.6)
    body = d.solid(
        "M256 190h288q52 0 52 60v282q0 58-58 58H262q-58 0-58-58V250q0-60 52-60z",
        d.cloth(colour),
        texture="ripstop",
        bulge=0.9,
    )
    with d.inside(body):
        d.ellipse(400, 196, 230, 60, d.glow("#170f1e", 0.75))
    d.solid(
        "M282 286h236q20 0 20 20v226q0 34-34 34H296q-34 0-34-34V306q0-20 20-20z",
        d.cloth(warm(colour, 0.12)),
        texture="ripstop",
        bulge=0.5,
    )
    d.line("M282 320l236 60M518 320l-236 60M282 390l236 60M518 390l-236 60", CREAM, 6, opacity="0.85")
    for x in (282, 518):
        for y in (320, 388, 452):
            d.ellipse(x, y, 9, 9, dark)
    patch(d, 346, 484, 108, 56)
    lid = d.solid(
        "M250 84h300q58 0 66 66l6 56q2 26-26 30-196 26-392 0-28-4-26-30l6-56q8-66 66-66z",
        d.cloth(warm(colour, 0.04)),
        texture="ripstop",
        bulge=0.8,
    )
    with d.inside(lid):
        d.ellipse(520, 100, 210, 70, d.glow("#fff2d2", 0.5))
    zip_(d, "M226 168q174 24 348 0", colour, (566, 170))
    for x in (292, 480):
        d.solid(f"M{x} 206h28v90h-28z", d.cloth(dark), width=3)
        d.rect(x - 8, 250, 44, 34, d.metal("#5a5d66"), r=6)
        d.solid(f"M{x - 2} 560h32v96h-32z", d.cloth(dark), width=3)
        d.rect(x - 8, 586, 44, 26, d.metal("#5a5d66"), r=6)
    d.line("M598 226q60 70 6 150", "#c9463a", 9)
    d.line("M178 250l-14 300", "#8a929a", 10)
    d.line("M178 250l-14 300", "#dfe5ea", 3)
    d.path("M150 250q30-34 60-22l-6 26q-20-8-46 12z", "#5b6068")


def pouch(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 260)
    for x, y, scale, turn, shade in ((236, 128, 0.82, -9, -0.12), (100, 318, 1, 2, 0.04)):
        with d.turned(turn, 400, 500), d.moved(x, y, scale):
            body = d.solid(
                "M40 40h460q34 0 36 34l10 214q2 54-52 54H46q-54 0-52-54L4 74q2-34 36-34z",
                d.cloth(warm(colour, shade)),
                texture="canvas",
                bulge=0.8,
            )
            with d.inside(body):
                d.ellipse(420, 60, 240, 90, d.glow("#fff2d2", 0.45))
                d.path("M-20 270h600v90H-20z", d.cloth(LEATHER, 0.3))
                d.path("M-20 270h600v90H-20z", d.texture("leather"))
            d.stitches("M6 282h528", CREAM)
            zip_(d, "M16 66h508", colour, (506, 66))
            d.solid("M528 96h44q16 0 16 18v20q0 18-16 18h-40z", d.cloth(LEATHER, 0.3), width=3)
            patch(d, 54, 150, 108, 58)


def dry_bag(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 190)
    d.cord("M300 190C300 20 500 20 500 190", "#33343a", 20)
    body = d.solid(
        "M256 210h288q14 0 16 16l24 350q4 74-60 74H276q-64 0-60-74l24-350q2-16 16-16z", d.cloth(colour), bulge=1
    )
    with d.inside(body):
        d.ellipse(400, 214, 210, 50, d.glow("#170f1e", 0.75))
        d.path(
            "M300 230q40 60 20 170t20 240h-60q-20-130 0-220t0-190zM500 230q-30 90-10 200t-10 220h40q20-110 10-210t0-210z",
            "#170f1e",
            opacity="0.12",
        )
        d.path("M470 210h44q26 200 20 440h-50q14-220-14-440z", d.fade("#ffffff", 0.55, "down"))
        d.ellipse(400, 666, 220, 50, d.glow("#170f1e", 0.6))
    for y, shift in ((170, 8), (122, 0)):
        d.solid(
            f"M{252 - shift} {y}q148-14 {296 + 2 * shift} 0 16 4 16 28t-16 30q-148 12-{296 + 2 * shift} 0-16-6-16-30t16-28z",
            d.linear((0, warm(colour, 0.5)), (0.4, colour), (1, warm(colour, -0.5)), angle="down"),
        )
    d.ellipse(558, 150, 11, 26, tone(colour, 0.1))
    d.ellipse(558, 150, 5, 14, tone(colour, -0.5))
    d.solid("M214 118h42v116h-42q-10-58 0-116z", d.cloth("#33343a"), width=3)
    d.solid("M544 118h42q10 58 0 116h-42z", d.cloth("#33343a"), width=3)
    d.crest(400, 470, 150, CREAM)
    d.line("M316 510h168M346 536h108", CREAM, 9)
    d.rect(378, 580, 44, 26, d.metal("#4c4e55"), r=8)


PICTURES: Pictures = {
    "strand-tote": (tote, {"natural": "#e0cfa8", "indigo": "#37477a"}),
    "kurier-messenger-14": (messenger, {"olive": "#6f7147", "graphite": "#53565e"}),
    "alm-55-trekking-pack": (trekking_pack, {"glacier": "#3f7f8c", "ember": "#b9502f"}),
    "kram-pouch": (pouch, {"ochre": "#c58a2e", "slate": "#566878"}),
    "strand-tote-detail": (closer(tote, 380, 330, 1.75), {"indigo": "#37477a"}),
    "kurier-messenger-14-detail": (closer(messenger, 500, 460, 1.85), {"olive": "#6f7147"}),
    "alm-55-trekking-pack-detail": (closer(trekking_pack, 450, 320, 1.7), {"glacier": "#3f7f8c"}),
    "sund-dry-bag": (dry_bag, {"poppy": "#d1552f", "petrol": "#2b7080"}),
    "sund-dry-bag-detail": (closer(dry_bag, 430, 250, 1.65), {"poppy": "#d1552f"}),
    "kram-pouch-detail": (closer(pouch, 460, 430, 1.7), {"ochre": "#c58a2e"}),
}
