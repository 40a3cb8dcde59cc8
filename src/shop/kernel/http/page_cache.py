"""Answers kept for others: whole, with their compressed forms and the ETag of each, ready to be sent.

A public answer says `public, no-cache` and carries a strong ETag: browsers and a CDN ask each time and are mostly told 304.
`SHOP_CDN_SECONDS` lets a CDN hand it out unasked for so long. A page varies by cookie: who has a session gets another one.
"""

import hashlib
from typing import Final

from shop.kernel.config import settings
from shop.kernel.http.arrival import Call
from shop.kernel.http.compression import SMALLEST, Encoding, Headers, compressed, encoded_headers

PageKey = tuple[str, bytes]
SHARED: Final = {"shared": True}
"""A route's `opt`: its answer is the same for everybody, though it isn't kept here."""
PERSONAL: Final = (b"cache-control", b"private, no-store")
VARY_BY_COOKIE: Final = (b"vary", b"cookie")
OF_A_BODY: Final = frozenset({b"content-length", b"content-type", b"content-encoding"})


def page_key(call: Call) -> PageKey:
    """Nothing in an answer depends on the host it was asked under, so neither does the key: a made-up port, say, would
    else make room for itself at the cost of pages that are read."""
    return call.path, call.scope["query_string"]


def public_caching() -> tuple[bytes, bytes]:
    """The Cache-Control of what is the same for everybody."""
    seconds = settings().cdn_seconds
    if not seconds:
        return (b"cache-control", b"public, no-cache")
    return (b"cache-control", b"public, max-age=0, s-maxage=%d, must-revalidate" % seconds)


def etag_of(body: bytes, encoding: Encoding | None) -> bytes:
    """Strong: another encoding is another sequence of bytes, so it has a tag of its own. `body` is the plain one."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest().encode()
    return b'"%s-%s"' % (digest, encoding.encode()) if encoding else b'"%s"' % digest


def is_known(if_none_match: bytes, etag: bytes) -> bool:
    """Whether the client has it already; compared weakly, as RFC 9110 says for this field."""
    if if_none_match == etag:
        return True
    known = {each.strip().removeprefix(b"W/") for each in if_none_match.split(b",")}
    return etag in known or b"*" in known


def without_body(headers: Headers) -> Headers:
    """Those of a 304."""
    return [header for header in headers if header[0] not in OF_A_BODY]


class Form:
    """One encoding of a kept answer, and its 304."""

    __slots__ = ("body", "etag", "headers", "headers_of_304")

    def __init__(self, headers: Headers, body: bytes) -> None:
        self.headers, self.body = headers, body
        self.etag = next(value for name, value in headers if name == b"etag")
        self.headers_of_304 = without_body(headers)


class CachedPage:
    """An answer kept for others, and each compressed form of it from when it was first asked for."""

    STATUS: Final = 200

    def __init__(self, route: str, rate_class: str, headers: Headers, body: bytes) -> None:
        """`headers` are those of the plain form, without an ETag."""
        self.route, self.rate_class = route, rate_class
        self._headers, self._body = headers, body
        self._forms: dict[Encoding | None, Form] = {None: Form([*headers, (b"etag", etag_of(body, None))], body)}

    @property
    def size(self) -> int:
        """Bytes it takes at most; a compressed page is about a sixth of it."""
        return len(self._body) * 4 // 3 + 2000

    def form(self, encoding: Encoding | None) -> Form:
        if len(self._body) < SMALLEST:
            encoding = None
        found = self._forms.get(encoding)
        if found is None and encoding is not None:
            smaller = compressed(self._body, encoding)
            headers = encoded_headers(self._headers, encoding, len(smaller))
            found = self._forms[encoding] = Form([*headers, (b"etag", etag_of(self._body, encoding))], smaller)
        assert found is not None  # noqa: S101  # the plain form is there from the start
        return found
