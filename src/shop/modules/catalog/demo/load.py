"""Load the demo goods through the same import that merchants use; only their drawings come in by a door of their own."""

from pathlib import Path

from shop.kernel.db import read
from shop.kernel.media.store import NotAPicture, Picture, store_drawing
from shop.modules.catalog.demo.drawing.canvas import SIZE
from shop.modules.catalog.demo.goods import FOLDER, DemoGoods
from shop.modules.catalog.importing.binding import bind
from shop.modules.catalog.importing.importer import import_products
from shop.modules.catalog.importing.mapping import load_preset
from shop.modules.catalog.importing.pictures import FindPicture
from shop.modules.catalog.importing.report import ImportReport
from shop.modules.catalog.service.find_present import has_products


async def load_demo(*, force: bool = False) -> ImportReport | None:
    """None when the catalogue has products already; `force` loads all the same, updating what is there."""
    if not force and await read(has_products):
        return None
    mapping = load_preset("shop")
    goods = DemoGoods.all(mapping)
    try:
        return await import_products(goods, bind(mapping, goods.columns), _drawings(FOLDER / "images"))
    finally:
        goods.close()


def _drawings(folder: Path) -> FindPicture:
    """Our own drawings, the only SVG files that the shop ever shows."""

    def find(name: str) -> Picture:
        drawing = folder / name
        if not name.endswith(".svg") or "/" in name or not drawing.is_file():
            raise NotAPicture(f"{name!r} is no drawing of the demo")
        return store_drawing(drawing.read_bytes(), SIZE, SIZE)

    return find
