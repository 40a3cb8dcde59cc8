"""Pictures over HTTP: named by their content, so they never change and are kept for a year.

A derivative that isn't there yet is made while its visitor waits; when too many wait, they are shown the picture itself.
"""

import asyncio
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import structlog
from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from shop.kernel.errors import NotFound
from shop.kernel.http.access import public
from shop.kernel.http.compression import SMALLEST, Encoding, compressed_once
from shop.kernel.http.ratelimit import FILES
from shop.kernel.http.static import FOREVER, answer, encoding_for
from shop.kernel.media.derivatives import DerivativesOnDemand, TooBusy, derivative_path, original_of
from shop.kernel.media.names import DerivativeName, media_url, parse_derivative, parse_picture
from shop.kernel.media.store import picture_path

log = structlog.get_logger(__name__)

HEADERS: Final = {
    "Cache-Control": FOREVER,
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
"""A drawing opened by itself must not run what it may hold."""

_on_demand = DerivativesOnDemand()


@get("/media/{name:str}", guards=[public], opt=FILES, include_in_schema=False)
async def serve_media(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes] | Redirect:
    derivative = parse_derivative(name)
    if derivative is not None:
        return await _derivative(request, name, derivative)
    if parse_picture(name) is None:
        raise NotFound
    encoding = encoding_for(request) if name.endswith(".svg") else None
    try:
        content, encoding = await asyncio.to_thread(_drawing if encoding else _picture, name, encoding)
    except FileNotFoundError:
        raise NotFound from None
    return answer(request, content, mimetypes.guess_type(name)[0], name, HEADERS, encoding=encoding)


async def _derivative(
    request: Request[Any, Any, Any], name: str, derivative: DerivativeName
) -> Response[bytes] | Redirect:
    path = derivative_path(derivative)
    content = await asyncio.to_thread(_read, path)
    if content is None:
        original = original_of(derivative)
        if original is None:
            raise NotFound
        try:
            await _on_demand.make(original, derivative)
            content = await asyncio.to_thread(path.read_bytes)
        except TooBusy:
            return _shown_itself(original)
        except Exception:  # decoders raise whatever they like
            log.exception("derivative_not_made", name=name)
            return _shown_itself(original)
    return answer(request, content, mimetypes.guess_type(name)[0], name, HEADERS)


def _shown_itself(original: str) -> Redirect:
    return Redirect(media_url(original), status_code=302, headers={"Cache-Control": "no-store"})


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _picture(name: str, _: Encoding | None) -> tuple[bytes, Encoding | None]:
    return picture_path(name).read_bytes(), None


@lru_cache(maxsize=1024)
def _drawing(name: str, encoding: Encoding) -> tuple[bytes, Encoding | None]:
    """Kept compressed: a few kB each."""
    svg = picture_path(name).read_bytes()
    return (svg, None) if len(svg) < SMALLEST else (compressed_once(svg, encoding), encoding)


HANDLERS: Final = (serve_media,)
