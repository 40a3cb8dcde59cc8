"""Where the garden is shown: a balcony with hedges beyond, and what things out there are made of."""

from shop.modules.catalog.demo.drawing.canvas import Drawing
from shop.modules.catalog.demo.drawing.outlines import fan
from shop.modules.catalog.demo.drawing.scenes import backdrop, floor, plane

ASH = "#d9b27c"
STEEL = "#c4c9cb"
BRASS = "#d9a94e"
LEAF = "#6f9a4d"
CLAY = "#c8744a"


def terrace(d: Drawing) -> None:
    """Garden: a balcony in the morning, hedges beyond the rail, warm tiles, a leaf close to the eye."""
    backdrop(d, "#9fc3a4", "#cfddac", "#f9f0c8", halo="#fffadb", sun=(660, 110))
    plane(d, "M0 430q50-50 110-20 40-60 120-20 60-70 140-6 70-60 130 0 60-50 120-4 70-60 180 10", "#a5c58c", "#e6eebf")
    plane(d, "M0 506q60-46 120-10 70-50 150 0 60-40 130 6 80-56 150-4 60-50 130-6 60-30 120 6", "#7fa768", "#c9d999")
    d.path("M0 462h800v9H0z" + "".join(f"M{x} 462h6v140h-6z" for x in range(34, 800, 76)), "#fffdf2", opacity="0.6")
    floor(d, "#c98559", y=590, pool="#ffedc4")
    d.line(
        "M-40 640H840M-40 716H840M130 590L10 800M310 590l-50 210M490 590l50 210M670 590l120 210",
        "#8f5532",
        3,
        opacity="0.3",
    )
    d.path(fan(-30, 830, (8, 30, 52, 70), 260, 44), "#5f8a4d", opacity="0.75")
