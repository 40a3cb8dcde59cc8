"""Static files, kept in memory under names that carry a hash of their content, so browsers may keep them for a year."""

import hashlib
import mimetypes
import re
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import File

from shop.kernel.config import settings
from shop.kernel.errors import NotFound
from shop.kernel.http.access import public

FOREVER: Final = "public, max-age=31536000, immutable"
CSS_IMPORT: Final = re.compile(rb'^@import "([\w./-]+)";$', re.MULTILINE)
CSS_URL: Final = re.compile(rb'url\("/static/([\w./-]+)"\)')
MEDIA_NAME: Final = re.compile(r"[0-9a-f]{16,64}(-\d{1,4})?\.(webp|avif|png|jpg|gif|svg)")

mimetypes.add_type("image/webp", ".webp")
mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("font/woff2", ".woff2")


class StaticFile(msgspec.Struct, frozen=True):
    content: bytes
    media_type: str
    hashed_name: str


def static_folders() -> list[Path]:
    theme = settings().theme_dir
    ours = Path(__file__).parents[4] / "static"
    installed = Path(__file__).parents[2] / "_static"
    return [ours if ours.is_dir() else installed, *([Path(theme) / "static"] if theme else [])]


@lru_cache(maxsize=1)
def static_files() -> dict[str, StaticFile]:
    """Every file by its plain name ("css/shop.css"); a theme's file replaces ours of the same name."""
    contents: dict[str, bytes] = {}
    for folder in static_folders():
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                contents[path.relative_to(folder).as_posix()] = path.read_bytes()
    found: dict[str, StaticFile] = {}
    for name, own in contents.items():
        content = _with_hashed_urls(_with_imports(name, contents), contents) if name.endswith(".css") else own
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        found[name] = StaticFile(content, media_type, _hashed_name(name, content))
    return found


def _hashed_name(name: str, content: bytes) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}{dot}{suffix}"


def _with_imports(name: str, contents: dict[str, bytes]) -> bytes:
    """A style sheet in one piece, so that a page waits for one file. Raises KeyError for an import that isn't there."""
    folder = PurePosixPath(name).parent

    def imported(match: re.Match[bytes]) -> bytes:
        return _with_imports((folder / match[1].decode()).as_posix(), contents)

    return CSS_IMPORT.sub(imported, contents[name])


def _with_hashed_urls(css: bytes, contents: dict[str, bytes]) -> bytes:
    """Fonts and pictures of a style sheet under the names that are kept for a year. Raises KeyError for what isn't there."""

    def hashed(match: re.Match[bytes]) -> bytes:
        name = match[1].decode()
        return f'url("/static/{_hashed_name(name, contents[name])}")'.encode()

    return CSS_URL.sub(hashed, css)


@lru_cache(maxsize=1)
def _by_hashed_name() -> dict[str, StaticFile]:
    return {file.hashed_name: file for file in static_files().values()}


def static_url(name: str) -> str:
    """`css/shop.css` -> `/static/css/shop.0a1b2c3d4e5f.css`. Raises KeyError for a file that isn't there."""
    return f"/static/{static_files()[name].hashed_name}"


@get("/static/{name:path}", guards=[public], include_in_schema=False)
async def serve_static(name: FromPath[str]) -> Response[bytes]:
    name = name.lstrip("/")
    hashed = _by_hashed_name().get(name)
    file = hashed or static_files().get(name)
    if file is None:
        raise NotFound
    return Response(
        file.content,
        media_type=file.media_type,
        headers={"Cache-Control": FOREVER if hashed else "public, max-age=300", "ETag": f'"{file.hashed_name}"'},
    )


@get("/media/{name:str}", guards=[public], include_in_schema=False, sync_to_thread=False)
def serve_media(name: FromPath[str]) -> File:
    """Product pictures: named by their content, so they never change."""
    path = settings().media_dir / name
    if not MEDIA_NAME.fullmatch(name) or not path.is_file():
        raise NotFound
    return File(
        path,
        media_type=mimetypes.guess_type(name)[0],
        content_disposition_type="inline",
        headers={"Cache-Control": FOREVER, "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


@get("/favicon.ico", guards=[public], include_in_schema=False, sync_to_thread=False)
def favicon() -> Response[bytes]:
    file = static_files().get("favicon.svg")
    if file is None:
        raise NotFound
    return Response(file.content, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


HANDLERS: Final = (serve_static, serve_media, favicon)
