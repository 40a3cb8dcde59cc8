"""Which pictures there are: every module beside this one that has PICTURES adds its own."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from shop.modules.catalog.demo import drawing
from shop.modules.catalog.demo.drawing.canvas import Drawing, Pictures


def drawings() -> Iterator[tuple[str, str]]:
    """File name and SVG of every picture."""
    for name, (draw, colours) in _pictures().items():
        for ending, colour in colours.items():
            canvas = Drawing()
            draw(canvas, colour)
            yield f"{name}-{ending}.svg" if ending else f"{name}.svg", canvas.svg()


def _pictures() -> Pictures:
    found: Pictures = {}
    for module in iter_modules(drawing.__path__):
        if not module.name.startswith("_"):
            found |= getattr(import_module(f"{drawing.__name__}.{module.name}"), "PICTURES", {})
    return found
