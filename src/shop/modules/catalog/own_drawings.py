"""The drawings that ship with the shop: the only SVG files that come in from a folder of images, known by their content.

SVG can hold scripts. A file is ours when its bytes are those of a packaged drawing, or of one that an earlier version of
the shop packaged and the media store has since; what the file is called says nothing.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from shop.kernel.media.names import PictureName
from shop.kernel.media.store import NotAPicture, Picture, picture_path, store_drawing
from shop.kernel.media.tints import tint_of_drawing

FOLDER: Final = Path(__file__).parent / "demo" / "images"
_SIZE: Final = re.compile(rb'<svg [^>]*viewBox="0 0 (\d+) (\d+)"')


def own_drawing(svg: bytes, *, keep: bool) -> Picture:
    """Raises NotAPicture for a drawing that isn't one of ours; with `keep` off it is looked at but not stored."""
    if size := _SIZE.match(svg):
        width, height = int(size[1]), int(size[2])
        name = str(PictureName(_digest(svg)[:32], width, height, tint_of_drawing(svg), moves=False, suffix="svg"))
        if _digest(svg) in _packaged() or picture_path(name).is_file():
            return store_drawing(svg, width, height) if keep else Picture(name, width, height)
    raise NotAPicture("an SVG file can hold scripts: only drawings that ship with the shop are taken")


@lru_cache(maxsize=1)
def _packaged() -> frozenset[str]:
    return frozenset(_digest(path.read_bytes()) for path in FOLDER.glob("*.svg"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
