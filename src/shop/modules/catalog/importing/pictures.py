"""Pictures of products, looked for in a folder by file name. A cell's address is never fetched: an import must not make
the shop call strangers."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from shop.kernel.media.store import MAX_BYTES, NotAPicture, Picture, examine_picture, store_picture
from shop.modules.catalog.own_drawings import own_drawing

MAX_IMAGES: Final = 100
"""Of one product."""
FindPicture = Callable[[str], Picture]
"""By file name. Raises NotAPicture, which says what is wrong with it, or that it isn't there."""


def folder_pictures(folder: Path, *, keep: bool) -> FindPicture:
    """Pictures of `folder` itself, not of folders in it; with `keep` off they are looked at but not stored.

    Vector drawings can hold scripts: only those that ship with the shop are taken.
    """
    known: dict[str, Picture] = {}

    def find(name: str) -> Picture:
        if name not in known:
            content = _read(folder, name)
            if name.endswith(".svg"):
                known[name] = own_drawing(content, keep=keep)
            else:
                known[name] = store_picture(content) if keep else examine_picture(content)
        return known[name]

    return find


def _read(folder: Path, name: str) -> bytes:
    path = folder / name
    if not name or path.parent != folder or name in {".", ".."} or "\x00" in name or not path.is_file():
        raise NotAPicture(f"{name!r} is not in {folder}")
    if path.stat().st_size > MAX_BYTES:
        raise NotAPicture(f"{name}: larger than {MAX_BYTES // 2**20} MB")
    return path.read_bytes()
