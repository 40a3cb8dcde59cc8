"""The first and last thing every request passes, in this order: request id, page cache, the app, security headers,
compression, log, metrics.

A cached page is answered here, before Litestar routes anything; that is what makes it cost next to nothing. It is
served only to a request without our session cookie.
"""

import os
import re
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import structlog
from litestar import Litestar
from litestar.types import Message, Receive, Scope, Send

from shop.kernel import cache
from shop.kernel.config import settings
from shop.kernel.http.compression import (
    LARGEST_ON_THE_FLY,
    OWN_HAND,
    SMALLEST,
    VARY,
    Encoding,
    Headers,
    best_encoding,
    compressed,
    encoded_headers,
    is_text,
)
from shop.kernel.http.metrics import RequestMetrics
from shop.kernel.http.sessions import SCOPE_KEY, cookie_name, keep_session
from shop.kernel.http.templating import CSP_KEY, TAGS_KEY

log = structlog.get_logger(__name__)

CSP: Final = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PageKey = tuple[str, bytes, bytes]
SECRETS_IN_PATHS: Final = re.compile(
    r"(/(?:carts|cart|orders|order|verify|reset)/)([A-Za-z0-9_-]{4})[A-Za-z0-9_-]{20,}"
)
FLUSH_SECONDS: Final = 0.2


REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")


def request_id_of(scope: Any) -> str:
    """The one that a proxy in front gave, where it is harmless in a log; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return os.urandom(8).hex()


def policy(extra: dict[str, str] | None = None) -> bytes:
    directives = CSP if not extra else {name: _joined(value, extra.get(name)) for name, value in CSP.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items()).encode()


def _joined(value: str, more: str | None) -> str:
    if not more:
        return value
    return more if value == "'none'" else f"{value} {more}"


SECURITY: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), browsing-topics=()"),
]
DEFAULT_POLICY: Final = (b"content-security-policy", policy())
PERSONAL: Final = (b"cache-control", b"private, no-store")


class AccessLog:
    """A line per request, buffered: written out five times a second and at the end."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._json = settings().log_format == "json"
        self.enabled = settings().log_level in {"debug", "info"}

    def add(self, method: str, path: str, status: int, seconds: float, request_id: str, *, cached: bool) -> None:
        path = SECRETS_IN_PATHS.sub(r"\1\2…", path)
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        milliseconds = round(seconds * 1000, 2)
        if self._json:
            line = msgspec.json.encode(
                {
                    "event": "request",
                    "timestamp": stamp,
                    "method": method,
                    "path": path,
                    "status": status,
                    "ms": milliseconds,
                    "request_id": request_id,
                    "cached": cached,
                }
            )
        else:
            clean = path.encode("unicode_escape").decode()
            line = f"{stamp} {status} {method} {clean} {milliseconds} ms{' cached' if cached else ''} {request_id}".encode()
        self._lines.append(line)
        if len(self._lines) > 5000:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            sys.stderr.buffer.write(b"\n".join(lines) + b"\n")
            sys.stderr.buffer.flush()


class Gateway:
    """The ASGI application that the server runs, around Litestar."""

    def __init__(self, app: Litestar) -> None:
        self.app = app
        self.metrics = RequestMetrics()
        self.log = AccessLog()
        self._cookie = f"{cookie_name()}=".encode()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = request_id_of(scope)
        method, path = scope["method"], scope["path"]
        key, encoding = self._read(scope)
        if key is not None and (page := cache.pages.find(key)) is not None:
            headers, body = page.encoded(encoding)
            await send(
                {
                    "type": "http.response.start",
                    "status": page.status,
                    "headers": [*headers, (b"x-request-id", request_id.encode())],
                }
            )
            await send({"type": "http.response.body", "body": body, "more_body": False})
            self._record(page.route, method, path, page.status, started, request_id, cached=True)
            return
        exchange = Exchange(scope, send, request_id, key, encoding)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        scope["shop.request_id"] = request_id
        if method == "HEAD":
            scope["method"] = "GET"
        try:
            await self.app(scope, receive, exchange.send_without_body if method == "HEAD" else exchange.send)
        finally:
            route = scope.get("path_template") or "unmatched"
            self._record(route, method, path, exchange.status, started, request_id, cached=False)

    def _read(self, scope: Any) -> tuple[PageKey | None, Encoding | None]:
        """The key of its page in the cache, None when the request may be somebody's own; and how the answer may be
        compressed, None when it may not be."""
        host = accepted = site = b""
        personal = of_session = False
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"accept-encoding":
                accepted = value
            elif name == b"cookie":
                of_session = of_session or self._cookie in value
            elif name == b"authorization":
                personal = True
            elif name == b"sec-fetch-site":
                site = value
        cacheable = scope["method"] == "GET" and not (personal or of_session)
        encoding = best_encoding(accepted) if accepted and (not of_session or site in OWN_HAND) else None
        return (scope["path"], scope["query_string"], host) if cacheable else None, encoding

    def _record(  # noqa: PLR0917  # one line of the log
        self, route: str, method: str, path: str, status: int, started: float, request_id: str, *, cached: bool
    ) -> None:
        seconds = time.perf_counter() - started
        self.metrics.observe(route, method, status, seconds)
        if self.log.enabled:
            self.log.add(method, path, status, seconds, request_id, cached=cached)


class CachedPage:
    """An answer kept for others, and each compressed form of it from when it was first asked for."""

    def __init__(self, route: str, status: int, headers: Headers, body: bytes) -> None:
        self.route = route
        self.status = status
        self._plain = headers, body
        self._encoded: dict[Encoding, tuple[Headers, bytes]] = {}

    @property
    def size(self) -> int:
        """Bytes it takes at most; a compressed page is about a sixth of it."""
        return len(self._plain[1]) * 4 // 3 + 1200

    def encoded(self, encoding: Encoding | None) -> tuple[Headers, bytes]:
        headers, body = self._plain
        if encoding is None or len(body) < SMALLEST:
            return self._plain
        found = self._encoded.get(encoding)
        if found is None:
            smaller = compressed(body, encoding)
            found = self._encoded[encoding] = encoded_headers(headers, encoding, len(smaller)), smaller
        return found


class Exchange:
    """One answer on its way out: headers put on, compressed where that is allowed, the body kept for the page cache where
    the page allows it."""

    def __init__(
        self, scope: Scope, send: Send, request_id: str, key: PageKey | None, encoding: Encoding | None
    ) -> None:
        self._scope: Any = scope
        self._send = send
        self._request_id = request_id.encode()
        self._key = key
        self._encoding = encoding
        self._without_body = False
        self._streamed = False
        self._held: Any = None
        """The start of an answer that waits for its body, whose length it must tell."""
        self._moment = cache.pages.moment()
        self._headers: Headers = []
        self._failed = False
        self.status = 499
        """As nginx logs a client that left before its answer."""

    async def send(self, message: Message) -> None:
        if self._failed:
            return
        if message["type"] == "http.response.start":
            try:
                cookie = await keep_session(self._scope)
            except Exception:
                log.exception("session_not_kept")
                self._failed = True
                await self._send_failure()
                return
            if cookie is not None:
                message["headers"] = [
                    *message["headers"],
                    (b"set-cookie", cookie.to_header(header="").strip().encode()),
                ]
            self.status = message["status"]
            self._headers = self._finished(list(message["headers"]))
            message["headers"] = [*self._headers, (b"x-request-id", self._request_id)]
            if self._encoding is not None and self._compressible():
                self._held = message
                return
        elif message["type"] == "http.response.body":
            message = await self._body(message)
        await self._send(message)

    async def _body(self, message: Any) -> Any:
        """The body as it is sent, its start sent before it."""
        start, self._held = self._held, None
        self._streamed = self._streamed or bool(message.get("more_body"))
        whole = None if self._streamed else message["body"]
        page = self._keep(whole) if whole is not None else None
        if start is not None:
            if self._encoding is not None and whole is not None and SMALLEST <= len(whole) <= LARGEST_ON_THE_FLY:
                if page is not None:
                    headers, body = page.encoded(self._encoding)
                else:
                    body = compressed(whole, self._encoding)
                    headers = encoded_headers(self._headers, self._encoding, len(body))
                start["headers"] = [*headers, (b"x-request-id", self._request_id)]
                message = {**message, "body": body}
            await self._send(start)
        return {**message, "body": b""} if self._without_body else message

    async def _send_failure(self) -> None:
        """What the handler did is kept, but the visitor's session is not: better an honest error than a lost sign-in."""
        self.status = 503
        headers = [*SECURITY, DEFAULT_POLICY, PERSONAL, (b"x-request-id", self._request_id), (b"retry-after", b"2")]
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
        await self._send({"type": "http.response.start", "status": 503, "headers": headers})
        await self._send(
            {"type": "http.response.body", "body": b"Not available at the moment; please try again", "more_body": False}
        )

    async def send_without_body(self, message: Message) -> None:
        """As `send`, with the headers that the body would have had."""
        self._without_body = True
        await self.send(message)

    def _finished(self, headers: Headers) -> Headers:
        names = {name for name, _ in headers}
        headers += [header for header in SECURITY if header[0] not in names]
        if b"content-security-policy" not in names:
            extra = self._scope.get(CSP_KEY)
            headers.append((b"content-security-policy", policy(extra)) if extra else DEFAULT_POLICY)
        if b"cache-control" not in names:
            headers.append((b"cache-control", b"no-cache") if self._cacheable(names) else PERSONAL)
        if b"content-encoding" not in names and VARY not in headers and _is_text(headers):
            headers.append(VARY)
        return headers

    def _compressible(self) -> bool:
        """What carries Vary may differ by encoding, and isn't encoded yet; what has no body has nothing to encode."""
        encoded = any(name == b"content-encoding" for name, _ in self._headers)
        return VARY in self._headers and not encoded and self.status not in {204, 304}

    def _cacheable(self, names: set[bytes]) -> bool:
        return (
            self._key is not None
            and self.status == 200
            and TAGS_KEY in self._scope
            and SCOPE_KEY not in self._scope
            and b"set-cookie" not in names
        )

    def _keep(self, body: bytes) -> CachedPage | None:
        if not self._cacheable({name for name, _ in self._headers}):
            return None
        page = CachedPage(self._scope.get("path_template") or "", self.status, self._headers, body)
        cache.pages.put(self._key, page, page.size, self._scope[TAGS_KEY], self._moment)
        return page


def _is_text(headers: Headers) -> bool:
    return any(name == b"content-type" and is_text(value) for name, value in headers)
