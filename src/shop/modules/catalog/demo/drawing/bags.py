"""Bags and packs."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, tone
from shop.modules.catalog.demo.drawing.scenes import uplands

LEATHER = "#a2653a"
BRASS = "#d6a94f"


def backpack(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(405, 190)
    strap = tone(colour, -0.42)
    d.line("M345 176q-4-66 55-66t55 66", strap, 22)
    d.line("M345 172q-2-54 55-54", tone(colour, -0.2), 5, opacity=0.6)
    d.path("M236 520q-44-10-40 60t44 62z", tone(colour, -0.35))
    d.path("M566 520q44-10 40 60t-44 62z", tone(colour, -0.5))
    d.path("M400 150c118 0 172 70 172 176v276q0 48-50 48H278q-50 0-50-48V326c0-106 54-176 172-176z", d.cloth(colour))
    d.shine("M262 340c0-96 40-150 110-166-46 34-74 88-76 176v250q0 24 8 40h-20q-22 0-22-30z", 0.16)
    d.shade("M572 326v276q0 48-50 48h-60q46-10 52-60V330q0-90-52-164 110 30 110 160z", 0.16)
    d.path("M234 300q166 64 332 0 8 34 6 70-172 58-344 0-2-36 6-70z", tone(colour, -0.16))
    d.path("M234 300q166 64 332 0 3 14 4 28-170 62-340 0 1-14 4-28z", tone(colour, 0.12), opacity=0.7)
    for x in (312, 464):
        d.rect(x, 322, 24, 128, d.cloth(LEATHER), r=6)
        d.rect(x - 6, 398, 36, 28, d.metal(BRASS), r=5)
        d.rect(x + 3, 404, 18, 16, tone(LEATHER, -0.3), r=3)
    d.path("M274 462h252q14 0 14 16v112q0 30-30 30H290q-30 0-30-30V478q0-16 14-16z", d.cloth(tone(colour, 0.06)))
    d.shade("M262 592q10 14 40 14h196q32 0 42-16-2 30-30 30H290q-28 0-28-28z", 0.2)
    d.line("M276 486h248", tone(colour, -0.5), 7)
    d.line("M508 486l22 30", BRASS, 7)
    d.stitches("M278 504v84q2 14 16 14h212q14 0 16-14v-84", tone(colour, 0.6))
    d.rect(352, 532, 96, 46, d.cloth(LEATHER), r=6)
    d.path("M372 566l18-24 10 12 8-10 20 22z", "#f6e7cb", opacity=0.9)


def rolltop(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 168)
    band = tone(colour, -0.45)
    d.path("M262 268h276l24 330q2 52-48 52H286q-50 0-48-52z", d.cloth(colour))
    d.shine("M280 290h46l-22 330q0 20 6 30h-24q-26-2-26-40z", 0.15)
    d.shade("M538 268l24 330q2 52-48 52h-52q48-8 46-62l-14-320z", 0.17)
    d.path(
        "M252 224q148-22 296 0 14 4 14 28t-14 30q-148 18-296 0-14-4-14-30t14-28z",
        d.linear((0, tone(colour, 0.28)), (0.5, colour), (1, tone(colour, -0.35)), angle="down"),
    )
    d.path(
        "M262 190q138-20 276 0 12 2 12 22t-12 26q-138 16-276 0-12-4-12-26t12-22z",
        d.linear((0, tone(colour, 0.4)), (0.6, colour), (1, tone(colour, -0.3)), angle="down"),
    )
    d.ellipse(262, 214, 12, 24, tone(colour, -0.35))
    d.ellipse(538, 214, 12, 24, tone(colour, -0.5))
    for x in (318, 458):
        d.rect(x, 186, 24, 214, band, r=5)
        d.rect(x + 4, 186, 5, 214, "#fff", opacity=0.14)
        d.rect(x - 9, 330, 42, 34, tone(colour, -0.65), r=7)
        d.rect(x, 338, 24, 8, "#fff", r=4, opacity=0.25)
    d.path("M292 436h216l10 140q0 26-26 26H308q-26 0-26-26z", d.cloth(tone(colour, -0.06)))
    d.line("M304 460q96 12 192 0", tone(colour, -0.55), 6)
    d.stitches("M300 480l-4 92q2 14 14 14h180q12 0 14-14l-4-92", tone(colour, 0.6))
    d.ellipse(400, 528, 30, 30, LEATHER)
    d.path("M384 540l12-22 8 10 4-6 10 18z", "#f6e7cb")


def weekender(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 262)
    d.line("M262 430C250 220 360 190 400 190s150 30 138 240", tone(LEATHER, -0.25), 20)
    d.line("M254 430C244 222 356 184 400 184s60 6 100 62", tone(LEATHER, 0.2), 6)
    d.path(
        "M190 372q210-44 420 0c54 12 66 70 66 150v66q0 62-62 62H186q-62 0-62-62v-66c0-80 12-138 66-150z",
        d.cloth(colour),
    )
    d.shine("M196 392q60-12 120-16-130 30-142 130v120q-26-4-26-40v-66c0-70 10-118 48-128z", 0.15)
    d.shade("M610 372c54 12 66 70 66 150v66q0 62-62 62h-96q92-10 98-90v-50q-2-90-66-136z", 0.16)
    d.path("M124 560h552v28q0 62-62 62H186q-62 0-62-62z", d.cloth(tone(LEATHER, -0.1)))
    d.stitches("M134 574h532", "#f6e7cb")
    d.line("M196 394q204-40 408 0", tone(colour, -0.5), 8)
    d.line("M196 394q204-40 408 0", BRASS, 3, stroke_dasharray="3 5")
    d.line("M590 396l22 34", BRASS, 8)
    for x in (236, 516):
        d.rect(x, 398, 48, 252, d.cloth(LEATHER), r=4)
        d.stitches(f"M{x + 9} 406v236M{x + 39} 406v236", "#f6e7cb")
        d.ellipse(x + 24, 436, 20, 20, d.metal(BRASS))
        d.ellipse(x + 24, 436, 10, 10, tone(LEATHER, -0.35))
    d.line("M258 436C250 330 340 300 400 300s150 30 142 136", tone(LEATHER, -0.05), 20)
    d.line("M254 424c0-92 84-130 146-130 40 0 84 12 112 46", tone(LEATHER, 0.35), 5)
    d.path("M352 470h96v54q0 20-20 20h-56q-20 0-20-20z", d.cloth(LEATHER))
    d.path("M370 520l18-26 12 14 8-10 22 22z", "#f6e7cb", opacity=0.9)


def sling(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 190)
    band = tone(colour, -0.38)
    d.line("M220 520C120 300 250 120 420 150s190 240 166 330", band, 26)
    d.line("M214 500C124 296 254 112 420 142", tone(colour, 0.15), 4, opacity=0.6)
    d.rect(300, 128, 74, 40, tone(colour, -0.65), r=8, transform="rotate(-14 337 148)")
    with d.turned(-7, 400, 520):
        d.path("M236 400h328q46 0 46 46v96q0 108-106 108H296q-106 0-106-108v-96q0-46 46-46z", d.cloth(colour))
        d.shine("M240 414h90q-110 14-112 90v60q0 40 20 66-34-26-34-88v-96q0-32 36-32z", 0.2)
        d.shade("M610 446v96q0 108-106 108h-70q130-8 140-118V420q0-14-10-20 46 0 46 46z", 0.17)
        d.line("M222 442h356", tone(colour, -0.55), 9)
        d.line("M222 442h356", BRASS, 3, stroke_dasharray="3 5")
        d.line("M556 442l26 40", BRASS, 8)
        d.path("M262 494h276v66q0 56-58 56H320q-58 0-58-56z", d.cloth(tone(colour, 0.08)))
        d.line("M276 512h248", tone(colour, -0.5), 6)
        d.stitches("M276 534v30q4 38 46 38h156q42 0 46-38v-30", tone(colour, 0.65))
        d.rect(358, 538, 84, 40, d.cloth(LEATHER), r=6)
        d.path("M376 568l16-20 10 10 6-8 18 18z", "#f6e7cb")


PICTURES: Pictures = {
    "halden-28-backpack": (backpack, {"moss": "#6d7a45", "slate": "#55636f", "ochre": "#c58a2e"}),
    "fjord-rolltop-18": (rolltop, {"ink": "#2f4260", "sand": "#c9ab7c"}),
    "kattegat-weekender-40": (weekender, {"navy": "#31435f", "olive": "#77774a"}),
    "lagom-sling-4": (sling, {"rust": "#b4552f", "charcoal": "#4a4d52"}),
}
