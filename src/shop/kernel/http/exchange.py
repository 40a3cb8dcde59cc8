"""One answer on its way out: what the gateway's last steps do with it. In their order: the session's cookie, security
headers, CORS, what caches may do with it, the page cache, its ETag, compression."""

from collections.abc import Callable
from typing import Any

import structlog
from litestar.types import Message, Send

from shop.kernel import cache
from shop.kernel.http.arrival import Call
from shop.kernel.http.compression import (
    LARGEST_ON_THE_FLY,
    SMALLEST,
    VARY,
    Encoding,
    Headers,
    compressed,
    encoded_headers,
    is_text,
)
from shop.kernel.http.page_cache import (
    PERSONAL,
    VARY_BY_COOKIE,
    CachedPage,
    PageKey,
    etag_of,
    is_known,
    public_caching,
    without_body,
)
from shop.kernel.http.ratelimit import class_of
from shop.kernel.http.security_headers import security_headers
from shop.kernel.http.sessions import SCOPE_KEY, keep_session
from shop.kernel.http.standing import LIMITED_KEY, Standing
from shop.kernel.http.templating import TAGS_KEY

log = structlog.get_logger(__name__)


class Exchange:
    """The answer to one request. `own` are the headers that this answer alone has, such as its request id and CORS."""

    def __init__(self, call: Call, send: Send, own: Headers, key: PageKey | None, encoding: Encoding | None) -> None:
        self._scope: Any = call.scope
        self._send = send
        self._own = own
        self._key = key
        self._encoding = encoding
        self._without_body = call.method == "HEAD"
        self._if_none_match = call.headers.get(b"if-none-match")
        self._streamed = False
        self._held: Any = None
        """The start of an answer that waits for its body, whose length or tag it must tell."""
        self._moment = cache.pages.moment()
        self._headers: Headers = []
        self._failed = False
        self.when_begun: Callable[[], None] | None = None
        self.status = 499
        """As nginx logs a client that left before its answer."""

    @property
    def has_begun(self) -> bool:
        return self.status != 499

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
            headers = list(message["headers"])
            if cookie is not None:
                headers.append((b"set-cookie", cookie.to_header(header="").strip().encode()))
            if self.when_begun is not None:
                self.when_begun()
            self.status = message["status"]
            self._headers = self._finished(headers)
            self._own += self._standing()
            message["headers"] = [*self._headers, *self._own]
            if self._is_public() or (self._encoding is not None and self._compressible()):
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
        if start is not None:
            if whole is not None:
                status, headers, body = self._whole(whole)
                start = {**start, "status": status, "headers": [*headers, *self._own]}
                message = {**message, "body": body}
                self.status = status
            await self._send(start)
        return {**message, "body": b""} if self._without_body else message

    def _whole(self, body: bytes) -> tuple[int, Headers, bytes]:
        """Status, headers and body of an answer that is all there: kept, tagged, compressed."""
        page = self._keep(body)
        if page is not None:
            form = page.form(self._encoding)
            if self._if_none_match is not None and is_known(self._if_none_match, form.etag):
                return 304, form.headers_of_304, b""
            return self.status, form.headers, form.body
        fits = SMALLEST <= len(body) <= LARGEST_ON_THE_FLY
        encoding = self._encoding if fits and self._compressible() else None
        headers = self._headers
        if self._is_public():
            etag = etag_of(body, encoding)
            headers = [*headers, (b"etag", etag)]
            if self._if_none_match is not None and is_known(self._if_none_match, etag):
                return 304, without_body(headers), b""
        if encoding is not None:
            body = compressed(body, encoding)
            headers = encoded_headers(headers, encoding, len(body))
        return self.status, headers, body

    async def _send_failure(self) -> None:
        """What the handler did is kept, but the visitor's session is not: better an honest error than a lost sign-in."""
        self.status = 503
        headers = [*security_headers(self._scope, set()), PERSONAL, *self._own, (b"retry-after", b"2")]
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
        await self._send({"type": "http.response.start", "status": 503, "headers": headers})
        await self._send(
            {"type": "http.response.body", "body": b"Not available at the moment; please try again", "more_body": False}
        )

    def _finished(self, headers: Headers) -> Headers:
        names = {name for name, _ in headers}
        headers += security_headers(self._scope, names)
        if b"cache-control" not in names:
            shared = TAGS_KEY in self._scope or "shared" in self._opt
            headers.append(public_caching() if shared and self._is_anybodys(names) else PERSONAL)
        if b"content-encoding" not in names and VARY not in headers and _is_text(headers):
            headers.append(VARY)
        if self._is_kept(names):
            headers.append(VARY_BY_COOKIE)
        return headers

    def _standing(self) -> Headers:
        """Told to programs, and to whoever is refused; a page for people stays small."""
        standing: Standing | None = self._scope.get(LIMITED_KEY)
        if standing is None or not (self.status == 429 or self._scope["path"].startswith("/api/")):
            return []
        return [(name.lower().encode(), value.encode()) for name, value in standing.fields()]

    @property
    def _opt(self) -> Any:
        handler = self._scope.get("route_handler")
        return handler.opt if handler is not None else {}

    def _compressible(self) -> bool:
        """What carries Vary may differ by encoding, and isn't encoded yet; what has no body has nothing to encode."""
        encoded = any(name == b"content-encoding" for name, _ in self._headers)
        return VARY in self._headers and not encoded and self.status not in {204, 304}

    def _is_public(self) -> bool:
        """What any cache may keep, and has no tag of its own yet."""
        if self.status != 200 or self._key is None:
            return False
        return any(
            name == b"cache-control" and value.startswith(b"public") for name, value in self._headers
        ) and not any(name == b"etag" for name, _ in self._headers)

    def _is_anybodys(self, names: set[bytes]) -> bool:
        """Asked by nobody in particular, answered without a look at who it was, and nothing given to keep."""
        return (
            self._key is not None and self.status == 200 and SCOPE_KEY not in self._scope and b"set-cookie" not in names
        )

    def _is_kept(self, names: set[bytes]) -> bool:
        return TAGS_KEY in self._scope and self._is_anybodys(names)

    def _keep(self, body: bytes) -> CachedPage | None:
        if not self._is_kept({name for name, _ in self._headers}):
            return None
        rate_class = class_of("public", "GET", self._opt.get("limit"))
        page = CachedPage(self._scope.get("path_template") or "", rate_class, self._headers, body)
        if not self._without_body:
            cache.pages.put(self._key, page, page.size, self._scope[TAGS_KEY], self._moment)
        return page


def _is_text(headers: Headers) -> bool:
    return any(name == b"content-type" and is_text(value) for name, value in headers)
