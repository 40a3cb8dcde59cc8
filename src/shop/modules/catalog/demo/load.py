"""Load the demo goods through the same import that merchants use; only their drawings come in by a door of their own."""

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

from shop.kernel.db import read
from shop.kernel.media import NotAPicture, Picture, store_drawing
from shop.modules.catalog.demo.drawing.canvas import SIZE
from shop.modules.catalog.importing.formats import open_source
from shop.modules.catalog.importing.importer import import_products
from shop.modules.catalog.importing.mapping import bind, load_preset
from shop.modules.catalog.importing.pictures import FindPicture
from shop.modules.catalog.importing.report import ImportReport
from shop.modules.catalog.service.find_present import has_products

FOLDER = files("shop.modules.catalog.demo")


async def load_demo(*, force: bool = False) -> ImportReport | None:
    """None when the catalogue has products already; `force` loads all the same, updating what is there."""
    if not force and await read(has_products):
        return None
    mapping = load_preset("shop")
    with as_file(FOLDER / "products.csv") as path:
        source = open_source(path, mapping)
        try:
            return await import_products(source, bind(mapping, source.columns), _drawings(FOLDER / "images"))
        finally:
            source.close()


def _drawings(folder: Traversable) -> FindPicture:
    """Our own drawings, the only SVG files that the shop ever shows."""

    def find(name: str) -> Picture:
        drawing = folder / name
        if not name.endswith(".svg") or "/" in name or not drawing.is_file():
            raise NotAPicture(f"{name!r} is no drawing of the demo")
        return store_drawing(drawing.read_bytes(), SIZE, SIZE)

    return find
