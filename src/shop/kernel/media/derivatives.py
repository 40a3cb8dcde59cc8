"""AVIF and WebP of a picture in a ladder of widths: made by the worker ahead of time, or when first asked for.

Gotcha: encoding takes tenths of a second, so the web process makes one at a time beside its event loop, each once
however many ask, and refuses when too many wait; the caller then shows the picture itself.
"""

import asyncio
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import structlog
from PIL import Image, ImageCms, ImageOps

from shop.kernel.config import settings
from shop.kernel.media.names import DERIVED_FORMATS, DerivativeName, PictureName
from shop.kernel.media.store import DECODERS, FORMATS, is_sideways, picture_path, write_whole

log = structlog.get_logger(__name__)

AVIF_QUALITY: Final = 52
AVIF_SPEED: Final = 8
"""Measured on pictures of goods: 6 saves 7 % at six times the time, 9 and 10 cost a fifth more bytes."""
WEBP_QUALITY: Final = 78
WEBP_METHOD: Final = 4
MOST_WAITING: Final = 64

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class TooBusy(Exception):
    """Too many derivatives are being waited for."""


def derivative_path(name: DerivativeName) -> Path:
    """In folders by the first two digits, as there are a dozen for each picture."""
    return settings().media_dir / "sizes" / name.original.digest[:2] / str(name)


def original_of(name: DerivativeName) -> str | None:
    """The name of the picture it is made from; None when the shop has no such picture."""
    stem = name.original.stem
    found = (f"{stem}.{suffix}" for suffix in dict.fromkeys(FORMATS.values()))
    return next((each for each in found if picture_path(each).is_file()), None)


def derivatives_of(picture: PictureName, formats: Sequence[str] = DERIVED_FORMATS) -> Iterator[DerivativeName]:
    """Widest first."""
    for width in reversed(picture.widths()):
        for suffix in formats:
            yield DerivativeName(_with_suffix(picture, suffix), width)


def make_derivatives(original: str, names: Sequence[DerivativeName]) -> int:
    """Make those that aren't there yet and say how many. Blocks for a long while.

    Raises FileNotFoundError when the picture isn't there, and whatever its decoder raises when it is broken.
    """
    missing = [name for name in names if not derivative_path(name).is_file()]
    if not missing:
        return 0
    image = _decoded(picture_path(original), max(name.width for name in missing))
    for name in missing:
        write_whole(derivative_path(name), _encoded(_resized(image, name.width), name.original.suffix))
    return len(missing)


def _with_suffix(picture: PictureName, suffix: str) -> PictureName:
    return PictureName(picture.digest, picture.width, picture.height, picture.tint, picture.moves, suffix)


def _decoded(path: Path, width: int) -> Image.Image:
    """Upright, in sRGB, at least `width` wide and not much more, without metadata."""
    with Image.open(path, formats=DECODERS) as image:
        shown_width = image.height if is_sideways(image) else image.width
        # A JPEG is read at a half, a quarter or an eighth of its size where that is enough.
        image.draft("RGB", (image.width * width // shown_width, image.height * width // shown_width))
        image.load()
        profile = image.info.get("icc_profile")
        upright = ImageOps.exif_transpose(image)
    see_through = upright.has_transparency_data
    if upright.mode == "CMYK" and profile:
        plain = _in_srgb(upright, profile)
    else:
        plain = upright.convert("RGBA" if see_through else "RGB")
        plain = _in_srgb(plain, profile) if profile else plain
    plain.info.clear()
    return _resized(plain, width)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """With colours as its profile means them; as they are where the profile is nonsense."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert(mode)
    return converted if converted is not None else image.convert(mode)


def _resized(image: Image.Image, width: int) -> Image.Image:
    if image.width == width:
        return image
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encoded(image: Image.Image, suffix: str) -> bytes:
    out = io.BytesIO()
    if suffix == "avif":
        image.save(out, "AVIF", quality=AVIF_QUALITY, speed=AVIF_SPEED, max_threads=1)
    else:
        image.save(out, "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD)
    return out.getvalue()


class DerivativesOnDemand:
    """What the web process makes itself, because a visitor was faster than the worker."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Semaphore(1)
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def make(self, original: str, name: DerivativeName) -> None:
        """Returns when its file is there. Raises TooBusy, and what make_derivatives raises."""
        key = str(name)
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= MOST_WAITING:
                raise TooBusy
            task = asyncio.create_task(self._make(original, name))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        # Shielded: one visitor who leaves must not take it from the others.
        await asyncio.shield(task)

    async def _make(self, original: str, name: DerivativeName) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(make_derivatives, original, [name])
