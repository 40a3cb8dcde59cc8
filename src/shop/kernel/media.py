"""Product pictures on disk, named by their content: the same picture is kept once, and a name never changes its picture."""

import hashlib
import io
from typing import Final

import msgspec
from PIL import Image, UnidentifiedImageError

from shop.kernel.config import settings

FORMATS: Final = {"WEBP": "webp", "AVIF": "avif", "PNG": "png", "JPEG": "jpg", "GIF": "gif"}
MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000


class Picture(msgspec.Struct, frozen=True):
    """`width` and `height` in pixels, so that pages keep room for it."""

    name: str
    width: int
    height: int

    @property
    def url(self) -> str:
        return media_url(self.name)


class NotAPicture(ValueError):
    """The bytes are no picture that the shop shows; the message says why."""


def media_url(name: str) -> str:
    return f"/media/{name}"


def store_picture(content: bytes) -> Picture:
    """Check, keep and name a picture. Raises NotAPicture."""
    if len(content) > MAX_BYTES:
        raise NotAPicture(f"larger than {MAX_BYTES // 2**20} MB")
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind, (width, height) = image.format or "", image.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPicture(f"not a picture: {error}") from None
    if kind not in FORMATS:
        raise NotAPicture(f"{kind} pictures are not shown by all browsers; use WebP, AVIF, PNG or JPEG")
    if width * height > MAX_PIXELS:
        raise NotAPicture(f"{width} x {height} pixels are more than a page can use")
    return Picture(_write(content, FORMATS[kind]), width, height)


def store_drawing(svg: bytes, width: int, height: int) -> Picture:
    """Keep a vector drawing of our own making. Never for files from strangers: SVG can hold scripts."""
    return Picture(_write(svg, "svg"), width, height)


def _write(content: bytes, suffix: str) -> str:
    name = f"{hashlib.sha256(content).hexdigest()[:32]}.{suffix}"
    folder = settings().media_dir
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
    return name
