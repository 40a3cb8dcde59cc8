"""Static files, kept in memory under names that carry a hash of their content, so browsers may keep them for a year, and
compressed once as small as they get."""

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from shop.kernel.config import settings
from shop.kernel.errors import NotFound
from shop.kernel.http.access import public
from shop.kernel.http.compression import SMALLEST, Encoding, best_encoding, compressed_once, is_text
from shop.kernel.http.ratelimit import FILES
from shop.kernel.outside import outside_folders

FOREVER: Final = "public, max-age=31536000, immutable"
CSS_IMPORT: Final = re.compile(rb'^@import "([\w./-]+)";$', re.MULTILINE)
CSS_URL: Final = re.compile(rb'url\("/static/([\w./-]+)"\)')

mimetypes.add_type("image/webp", ".webp")
mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("font/woff2", ".woff2")


class StaticFile(msgspec.Struct, frozen=True):
    content: bytes
    media_type: str
    hashed_name: str


def static_folders() -> list[Path]:
    """Weakest first: of two files of one name the later folder's counts."""
    theme = settings().theme_dir
    ours = Path(__file__).parents[4] / "static"
    installed = Path(__file__).parents[2] / "_static"
    themed = [Path(theme) / "static"] if theme else []
    return [*outside_folders("static").values(), ours if ours.is_dir() else installed, *themed]


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
def _plain_names() -> dict[str, str]:
    """By the name that carries a hash."""
    return {file.hashed_name: name for name, file in static_files().items()}


def static_url(name: str) -> str:
    """`css/shop.css` -> `/static/css/shop.0a1b2c3d4e5f.css`. Raises KeyError for a file that isn't there."""
    return f"/static/{static_files()[name].hashed_name}"


def precompress() -> None:
    """Compress every file now, in a second or so, rather than while its first visitor waits."""
    for name in static_files():
        for encoding in ("br", "gzip"):
            _encoded(name, encoding)


@lru_cache(maxsize=4096)
def _encoded(name: str, encoding: Encoding) -> bytes | None:
    """None for what doesn't get smaller."""
    file = static_files()[name]
    if not is_text(file.media_type.encode()) or len(file.content) < SMALLEST:
        return None
    return compressed_once(file.content, encoding)


def answer(
    request: Request[Any, Any, Any],
    content: bytes,
    media_type: str | None,
    etag: str,
    headers: Mapping[str, str],
    *,
    encoding: Encoding | None = None,
) -> Response[bytes]:
    """A file, or 304 when the browser has it. `etag` is of the plain file; each encoding is told apart."""
    tag = f'"{etag}-{encoding}"' if encoding else f'"{etag}"'
    fields = {**headers, "ETag": tag}
    if media_type and is_text(media_type.encode()):
        fields["Vary"] = "accept-encoding"
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if tag in known:
        return Response(b"", status_code=304, headers=fields)
    if encoding:
        fields["Content-Encoding"] = encoding
    return Response(content, media_type=media_type, headers=fields)


def encoding_for(request: Request[Any, Any, Any]) -> Encoding | None:
    """Nothing in a file is anybody's secret, so whoever takes a compressed form gets it."""
    accepted = request.headers.get("accept-encoding")
    return best_encoding(accepted.encode("latin-1", "replace")) if accepted else None


def _send(request: Request[Any, Any, Any], name: str, caching: str) -> Response[bytes]:
    file = static_files()[name]
    encoding = encoding_for(request)
    smaller = _encoded(name, encoding) if encoding else None
    return answer(
        request,
        file.content if smaller is None else smaller,
        file.media_type,
        file.hashed_name,
        {"Cache-Control": caching},
        encoding=None if smaller is None else encoding,
    )


@get("/static/{name:path}", guards=[public], opt=FILES, include_in_schema=False)
async def serve_static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    name = name.lstrip("/")
    plain = _plain_names().get(name)
    if plain is None and name not in static_files():
        raise NotFound
    return _send(request, plain or name, FOREVER if plain else "public, max-age=300")


@get("/favicon.ico", guards=[public], opt=FILES, include_in_schema=False)
async def favicon(request: Request[Any, Any, Any]) -> Response[bytes]:
    if "favicon.svg" not in static_files():
        raise NotFound
    return _send(request, "favicon.svg", "public, max-age=86400")


HANDLERS: Final = (serve_static, favicon)
