"""Checks pictures, and keeps each under a name made of its content; bombs, broken files and wrong types stay outside.

Gotcha: a file says its size before it is decoded, so size is judged first; what says nothing wrong is decoded, because
a file that ends early is found in no other way.
"""

import hashlib
import io
import os
import secrets
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image, UnidentifiedImageError

from shop.kernel.config import settings
from shop.kernel.media.names import PictureName, media_url
from shop.kernel.media.tints import tint_of_drawing, tint_of_picture

FORMATS: Final = {"WEBP": "webp", "AVIF": "avif", "PNG": "png", "JPEG": "jpg", "MPO": "jpg", "GIF": "gif"}
"""Suffix by Pillow's name; MPO is a JPEG with more of them behind it, as some phones write."""
DECODERS: Final = ("WEBP", "AVIF", "PNG", "JPEG", "GIF")
"""Pillow's that may see a stranger's file at all; JPEG's knows MPO too."""
SHOWN: Final = "that all browsers show (WebP, AVIF, PNG, JPEG, GIF)"
MOVING: Final = {"WEBP", "AVIF", "PNG", "GIF"}
MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 25_000_000
"""100 MB while decoded."""
MAX_JPEG_PIXELS: Final = 60_000_000
"""More than of others, for a JPEG is read at a part of its size."""
MAX_SIDE: Final = 16_383
_ORIENTATION: Final = 0x0112
_SIDEWAYS: Final = {5, 6, 7, 8}

Image.MAX_IMAGE_PIXELS = None  # ours is judged below, without a warning between good and bad


class Picture(msgspec.Struct, frozen=True):
    """`width` and `height` in pixels, as it is shown."""

    name: str
    width: int
    height: int

    @property
    def url(self) -> str:
        return media_url(self.name)


class NotAPicture(ValueError):
    """The bytes are no picture that the shop shows; the message says why."""


def examine_picture(content: bytes) -> Picture:
    """A picture as `store_picture` names it, without keeping it. Raises NotAPicture."""
    if len(content) > MAX_BYTES:
        raise NotAPicture(f"larger than {MAX_BYTES // 2**20} MB")
    try:
        name = _name(content)
    except NotAPicture:
        raise
    except UnidentifiedImageError:
        raise NotAPicture(f"not a picture {SHOWN}") from None
    except Exception as error:  # decoders meet hostile bytes and raise whatever they like
        raise NotAPicture(f"not a picture {SHOWN}, or broken: {error}") from None
    return Picture(str(name), name.width, name.height)


def store_picture(content: bytes) -> Picture:
    """Check, keep and name a picture. Raises NotAPicture."""
    picture = examine_picture(content)
    write_whole(picture_path(picture.name), content)
    return picture


def store_drawing(svg: bytes, width: int, height: int) -> Picture:
    """Keep a vector drawing of our own making. Never for files from strangers: SVG can hold scripts."""
    name = PictureName(_digest(svg), width, height, tint_of_drawing(svg), moves=False, suffix="svg")
    write_whole(picture_path(str(name)), svg)
    return Picture(str(name), width, height)


def is_sideways(image: Image.Image) -> bool:
    """Whether it is shown turned by a quarter, as cameras write it."""
    return image.getexif().get(_ORIENTATION) in _SIDEWAYS


def picture_path(name: str) -> Path:
    return settings().media_dir / name


def write_whole(path: Path, content: bytes) -> None:
    """A reader finds all of it or nothing, whoever else writes the same at the same time."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _name(content: bytes) -> PictureName:
    with Image.open(io.BytesIO(content), formats=DECODERS) as image:
        kind, (width, height) = image.format or "", image.size
        most = MAX_JPEG_PIXELS if FORMATS[kind] == "jpg" else MAX_PIXELS
        if width * height > most or max(width, height) > MAX_SIDE:
            raise NotAPicture(f"{width} x {height} pixels are more than a page can use")
        if min(width, height) < 1:
            raise NotAPicture("it has no pixels")
        image.draft("RGB", (256, 256))
        image.load()
        if is_sideways(image):
            width, height = height, width
        moves = kind in MOVING and bool(getattr(image, "is_animated", False))
        return PictureName(_digest(content), width, height, tint_of_picture(image), moves, FORMATS[kind])
