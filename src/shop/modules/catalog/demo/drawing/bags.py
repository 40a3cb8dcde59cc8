"""Bags and packs."""

from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures, closer, tone, warm
from shop.modules.catalog.demo.drawing.scenes import uplands

LEATHER = "#a2623a"
BRASS = "#d6a94f"
CREAM = "#f6e7cb"


def patch(d: Drawing, x: float, y: float, w: float, h: float) -> None:
    """The leather label, its upper left corner at (x, y)."""
    d.solid(
        f"M{x + 6} {y}h{w - 12}q6 0 6 6v{h - 12}q0 6-6 6h-{w - 12}q-6 0-6-6v-{h - 12}q0-6 6-6z",
        d.cloth(LEATHER),
        width=3,
    )
    d.crest(x + w / 2, y + h * 0.76, w * 0.52, CREAM)


def zip_(d: Drawing, way: str, colour: str, end: tuple[float, float]) -> None:
    """A zip along a way, its tab hanging at its end."""
    x, y = end
    d.line(way, tone(colour, -0.5), 10)
    d.line(way, BRASS, 3.5, stroke_dasharray="3 5")
    d.rect(x - 6, y - 6, 12, 14, d.metal(BRASS), r=4)
    d.line(f"M{x} {y + 12}l-3 30", LEATHER, 9)


def strap(d: Drawing, x: float, y: float, h: float) -> None:
    """A leather strap with its buckle two thirds down."""
    d.rect(x - 7, y + 5, 30, h, "#1b0f14", r=7, opacity="0.28")
    d.solid(f"M{x} {y}h28v{h - 12}l-14 12-14-12z", d.cloth(LEATHER, 0.3), texture="leather", width=3)
    d.stitches(f"M{x + 5} {y + 6}v{h - 24}M{x + 23} {y + 6}v{h - 24}", CREAM)
    buckle = y + h * 0.56
    d.rect(x - 7, buckle, 42, 34, d.metal(BRASS), r=7)
    d.rect(x + 3, buckle + 8, 22, 18, tone(LEATHER, -0.42), r=3)
    d.rect(x + 11, buckle + 4, 5, 24, d.metal(BRASS), r=2)


def backpack(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 215)
    d.cord("M346 132q-6-74 54-74t54 74", tone(LEATHER, -0.1), 24)
    for side in ("M222 450q-66-6-64 80 0 92 54 120h40z", "M578 450q66-6 64 80 0 92-54 120h-40z"):
        d.solid(side, d.cloth(warm(colour, -0.22)), texture="canvas", bulge=0.7)
    body = d.solid(
        "M400 104c138 0 190 84 190 196v290q0 60-60 60H270q-60 0-60-60V300c0-112 52-196 190-196z",
        d.cloth(colour),
        texture="canvas",
        bulge=0.9,
    )
    with d.inside(body):
        d.ellipse(400, 352, 260, 66, d.glow("#170f1e", 0.7))
        d.ellipse(400, 664, 240, 60, d.glow("#170f1e", 0.55))
    d.path("M262 470h276q16 0 16 18v118q0 36-36 36H282q-36 0-36-36V488q0-18 16-18z", "#170f1e", opacity="0.28")
    d.solid(
        "M270 458h260q20 0 20 22v112q0 36-36 36H286q-36 0-36-36V480q0-22 20-22z",
        d.cloth(warm(colour, 0.08)),
        texture="canvas",
        bulge=0.4,
    )
    zip_(d, "M276 490h248", colour, (520, 490))
    d.stitches("M266 512v76q2 26 24 26h220q22 0 24-26v-76", tone(colour, 0.6))
    patch(d, 344, 534, 112, 58)
    lid = d.solid(
        "M400 96c144 0 202 78 202 168 0 40-4 68-10 84-128 40-256 40-384 0-6-16-10-44-10-84 0-90 58-168 202-168z",
        d.cloth(warm(colour, 0.05)),
        texture="canvas",
        bulge=0.8,
    )
    with d.inside(lid):
        d.ellipse(500, 150, 190, 110, d.glow("#fff2d2", 0.55))
        d.line("M198 326q202 62 404 0", tone(colour, -0.4), 20, opacity="0.35")
    d.stitches("M212 330q188 54 376 0", tone(colour, 0.6))
    strap(d, 298, 296, 176)
    strap(d, 474, 296, 176)


def backpack_open(d: Drawing, colour: str) -> None:
    """From above, unbuckled: what goes in."""
    uplands(d)
    d.shadow(400, 250)
    d.solid("M182 330c20-190 120-262 220-262s200 72 218 262z", d.cloth(warm(colour, -0.2)), texture="canvas", bulge=0.8)
    d.solid("M222 330c22-150 100-204 180-204s160 54 178 204z", d.cloth("#94714a"), texture="canvas", rim=0.3)
    patch(d, 350, 190, 104, 54)
    body = d.solid(
        "M168 330h464q22 150-14 272-12 48-66 48H248q-54 0-66-48-36-122-14-272z",
        d.cloth(colour),
        texture="canvas",
        bulge=0.9,
    )
    d.ellipse(400, 330, 232, 52, tone(colour, -0.3))
    mouth = d.solid("M180 332a220 44 0 0 0 440 0 220 44 0 0 0-440 0z", "#2a2026", rim=0)
    with d.inside(mouth):
        d.ellipse(520, 356, 160, 36, d.glow("#c98b52", 0.5))
    d.solid("M232 352V190q0-20 20-20h96q20 0 20 20v176q-70 6-136-14z", d.cloth("#b85a3c"), texture="knit", bulge=0.6)
    d.path("M232 214h136v26H232z", CREAM, opacity="0.85")
    d.solid("M430 368V178h118v184q-60 10-118 6z", d.cloth("#35566e"), width=3)
    d.rect(430, 178, 20, 188, "#20364a")
    d.path("M466 214h66v60h-66z", CREAM, opacity="0.9")
    d.line("M478 232h42M478 250h28", "#35566e", 5)
    d.rect(380, 132, 46, 244, d.metal("#b9c2c6"), r=16)
    d.rect(386, 108, 34, 44, d.matte("#2f3338"), r=9)
    with d.inside(body):
        d.path("M168 336q232 78 464 0v46q-232 78-464 0z", d.cloth(warm(colour, 0.1)))
        d.path("M168 378q232 78 464 0v18q-232 78-464 0z", "#170f1e", opacity="0.25")
    d.stitches("M184 366q216 68 432 0", tone(colour, 0.6))
    strap(d, 292, 410, 170)
    strap(d, 480, 410, 170)


def rolltop(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 196)
    band = "#33343a"
    body = d.solid("M246 232h308l36 362q4 56-56 56H266q-60 0-56-56z", d.cloth(colour), texture="ripstop", bulge=1)
    with d.inside(body):
        d.ellipse(400, 238, 220, 56, d.glow("#170f1e", 0.75))
        d.path("M236 300q90 60 60 190t-70 150l-40-40z", "#fff", opacity="0.06")
        d.ellipse(400, 660, 230, 60, d.glow("#170f1e", 0.5))
    for y, shift in ((176, 10), (116, 0)):
        d.solid(
            f"M{252 - shift} {y}q148-24 {296 + 2 * shift} 0 24 4 24 36t-24 38q-148 22-{296 + 2 * shift} 0-24-6-24-38t24-36z",
            d.linear((0, warm(colour, 0.42)), (0.4, colour), (1, warm(colour, -0.5)), angle="down"),
            texture="ripstop",
        )
    d.ellipse(566, 152, 14, 34, tone(colour, 0.1))
    d.ellipse(566, 152, 7, 20, tone(colour, -0.5))
    for x in (304, 466):
        d.rect(x - 6, 104, 30, 262, "#120c16", r=6, opacity="0.3")
        d.solid(f"M{x} 100h30v268h-30z", d.cloth(band, 0.3), texture="ripstop", width=3)
        d.solid(f"M{x - 10} 286h50q6 0 6 8v34q0 8-6 8h-50q-6 0-6-8v-34q0-8 6-8z", d.metal("#4c4e55"), width=3)
        d.rect(x - 2, 306, 34, 9, "#17171b", r=4)
    d.path("M284 430h240l16 160q2 40-40 40H302q-42 0-40-40z", "#120c16", opacity="0.28")
    d.solid(
        "M288 420h230l16 158q2 36-38 36H310q-40 0-38-36z", d.cloth(warm(colour, 0.08)), texture="ripstop", bulge=0.6
    )
    zip_(d, "M300 450q104 12 206 0", colour, (500, 452))
    d.rect(238, 430, 14, 70, "#f4f1e4", r=5, opacity="0.85", transform="rotate(5 245 465)")
    patch(d, 348, 514, 108, 56)


def weekender(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 296)
    d.cord("M246 380C232 150 350 128 400 128s168 22 154 252", tone(LEATHER, -0.3), 24)
    body = d.solid(
        "M160 338q240-56 480 0c62 14 84 92 84 186v62q0 64-64 64H140q-64 0-64-64v-62c0-94 22-172 84-186z",
        d.cloth(colour),
        texture="canvas",
        bulge=0.8,
    )
    with d.inside(body):
        d.ellipse(540, 370, 240, 80, d.glow("#fff2d2", 0.42))
        d.line("M180 396q30 40 14 130M634 396q-30 40-14 130", tone(colour, -0.5), 8, opacity="0.35")
        d.path("M60 554h690v110H60z", "#170f1e", opacity="0.22")
        d.path("M60 562h690v100H60z", d.cloth(LEATHER, 0.3))
        d.path("M60 562h690v100H60z", d.texture("leather"))
    d.stitches("M84 576h632", CREAM)
    zip_(d, "M168 352q232-50 464 0", colour, (622, 352))
    for x in (222, 522):
        d.rect(x - 8, 352, 56, 294, "#170f1e", opacity="0.26")
        d.solid(f"M{x} 346h56v302h-56z", d.cloth(LEATHER, 0.3), texture="leather", width=3)
        d.stitches(f"M{x + 9} 354v284M{x + 47} 354v284", CREAM)
        d.ellipse(x + 28, 398, 25, 25, d.metal(BRASS))
        d.ellipse(x + 28, 398, 13, 13, tone(LEATHER, -0.5))
    d.cord("M250 400C236 250 350 232 400 232s164 18 150 168", LEATHER, 26)
    d.solid("M352 220q48-10 96 0 8 18 0 34-48-8-96 0-8-16 0-34z", d.cloth(warm(LEATHER, 0.1), 0.3), texture="leather")
    patch(d, 340, 440, 120, 68)


def weekender_end(d: Drawing, colour: str) -> None:
    """Its end, and the pair of shoes that goes there."""
    uplands(d)
    d.shadow(430, 260)
    d.cord("M330 246C320 90 400 70 440 70s130 30 120 180", LEATHER, 28)
    body = d.solid(
        "M300 190q140-50 280 0 116 60 116 230v170q0 60-60 60H244q-60 0-60-60V420q0-170 116-230z",
        d.cloth(colour),
        texture="canvas",
        bulge=0.9,
    )
    with d.inside(body):
        d.path("M160 560h560v110H160z", d.cloth(LEATHER, 0.3))
        d.path("M160 560h560v110H160z", d.texture("leather"))
    hole = d.solid(
        "M280 320q160-40 320 0 36 30 36 110v90q0 40-40 40H284q-40 0-40-40v-90q0-80 36-110z", "#2b2027", rim=0
    )
    with d.inside(hole):
        d.path("M240 560q200-60 400 0V420q0-80-60-120 20 160-340 180z", "#7a5b3a", opacity="0.35")
    d.line(
        "M280 320q160-40 320 0 36 30 36 110v90q0 40-40 40H284q-40 0-40-40v-90q0-80 36-110z",
        BRASS,
        4,
        stroke_dasharray="4 6",
    )
    d.path("M244 520q0 40 40 40h312q40 0 40-40 20 110-40 150-150 40-310 0-60-40-42-150z", d.cloth(warm(colour, -0.1)))
    d.stitches("M262 560q-10 60 40 88 140 34 290 0 50-30 34-88", tone(colour, 0.6))
    for x in (296, 446):
        d.ellipse(x + 60, 578, 78, 18, d.glow("#170f1e", 0.7))
        d.solid(
            f"M{x + 8} 560q-14-60 14-106 8-36 40-36t40 36q28 46 14 106z", d.cloth("#b98a55", 0.3), texture="leather"
        )
        d.path(f"M{x + 36} 448q26-26 52 0l6 66h-64z", "#e7d3ab")
        d.line(f"M{x + 32} 462l62 14M{x + 92} 462l-62 14M{x + 28} 488l70 14M{x + 96} 488l-68 14", "#7a4c2a", 6)
        d.solid(f"M{x} 566q0-56 62-56t62 56q-62 22-124 0z", d.cloth("#f1e6cd"), width=3)
        d.solid(f"M{x - 4} 562q66 26 132 0v18q-66 28-132 0z", "#fbf6ea", width=3)
    patch(d, 392, 222, 96, 52)


def sling(d: Drawing, colour: str) -> None:
    uplands(d)
    d.shadow(400, 230)
    d.cord("M196 500C80 250 240 60 430 100s210 260 190 360", tone(colour, -0.2), 32)
    d.rect(330, 66, 86, 54, d.metal("#4c4e55"), r=10, transform="rotate(6 372 94)")
    d.rect(352, 82, 42, 20, "#1c1c21", r=6, transform="rotate(6 372 94)")
    with d.turned(-6, 400, 500):
        body = d.solid(
            "M220 358h360q60 0 60 60v110q0 124-124 124H284q-124 0-124-124V418q0-60 60-60z",
            d.cloth(colour, 0.26),
            texture="leather",
            bulge=0.8,
        )
        with d.inside(body):
            d.ellipse(540, 390, 220, 90, d.glow("#fff2d2", 0.5))
        zip_(d, "M200 412h400", colour, (584, 412))
        d.path("M248 482h308v70q0 72-74 72H322q-74 0-74-72z", "#170f1e", opacity="0.3")
        d.solid(
            "M250 472h300v72q0 68-70 68H320q-70 0-70-68z",
            d.cloth(warm(colour, 0.1), 0.26),
            texture="leather",
            bulge=0.5,
        )
        zip_(d, "M272 500h256", colour, (514, 500))
        d.stitches("M266 524v22q4 48 58 48h152q54 0 58-48v-22", tone(colour, 0.7))
        d.crest(400, 574, 60, CREAM)
        for x in (166, 606):
            d.solid(f"M{x} 420h28q8 0 8 8v54q0 8-8 8h-28q-8 0-8-8v-54q0-8 8-8z", d.metal(BRASS), width=2)


PICTURES: Pictures = {
    "halden-28-backpack": (backpack, {"moss": "#6d7a45", "slate": "#566878", "ochre": "#c58a2e"}),
    "halden-28-backpack-open": (backpack_open, {"moss": "#6d7a45"}),
    "fjord-rolltop-18": (rolltop, {"ink": "#2f4a72", "sand": "#cdae7c"}),
    "kattegat-weekender-40": (weekender, {"navy": "#33486b", "olive": "#77774a"}),
    "kattegat-weekender-40-shoes": (weekender_end, {"navy": "#33486b"}),
    "lagom-sling-4": (sling, {"rust": "#b4552f", "charcoal": "#55585f"}),
    "fjord-rolltop-18-detail": (closer(rolltop, 392, 330, 1.75), {"ink": "#2f4a72"}),
    "lagom-sling-4-detail": (closer(sling, 470, 500, 1.8), {"rust": "#b4552f"}),
}
