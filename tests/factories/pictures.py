"""Pictures for tests: small ones of one colour, and files that only look like pictures."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def make_picture(
    kind: str = "PNG", size: tuple[int, int] = (64, 48), color: Any = (200, 40, 40), mode: str = "RGB", **options: Any
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **options)
    return out.getvalue()


def make_moving(kind: str = "GIF", size: tuple[int, int] = (400, 300)) -> bytes:
    frames = [Image.new("RGB", size, color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def make_bomb(side: int = 30_000) -> bytes:
    """A PNG of a few kB that says what it is: `side` x `side` black pixels, a gigabyte and more once decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    squeeze = zlib.compressobj(9)
    row = bytes(1 + side * 3)
    packed = b"".join(squeeze.compress(row) for _ in range(64)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
