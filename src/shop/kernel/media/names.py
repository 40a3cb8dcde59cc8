"""The name of a picture says its size, its tint and whether it moves, so that a page needs nothing but the URL.

`3f0c…-1200x900-07.jpg` is 1200 x 900 pixels of tint 07; an `m` behind the tint means that it moves. Its derivative of
480 pixels is `3f0c…-1200x900-07-480.avif`.
"""

import re
from functools import lru_cache
from typing import Final

import msgspec

PREFIX: Final = "/media/"
LADDER: Final = (160, 320, 480, 640, 960, 1280, 1600)
"""Widths in pixels. A picture has those below its own, and its own where that is at most the last."""
DERIVED_FORMATS: Final = ("avif", "webp")
PLAIN_WIDTH: Final = 960
"""At most, of the one WebP for browsers without AVIF: few enough that a choice of widths isn't worth its letters."""
SPAN: Final = 4
"""A place that can use 640 pixels is never shown 160."""
UNKNOWN_SIDE: Final = 1024
"""Pixels to reserve for a picture whose name says no size."""

_NAME: Final = re.compile(
    r"(?P<digest>[0-9a-f]{32})-(?P<width>[1-9]\d{0,4})x(?P<height>[1-9]\d{0,4})-(?P<tint>\d\d)(?P<moves>m?)"
    r"(?:-(?P<derived>[1-9]\d{1,3}))?\.(?P<suffix>webp|avif|png|jpg|gif|svg)"
)


class PictureName(msgspec.Struct, frozen=True):
    """`width` and `height` in pixels; `tint` 0 means none."""

    digest: str
    width: int
    height: int
    tint: int
    moves: bool
    suffix: str

    @property
    def stem(self) -> str:
        return f"{self.digest}-{self.width}x{self.height}-{self.tint:02}{'m' if self.moves else ''}"

    def __str__(self) -> str:
        return f"{self.stem}.{self.suffix}"

    def widths(self) -> tuple[int, ...]:
        """Of its derivatives, in pixels. None for what moves, for it would stand still; none for a drawing, which is
        sharp at any size."""
        if self.moves or self.suffix == "svg":
            return ()
        return (
            *(width for width in LADDER if width < self.width),
            *((self.width,) if self.width <= LADDER[-1] else ()),
        )


class DerivativeName(msgspec.Struct, frozen=True):
    """Of a picture whose own suffix the name doesn't say."""

    original: PictureName
    width: int

    def __str__(self) -> str:
        return f"{self.original.stem}-{self.width}.{self.original.suffix}"


class Shown(msgspec.Struct, frozen=True):
    """What a page says of a picture. `avif` is a srcset, empty where there is only the picture itself."""

    src: str
    width: int
    height: int
    tint: str
    """A class of tints.css, or nothing."""
    avif: str


def media_url(name: str) -> str:
    return f"{PREFIX}{name}"


def parse_picture(name: str) -> PictureName | None:
    """None for a derivative and for anything else that isn't the name of a picture."""
    found = _NAME.fullmatch(name)
    return _picture(found) if found and not found["derived"] else None


def parse_derivative(name: str) -> DerivativeName | None:
    """None unless the picture it names would have a derivative of this width."""
    found = _NAME.fullmatch(name)
    if not found or not found["derived"] or found["suffix"] not in DERIVED_FORMATS:
        return None
    derivative = DerivativeName(_picture(found), int(found["derived"]))
    return derivative if derivative.width in derivative.original.widths() else None


def _picture(found: re.Match[str]) -> PictureName:
    size = int(found["width"]), int(found["height"])
    return PictureName(found["digest"], *size, int(found["tint"]), bool(found["moves"]), found["suffix"])


@lru_cache(maxsize=8192)
def shown(url: str, largest: int = LADDER[-1]) -> Shown:
    """A picture as a page shows it, `largest` being the widest derivative in pixels that its place can use.

    A URL whose name says nothing, such as that of a picture elsewhere, is shown as it is.
    """
    picture = parse_picture(url.removeprefix(PREFIX)) if url.startswith(PREFIX) else None
    if picture is None:
        return Shown(url, UNKNOWN_SIDE, UNKNOWN_SIDE, "", "")
    tint = f"tint-{picture.tint:02}" if picture.tint else ""
    widths = picture.widths()
    useful = [width for width in widths if largest // SPAN < width <= largest] or list(widths[:1])
    if not useful:
        return Shown(url, picture.width, picture.height, tint, "")
    plain = max((width for width in useful if width <= PLAIN_WIDTH), default=useful[0])
    stem = f"{PREFIX}{picture.stem}"
    avif = ", ".join(f"{stem}-{width}.avif {width}w" for width in useful)
    return Shown(f"{stem}-{plain}.webp", picture.width, picture.height, tint, avif)
